//! Whether a number can exist: what the browser can't know.

use super::{config::NumberCheck, form_lists::country_name};
use crate::domain::{
    call::Warning,
    form::{FieldError, number_error},
    phone_number::PhoneNumber,
};
use rlibphonenumber::{PhoneNumber as Parsed, PhoneNumberFormat, Region};

/// Reads a number as typed. A national one needs `country`, two letters. One that passes `check` but that no
/// numbering plan has comes with a warning.
///
/// # Errors
/// What is wrong with it, as an error of `phone_number`.
pub fn read(
    typed: &str,
    country: &str,
    check: NumberCheck,
) -> Result<(PhoneNumber, Vec<Warning>), FieldError> {
    let region = region(country)?;
    let compact = crate::domain::phone_number::compact(typed);
    let parsed = Parsed::parse(&compact, region).ok();
    let number = match (&parsed, region) {
        (Some(parsed), Some(_)) if !compact.starts_with('+') => {
            PhoneNumber::parse(&parsed.format_as(PhoneNumberFormat::E164)).map_err(number_error)?
        }
        _ => PhoneNumber::parse(typed).map_err(number_error)?,
    };
    let possible = parsed.as_ref().is_some_and(|parsed| parsed.is_possible_with_reason().is_ok());
    let valid = parsed.as_ref().is_some_and(Parsed::is_valid);
    let enough = match check {
        NumberCheck::Shape => true,
        NumberCheck::Possible => possible,
        NumberCheck::Valid => valid,
    };
    if !enough {
        let detail = "There is no such number: its length or its beginning fits no numbering plan.";
        return Err(FieldError::new("phone_number", "impossible", detail));
    }
    Ok((number, odd(possible, valid)))
}

/// Whose number it is and how it is written internationally: `Germany, +49 30 123456`. A number that no plan has is
/// told without a country.
pub fn in_words(number: &PhoneNumber) -> Option<String> {
    let parsed = Parsed::parse(number.as_str(), None::<Region>).ok()?;
    let written = parsed.format_as(PhoneNumberFormat::International);
    let country = parsed.get_region_code().and_then(|region| country_name(&region.to_string()));
    Some(country.map_or_else(|| written.to_string(), |country| format!("{country}, {written}")))
}

/// Does the slow part of the first parse (up to 60 ms a country) before anybody waits for it.
pub fn warm_up(country: &str) {
    let _ = read("+14155550101", country, NumberCheck::Valid);
}

fn region(country: &str) -> Result<Option<Region>, FieldError> {
    let country = country.trim();
    if country.is_empty() {
        return Ok(None);
    }
    country.to_ascii_uppercase().parse().map(Some).map_err(|_| {
        FieldError::new("country", "unknown", "Choose a country by its two letters, as in US or DE.")
    })
}

fn odd(possible: bool, valid: bool) -> Vec<Warning> {
    let (code, detail) = match (possible, valid) {
        (true, true) => return Vec::new(),
        (true, false) => {
            ("number_not_valid", "No numbering plan has this number, though its length is right.")
        }
        (false, _) => ("number_not_possible", "No numbering plan has a number of this length or beginning."),
    };
    vec![Warning { code: code.to_owned(), detail: detail.to_owned() }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("+1 650 253 0000", "", "+16502530000", None)]
    #[case("030 123456", "DE", "+4930123456", None)]
    #[case("(650) 253-0000", "us", "+16502530000", None)]
    #[case("+15551234567", "", "+15551234567", Some("number_not_valid"))]
    #[case("+1234567890", "", "+1234567890", Some("number_not_possible"))]
    fn by_shape_it_is_read_and_what_is_odd_is_said(
        #[case] typed: &str,
        #[case] country: &str,
        #[case] stored: &str,
        #[case] warning: Option<&str>,
    ) {
        let (number, warnings) = read(typed, country, NumberCheck::Shape).expect("a number");
        assert_eq!(number.as_str(), stored);
        assert_eq!(warnings.first().map(|warning| warning.code.as_str()), warning);
    }

    #[rstest]
    #[case(NumberCheck::Possible, "+1234567890", false)]
    #[case(NumberCheck::Possible, "+15551234567", true)]
    #[case(NumberCheck::Valid, "+15551234567", false)]
    #[case(NumberCheck::Valid, "+16502530000", true)]
    fn a_stricter_check_refuses_more(#[case] check: NumberCheck, #[case] typed: &str, #[case] passes: bool) {
        assert_eq!(read(typed, "", check).is_ok(), passes);
    }

    #[rstest]
    #[case("+16502530000", "United States of America, +1 650-253-0000")]
    #[case("+4930123456", "Germany, +49 30 123456")]
    #[case("+442079460104", "United Kingdom of Great Britain and Northern Ireland, +44 20 7946 0104")]
    #[case("+14155550101", "United States of America, +1 415-555-0101")]
    #[case("+15551234567", "+1 555-123-4567")]
    fn a_number_is_told_with_its_country(#[case] number: &str, #[case] words: &str) {
        let number = PhoneNumber::parse(number).expect("a number");
        assert_eq!(in_words(&number).as_deref(), Some(words));
    }

    #[test]
    fn an_unknown_country_is_named() {
        let error = read("030 123456", "Atlantis", NumberCheck::Shape).expect_err("an error");
        assert_eq!((error.field.as_str(), error.code.as_str()), ("country", "unknown"));
    }
}
