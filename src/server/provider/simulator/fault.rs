//! What can go wrong on demand. Pure: a fault changes what is planned for a call when it is placed, and stays with
//! that call.

use super::{happening::Happening, problem::Problem, scenario};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long a caller of a busy company is asked to wait, in seconds, if nothing else is said.
const USUAL_RETRY_AFTER: i64 = 30;
/// The longest delay, in milliseconds: a day.
pub const LONGEST_DELAY: i64 = 86_400_000;
/// The longest that a placing may be left unanswered, in milliseconds.
const LONGEST_SILENCE: i64 = 60_000;

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FaultKind)]
pub enum Kind {
    /// Each callback is sent `by_ms` late. The speed does not shorten that.
    CallbacksLate,
    /// Callbacks are never sent: a `share` of them, drawn by the seed, or else every one after the first.
    CallbacksLost,
    /// Each callback is sent twice, under the same id.
    CallbacksTwice,
    /// Of each two callbacks, the first is sent after the second.
    CallbacksOutOfOrder,
    /// Each callback carries a signature that does not fit.
    CallbacksWronglySigned,
    /// The call is dialed, but the answer to the placing comes after the caller has given up.
    PlacingAmbiguous,
    /// The call is dialed, and its placing answered, only after the caller has given up.
    PlacingDialedLate,
    /// A placing is not even looked at for `by_ms`. A caller who gives up meanwhile was never heard.
    PlacingSlow,
    /// A placing is refused with `status`.
    PlacingRefused,
    /// A placing is taken, and then nothing more is said about the call: no callback is sent, and questions and wishes
    /// to hang up are answered 503.
    CallSilent,
}

/// One fault with what there is to say of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// By how much, in milliseconds: 1 to 86400000 for `callbacks_late`, to 60000 for `placing_slow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_ms: Option<i64>,
    /// Which part of the callbacks is lost, over 0 and up to 1; only for `callbacks_lost`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The status of the refusal: 409, 422, 429 or 503; only for `placing_refused`, where it is 422 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the refusal says in `Retry-After`, in seconds: 0 to 86400, 30 unless said; only with 429 and 503.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<i64>,
}

/// What decides which callbacks of a call are lost: always the same ones.
#[derive(Clone, Copy, Debug)]
pub struct Luck<'a> {
    /// The simulator's seed.
    pub seed: u64,
    /// The number that is called.
    pub number: &'a str,
    /// The how-manieth placing of it this is.
    pub nth: i64,
}

impl Kind {
    /// Every one of them, in the order in which they are told of.
    pub const ALL: [Self; 10] = [
        Self::CallbacksLate,
        Self::CallbacksLost,
        Self::CallbacksTwice,
        Self::CallbacksOutOfOrder,
        Self::CallbacksWronglySigned,
        Self::PlacingAmbiguous,
        Self::PlacingDialedLate,
        Self::PlacingSlow,
        Self::PlacingRefused,
        Self::CallSilent,
    ];

    /// What goes wrong, for people: a sentence without its end.
    pub fn does(self) -> &'static str {
        match self {
            Self::CallbacksLate => "Callbacks are sent late",
            Self::CallbacksLost => "Callbacks are lost",
            Self::CallbacksTwice => "Each callback is sent twice",
            Self::CallbacksOutOfOrder => "Callbacks are sent out of order",
            Self::CallbacksWronglySigned => "Callbacks are wrongly signed",
            Self::PlacingAmbiguous => "Calls are dialed, but the answer to the placing is lost",
            Self::PlacingDialedLate => "Calls are dialed after the caller has given up",
            Self::PlacingSlow => "Placings are left waiting",
            Self::PlacingRefused => "Placings are refused",
            Self::CallSilent => "Calls are taken, and nothing more is said of them",
        }
    }
}

impl Fault {
    /// The same with what is usual filled in, or what is wrong with it.
    pub fn checked(self) -> Result<Self, Problem> {
        let wrong = |detail: &str| Err(Problem::refused("invalid_fault", detail));
        let (takes_delay, takes_share, takes_status) = match self.kind {
            Kind::CallbacksLate | Kind::PlacingSlow => (true, false, false),
            Kind::CallbacksLost => (false, true, false),
            Kind::PlacingRefused => (false, false, true),
            _ => (false, false, false),
        };
        let longest = if self.kind == Kind::PlacingSlow { LONGEST_SILENCE } else { LONGEST_DELAY };
        match self.by_ms {
            Some(_) if !takes_delay => {
                return wrong("by_ms belongs to callbacks_late and placing_slow alone.");
            }
            None if takes_delay => return wrong("Say by how much, in milliseconds: by_ms."),
            Some(by) if !(1..=longest).contains(&by) => {
                return wrong(&format!("by_ms must be 1 to {longest} here."));
            }
            _ => {}
        }
        match self.share {
            Some(_) if !takes_share => return wrong("share belongs to callbacks_lost alone."),
            Some(share) if !(share > 0.0 && share <= 1.0) => {
                return wrong("share must be more than 0 and at most 1.");
            }
            _ => {}
        }
        if !takes_status && (self.status.is_some() || self.retry_after_secs.is_some()) {
            return wrong("status and retry_after_secs belong to placing_refused alone.");
        }
        if takes_status { self.checked_refusal() } else { Ok(self) }
    }

    fn checked_refusal(self) -> Result<Self, Problem> {
        let wrong = |detail: &str| Err(Problem::refused("invalid_fault", detail));
        let status = self.status.unwrap_or(422);
        let retry_after_secs = match (status, self.retry_after_secs) {
            (409 | 422, None) => None,
            (409 | 422, Some(_)) => return wrong("retry_after_secs belongs to 429 and 503 alone."),
            (429 | 503, secs) => Some(secs.unwrap_or(USUAL_RETRY_AFTER)),
            _ => return wrong("status must be 409, 422, 429 or 503."),
        };
        if retry_after_secs.is_some_and(|secs| !(0..=86_400).contains(&secs)) {
            return wrong("retry_after_secs must be 0 to 86400.");
        }
        Ok(Self { status: Some(status), retry_after_secs, ..self })
    }

    /// The refusal of a placing, if this is one.
    pub fn refusal(&self) -> Option<Problem> {
        let status = self.status.filter(|_| self.kind == Kind::PlacingRefused)?;
        let detail = "Placings are refused here just now: a fault is switched on.".to_owned();
        let (code, status) = match status {
            409 => ("conflict", StatusCode::CONFLICT),
            429 => ("too_many_calls", StatusCode::TOO_MANY_REQUESTS),
            503 => ("out_of_service", StatusCode::SERVICE_UNAVAILABLE),
            _ => ("provider_refused", StatusCode::UNPROCESSABLE_ENTITY),
        };
        Some(Problem { status, code, detail, retry_after_secs: self.retry_after_secs })
    }
}

/// Whether one of `faults` is of this kind.
pub fn has(faults: &[Fault], kind: Kind) -> bool {
    faults.iter().any(|fault| fault.kind == kind)
}

/// Has everything go wrong that is to go wrong with the telling of `happenings`. `overtaken_by` is by how much one
/// callback overtakes another, in milliseconds.
pub fn spoil(faults: &[Fault], happenings: &mut [Happening], luck: Luck, overtaken_by: i64) {
    if has(faults, Kind::CallbacksOutOfOrder) {
        for pair in happenings.chunks_exact_mut(2) {
            if let [first, second] = pair {
                first.due_at = second.due_at.saturating_add(overtaken_by.max(1));
            }
        }
    }
    for happening in happenings {
        for fault in faults {
            match fault.kind {
                Kind::CallbacksLate => {
                    happening.due_at = happening.due_at.saturating_add(fault.by_ms.unwrap_or_default());
                }
                Kind::CallbacksTwice => happening.copies = happening.copies.saturating_mul(2).min(2),
                _ => {}
            }
        }
        if faults.iter().any(|fault| is_lost(fault, happening.sequence, luck)) {
            happening.copies = 0;
        }
    }
}

fn is_lost(fault: &Fault, sequence: i64, luck: Luck) -> bool {
    match (fault.kind, fault.share) {
        (Kind::CallSilent, _) => true,
        // The first one comes through, so that the caller believes all to be well.
        (Kind::CallbacksLost, None) => sequence > 1,
        (Kind::CallbacksLost, Some(share)) => {
            scenario::drawn_fraction(luck.seed, luck.nth, &format!("{} callback {sequence}", luck.number))
                < share
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
