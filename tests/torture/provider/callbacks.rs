//! Signed reports, retried until they are heard: some are lost, some are sent twice, some overtake others.

use super::{Company, SECRET, fate::Phone};
use crate::{
    base::{instant, now_ms},
    chance::Chance,
};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::time::Duration;

/// How often one report is sent before the company gives up.
const TRIES: u32 = 60;

/// What goes wrong with one phone's reports.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mischief {
    None,
    LosesOne,
    LosesAll,
    SendsTwice,
    MixesUp,
}

/// Reports what happens to `phone`, step by step, in a task of its own.
pub fn report(company: &Company, phone: &Phone, mut chance: Chance) {
    let (company, phone) = (company.clone(), phone.clone());
    tokio::spawn(async move {
        let mischief = chance.weighted(&[
            (70, Mischief::None),
            (8, Mischief::LosesOne),
            (4, Mischief::LosesAll),
            (9, Mischief::SendsTwice),
            (9, Mischief::MixesUp),
        ]);
        let lost = chance.index(phone.steps.len());
        let mut sequence = 0;
        loop {
            // Read anew each time: somebody may have hung up meanwhile.
            let steps = company.steps(&phone.provider_call_id);
            let Some(step) = steps.get(sequence) else { return };
            let wait = step.at - now_ms();
            if wait > 0 {
                tokio::time::sleep(Duration::from_millis(wait.min(50).unsigned_abs())).await;
                continue;
            }
            sequence += 1;
            if mischief == Mischief::LosesAll || (mischief == Mischief::LosesOne && sequence == lost + 1) {
                continue;
            }
            let report = body(&phone, sequence, step.at, step.status, step.reason);
            let delay = if mischief == Mischief::MixesUp { chance.millis(0, 1_500) } else { Duration::ZERO };
            let copies = if mischief == Mischief::SendsTwice { 2 } else { 1 };
            for _ in 0..copies {
                tokio::spawn(send(company.clone(), phone.clone(), sequence, report.clone(), delay));
            }
        }
    });
}

fn body(phone: &Phone, sequence: usize, at: i64, status: &str, reason: Option<&str>) -> Value {
    let mut body = json!({
        "attempt_id": phone.attempt_id,
        "provider_call_id": phone.provider_call_id,
        "status": status,
        "sequence": sequence,
        "occurred_at": instant(at),
    });
    if let Some(reason) = reason {
        body["ended_reason"] = json!(reason);
    }
    if status == "completed" {
        body["duration_secs"] = json!(1);
    }
    body
}

async fn send(company: Company, phone: Phone, sequence: usize, body: Value, delay: Duration) {
    tokio::time::sleep(delay).await;
    let (Some(url), Ok(webhook)) = (&phone.callback_url, Webhook::new(SECRET)) else { return };
    let id = format!("msg_{}_{sequence}", phone.provider_call_id);
    let text = body.to_string();
    let mut pause = Duration::from_millis(100);
    for _ in 0..TRIES {
        let timestamp = now_ms() / 1_000;
        let Ok(signature) = webhook.sign(&id, timestamp, text.as_bytes()) else { return };
        let request = company
            .inner
            .http
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signature)
            .body(text.clone());
        if request.send().await.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}
