//! What the pages are given to show.

use crate::domain::{
    call::{CallDetails, Counts},
    call_row::CallRow,
    country::Country,
    event_cursor::EventCursor,
    form::CallForm,
    timestamp::Timestamp,
    waiting::Reason,
    webhook::{Delivery, Endpoint},
};
use serde::{Deserialize, Serialize};

/// One page of the list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CallPage {
    /// Its rows, as sorted.
    pub rows: Vec<CallRow>,
    /// Whether a heading stands before each day's rows.
    pub by_day: bool,
    /// Why there are no rows, when a filter leaves calls out; empty for the list of all calls.
    pub no_match: String,
    /// How many calls there are in each phase, whatever the filter.
    pub counts: Counts,
    /// Why nothing goes out now, whatever there is to place.
    pub stops: Vec<Reason>,
    /// The cursor of the page behind this one.
    pub older: Option<String>,
    /// The cursor of the page before this one.
    pub newer: Option<String>,
    /// The place in the stream of events from which the page would go on.
    pub events_cursor: EventCursor,
    /// The server's clock when it was read.
    pub now: Timestamp,
    /// Whether the simulator is the provider, so that sample calls harm nobody.
    pub simulator: bool,
    /// A fresh key for the form of the sample call.
    pub form_key: String,
    /// Whether a session is open that can be closed.
    pub signed_in: bool,
}

/// One call, whole.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CallView {
    /// All that is known of it.
    pub details: CallDetails,
    /// How many calls are open, of whatever kind.
    pub counts: Counts,
    /// The server's clock when it was read.
    pub now: Timestamp,
}

/// How many calls are open, for the title of a page that is about something else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Underway {
    /// How many of each open kind; what has ended is not counted.
    pub counts: Counts,
    /// The place in the stream of events from which the page would go on.
    pub events_cursor: EventCursor,
    /// The server's clock when it was read.
    pub now: Timestamp,
}

/// What a form for a new call begins with.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FormDefaults {
    /// The form, filled in as far as it can be, with a fresh key.
    pub form: CallForm,
    /// The countries to choose from.
    pub countries: Vec<Country>,
    /// The time zones to choose from.
    pub time_zones: Vec<String>,
    /// Whether the simulator is the provider.
    pub simulator: bool,
}

/// What a form that changes a call begins with.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EditDefaults {
    /// The form as the call stands.
    pub form: CallForm,
    /// The call's version, which must still be the newest when the form is sent.
    pub version: i64,
    /// The countries to choose from.
    pub countries: Vec<Country>,
    /// The time zones to choose from.
    pub time_zones: Vec<String>,
}

/// One webhook endpoint with what it was told lately.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EndpointPage {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Its newest deliveries, newest first.
    pub deliveries: Vec<Delivery>,
    /// The secret that was just made; shown this once.
    pub secret: Option<String>,
    /// The server's clock when it was read.
    pub now: Timestamp,
}
