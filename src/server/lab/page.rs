//! What `/lab` shows, in words that need no more work in the browser.

use super::{
    Lab,
    orders::{choices, fault_in_words, faults, outcome_in_words, stories},
    sent::{attempts_in, instant, list, sent, text},
};
use crate::{
    domain::{actor::Actor, timestamp::Timestamp},
    error::AppError,
    server::{
        calls::{counts, queries, stream},
        state::AppState,
    },
    server_fns::{LabNumber, LabPage, LabView},
};
use serde_json::Value;

/// How many callbacks the page shows.
const SHOWN: &str = "25";
/// Callbacks that are due sooner than this are waited for, in milliseconds.
const SOON_MILLIS: i64 = 70_000;

/// What the lab is like, before the page of callbacks behind `cursor`.
///
/// # Errors
/// What the database says. A simulator that does not answer is no error: the page says so.
pub async fn show(state: &AppState, actor: &Actor, cursor: Option<String>) -> Result<LabPage, AppError> {
    let Some(lab) = &state.lab else { return Ok(LabPage::Absent) };
    let events_cursor = stream::head(&state.db).await?;
    let now = state.clock.now();
    let answers = match ask(lab, now, cursor).await {
        // Someone changed the address by hand: they see the list's beginning.
        Err(AppError::Refused { code, .. }) if code == "invalid_cursor" => ask(lab, now, None).await,
        answers => answers,
    };
    let answers = match answers {
        Ok(answers) => answers,
        Err(AppError::Refused { why, .. }) => return Ok(LabPage::Silent { why }),
        Err(error) => return Err(error),
    };
    let Answers { overview, faults: on, outcomes, callbacks } = answers;
    let calls = queries::calls_of(&state.db, actor, &attempts_in(&callbacks)).await?;
    let sent = list(&callbacks["callbacks"]).map(|it| sent(it, &calls)).collect();
    let (scenarios, possible) = (&overview["scenarios"], &overview["faults"]);
    let next_at = instant(&overview["next_at"]);
    let numbers: Vec<_> = list(scenarios).map(number).collect();
    let of_numbers = list(scenarios).filter_map(|it| Some((it["scenario"].as_str()?, it["does"].as_str()?)));
    let own = stories();
    let of_stories = own.iter().map(|(word, words, _)| (*word, *words));
    Ok(LabPage::Open(Box::new(LabView {
        outcomes: choices(of_numbers.chain(of_stories)),
        numbers,
        faults: choices(faults().iter().map(|(word, words, _)| (*word, *words))),
        faults_on: list(&on["faults"]).map(|fault| fault_in_words(fault, possible)).collect(),
        outcomes_set: list(&outcomes["outcomes"]).map(|it| outcome_in_words(it, scenarios)).collect(),
        speed: overview["speed"].to_string().trim_end_matches(".0").to_owned(),
        sent,
        older: callbacks["next_cursor"].as_str().map(str::to_owned),
        is_lively: next_at.is_some_and(|at| at.millis_since(now) < SOON_MILLIS),
        active: counts::counts(&state.db, actor).await?.active,
        events_cursor,
        form_key: state.clock.new_call_id().to_string(),
        now,
    })))
}

struct Answers {
    overview: Value,
    faults: Value,
    outcomes: Value,
    callbacks: Value,
}

async fn ask(lab: &Lab, now: Timestamp, cursor: Option<String>) -> Result<Answers, AppError> {
    let until = now.to_rfc3339();
    let mut query = vec![("until", until.as_str()), ("limit", SHOWN)];
    query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
    let (overview, faults, outcomes, callbacks) = tokio::try_join!(
        lab.get(&[], &[]),
        lab.get(&["faults"], &[]),
        lab.get(&["outcomes"], &[]),
        lab.get(&["callbacks"], &query),
    )?;
    Ok(Answers { overview, faults, outcomes, callbacks })
}

fn number(it: &Value) -> LabNumber {
    LabNumber { number: text(&it["number"]), digits: text(&it["last_digits"]), does: text(&it["does"]) }
}
