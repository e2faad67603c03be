//! A phone number in the shape of E.164. Whether such a number can exist is a question for the server.

use serde::{Deserialize, Serialize};
use std::fmt;

/// `+` and 7 to 15 digits, the first of them not 0 (ITU-T E.164).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PhoneNumber(String);

/// What is wrong with the shape of a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NumberError {
    /// Nothing was typed.
    #[error("Enter a phone number.")]
    Missing,
    /// No `+` in front, so the country is not known.
    #[error("Start with + and the country code, as in +1 415 555 0101, or choose a country.")]
    NoCountry,
    /// Something that no number has.
    #[error("A phone number has digits, and spaces, brackets, dots or dashes between them.")]
    Characters,
    /// Fewer than 7 digits.
    #[error("This number is too short: it needs at least 7 digits with the country code.")]
    TooShort,
    /// More than 15 digits.
    #[error("This number is too long: at most 15 digits with the country code.")]
    TooLong,
}

impl NumberError {
    /// A word that programs can compare.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "required",
            Self::NoCountry => "no_country",
            Self::Characters => "not_a_number",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
        }
    }
}

impl PhoneNumber {
    /// Reads what a person typed: spaces, brackets, dots and dashes are dropped, the rest must be E.164.
    pub fn parse(typed: &str) -> Result<Self, NumberError> {
        let compact = compact(typed);
        if compact.is_empty() {
            return Err(NumberError::Missing);
        }
        let digits = match compact.strip_prefix('+') {
            Some(digits) => digits,
            None if compact.chars().all(|c| c.is_ascii_digit()) => return Err(NumberError::NoCountry),
            None => return Err(NumberError::Characters),
        };
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(NumberError::Characters);
        }
        if digits.starts_with('0') {
            return Err(NumberError::NoCountry);
        }
        match digits.len() {
            0..7 => Err(NumberError::TooShort),
            16.. => Err(NumberError::TooLong),
            _ => Ok(Self(compact)),
        }
    }

    /// `+14155550101`
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For logs: enough to tell two apart, too little to dial. `+1415…01`
    pub fn masked(&self) -> String {
        format!("{}…{}", &self.0[..5], &self.0[self.0.len() - 2..])
    }
}

/// What was typed without the signs that people put between digits, and with `00` in front as `+`.
pub fn compact(typed: &str) -> String {
    let kept: String = typed
        .chars()
        .filter(|c| {
            !c.is_whitespace()
                && !matches!(c, '(' | ')' | '[' | ']' | '.' | '-' | '/' | '\u{2010}'..='\u{2015}')
        })
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'))
        .map(|c| if c == '\u{ff0b}' { '+' } else { c })
        .collect();
    match kept.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => kept,
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = NumberError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("+1 (415) 555-0101", "+14155550101")]
    #[case("+91 98765 43210", "+919876543210")]
    #[case("0049 30.123456", "+4930123456")]
    #[case("\u{202a}+1234567890\u{202c}", "+1234567890")]
    fn what_people_type_becomes_e164(#[case] typed: &str, #[case] stored: &str) {
        assert_eq!(PhoneNumber::parse(typed).map(String::from), Ok(stored.to_owned()));
    }

    #[rstest]
    #[case("", NumberError::Missing)]
    #[case("   ", NumberError::Missing)]
    #[case("415 555 0101", NumberError::NoCountry)]
    #[case("+0155501012", NumberError::NoCountry)]
    #[case("call me", NumberError::Characters)]
    #[case("+1415abc", NumberError::Characters)]
    #[case("+123456", NumberError::TooShort)]
    #[case("+1234567890123456", NumberError::TooLong)]
    fn a_wrong_shape_is_named(#[case] typed: &str, #[case] error: NumberError) {
        assert_eq!(PhoneNumber::parse(typed), Err(error));
    }

    #[test]
    fn a_masked_number_can_not_be_dialed() {
        let number = PhoneNumber::parse("+14155550101").expect("a number");
        assert_eq!(number.masked(), "+1415…01");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_reading_is_stable(typed in ".{0,40}") {
            if let Ok(number) = PhoneNumber::parse(&typed) {
                prop_assert_eq!(PhoneNumber::parse(number.as_str()), Ok(number.clone()));
                prop_assert!(number.masked().len() < number.as_str().len() + 3);
            }
        }
    }
}
