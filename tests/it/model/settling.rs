//! However a story went: once the company is reliable and the loops run, every call comes to its end.

use super::{
    company::{Answer, Company, Line, Mood, is_over},
    following::LOST_AFTER,
    steps::Step,
    world::{OVERDUE, World, letter, pcid},
};
use async_trait::async_trait;
use std::sync::{Arc, Mutex};
use switchboard::{
    domain::{
        id::AttemptId,
        status::{AttemptStatus, EndedReason},
    },
    server::{
        clock::Clock,
        dispatcher::{dispatch, hang_up, reconcile},
        provider::{Asked, HangUpAnswer, Placing, PlacingAnswer, Provider, StatusAnswer},
    },
};

/// The company as the loops see it. It takes every call.
pub struct Dialer(pub Arc<Mutex<Company<AttemptId>>>, pub Clock);

#[async_trait]
impl Provider for Dialer {
    fn name(&self) -> &'static str {
        "company"
    }

    fn ask_every_secs(&self, _open_secs: i64) -> Option<i64> {
        None
    }

    async fn place(&self, placing: &Placing) -> PlacingAnswer {
        // The number's last digit is the call's.
        let call =
            placing.to.to_string().chars().last().and_then(|digit| digit.to_digit(10)).expect("a digit");
        let instants = (placing.place_by.as_millis(), self.1.now().as_millis());
        let mut company = self.0.lock().expect("no panic before");
        let mood = if company.is_silent { Mood::Deaf } else { Mood::Dials };
        match company.place(placing.attempt_id, call as usize, instants, mood) {
            Answer::Taken => PlacingAnswer::Accepted { provider_call_id: pcid(placing.attempt_id) },
            other => PlacingAnswer::Ambiguous { detail: format!("{other:?}") },
        }
    }

    async fn status_of(&self, asked: &Asked) -> StatusAnswer {
        let company = self.0.lock().expect("no panic before");
        if company.is_silent {
            return StatusAnswer::NoAnswer { detail: "It is silent.".to_owned() };
        }
        let known = company.asked(asked.attempt_id).map(|line| letter(asked.attempt_id, line).report);
        known.map_or(StatusAnswer::Unknown, StatusAnswer::Known)
    }

    async fn hang_up(&self, provider_call_id: &str) -> HangUpAnswer {
        let mut company = self.0.lock().expect("no panic before");
        let id = company.lines.keys().copied().find(|id| pcid(*id) == provider_call_id);
        let Some(id) = id.filter(|_| !company.is_silent) else { return HangUpAnswer::NotHeard };
        company.hang_up(id, self.1.now().as_millis());
        HangUpAnswer::Heard
    }
}

/// Rounds of five minutes: the longest delay before another attempt is an hour.
const ROUNDS: usize = 40;

impl World {
    /// The company is silent for so long that contact with it is lost, and people try again.
    pub async fn lose_contact(&mut self) {
        self.company().is_silent = true;
        self.app.pass_secs(LOST_AFTER / 1_000 + OVERDUE);
        reconcile::run_once(&self.state, self.app.now()).await.expect("a round");
        self.company().is_silent = false;
        for call in 0..self.calls.len() {
            // What has not been lost is refused, or tried again all the same.
            let _ = self.command(Step::Retry(call)).await;
        }
    }

    /// All nodes have died, and one begins again. No report comes any more, so every end must be asked for.
    pub async fn settle(&mut self) -> Result<(), String> {
        let mut open = Vec::new();
        for _ in 0..ROUNDS {
            let now = self.app.now();
            dispatch::run_once(&self.state, now).await.expect("a round");
            hang_up::run_once(&self.state, now).await.expect("a round");
            self.everybody_talks();
            reconcile::run_once(&self.state, now).await.expect("a round");
            open = self.unsettled().await?;
            if open.is_empty() {
                return Ok(());
            }
            self.app.pass_secs(300);
        }
        Err(format!("this is left:\n{}", open.join("\n")))
    }

    /// Who is being phoned answers, and is later done with talking.
    fn everybody_talks(&self) {
        let now = self.app.now().as_millis();
        let mut company = self.company();
        let ringing = company.lines.iter().filter(|(_, line)| line.rings());
        let ringing: Vec<(AttemptId, Line)> = ringing.map(|(id, line)| (*id, line.clone())).collect();
        for (id, line) in ringing {
            let talks = line.status == AttemptStatus::InProgress;
            let next = if talks { AttemptStatus::Completed } else { AttemptStatus::InProgress };
            company.move_to(id, next, now);
        }
    }

    /// What has not come to its end, in words.
    async fn unsettled(&self) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for (at, id) in self.calls.iter().enumerate() {
            let Some(details) = self.find(*id).await else { continue };
            self.holds(at, &details)?;
            let (call, company) = (&details.call, self.company());
            if call.status.is_open() {
                found.push(format!("c{at} is {}, due {}", call.status, self.since(call.due_at)));
            }
            for attempt in &details.attempts {
                let line = company.asked(attempt.id);
                let is_told = line.is_none_or(|line| {
                    let reason = attempt.ended_reason;
                    line.status == attempt.status || reason == Some(EndedReason::LostContact)
                });
                if !is_over(attempt.status) || !is_told {
                    found.push(format!("c{at}#{} is {}: {line:?}", attempt.number, attempt.status));
                }
            }
        }
        self.company().broken.first().cloned().map_or(Ok(found), Err)
    }
}
