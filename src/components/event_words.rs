//! The timeline in words: what happened, and by whom.

use crate::domain::{
    event::{CallEvent, EventKind, Verdict},
    status::{AttemptStatus, CallStatus, EndedReason},
    timestamp::Timestamp,
};
use serde_json::Value;

/// What happened, in a few words.
pub fn sentence(event: &CallEvent) -> String {
    let details = &event.payload;
    match event.kind {
        EventKind::Created => "Asked for the call".to_owned(),
        EventKind::Edited => edited(details),
        EventKind::Claimed if details["again"] == true => "Places the same attempt again".to_owned(),
        EventKind::Claimed => match details["attempt"].as_i64() {
            Some(attempt) => format!("Takes it to place attempt {attempt}"),
            None => "Takes it to place it".to_owned(),
        },
        EventKind::Placed => "The provider has taken it".to_owned(),
        EventKind::Refused => "The provider refused".to_owned(),
        EventKind::Ambiguous => "The provider's answer leaves open whether it dials".to_owned(),
        EventKind::Report => format!("Reports {}", status(details)),
        EventKind::Reconciled if details["status"] == "unknown" => {
            "Asked, the provider does not know it".to_owned()
        }
        EventKind::Reconciled => format!("Asked, the provider says {}", status(details)),
        EventKind::RetryPlanned => "Will try again by itself".to_owned(),
        EventKind::Retried => "Asked for one attempt more".to_owned(),
        EventKind::CancelRequested => "Asked to cancel it".to_owned(),
        EventKind::HangupRequested => "The provider is to hang up".to_owned(),
        EventKind::HangupImpossible => "The provider can't hang up".to_owned(),
        EventKind::Canceled => "Canceled it before it went out".to_owned(),
        EventKind::EndedByHand => format!("Ended it by hand as {}", status(details)),
        EventKind::Missed => "It waited past its latest instant".to_owned(),
        EventKind::LostContact => "Contact with the provider was lost".to_owned(),
        EventKind::Unknown => "Unknown whether it went out".to_owned(),
        EventKind::Note => "Wrote".to_owned(),
        EventKind::Deleted => "Deleted it".to_owned(),
    }
}

/// What else there is to read: a note's text, a refusal's reason.
pub fn remark(event: &CallEvent) -> Option<String> {
    let text = |key: &str| event.payload.get(key).and_then(Value::as_str).map(str::to_owned);
    match event.kind {
        EventKind::Note => text("note"),
        EventKind::Report | EventKind::Reconciled => {
            let status = text("status").and_then(|word| word.parse::<AttemptStatus>().ok());
            let reason = text("ended_reason").and_then(|word| word.parse::<EndedReason>().ok());
            let telling = reason.filter(|_| reason != status.and_then(AttemptStatus::usual_reason));
            telling.map(|reason| reason.label().to_owned())
        }
        _ => text("detail"),
    }
}

/// When what it plans will happen.
pub fn planned_for(event: &CallEvent) -> Option<Timestamp> {
    let due_at = event.payload.get("due_at").filter(|_| event.kind == EventKind::RetryPlanned);
    due_at.and_then(Value::as_str).and_then(Timestamp::from_own_rfc3339)
}

/// What became of a report.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Applied => "applied",
        Verdict::Stale => "nothing new",
        Verdict::AlreadyEnded => "too late: the attempt had ended",
        Verdict::UnknownAttempt => "no such attempt",
        Verdict::Invalid => "contradicts what is known",
    }
}

fn status(details: &Value) -> String {
    let word = details.get("status").and_then(Value::as_str).unwrap_or_default();
    let known =
        word.parse::<AttemptStatus>().map(|status| CallStatus::from(status).label().to_ascii_lowercase());
    known.unwrap_or_else(|_| word.to_owned())
}

fn edited(details: &Value) -> String {
    let fields: Option<Vec<_>> =
        details.as_object().map(|fields| fields.keys().map(|field| field_words(field)).collect());
    match fields.unwrap_or_default().as_slice() {
        [] => "Changed it".to_owned(),
        fields => format!("Changed {}", fields.join(", ")),
    }
}

fn field_words(field: &str) -> &str {
    match field {
        "customer_name" => "the name",
        "phone_number" => "the number",
        "workflow" => "the workflow",
        "scheduled_at" => "the time",
        "max_attempts" => "the number of attempts",
        "metadata" => "the metadata",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{event_cursor::EventCursor, timestamp::Timestamp};
    use rstest::rstest;
    use serde_json::json;

    fn event(kind: EventKind, payload: Value) -> CallEvent {
        CallEvent {
            id: EventCursor { xid: 0, position: 1 },
            call_id: None,
            seq: None,
            attempt_id: None,
            kind,
            actor: "provider".to_owned(),
            request_id: None,
            verdict: None,
            repeats: 0,
            payload,
            occurred_at: Timestamp::MAX,
            created_at: Timestamp::MAX,
        }
    }

    #[rstest]
    #[case(EventKind::Report, json!({"status": "no_answer"}), "Reports no answer")]
    #[case(EventKind::Report, json!({"status": "dancing"}), "Reports dancing")]
    #[case(EventKind::Claimed, json!({"attempt": 2}), "Takes it to place attempt 2")]
    #[case(EventKind::Edited, json!({"phone_number": {}, "workflow": {}}), "Changed the number, the workflow")]
    #[case(EventKind::Edited, json!(null), "Changed it")]
    fn an_event_is_told_in_words(#[case] kind: EventKind, #[case] payload: Value, #[case] words: &str) {
        assert_eq!(sentence(&event(kind, payload)), words);
    }

    #[test]
    fn a_planned_attempt_tells_its_instant() {
        let planned = |payload| planned_for(&event(EventKind::RetryPlanned, payload));
        let at = Timestamp::from_millis(1_795_251_600_000);
        assert_eq!(planned(json!({"due_at": at.to_rfc3339()})), Some(at));
        assert_eq!(planned(json!({"due_at": "soon"})), None);
        assert_eq!(planned_for(&event(EventKind::Edited, json!({"due_at": at.to_rfc3339()}))), None);
    }

    #[test]
    fn every_kind_has_words() {
        for kind in EventKind::ALL {
            assert!(!sentence(&event(*kind, json!({}))).is_empty());
        }
    }
}
