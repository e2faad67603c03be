//! What can be ordered on the page, ready to be chosen, and what was ordered, in words. The control API takes more.

use crate::server_fns::{LabChoice, LabOrder};
use serde_json::{Value, json};

/// The faults to choose from: a word for the form, what happens in words, and what the control API is told.
pub fn faults() -> [(&'static str, &'static str, Value); 14] {
    [
        ("late_2", "Callbacks come 2 seconds late", json!({"kind": "callbacks_late", "by_ms": 2_000})),
        ("late_30", "Callbacks come 30 seconds late", json!({"kind": "callbacks_late", "by_ms": 30_000})),
        ("lost", "All callbacks after the first are lost", json!({"kind": "callbacks_lost"})),
        ("lost_half", "Half of the callbacks are lost", json!({"kind": "callbacks_lost", "share": 0.5})),
        ("twice", "Each callback comes twice", json!({"kind": "callbacks_twice"})),
        ("disorder", "Callbacks come out of order", json!({"kind": "callbacks_out_of_order"})),
        ("forged", "Callbacks are wrongly signed", json!({"kind": "callbacks_wrongly_signed"})),
        ("ambiguous", "Dialed, but the answer to the placing is lost", json!({"kind": "placing_ambiguous"})),
        ("dialed_late", "Dialed after the caller has given up", json!({"kind": "placing_dialed_late"})),
        ("slow", "Placings wait 15 seconds for an answer", json!({"kind": "placing_slow", "by_ms": 15_000})),
        ("refused", "Placings are refused for good (422)", json!({"kind": "placing_refused", "status": 422})),
        ("busy", "Too many calls: later (429)", json!({"kind": "placing_refused", "status": 429})),
        ("closed", "Out of service: later (503)", json!({"kind": "placing_refused", "status": 503})),
        ("silent", "Taken, and never heard of again", json!({"kind": "call_silent"})),
    ]
}

/// Stories to choose from, besides the scenarios of the numbers.
pub fn stories() -> [(&'static str, &'static str, Value); 3] {
    [
        ("rings_on", "rings until somebody hangs up", json!({"ends": "never"})),
        (
            "quick",
            "is answered at once, for a second",
            json!({"rings_after_ms": 0, "answered_after_ms": 500, "talks_for_ms": 1_000}),
        ),
        (
            "breaks_off",
            "breaks off in the conversation",
            json!({"answered_after_ms": 5_000, "talks_for_ms": 3_000, "ends": "failed"}),
        ),
    ]
}

/// What a select offers.
pub fn choices<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<LabChoice> {
    let choice = |(word, words): (&str, &str)| LabChoice { word: word.to_owned(), words: words.to_owned() };
    all.into_iter().map(choice).collect()
}

/// A fault that is switched on, in words.
pub fn fault_in_words(fault: &Value, possible: &Value) -> LabOrder {
    let kind = &fault["kind"];
    let known = possible.as_array().into_iter().flatten().find(|known| known["kind"] == *kind);
    let does = known.and_then(|known| known["does"].as_str()).unwrap_or("Something goes wrong");
    let delay = fault["by_ms"].as_i64().map(|millis| format!(", by {}", span(millis)));
    let share = fault["share"].as_f64().map(|share| format!(", {} of 100", (share * 100.0).round()));
    let status = fault["status"].as_i64().map(|status| format!(" ({status})"));
    let words: String = [Some(does.to_owned()), delay, share, status].into_iter().flatten().collect();
    order(fault, &words)
}

/// An outcome that is set, in words.
pub fn outcome_in_words(outcome: &Value, scenarios: &Value) -> LabOrder {
    let scenario = &outcome["scenario"];
    let known = scenarios.as_array().into_iter().flatten().find(|known| known["scenario"] == *scenario);
    let told = stories().into_iter().find(|(_, _, story)| *story == outcome["story"]);
    let does = known.and_then(|known| known["does"].as_str()).or(told.as_ref().map(|(_, words, _)| *words));
    order(outcome, &format!("A call {}", does.unwrap_or("does what its own story says")))
}

fn order(order: &Value, words: &str) -> LabOrder {
    let whom = order["to"].as_str().map_or_else(|| "every number".to_owned(), str::to_owned);
    let rest = match order["next"].as_i64() {
        None => String::new(),
        Some(1) => ", the next call".to_owned(),
        Some(next) => format!(", the next {next} calls"),
    };
    let id = order["id"].as_str().unwrap_or_default().to_owned();
    LabOrder { id, words: words.to_owned(), whom: format!("{whom}{rest}") }
}

fn span(millis: i64) -> String {
    if millis % 1_000 == 0 { format!("{} s", millis / 1_000) } else { format!("{millis} ms") }
}

#[cfg(test)]
mod tests;
