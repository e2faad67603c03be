//! The table at the end: a line for each configuration, and the command that repeats it.

use crate::{
    base::millis_of,
    checker::{Evidence, Rule, Violation, gather::Seen},
    history::Ask,
    killer::Harm,
    options::Configuration,
};
use serde_json::Value;
use std::collections::HashMap;

/// One line.
pub struct Row {
    cells: Vec<(&'static str, String)>,
    repeat: String,
}

impl Row {
    /// The line of one run.
    pub fn of(
        configuration: Configuration,
        seed: u64,
        harm: &Harm,
        faults: u64,
        evidence: &Evidence,
        violations: &[Violation],
    ) -> Self {
        let (database, provider) = configuration.names();
        let broken = |rules: &[Rule]| violations.iter().filter(|found| rules.contains(&found.rule)).count();
        let result =
            if violations.is_empty() { "passed".to_owned() } else { format!("{} BROKEN", violations.len()) };
        let cells = vec![
            ("database", database.to_owned()),
            ("provider", provider.to_owned()),
            ("seed", seed.to_string()),
            ("nodes", configuration.nodes.to_string()),
            ("kills", harm.killed_at.len().to_string()),
            ("freezes", harm.freezes.to_string()),
            ("full disks", harm.full_disks.to_string()),
            ("db crashes", harm.database_crashes.to_string()),
            ("faults", faults.to_string()),
            ("creates", creates(evidence).to_string()),
            ("dials", evidence.dials.len().to_string()),
            ("attempts", attempts(evidence).count().to_string()),
            ("retries", count(evidence, |event| event["kind"] == "retried").to_string()),
            ("ambiguous", count(evidence, |event| event["kind"] == "ambiguous").to_string()),
            ("re-placed", count(evidence, |event| event["payload"]["again"] == true).to_string()),
            ("lost", broken(&[Rule::Lost]).to_string()),
            ("twice", broken(&[Rule::DialedTwice, Rule::TwoPhones, Rule::MadeTwice]).to_string()),
            ("stuck", broken(&[Rule::Stuck]).to_string()),
            ("progress after a kill", seconds(slowest_progress(evidence, harm))),
            ("longest unresolved", seconds(longest_unresolved(evidence))),
            ("result", result),
        ];
        let Configuration { nodes, kills, .. } = configuration;
        let repeat = format!(
            "make torture ARGS=\"--seed {seed} --kills {kills} --database {database} --provider {provider} --nodes {nodes}\""
        );
        Self { cells, repeat }
    }
}

/// The whole table, as Markdown.
pub fn print(rows: &[Row]) {
    let Some(first) = rows.first() else { return };
    let line = |cells: Vec<&str>| println!("| {} |", cells.join(" | "));
    println!();
    line(first.cells.iter().map(|(name, _)| *name).collect());
    line(first.cells.iter().map(|_| "---").collect());
    for row in rows {
        line(row.cells.iter().map(|(_, cell)| cell.as_str()).collect());
    }
    println!("\nThe same once more:");
    for row in rows {
        println!("  {}", row.repeat);
    }
}

fn creates(evidence: &Evidence) -> usize {
    let is_create = |ask| matches!(ask, Ask::Create | Ask::CreateWithKey);
    evidence.requests.iter().filter(|request| is_create(request.ask) && request.answer.is_done()).count()
}

fn attempts(evidence: &Evidence) -> impl Iterator<Item = &Value> {
    evidence.calls.iter().flat_map(Seen::attempts)
}

fn count(evidence: &Evidence, is_one: impl Fn(&Value) -> bool) -> usize {
    evidence.calls.iter().flat_map(|seen| &seen.events).filter(|event| is_one(event)).count()
}

/// The longest time from a kill to the next change of any call.
fn slowest_progress(evidence: &Evidence, harm: &Harm) -> i64 {
    let events = evidence.calls.iter().flat_map(|seen| &seen.events);
    let mut written: Vec<i64> =
        events.filter_map(|event| event["created_at"].as_str().and_then(millis_of)).collect();
    written.sort_unstable();
    let waits = harm.killed_at.iter().filter_map(|killed| {
        let next = written.partition_point(|at| at <= killed);
        written.get(next).map(|at| at - killed)
    });
    waits.max().unwrap_or(0)
}

/// The longest time from an attempt's claim until something was known of it. (One that was refused for now is resolved:
/// it waits, and is claimed anew.)
fn longest_unresolved(evidence: &Evidence) -> i64 {
    let mut longest = 0;
    for seen in &evidence.calls {
        let mut claimed: HashMap<&str, i64> = HashMap::new();
        for event in &seen.events {
            let at = event["created_at"].as_str().and_then(millis_of);
            let (Some(attempt), Some(at)) = (event["attempt_id"].as_str(), at) else { continue };
            match event["kind"].as_str() {
                Some("claimed") => drop(claimed.entry(attempt).or_insert(at)),
                Some("ambiguous" | "hangup_requested") => {}
                _ => longest = longest.max(claimed.remove(attempt).map_or(0, |since| at - since)),
            }
        }
    }
    longest
}

fn seconds(millis: i64) -> String {
    format!("{}.{} s", millis / 1_000, millis % 1_000 / 100)
}
