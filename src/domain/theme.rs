//! Light or dark.

use super::words::words;

words! {
    /// How somebody wants the pages to look.
    Theme {
        /// As the system is set.
        System = "system",
        /// Dark ink on light ground.
        Light = "light",
        /// Light ink on dark ground.
        Dark = "dark",
    }
}

impl Theme {
    /// The word on its button.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The value of `data-theme` on the document; none leaves it to the system.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then_some(self.as_str())
    }
}
