//! What only the server can read of a form or a request: numbers by the settings, wall times by their zone.

use super::{config::Config, phone};
use crate::domain::{
    call::Warning,
    form::{FieldError, Reading},
    phone_number::PhoneNumber,
    timestamp::Timestamp,
};
use jiff::{
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

/// Reads by the installation's settings.
pub struct Reader<'a>(pub &'a Config);

impl Reading for Reader<'_> {
    fn number(&self, typed: &str, country: &str) -> Result<(PhoneNumber, Vec<Warning>), FieldError> {
        let usual = self.0.default_country.as_deref().unwrap_or_default();
        let country = if country.trim().is_empty() { usual } else { country };
        phone::read(typed, country, self.0.number_check())
    }

    fn instant(&self, wall_time: &str, time_zone: &str) -> Result<Timestamp, FieldError> {
        wall_instant(wall_time, &self.zone(time_zone)?.1)
    }

    fn tomorrow_at_nine(&self, time_zone: &str, now: Timestamp) -> Result<Timestamp, FieldError> {
        let (_, zone) = self.zone(time_zone)?;
        let wall = zoned(now, &zone)
            .and_then(|now| now.date().tomorrow().ok())
            .map(|day| day.at(9, 0, 0, 0).to_string());
        wall_instant(&wall.unwrap_or_default(), &zone)
    }
}

impl Reader<'_> {
    /// An instant as the clocks of a zone show it: `Sunday 22 November 2026, 09:00 in Berlin`; none without such a
    /// zone.
    pub fn in_words(&self, at: Timestamp, time_zone: &str) -> Option<String> {
        let (name, zone) = self.zone(time_zone).ok()?;
        let place = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
        let place = if place == "UTC" { place } else { format!("in {place}") };
        Some(format!("{} {place}", zoned(at, &zone)?.strftime("%A %-d %B %Y, %H:%M")))
    }

    /// Whether the clocks show a wall time twice, because they go back over it.
    pub fn comes_twice(&self, wall_time: &str, time_zone: &str) -> bool {
        let zone = self.zone(time_zone).ok();
        let wall: Option<DateTime> = wall_time.trim().parse().ok();
        zone.zip(wall).is_some_and(|((_, zone), wall)| {
            matches!(zone.to_ambiguous_timestamp(wall).offset(), AmbiguousOffset::Fold { .. })
        })
    }

    /// The zone that a form names, else the installation's.
    fn zone<'a>(&'a self, time_zone: &'a str) -> Result<(&'a str, TimeZone), FieldError> {
        let usual = self.0.default_time_zone.as_str();
        let name = if time_zone.trim().is_empty() { usual } else { time_zone.trim() };
        let zone = TimeZone::get(name).map_err(|_| {
            let detail = format!("There is no time zone \"{name}\"; choose one from the list.");
            FieldError::new("time_zone", "unknown", detail)
        })?;
        Ok((name, zone))
    }
}

fn zoned(at: Timestamp, zone: &TimeZone) -> Option<jiff::Zoned> {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
    Some(at.to_zoned(zone.clone()))
}

/// An instant in RFC 3339, with an offset.
pub fn rfc3339(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp::from_millis(at.as_millisecond()))
}

/// A whole number, however it is written: JSON knows no difference between 3 and 3.0, and neither does JSON Schema.
pub fn whole(value: &serde_json::Value) -> Option<i64> {
    // Below 2^53 every whole number is a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
    let from_float = |float: f64| (float.fract() == 0.0 && float.abs() < EXACT).then_some(float as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(from_float))
}

/// An instant of a query: RFC 3339, or a day, which begins at midnight UTC.
pub fn instant_or_day(text: &str) -> Option<Timestamp> {
    // A date is also read from a wall time, whose hours would be lost.
    let date = || text.parse::<jiff::civil::Date>().ok().filter(|date| date.to_string() == text);
    let day = || date()?.to_zoned(TimeZone::UTC).ok();
    rfc3339(text).or_else(|| day().map(|at| Timestamp::from_millis(at.timestamp().as_millisecond())))
}

/// A wall time that the clocks skip is refused; of one that comes twice, the first is meant.
fn wall_instant(wall_time: &str, zone: &TimeZone) -> Result<Timestamp, FieldError> {
    let malformed = || {
        let detail = "Write the day and the time as 2026-11-21T09:00, or use the picker.";
        FieldError::new("wall_time", "malformed", detail)
    };
    let wall: DateTime = wall_time.parse().map_err(|_| malformed())?;
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
        let next = ambiguous.later().ok().map(|at| at.to_zoned(zone.clone()));
        let next = next.map_or_else(String::new, |next| format!(", for example {}", next.strftime("%H:%M")));
        let detail = format!(
            "There is no such time on that day: the clocks go forward over it. Choose another{next}."
        );
        return Err(FieldError::new("wall_time", "skipped_by_clocks", detail));
    }
    let at = ambiguous.compatible().map_err(|_| malformed())?;
    Ok(Timestamp::from_millis(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use rstest::rstest;

    #[derive(Parser)]
    struct Settings {
        #[command(flatten)]
        config: Config,
    }

    fn config() -> Config {
        Settings::parse_from(["switchboard", "--default-time-zone", "Asia/Kolkata"]).config
    }

    #[rstest]
    #[case("Europe/Berlin", "Saturday 21 November 2026, 10:00 in Berlin")]
    #[case("America/New_York", "Saturday 21 November 2026, 04:00 in New York")]
    #[case("Pacific/Kiritimati", "Saturday 21 November 2026, 23:00 in Kiritimati")]
    #[case("UTC", "Saturday 21 November 2026, 09:00 UTC")]
    #[case("", "Saturday 21 November 2026, 14:30 in Kolkata")]
    fn an_instant_is_told_as_the_clocks_of_a_place_show_it(#[case] zone: &str, #[case] words: &str) {
        let at = Timestamp::from_millis(1_795_251_600_000);
        assert_eq!(Reader(&config()).in_words(at, zone).as_deref(), Some(words));
    }

    #[rstest]
    #[case("2026-11-21T09:00:00Z", "UTC", "2026-11-22T09:00:00.000Z")]
    #[case("2026-11-21T23:30:00Z", "Europe/Berlin", "2026-11-23T08:00:00.000Z")]
    // The day on which the clocks go back has 25 hours.
    #[case("2026-10-24T22:30:00Z", "Europe/Berlin", "2026-10-26T08:00:00.000Z")]
    #[case("2026-03-28T09:00:00Z", "Europe/Berlin", "2026-03-29T07:00:00.000Z")]
    fn tomorrow_is_the_next_day_of_the_place(#[case] now: &str, #[case] zone: &str, #[case] nine: &str) {
        let now = rfc3339(now).expect("an instant");
        let found = Reader(&config()).tomorrow_at_nine(zone, now).map(Timestamp::to_rfc3339);
        assert_eq!(found, Ok(nine.to_owned()));
    }

    #[rstest]
    #[case("2026-10-25T02:30", true)]
    #[case("2026-10-25T03:30", false)]
    #[case("2026-03-29T02:30", false)]
    #[case("soon", false)]
    fn a_time_that_comes_twice_is_known(#[case] wall: &str, #[case] twice: bool) {
        assert_eq!(Reader(&config()).comes_twice(wall, "Europe/Berlin"), twice);
    }

    fn read(wall: &str, zone: &str) -> Result<String, String> {
        let zone = TimeZone::get(zone).expect("a zone");
        wall_instant(wall, &zone).map(Timestamp::to_rfc3339).map_err(|error| error.code)
    }

    #[rstest]
    #[case("2026-11-21T09:00", "UTC", Ok("2026-11-21T09:00:00.000Z"))]
    #[case("2026-11-21T09:00", "Europe/Berlin", Ok("2026-11-21T08:00:00.000Z"))]
    #[case("2026-07-01T09:00", "America/New_York", Ok("2026-07-01T13:00:00.000Z"))]
    #[case("2026-03-29T02:30", "Europe/Berlin", Err("skipped_by_clocks"))]
    #[case("2026-10-25T02:30", "Europe/Berlin", Ok("2026-10-25T00:30:00.000Z"))]
    #[case("tomorrow", "UTC", Err("malformed"))]
    fn a_wall_time_is_an_instant_in_its_zone(
        #[case] wall: &str,
        #[case] zone: &str,
        #[case] expected: Result<&str, &str>,
    ) {
        assert_eq!(read(wall, zone), expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[rstest]
    #[case("2026-11-21T09:00:00Z", true)]
    #[case("2026-11-21T09:00:00+05:45", true)]
    #[case("2026-11-21T09:00:00", false)]
    #[case("2026-11-21", false)]
    fn an_instant_needs_an_offset(#[case] text: &str, #[case] reads: bool) {
        assert_eq!(rfc3339(text).is_some(), reads);
    }
}
