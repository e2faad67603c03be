//! Ages, as operators write them.

use crate::domain::timestamp::Timestamp;
use jiff::{SignedDuration, Span, SpanRelativeTo};
use std::{fmt, str::FromStr};

/// Keys and reports are remembered for a day, so that a repeat is known again.
const YOUNGEST: SignedDuration = SignedDuration::from_hours(24);

/// How long something is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Nothing is removed.
    Forever,
    /// What is older is removed.
    For(SignedDuration),
}

impl Keep {
    /// The instant before which things are too old at `now`; none if nothing ever is.
    pub fn before(self, now: Timestamp) -> Option<Timestamp> {
        self.before_millis(now.as_millis()).map(Timestamp::from_millis)
    }

    /// The same in milliseconds since the epoch.
    pub fn before_millis(self, now: i64) -> Option<i64> {
        match self {
            Self::Forever => None,
            Self::For(age) => Some(now.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX))),
        }
    }
}

impl FromStr for Keep {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        age(text).map(Self::For).map_err(|why| format!("{why}, or forever"))
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forever => f.write_str("forever"),
            Self::For(age) => write!(f, "{}h", age.as_hours()),
        }
    }
}

/// Reads an age: `90d`, `12w`, `36h`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn age(text: &str) -> Result<SignedDuration, String> {
    let span: Span = text.parse().map_err(|_| "write an age as 90d, 12w or 36h".to_owned())?;
    let age = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| {
        "write an age in weeks, days or hours, as 90d: months and years differ in length".to_owned()
    })?;
    if age < YOUNGEST {
        return Err("the age must be at least a day (1d)".to_owned());
    }
    Ok(age)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("90d", Some(90 * 24))]
    #[case("12w", Some(12 * 7 * 24))]
    #[case("36h", Some(36))]
    #[case("1d12h", Some(36))]
    #[case("P90D", Some(90 * 24))]
    #[case("90 days", Some(90 * 24))]
    #[case("1d", Some(24))]
    #[case("23h", None)]
    #[case("-90d", None)]
    #[case("3mo", None)]
    #[case("1y", None)]
    #[case("90", None)]
    #[case("forever", None)]
    #[case("", None)]
    fn an_age_has_a_unit_and_is_at_least_a_day(#[case] text: &str, #[case] hours: Option<i64>) {
        assert_eq!(age(text).ok(), hours.map(SignedDuration::from_hours));
    }

    #[test]
    fn what_is_kept_forever_is_never_too_old() {
        let now = Timestamp::from_millis(1_795_251_600_000);
        assert_eq!("forever".parse::<Keep>().map(|keep| keep.before(now)), Ok(None));
        let day = Timestamp::from_millis(1_795_251_600_000 - 86_400_000);
        assert_eq!("1d".parse::<Keep>().map(|keep| keep.before(now)), Ok(Some(day)));
        assert!("".parse::<Keep>().is_err_and(|why| why.ends_with("or forever")));
    }

    #[test]
    fn an_age_is_written_so_that_it_can_be_read() {
        for keep in [Keep::Forever, Keep::For(SignedDuration::from_hours(36))] {
            assert_eq!(keep.to_string().parse(), Ok(keep));
        }
    }
}
