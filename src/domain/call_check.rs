//! What the server can tell of a form while it is being filled in.

use super::{call::Workflow, form::FieldError, id::CallId, timestamp::Timestamp};
use serde::{Deserialize, Serialize};

/// What the server can tell of a form that has not been sent. Empty = nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallCheck {
    /// Whose number it is and how it is written there: `Germany, +49 30 123456`.
    pub number: Option<String>,
    /// What is worth knowing before it is sent.
    pub remarks: Vec<Remark>,
    /// What only the server finds wrong.
    pub errors: Vec<FieldError>,
    /// When it would go out, if not at once.
    pub wait: Option<Wait>,
    /// Who was called before and is called so, or has such a number.
    pub customers: Vec<Customer>,
}

/// Something worth knowing, with the call that it speaks of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Remark {
    /// A sentence.
    pub words: String,
    /// The call, if it speaks of one.
    pub call: Option<CallId>,
}

/// When a call would go out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wait {
    /// The instant.
    pub at: Timestamp,
    /// The same in its zone: `Sunday 22 November 2026, 09:00 in Berlin`.
    pub words: String,
    /// What is odd about it, as a time that comes twice.
    pub remark: Option<String>,
}

/// Somebody who was called before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Customer {
    /// The name, as it was written last.
    pub name: String,
    /// The number that was called last, in groups.
    pub number: String,
    /// Why they were called last.
    pub workflow: Workflow,
}
