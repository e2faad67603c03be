//! One wish to phone one customer, from creation to outcome.

use super::{
    attempt::Attempt,
    event::CallEvent,
    event_cursor::EventCursor,
    id::{CallId, TeamId},
    phone_number::PhoneNumber,
    status::{CallStatus, EndedReason, Phase},
    timestamp::Timestamp,
    trace::Trace,
    waiting::Waiting,
    words::words,
};
use serde::{Deserialize, Serialize};

words! {
    /// Why we phone.
    Workflow {
        /// To help.
        Support = "support",
        /// To offer.
        Sales = "sales",
        /// To remind.
        Reminder = "reminder",
    }
}

impl Workflow {
    /// The word as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Support => "Support",
            Self::Sales => "Sales",
            Self::Reminder => "Reminder",
        }
    }
}

words! {
    /// Why a pending call's `due_at` is later than its wish.
    DelayedBy {
        /// The last attempt found the line busy.
        Busy = "busy",
        /// Nobody answered the last attempt.
        NoAnswer = "no_answer",
        /// The provider said "not now".
        NotNow = "not_now",
        /// The provider could not be reached.
        Unreachable = "unreachable",
    }
}

/// Something odd about a call that was accepted all the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Warning {
    /// A word that programs can compare: `number_not_valid`.
    pub code: String,
    /// What is odd, in words.
    pub detail: String,
}

/// One wish to phone one customer. Scheduled and past calls are the same thing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Call {
    /// Its id; later calls have later ids.
    pub id: CallId,
    /// The team it belongs to.
    pub team_id: TeamId,
    /// Rises by one with each event: that event's seq, the `ETag`, and the reader's rule to ignore what is older.
    pub version: i64,
    /// Who is phoned, 1 to 200 characters.
    pub customer_name: String,
    /// The number that is dialed.
    pub phone_number: PhoneNumber,
    /// Why we phone.
    pub workflow: Workflow,
    /// Where it stands.
    pub status: CallStatus,
    /// The instant the user wished for; none = at once.
    pub scheduled_at: Option<Timestamp>,
    /// The instant from which it may be placed next.
    pub due_at: Timestamp,
    /// The instant lateness counts from: the later of the wish and the last retry's `due_at`.
    pub wanted_at: Timestamp,
    /// Why `due_at` is later than `wanted_at` or follows an earlier attempt.
    pub delayed_by: Option<DelayedBy>,
    /// How many attempts the provider may take, 1 to 10 at creation.
    pub max_attempts: i32,
    /// How many the provider has taken.
    pub attempts_made: i32,
    /// Since when it is to be canceled, while the provider is at it.
    pub cancel_requested_at: Option<Timestamp>,
    /// The node that is placing it.
    #[serde(skip)]
    pub lease_owner: Option<String>,
    /// How often it was claimed or taken over.
    #[serde(skip)]
    pub lease_epoch: i64,
    /// Until when no other node may take it over; none while nobody is placing it.
    pub lease_until: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub ended_reason: Option<EndedReason>,
    /// What a program wants to find again, as a JSON object of at most 4 kB.
    pub metadata: serde_json::Value,
    /// The caller's own id for it, unique in the team.
    pub external_id: Option<String>,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
    /// Who asked for it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// By what the request that asked for it is traced; none if that was long ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
}

impl Call {
    /// The phase of its status.
    pub fn phase(&self) -> Phase {
        self.status.phase()
    }

    /// Whether it ended in a way that a person should look at.
    pub fn needs_attention(&self) -> bool {
        self.ended_reason.is_some_and(EndedReason::needs_attention)
    }

    /// Whether the provider may be asked to hang up for it.
    pub fn is_being_canceled(&self) -> bool {
        self.cancel_requested_at.is_some() && self.status.is_open()
    }

    /// Whether the outcome of its placing is open, so that the provider is asked about it: nobody is placing it
    /// any more, and no answer has settled it.
    pub fn is_asking(&self, now: Timestamp) -> bool {
        self.status == CallStatus::Dispatching && self.lease_until.is_none_or(|until| until <= now)
    }

    /// Opens it once more, for an attempt that is due at `due_at`.
    pub fn reopen(&mut self, due_at: Timestamp, delayed_by: Option<DelayedBy>) {
        self.status = CallStatus::Pending;
        self.due_at = due_at;
        self.wanted_at = due_at;
        self.delayed_by = delayed_by;
        self.ended_at = None;
        self.ended_reason = None;
        self.cancel_requested_at = None;
        self.release();
    }

    /// Ends it.
    pub fn end(&mut self, status: CallStatus, reason: Option<EndedReason>, at: Timestamp) {
        self.status = status;
        self.ended_at = Some(at);
        self.ended_reason = reason;
        self.release();
    }

    /// Gives the lease back.
    pub fn release(&mut self) {
        self.lease_owner = None;
        self.lease_until = None;
    }
}

/// A call as it stands in the list: with why it waits, when it does.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ListedCall {
    /// The call.
    pub call: Call,
    /// Why it waits; none when it is not pending.
    pub waiting: Option<Waiting>,
}

/// All that is known of one call.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CallDetails {
    /// The call.
    pub call: Call,
    /// Why it waits; none when it is not pending.
    pub waiting: Option<Waiting>,
    /// Its attempts, in order.
    pub attempts: Vec<Attempt>,
    /// Its timeline, in order.
    pub events: Vec<CallEvent>,
    /// The place in the stream of events behind which nothing of this was read.
    pub events_cursor: EventCursor,
}

/// A call that was asked for and may be made: every value has been checked.
#[derive(Clone, PartialEq, Debug)]
pub struct NewCall {
    /// Who is phoned.
    pub customer_name: String,
    /// The number.
    pub phone_number: PhoneNumber,
    /// Why we phone.
    pub workflow: Workflow,
    /// When; none = at once.
    pub scheduled_at: Option<Timestamp>,
    /// How many attempts the provider may take.
    pub max_attempts: i32,
    /// What a program wants to find again.
    pub metadata: serde_json::Value,
    /// The caller's own id.
    pub external_id: Option<String>,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// What may be changed of a pending call; none = as it is.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CallEdit {
    /// Another name.
    pub customer_name: Option<String>,
    /// Another number, with what is odd about it.
    pub phone_number: Option<(PhoneNumber, Vec<Warning>)>,
    /// Another workflow.
    pub workflow: Option<Workflow>,
    /// Another time; `Some(None)` = at once.
    pub scheduled_at: Option<Option<Timestamp>>,
    /// Another number of attempts.
    pub max_attempts: Option<i32>,
    /// A merge patch for the metadata (RFC 7396): null empties it, null for a name removes that.
    pub metadata: Option<serde_json::Value>,
}

/// How many calls there are in each phase, and when the next one is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// pending and dispatching
    pub pending: i64,
    /// initiated, ringing, in progress
    pub active: i64,
    /// completed
    pub completed: i64,
    /// busy, no answer, failed
    pub failed: i64,
    /// canceled
    pub canceled: i64,
    /// Ended in a way that a person should look at.
    pub needs_attention: i64,
    /// Calls of which the provider is being asked right now; they are among the pending ones.
    pub dispatching: i64,
    /// When the next pending call is due.
    pub next_due_at: Option<Timestamp>,
}

impl Counts {
    /// How many are in `phase`.
    pub fn of(&self, phase: Phase) -> i64 {
        match phase {
            Phase::Pending => self.pending,
            Phase::Active => self.active,
            Phase::Completed => self.completed,
            Phase::Failed => self.failed,
            Phase::Canceled => self.canceled,
        }
    }

    /// How many there are in all.
    pub fn total(&self) -> i64 {
        Phase::ALL.iter().map(|phase| self.of(*phase)).sum()
    }
}
