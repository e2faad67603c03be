//! When a form's call shall go out: at once, at a time, or by one of the choices that need no typing.

use crate::domain::words::words;

words! {
    /// A choice of when.
    When {
        /// As soon as possible.
        Now = "now",
        /// A quarter of an hour after the form is sent.
        In15Minutes = "in_15_minutes",
        /// An hour after the form is sent.
        In1Hour = "in_1_hour",
        /// Tomorrow at nine, in the form's zone.
        Tomorrow = "tomorrow",
        /// At the form's wall time, in its zone.
        Later = "later",
    }
}

impl When {
    /// The words beside its button.
    pub fn label(self) -> &'static str {
        match self {
            Self::Now => "As soon as possible",
            Self::In15Minutes => "In 15 minutes",
            Self::In1Hour => "In 1 hour",
            Self::Tomorrow => "Tomorrow at 9:00",
            Self::Later => "At a time",
        }
    }

    /// By how many seconds it follows the sending, where it does.
    pub fn delay_secs(self) -> Option<i64> {
        match self {
            Self::In15Minutes => Some(15 * 60),
            Self::In1Hour => Some(60 * 60),
            Self::Now | Self::Tomorrow | Self::Later => None,
        }
    }
}
