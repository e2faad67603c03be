//! What the lab's page shows: the newest answer, read against what is on the screen already.

use crate::{
    components::poll::pause_after_failure,
    error::AppError,
    server_fns::{LabPage as Page, LabView},
};

/// While something is about to be sent.
const LIVELY_MILLIS: u32 = 1_000;
/// While nothing is: other people may switch faults too.
const CALM_MILLIS: u32 = 10_000;

/// What the server answered.
pub type Answer = Result<Page, AppError>;

/// What is on the screen: the newest view there is, and what went wrong with the newest question.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Seen {
    /// The newest view there is.
    pub view: Option<LabView>,
    is_absent: bool,
    /// What went wrong with the newest question, in words.
    pub trouble: Option<String>,
    error: Option<AppError>,
    /// How many answers there were.
    pub answers: u64,
}

/// What kind of page it is.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// Nothing was answered yet.
    Loading,
    /// The lab.
    Open,
    /// Another company is the provider.
    Absent,
    /// The simulator does not answer.
    Silent(String),
    /// The server could not say.
    Failed(AppError),
}

/// What to show after `answer`, when `before` is on the screen.
pub fn see(before: Option<&Seen>, answer: Option<Answer>) -> Seen {
    let answers = before.map_or(0, |before| before.answers) + 1;
    let known = before.and_then(|before| before.view.clone());
    match answer {
        None => before.cloned().unwrap_or_default(),
        Some(Ok(Page::Open(view))) => Seen { view: Some(*view), answers, ..Seen::default() },
        Some(Ok(Page::Absent)) => Seen { is_absent: true, answers, ..Seen::default() },
        Some(Ok(Page::Silent { why })) => {
            Seen { view: known, trouble: Some(why), answers, ..Seen::default() }
        }
        // Whoever has been signed out sees the way in, not what they saw before.
        Some(Err(error @ AppError::Unauthorized)) => Seen { error: Some(error), answers, ..Seen::default() },
        Some(Err(error)) => Seen {
            view: known,
            trouble: Some(error.to_string()),
            error: Some(error),
            answers,
            is_absent: false,
        },
    }
}

/// What kind of page it is.
pub fn kind_of(seen: &Seen) -> Kind {
    match seen {
        Seen { view: Some(_), .. } => Kind::Open,
        Seen { is_absent: true, .. } => Kind::Absent,
        Seen { error: Some(error), .. } => Kind::Failed(error.clone()),
        Seen { trouble: Some(why), .. } => Kind::Silent(why.clone()),
        _ => Kind::Loading,
    }
}

/// How long to wait before asking again.
pub fn pause(seen: &Seen) -> Option<u32> {
    if seen.trouble.is_some() || seen.error.is_some() {
        let may_pass = seen.error.as_ref().is_none_or(|error| error.status() >= 500);
        return if may_pass { pause_after_failure() } else { None };
    }
    let view = seen.view.as_ref()?;
    Some(if view.is_lively { LIVELY_MILLIS } else { CALM_MILLIS })
}
