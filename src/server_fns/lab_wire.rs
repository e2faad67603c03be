//! What the lab's page is given to show, ready in words, and what its forms say.

use crate::domain::{event_cursor::EventCursor, id::CallId, timestamp::Timestamp, words::words};
use serde::{Deserialize, Serialize};

/// What there is to see.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum LabPage {
    /// Another company is the provider.
    Absent,
    /// The simulator does not answer.
    Silent {
        /// What happened, in words.
        why: String,
    },
    /// The lab.
    Open(Box<LabView>),
}

/// The lab.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LabView {
    /// The numbers that can be called, and what each does.
    pub numbers: Vec<LabNumber>,
    /// The faults that can be switched on.
    pub faults: Vec<LabChoice>,
    /// Those that are.
    pub faults_on: Vec<LabOrder>,
    /// What a number can be told to do.
    pub outcomes: Vec<LabChoice>,
    /// What numbers were told to do.
    pub outcomes_set: Vec<LabOrder>,
    /// How many times faster than life it is.
    pub speed: String,
    /// What was sent, newest first.
    pub sent: Vec<LabSent>,
    /// The cursor of the page behind this one.
    pub older: Option<String>,
    /// Whether something is about to be sent.
    pub is_lively: bool,
    /// How many calls are active.
    pub active: i64,
    /// The place in the stream of events from which the page would go on.
    pub events_cursor: EventCursor,
    /// A fresh key for the forms that call.
    pub form_key: String,
    /// The server's clock when it was read.
    pub now: Timestamp,
}

/// A number of the simulator's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LabNumber {
    /// The number.
    pub number: String,
    /// Its last two digits.
    pub digits: String,
    /// What a call to it does.
    pub does: String,
}

/// Something to choose.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LabChoice {
    /// Its word in a form.
    pub word: String,
    /// What it is, for people.
    pub words: String,
}

/// Something that was ordered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LabOrder {
    /// By which it is taken back.
    pub id: String,
    /// What it is.
    pub words: String,
    /// For which calls.
    pub whom: String,
}

/// A callback.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LabSent {
    /// Its `webhook-id`.
    pub id: String,
    /// The number that was called.
    pub to: String,
    /// The call that it is about, if it is one of ours.
    pub call: Option<CallId>,
    /// The status that it tells of.
    pub status: String,
    /// When it was due.
    pub at: Timestamp,
    /// What became of it: the badge's kind.
    pub badge: String,
    /// The same in words.
    pub verdict: String,
    /// Each sending and what was answered, oldest first.
    pub tries: Vec<String>,
    /// When it is sent again, if it was not taken.
    pub next_at: Option<Timestamp>,
    /// The headers that verify it, line by line.
    pub headers: String,
    /// Its body, exactly as it is signed and sent.
    pub body: String,
}

words! {
    /// What a button of the lab does.
    LabDeed {
        /// Call a number.
        Call = "call",
        /// Switch a fault on.
        SwitchOn = "switch_on",
        /// Switch a fault off.
        SwitchOff = "switch_off",
        /// Switch every fault off.
        SwitchAllOff = "switch_all_off",
        /// Say what a number will do.
        SetOutcome = "set_outcome",
        /// Forget what a number was to do.
        Forget = "forget",
        /// Forget what every number was to do.
        ForgetAll = "forget_all",
        /// Change the speed.
        SetSpeed = "set_speed",
    }
}

/// A form of the lab, as it was sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LabForm {
    /// What is to be done.
    pub deed: LabDeed,
    /// With what: a choice's word, an order's id, a number to call, a speed.
    #[serde(default)]
    pub what: String,
    /// For which number, as typed; empty = every number.
    #[serde(default)]
    pub to: String,
    /// For how many calls, as typed; empty = until it is taken back.
    #[serde(default)]
    pub next: String,
    /// The key that the server put into the form, so that a double click calls once.
    #[serde(default)]
    pub form_key: String,
}
