//! A country as the form offers it.

use serde::{Deserialize, Serialize};

/// A country whose national numbers can be typed without a `+`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Country {
    /// Two letters: `DE`.
    pub code: String,
    /// As people read it: `Germany (+49)`.
    pub name: String,
}
