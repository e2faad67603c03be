//! Reporting: what the provider says of a call by signed status callbacks. Here the test is the provider.

mod at_once;
mod door;
mod older;
mod placing;
mod shown;
mod verdicts;

use crate::support::{
    app::text,
    company::{World, call_id},
};
use serde_json::{Value, json};

/// A report of the call's newest attempt, of this instant.
async fn report_of(world: &World, call: &Value, status: &str) -> Value {
    let attempt = world.app.attempt_id(&call["id"]).await;
    report(&attempt, status, &world.app.now().to_rfc3339())
}

/// A report of an attempt.
pub fn report(attempt: &str, status: &str, at: &str) -> Value {
    json!({
        "attempt_id": attempt, "provider_call_id": call_id(attempt), "status": status, "sequence": 1,
        "occurred_at": at,
    })
}

/// The verdicts on what was reported of the call, in order.
async fn verdicts(world: &World, call: &Value) -> Vec<String> {
    let events = world.app.events(&call["id"]).await;
    let reports = events.iter().filter(|event| event["kind"] == "report");
    reports.map(|event| text(&event["verdict"])).collect()
}
