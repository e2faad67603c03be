//! The real thing: each step is carried out by the product's own verbs on a real database.

use super::{
    commands,
    company::{Answer, Company, Line, Mood},
    following::LOST_AFTER,
    rules::{IN_FLIGHT_LIMIT, Model},
    steps::{Hand, Nth, Step},
};
use crate::support::{Backend, OnDatabase, app::App};
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};
use switchboard::{
    domain::{
        actor::Actor,
        attempt::{Attempt, Report},
        call::DelayedBy,
        id::{AttemptId, CallId},
        retry::not_now_delay_millis,
        status::{AttemptStatus, EndedReason},
        timestamp::Timestamp,
    },
    server::{
        calls::{
            check,
            claim::{Claimed, claim, void_leases},
            hang_up,
            placing::{self, PlacingRefused},
            queries,
            record_report::{Incoming, record_report},
        },
        db::{Db, Tx, Written},
        provider::StatusAnswer,
        state::AppState,
    },
};

/// After how long without a report an attempt is asked about, in seconds.
pub const OVERDUE: i64 = 90;

/// A Switchboard whose loops stand still; the steps do their work.
pub struct World {
    pub app: App,
    /// What the loops are given: the company is their provider.
    pub state: AppState,
    pub company: Arc<Mutex<Company<AttemptId>>>,
    /// When the story began.
    pub begun: Timestamp,
    pub calls: Vec<CallId>,
    pub hands: BTreeMap<Hand, (Claimed, Option<Answer>)>,
    letters: Vec<Incoming>,
    questions: Vec<Question>,
}

/// A question to the company that a node has in mind.
struct Question {
    attempt: Attempt,
    asked_at: Timestamp,
    answer: StatusAnswer,
}

impl OnDatabase for World {
    async fn on(backend: Backend) -> Self {
        let lost_after = (LOST_AFTER / 1_000).to_string();
        let limit = IN_FLIGHT_LIMIT.to_string();
        let settings =
            ["--max-calls-in-flight", &limit, "--calls-per-second", "0", "--lost-contact-secs", &lost_after];
        let app = App::with(backend, &settings).await;
        let company = Arc::default();
        let provider = Arc::new(super::settling::Dialer(Arc::clone(&company), app.clock.clone()));
        let state = AppState { provider, ..app.state().clone() };
        let begun = app.now();
        let (calls, hands, letters, questions) = Default::default();
        Self { app, state, company, begun, calls, hands, letters, questions }
    }
}

impl World {
    pub fn db(&self) -> &Db {
        &self.state.db
    }

    pub fn company(&self) -> MutexGuard<'_, Company<AttemptId>> {
        self.company.lock().expect("no panic before")
    }

    /// An instant as the model counts it.
    pub fn since(&self, at: Timestamp) -> i64 {
        at.millis_since(self.begun)
    }

    /// An empty installation, for the next story. The clock goes on.
    pub async fn begin(&mut self) {
        let tables = ["call_events", "call_attempts", "calls"];
        let work = async move |tx: Tx| {
            use sea_orm::ConnectionTrait;
            for table in tables {
                tx.conn().execute_unprepared(&format!("DELETE FROM {table}")).await?;
            }
            Ok(Written::new(()))
        };
        self.db().write(work).await.expect("it is empty");
        *self.company() = Company::default();
        self.begun = self.app.now();
        (self.calls, self.hands, self.letters, self.questions) = Default::default();
    }

    /// Carries out one step; answers the code of a refusal. `model` is the story so far, with this step in it.
    pub async fn apply(&mut self, step: Step, model: &Model) -> Option<String> {
        match step {
            Step::Wait(secs) => self.app.pass_secs(secs),
            Step::Claim(node, most) => self.claim(node, most, model).await,
            Step::Arrive(hand, mood) => self.arrive(hand, mood, model).await,
            Step::Tell(hand) => self.tell(hand).await,
            Step::Crash(_) => {
                self.hands.retain(|hand, _| model.hands.contains_key(hand));
                void_leases(self.db(), self.app.now()).await.expect("voided");
            }
            Step::Move(nth, status) => {
                let id = self.attempt(nth).await.id;
                let now = self.app.now().as_millis();
                self.company().move_to(id, status, now);
                self.post(id);
            }
            Step::Forget(nth) => {
                let id = self.attempt(nth).await.id;
                self.company().lines.get_mut(&id).expect("a line").is_forgotten = true;
            }
            Step::Deliver(letter) => self.deliver(self.letters[letter].clone()).await,
            Step::Strange(nth) => {
                let id = self.attempt(nth).await.id;
                let line = Line { status: AttemptStatus::Completed, ..self.company().lines[&id].clone() };
                let mut strange = letter(id, &line);
                "CA-strange".clone_into(&mut strange.report.provider_call_id);
                strange.webhook_id = self.app.clock.new_id().to_string();
                self.deliver(strange).await;
            }
            Step::Ask(nth, answers) => self.ask(nth, answers).await,
            Step::Learn(question) => self.learn(question, model).await,
            Step::HangUp(nth) => self.hang_up(nth).await,
            _ => return self.command(step).await.err().map(commands::code),
        }
        None
    }

    async fn claim(&mut self, node: u8, most: i64, model: &Model) {
        let state = AppState { node: format!("node {node}").into(), ..self.state.clone() };
        let (terms, clock) = (state.claim_terms(most), self.app.clock.clone());
        let work = async move |tx| claim(&tx, &terms, &clock).await;
        let claimed = self.db().write(work).await.expect("a claim");
        let order: Vec<_> = claimed.iter().map(|claimed| (claimed.call.due_at, claimed.call.id)).collect();
        assert!(order.is_sorted(), "what was claimed is in order");
        for claimed in claimed {
            self.take_in_hand(claimed, model);
        }
    }

    fn take_in_hand(&mut self, claimed: Claimed, model: &Model) {
        let Claimed { call, attempt, lost } = &claimed;
        let at = self.calls.iter().position(|id| *id == call.id).expect("a call of this story");
        let hand = Hand(Nth(at, attempt.number), call.lease_epoch);
        let expected = model.hands.get(&hand).map(|hand| hand.lost.clone()).unwrap_or_default();
        let lost: Vec<Nth> = lost.iter().map(|lost| Nth(at, lost.number)).collect();
        assert_eq!(lost, expected, "the lost attempts of {hand:?}");
        self.hands.insert(hand, (claimed, None));
    }

    /// As the dispatcher does it: lost attempts are asked about first.
    async fn arrive(&mut self, hand: Hand, mood: Mood, model: &Model) {
        let (claimed, _) = self.hands[&hand].clone();
        let mut rings = false;
        for lost in claimed.lost {
            let Some(line) = self.company().asked(lost.id).cloned() else { continue };
            rings = line.rings();
            if rings {
                break;
            }
            let (report, now) = (letter(lost.id, &line).report, self.app.now());
            let work = async move |tx| check::known(&tx, &lost, &report, now, OVERDUE).await;
            self.db().write(work).await.expect("it is found again");
        }
        let answer = if rings { Answer::NotNow } else { self.dial(&claimed.attempt, hand.0.0, mood).await };
        let held = self.hands.get_mut(&hand).expect("the hand");
        held.1 = Some(answer);
        if !model.hands.contains_key(&hand) {
            self.hands.remove(&hand);
        }
    }

    /// A placing reaches the company.
    async fn dial(&mut self, attempt: &Attempt, call: usize, mood: Mood) -> Answer {
        let instants = (attempt.place_by.expect("a time").as_millis(), self.app.now().as_millis());
        let (answer, is_new) = {
            let mut company = self.company();
            let known = company.lines.len();
            (company.place(attempt.id, call, instants, mood), company.lines.len() > known)
        };
        if is_new {
            self.post(attempt.id);
            let row = self.attempt(Nth(call, attempt.number)).await;
            if row.id != attempt.id || !row.is_in_flight() {
                self.company().broken.push(format!("a phone rings for call {call} that nobody waits for"));
            }
        }
        answer
    }

    async fn tell(&mut self, hand: Hand) {
        let (claimed, answer) = self.hands.remove(&hand).expect("the hand");
        let (now, db) = (self.app.now(), self.db());
        match answer.expect("an answer") {
            Answer::Taken => {
                let id = pcid(claimed.attempt.id);
                db.write(async move |tx| placing::accepted(&tx, &claimed, &id, now, OVERDUE).await).await
            }
            Answer::Nothing => {
                db.write(async move |tx| placing::ambiguous(&tx, &claimed, "?", now, OVERDUE).await).await
            }
            refused => {
                let nth = usize::try_from(claimed.attempt.refusals).unwrap() + 1;
                let refusal = PlacingRefused {
                    ends: (refused == Answer::Refused).then_some(EndedReason::ProviderRefused),
                    delayed_by: DelayedBy::NotNow,
                    delay_millis: not_now_delay_millis(nth, None, 0.0),
                    detail: "No.".to_owned(),
                };
                db.write(async move |tx| placing::refused(&tx, &claimed, &refusal, now).await).await
            }
        }
        .expect("it is written down");
    }

    /// The company sends a report of where its phone call stands.
    fn post(&mut self, id: AttemptId) {
        let letter = letter(id, &self.company().lines[&id]);
        self.letters.push(letter);
    }

    pub async fn deliver(&self, letter: Incoming) {
        let now = self.app.now();
        let work = async move |tx| record_report(&tx, &Actor::provider(), &letter, now, OVERDUE).await;
        self.db().write(work).await.expect("it is recorded");
    }

    async fn ask(&mut self, nth: Nth, answers: bool) {
        let attempt = self.attempt(nth).await;
        let (asked_at, asked) = (self.app.now(), attempt.clone());
        let won = async move |tx| check::win(&tx, &asked, asked_at, OVERDUE).await;
        assert!(
            self.db().write(won).await.expect("an asking"),
            "the one who asks wins the asking of {nth:?}"
        );
        let known = self.company().asked(attempt.id).map(|line| letter(attempt.id, line).report);
        let answer = match known {
            _ if !answers => StatusAnswer::NoAnswer { detail: "Nobody answers.".to_owned() },
            Some(report) => StatusAnswer::Known(report),
            None => StatusAnswer::Unknown,
        };
        self.questions.push(Question { attempt, asked_at, answer });
    }

    async fn learn(&mut self, question: usize, model: &Model) {
        let Question { attempt, asked_at, answer } = &self.questions[question];
        let (attempt, asked_at, now, db) = (attempt.clone(), *asked_at, self.app.now(), self.db());
        match answer.clone() {
            StatusAnswer::Known(report) => {
                let work = async move |tx| check::known(&tx, &attempt, &report, now, OVERDUE).await;
                assert!(db.write(work).await.expect("it is known"), "the company is believed");
            }
            StatusAnswer::Unknown => {
                let terms = AppState { node: "node 1".into(), ..self.state.clone() }.claim_terms(1);
                let work = async move |tx| check::unknown(&tx, &attempt, asked_at, &terms, now).await;
                if let Some(claimed) = db.write(work).await.expect("it is unknown") {
                    self.take_in_hand(claimed, model);
                }
            }
            StatusAnswer::NoAnswer { .. } | StatusAnswer::Unknowable { .. } => {
                let secs = self.state.config.lost_contact_secs;
                let work = async move |tx| check::unanswered(&tx, &attempt, secs, now).await;
                db.write(work).await.expect("it is unanswered");
            }
        }
    }

    async fn hang_up(&mut self, nth: Nth) {
        let attempt = self.attempt(nth).await;
        let (id, now, asked) = (attempt.id, self.app.now(), attempt.clone());
        let won = self.db().write(async move |tx| hang_up::win(&tx, &asked, now).await).await;
        assert!(won.expect("an asking"), "the wish to hang up {nth:?} is kept");
        if self.company().asked(id).is_some_and(Line::rings) {
            self.company().hang_up(id, now.as_millis());
            self.post(id);
        }
        let heard = async move |tx| hang_up::heard(&tx, &attempt, now).await;
        self.db().write(heard).await.expect("it is heard");
    }

    /// An attempt as it stands.
    async fn attempt(&self, Nth(call, number): Nth) -> Attempt {
        let (id, limits, now) = (self.calls[call], self.state.config.limits(), self.app.now());
        let details = queries::get(self.db(), &Actor::token(), id, limits, now).await.expect("the call");
        let found = details.attempts.into_iter().find(|attempt| attempt.number == number);
        found.unwrap_or_else(|| panic!("c{call}#{number} is in the database"))
    }
}

/// The company's id for an attempt.
pub fn pcid(id: AttemptId) -> String {
    format!("CA-{id}")
}

/// The report of where a phone call stands.
pub fn letter(id: AttemptId, line: &Line) -> Incoming {
    let report = Report {
        provider_call_id: pcid(id),
        status: line.status,
        sequence: Some(line.sequence),
        occurred_at: Timestamp::from_millis(line.at),
        ended_reason: None,
        duration_secs: super::company::is_over(line.status).then_some(7),
        answered_by: None,
        recording_url: None,
    };
    Incoming {
        provider: "company".to_owned(),
        attempt_id: Some(id),
        webhook_id: format!("{id}-{}", line.sequence),
        payload: json!({"status": line.status}),
        report,
    }
}
