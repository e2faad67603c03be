//! An instant: milliseconds since the Unix epoch, UTC.

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch. In the browser, in the database and between the two it is this number;
/// RFC 3339 appears only at the REST API's edge, wall time only in forms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400 * SECOND;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Timestamp {
    /// The last instant of the year 9999, beyond which RFC 3339 can't write.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The instant `millis` after the epoch, held inside the years 0 to 9999.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(-62_167_219_200_000, Self::MAX.0))
    }

    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant moved by `millis`, into the past where negative.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// This instant moved by `secs`, into the past where negative.
    #[must_use]
    pub fn plus_secs(self, secs: i64) -> Self {
        self.plus_millis(secs.saturating_mul(SECOND))
    }

    /// Milliseconds from `earlier` to this instant; negative if `earlier` is later.
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-21T09:00:00.000Z`.
    pub fn to_rfc3339(self) -> String {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.time();
        let millis = self.0.rem_euclid(SECOND);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }

    /// Reads what [`to_rfc3339`](Self::to_rfc3339) has written, and no other form of an instant.
    pub fn from_own_rfc3339(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        // The inverse of `date`, by the same source (`days_from_civil`): years begin in March.
        let year = year - i64::from(month <= 2);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let seconds = (days + day_of_year - 719_468) * DAY / SECOND + hour * 3_600 + minute * 60 + second;
        let at = Self(seconds * SECOND + number(20..23)?);
        (at.to_rfc3339() == text).then_some(at)
    }

    /// For people, in UTC: `21 Nov 2026, 09:00 UTC`.
    pub fn to_utc_words(self) -> String {
        let (year, month, day) = self.date();
        let (hour, minute, _) = self.time();
        let month =
            usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
        format!("{day} {month} {year}, {hour:02}:{minute:02} UTC")
    }

    /// The day alone, for headings, in UTC: `21 Nov 2026`.
    pub fn to_utc_day(self) -> String {
        self.to_utc_words().split(',').next().unwrap_or_default().to_owned()
    }

    /// The clock alone, in UTC, with seconds: `09:00:00 UTC`.
    pub fn to_utc_clock(self) -> String {
        let (hour, minute, second) = self.time();
        format!("{hour:02}:{minute:02}:{second:02} UTC")
    }

    fn time(self) -> (i64, i64, i64) {
        let seconds = self.0.rem_euclid(DAY) / SECOND;
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// Year, month and day in the proleptic Gregorian calendar, by the era arithmetic of Howard Hinnant's
    /// "chrono-Compatible Low-Level Date Algorithms" (`civil_from_days`). A date library would cost the
    /// browser more than the whole table does; a test holds this against one.
    fn date(self) -> (i64, i64, i64) {
        let days = self.0.div_euclid(DAY) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_reads_as_people_and_programs_expect() {
        let at = Timestamp::from_millis(1_795_251_600_007);
        assert_eq!(at.to_rfc3339(), "2026-11-21T09:00:00.007Z");
        assert_eq!(at.to_utc_words(), "21 Nov 2026, 09:00 UTC");
        assert_eq!(at.to_utc_day(), "21 Nov 2026");
        assert_eq!(at.to_utc_clock(), "09:00:00 UTC");
    }

    #[test]
    fn far_instants_are_held_inside_what_can_be_written() {
        assert_eq!(Timestamp::from_millis(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MAX.plus_secs(1).to_rfc3339(), "9999-12-31T23:59:59.999Z");
    }

    proptest! {
        #[test]
        fn the_calendar_agrees_with_a_date_library(millis in -62_167_219_200_000_i64..253_402_300_799_999) {
            let ours = Timestamp::from_millis(millis).to_rfc3339();
            let theirs: jiff::Timestamp = ours.parse().expect("RFC 3339");
            prop_assert_eq!(theirs.as_millisecond(), millis);
            prop_assert_eq!(Timestamp::from_own_rfc3339(&ours), Some(Timestamp::from_millis(millis)));
        }

        #[test]
        fn another_form_of_an_instant_is_not_read(text in "[0-9-]{4}-[0-9]{2}-[0-9]{2}.[0-9:.]{8}.?[0-9]{0,3}Z?") {
            let read = Timestamp::from_own_rfc3339(&text).map(Timestamp::to_rfc3339);
            prop_assert!(read.is_none_or(|read| read == text));
        }
    }
}
