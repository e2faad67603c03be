//! Range: which days are looked at, in which time zone, of which workflow. The page's address and the API's query
//! say it in the same words.

use crate::domain::{call::Workflow, form::FieldError, insights::Preset, timestamp::Timestamp};
use jiff::{ToSpan, civil::Date, tz::TimeZone};

/// The longest range, in days: a year, also a leap year.
pub const MOST_DAYS: i32 = 366;
/// The names of the parameters.
pub const NAMES: [&str; 5] = ["range", "from", "to", "workflow", "time_zone"];
/// Up to so many days each day has a column of its own; beyond that each week.
const MOST_COLUMNS: i32 = 92;

/// What was asked, as it was typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked {
    /// A word for days up to today.
    pub range: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Calls of this workflow alone.
    pub workflow: String,
    /// In whose days and hours it is counted.
    pub time_zone: String,
}

/// Days, in one time zone.
#[derive(Clone, PartialEq, Debug)]
pub struct Range {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Whose days they are.
    pub zone: TimeZone,
    /// Its name.
    pub zone_name: String,
    /// Of this workflow alone.
    pub workflow: Option<Workflow>,
    /// The word that named the days, if one did.
    pub preset: Option<Preset>,
}

/// What one column of a chart over time stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week, which begins on a Monday.
    Week,
}

/// From one instant to another the clocks of a zone differ from UTC by so much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offset {
    /// The first instant at which it holds no more; none for the last one.
    pub until: Option<i64>,
    /// By how much local time is ahead of UTC, in milliseconds.
    pub millis: i64,
}

impl Asked {
    /// Reads a query's pairs.
    ///
    /// # Errors
    /// The parameter that there is not, or that is given twice, and why.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, FieldError> {
        let mut asked = Self::default();
        for (name, value) in pairs {
            let slot = match name {
                "range" => &mut asked.range,
                "from" => &mut asked.from,
                "to" => &mut asked.to,
                "workflow" => &mut asked.workflow,
                "time_zone" => &mut asked.time_zone,
                _ => {
                    let why = format!("there is no such filter; there are {}", NAMES.join(", "));
                    return Err(FieldError::new(name, "unknown", why));
                }
            };
            if !slot.is_empty() {
                return Err(FieldError::new(name, "twice", "it is given twice"));
            }
            value.trim().clone_into(slot);
        }
        Ok(asked)
    }

    /// The days that were asked for; the last seven if none were. `usual_zone` is the installation's.
    ///
    /// # Errors
    /// What is wrong, parameter by parameter.
    pub fn read(&self, usual_zone: &str, now: Timestamp) -> Result<Range, Vec<FieldError>> {
        let mut errors = Vec::new();
        let zone = zone(&self.time_zone, usual_zone).unwrap_or_else(|error| {
            errors.push(error);
            TimeZone::UTC
        });
        let workflow = self.workflow().unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let today = date_of(now, &zone);
        match self.days(today) {
            Ok((from, to, preset)) if errors.is_empty() => {
                let zone_name = zone.iana_name().unwrap_or("UTC").to_owned();
                Ok(Range { from, to, zone, zone_name, workflow, preset })
            }
            Ok(_) => Err(errors),
            Err(error) => {
                errors.push(error);
                Err(errors)
            }
        }
    }

    fn workflow(&self) -> Result<Option<Workflow>, FieldError> {
        let read = Some(&self.workflow).filter(|word| !word.is_empty()).map(|word| word.parse());
        read.transpose().map_err(|why: crate::domain::words::UnknownWord| {
            FieldError::new("workflow", "unknown", why.to_string())
        })
    }

    fn days(&self, today: Date) -> Result<(Date, Date, Option<Preset>), FieldError> {
        let has_days = !(self.from.is_empty() && self.to.is_empty());
        if !self.range.is_empty() && has_days {
            let why = "Give either a range or its first and last day, not both.";
            return Err(FieldError::new("range", "both", why));
        }
        if has_days {
            let (from, to) = self.typed_days(today)?;
            return Ok((from, to, None));
        }
        let preset = match self.range.as_str() {
            "" => Preset::Week,
            word => word.parse().map_err(|why: crate::domain::words::UnknownWord| {
                FieldError::new("range", "unknown", why.to_string())
            })?,
        };
        let from = today.saturating_sub((preset.days() - 1).days());
        Ok((from, today, Some(preset)))
    }

    fn typed_days(&self, today: Date) -> Result<(Date, Date), FieldError> {
        if self.from.is_empty() {
            return Err(FieldError::new("from", "required", "Say with which day the range begins."));
        }
        let from = day("from", &self.from)?;
        let to = if self.to.is_empty() { today.max(from) } else { day("to", &self.to)? };
        if to < from {
            let why = "The last day is before the first one. Swap them, or choose another.";
            return Err(FieldError::new("to", "before_from", why));
        }
        if days_between(from, to) >= MOST_DAYS {
            let why = format!("A range has at most {MOST_DAYS} days. Choose days that are closer together.");
            return Err(FieldError::new("to", "too_long", why));
        }
        Ok((from, to))
    }
}

impl Range {
    /// What a column over time stands for.
    pub fn unit(&self) -> Unit {
        match days_between(self.from, self.to) + 1 {
            1 => Unit::Hour,
            days if days <= MOST_COLUMNS => Unit::Day,
            _ => Unit::Week,
        }
    }

    /// The first instant, in epoch milliseconds.
    pub fn start(&self) -> i64 {
        self.midnight(self.from)
    }

    /// The first instant behind it, in epoch milliseconds.
    pub fn end(&self) -> i64 {
        self.midnight(self.to.saturating_add(1.day()))
    }

    /// The first instant of a day, in epoch milliseconds.
    pub fn midnight(&self, day: Date) -> i64 {
        // Only at the ends of the calendar there is none.
        day.to_zoned(self.zone.clone()).map_or(i64::MAX, |at| at.timestamp().as_millisecond())
    }

    /// By how much local time is ahead, from the range's beginning to its end, in order.
    pub fn offsets(&self) -> Vec<Offset> {
        let (start, end) = (instant(self.start()), instant(self.end()));
        let ahead = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * 1_000;
        let mut millis = ahead(self.zone.to_offset(start));
        let mut offsets = Vec::new();
        for change in self.zone.following(start).take_while(|change| change.timestamp() < end) {
            offsets.push(Offset { until: Some(change.timestamp().as_millisecond()), millis });
            millis = ahead(change.offset());
        }
        offsets.push(Offset { until: None, millis });
        offsets
    }

    /// The address's query of the same range: without the parts that are as usual.
    pub fn query(&self, usual_zone: &str) -> String {
        let (from, to) = (self.from.to_string(), self.to.to_string());
        match self.preset {
            Some(preset) => self.query_of(preset, usual_zone),
            None => self.with_others(&[("from", &from), ("to", &to)], usual_zone),
        }
    }

    /// The query of other days with the same workflow and zone.
    pub fn query_of(&self, preset: Preset, usual_zone: &str) -> String {
        self.with_others(&[("range", preset.as_str())], usual_zone)
    }

    fn with_others(&self, days: &[(&str, &str)], usual_zone: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(days);
        if let Some(workflow) = self.workflow {
            query.append_pair("workflow", workflow.as_str());
        }
        if !self.zone_name.eq_ignore_ascii_case(usual_zone) {
            query.append_pair("time_zone", &self.zone_name);
        }
        query.finish()
    }
}

/// The day that it is at `at`.
pub fn date_of(at: Timestamp, zone: &TimeZone) -> Date {
    instant(at.as_millis()).to_zoned(zone.clone()).date()
}

/// How many days lie between two days.
pub fn days_between(from: Date, to: Date) -> i32 {
    // Of two dates the difference is in days.
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

/// An instant; one that is out of the calendar's reach is held inside it.
pub fn instant(millis: i64) -> jiff::Timestamp {
    let end = if millis < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_millisecond(millis).unwrap_or(end)
}

fn zone(typed: &str, usual: &str) -> Result<TimeZone, FieldError> {
    let name = if typed.is_empty() { usual } else { typed };
    TimeZone::get(name).map_err(|_| {
        let name: String = name.chars().take(60).collect();
        let why = format!("There is no time zone \"{name}\"; write it as Europe/Berlin.");
        FieldError::new("time_zone", "unknown", why)
    })
}

fn day(field: &'static str, typed: &str) -> Result<Date, FieldError> {
    // A date is also read from a wall time, whose hours would be lost.
    let read = typed.parse::<Date>().ok().filter(|date| date.to_string() == typed);
    let is_ours = |date: &Date| (1970..=9998).contains(&date.year());
    read.filter(is_ours).ok_or_else(|| {
        let typed: String = typed.chars().take(40).collect();
        FieldError::new(field, "malformed", format!("\"{typed}\" is not a day, as 2026-11-21 is."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// 21 November 2026, 23:30 UTC.
    fn now() -> Timestamp {
        Timestamp::from_millis(1_795_303_800_000)
    }

    fn asked(query: &str) -> Result<Range, Vec<String>> {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let asked = Asked::from_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
        let asked = asked.map_err(|error| vec![format!("{}: {}", error.field, error.code)])?;
        asked
            .read("UTC", now())
            .map_err(|errors| errors.iter().map(|error| format!("{}: {}", error.field, error.code)).collect())
    }

    #[rstest]
    #[case("", "2026-11-15", "2026-11-21")]
    #[case("range=today", "2026-11-21", "2026-11-21")]
    #[case("range=30d", "2026-10-23", "2026-11-21")]
    #[case("range=90d", "2026-08-24", "2026-11-21")]
    #[case("from=2026-11-01", "2026-11-01", "2026-11-21")]
    #[case("from=2026-12-01", "2026-12-01", "2026-12-01")]
    #[case("from=2026-11-01&to=2026-11-03", "2026-11-01", "2026-11-03")]
    #[case("range=today&time_zone=Asia/Kolkata", "2026-11-22", "2026-11-22")]
    #[case("from=2024-01-01&to=2024-12-31", "2024-01-01", "2024-12-31")]
    fn days_are_read(#[case] query: &str, #[case] from: &str, #[case] to: &str) {
        let range = asked(query).expect("a range");
        assert_eq!((range.from.to_string(), range.to.to_string()), (from.to_owned(), to.to_owned()));
    }

    #[rstest]
    #[case("range=8d", "range: unknown")]
    #[case("range=7d&from=2026-11-01", "range: both")]
    #[case("from=yesterday", "from: malformed")]
    #[case("from=2026-11-01T09:00", "from: malformed")]
    #[case("from=2026-02-30", "from: malformed")]
    #[case("from=-0044-03-15", "from: malformed")]
    #[case("to=2026-11-01", "from: required")]
    #[case("from=2026-11-02&to=2026-11-01", "to: before_from")]
    #[case("from=2025-01-01&to=2026-01-02", "to: too_long")]
    #[case("from=2020-01-01", "to: too_long")]
    #[case("workflow=nonsense", "workflow: unknown")]
    #[case("time_zone=Mars/Olympus", "time_zone: unknown")]
    #[case("colour=red", "colour: unknown")]
    #[case("range=7d&range=30d", "range: twice")]
    fn what_can_not_be_understood_is_named(#[case] query: &str, #[case] expected: &str) {
        assert_eq!(asked(query), Err(vec![expected.to_owned()]));
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let errors = asked("time_zone=Mars/Olympus&workflow=x&from=y").expect_err("three errors");
        assert_eq!(errors, ["time_zone: unknown", "workflow: unknown", "from: malformed"]);
    }

    #[rstest]
    #[case("range=today", Unit::Hour)]
    #[case("range=90d", Unit::Day)]
    #[case("from=2026-08-22&to=2026-11-21", Unit::Day)]
    #[case("from=2026-08-21&to=2026-11-21", Unit::Week)]
    fn a_column_stands_for_as_much_as_can_be_read(#[case] query: &str, #[case] unit: Unit) {
        assert_eq!(asked(query).expect("a range").unit(), unit);
    }

    #[test]
    fn days_are_as_long_as_the_clocks_make_them() {
        let hours = |query: &str| {
            let range = asked(query).expect("a range");
            (range.end() - range.start()) / 3_600_000
        };
        assert_eq!(hours("from=2026-10-25&to=2026-10-25&time_zone=Europe/Berlin"), 25);
        assert_eq!(hours("from=2026-03-29&to=2026-03-29&time_zone=Europe/Berlin"), 23);
    }

    #[test]
    fn offsets_change_where_the_clocks_do() {
        let range = asked("from=2026-01-01&to=2026-12-31&time_zone=Europe/Berlin").expect("a range");
        let hours: Vec<_> = range.offsets().iter().map(|offset| offset.millis / 3_600_000).collect();
        assert_eq!(hours, [1, 2, 1]);
        let spring = instant(range.offsets()[0].until.expect("an end")).to_string();
        assert_eq!(spring, "2026-03-29T01:00:00Z");
        let range = asked("range=90d&time_zone=Asia/Kathmandu").expect("a range");
        assert_eq!(range.offsets(), [Offset { until: None, millis: (5 * 60 + 45) * 60_000 }]);
    }

    #[rstest]
    #[case("", "range=7d")]
    #[case("range=today&workflow=Sales", "range=today&workflow=sales")]
    #[case(
        "from=2026-11-01&to=2026-11-03&time_zone=europe/berlin",
        "from=2026-11-01&to=2026-11-03&time_zone=Europe%2FBerlin"
    )]
    fn a_range_survives_the_address(#[case] query: &str, #[case] expected: &str) {
        let range = asked(query).expect("a range");
        assert_eq!(range.query("UTC"), expected);
        assert_eq!(asked(expected), Ok(range));
    }
}
