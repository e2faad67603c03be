//! A callback as the control API shows it.

use super::super::{
    internal,
    post::{Posted, body_of},
    scenario::Status,
    table::{call, callback},
    wire::{Report, rfc3339},
};
use crate::{
    error::AppError,
    server::signing::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, hub},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What became of a callback.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallbackState)]
pub enum Standing {
    /// It has not been sent yet.
    Waiting,
    /// Its receiver has taken it.
    Delivered,
    /// Its receiver has not taken it so far; it is sent again.
    Failing,
    /// It is never sent.
    Lost,
}

/// A callback.
#[derive(Serialize, ToSchema)]
#[schema(as = Callback)]
pub struct CallbackView {
    /// The same each time it is sent.
    webhook_id: String,
    /// The simulator's id for the call.
    provider_call_id: String,
    /// The caller's id for the call.
    attempt_id: String,
    /// The number.
    to: String,
    /// Where it goes; null for a caller who wants none.
    url: Option<String>,
    state: Standing,
    /// The call's status that it tells of.
    status: Status,
    /// The place of that in what happens to the call, from 1.
    sequence: i64,
    /// When that happens.
    #[schema(format = "date-time")]
    occurred_at: String,
    /// When it is to be sent for the first time.
    #[schema(format = "date-time")]
    due_at: String,
    /// When it is sent next; null if it never is.
    #[schema(format = "date-time")]
    next_try_at: Option<String>,
    /// When its receiver first took it.
    #[schema(format = "date-time")]
    delivered_at: Option<String>,
    /// How often it is sent each time: 2 where it is sent twice, 0 where it is lost.
    copies: i16,
    /// The body, exactly as it is signed and sent.
    body: String,
    /// Its newest twenty sendings, oldest first.
    tries: Vec<Try>,
}

/// One sending of a callback.
#[derive(Serialize, ToSchema)]
pub struct Try {
    /// When, by the simulator's clock.
    #[schema(format = "date-time")]
    at: String,
    /// The headers that verify it.
    headers: BTreeMap<&'static str, String>,
    /// The status of the answer; null if there was none.
    status: Option<u16>,
    /// The answer, or why there was none, in words.
    answer: String,
    /// How long it took, in milliseconds.
    duration_ms: u64,
}

impl CallbackView {
    pub fn of(row: callback::Model, call: &call::Model) -> Result<Self, AppError> {
        let report: Report = serde_json::from_str(&row.payload).map_err(internal)?;
        let body = body_of(&row, call.callers_id.as_deref());
        let tries: Vec<_> = Posted::of(&row).into_iter().map(|post| Try::of(&row, post)).collect();
        let state = match (row.delivered_at, row.next_try_at) {
            (Some(_), _) => Standing::Delivered,
            (None, None) => Standing::Lost,
            (None, Some(_)) if row.last_answer.is_none() => Standing::Waiting,
            _ => Standing::Failing,
        };
        Ok(Self {
            webhook_id: row.webhook_id,
            provider_call_id: row.provider_call_id,
            attempt_id: call.attempt_id.clone(),
            to: call.to_number.clone(),
            url: Some(call.callback_url.clone()).filter(|url| !url.is_empty()),
            state,
            status: report.status,
            sequence: row.sequence,
            occurred_at: rfc3339(row.occurred_at),
            due_at: rfc3339(row.due_at),
            next_try_at: row.next_try_at.map(rfc3339),
            delivered_at: row.delivered_at.map(rfc3339),
            copies: row.copies,
            body,
            tries,
        })
    }
}

impl Try {
    fn of(row: &callback::Model, post: Posted) -> Self {
        let mut headers = BTreeMap::new();
        if !post.signature.is_empty() {
            headers.insert(ID_HEADER, row.webhook_id.clone());
            headers.insert(TIMESTAMP_HEADER, post.timestamp.to_string());
            headers.insert(SIGNATURE_HEADER, post.signature);
            headers.extend(post.hub_signature.map(|signature| (hub::HEADER, signature)));
        }
        let (at, duration_ms) = (rfc3339(post.at), post.duration_ms);
        Self { at, headers, status: post.status, answer: post.answer, duration_ms }
    }
}
