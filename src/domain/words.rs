//! Enums that are one snake_case word on the wire, in the database and in a URL.

/// Declares an enum whose variants are words: `as_str`, `ALL`, `Display`, `FromStr` (any case, `-` for `_`)
/// and serde all speak the same word.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal $(| $synonym:literal)*,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every one of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl From<$name> for &'static str {
            fn from(value: $name) -> Self { value.as_str() }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::words::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text.trim().to_ascii_lowercase().replace('-', "_").as_str() {
                    $($word $(| $synonym)* => Ok(Self::$variant),)+
                    _ => Err($crate::domain::words::UnknownWord::new(text, &[$($word,)+])),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::domain::words::UnknownWord;
            fn try_from(text: String) -> Result<Self, Self::Error> { text.parse() }
        }
    };
}
pub(crate) use words;

/// A word that is none of those expected.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{given}\" is not one of {expected}")]
pub struct UnknownWord {
    given: String,
    expected: String,
}

impl UnknownWord {
    pub(crate) fn new(given: &str, expected: &[&str]) -> Self {
        Self { given: given.chars().take(40).collect(), expected: expected.join(", ") }
    }
}
