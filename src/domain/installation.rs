//! What an installation can tell of itself, in words that are ready to be shown. Secrets are never among them.

use super::{theme::Theme, timestamp::Timestamp, waiting::Reason};
use serde::{Deserialize, Serialize};

/// What the page of settings shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Installation {
    /// Why no call goes out now; empty = calls go out.
    pub stops: Vec<Reason>,
    /// Who paused all placing, and since when.
    pub paused: Option<(String, Timestamp)>,
    /// What is limited, and to what.
    pub limits: Vec<Fact>,
    /// The company that dials, and how it does.
    pub provider: Vec<Fact>,
    /// What runs here.
    pub versions: Vec<Fact>,
    /// Webhook endpoints: how many there are, and how many are told nothing.
    pub endpoints: EndpointCount,
    /// Every setting of this process.
    pub settings: Vec<Setting>,
    /// How this browser wants the pages to look.
    pub theme: Theme,
}

/// How many webhook endpoints there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EndpointCount {
    /// Those that are told.
    pub enabled: usize,
    /// Those that are not.
    pub disabled: usize,
}

/// A term and what is to be said of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub term: String,
    /// How it stands.
    pub words: String,
}

impl Fact {
    /// `words` about `term`.
    pub fn new(term: &str, words: impl Into<String>) -> Self {
        Self { term: term.to_owned(), words: words.into() }
    }
}

/// One setting, as this process runs with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Setting {
    /// The variable that sets it: `MAX_CALLS_IN_FLIGHT`.
    pub name: String,
    /// Its value; of a secret only whether it is set.
    pub value: String,
    /// Whether nobody has set it.
    pub is_default: bool,
    /// What it means.
    pub meaning: String,
}
