//! How far an instant is from now, in as few words as people need.

use super::timestamp::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Timestamp {
    /// `in 5 min`, `now`, `2 h ago`; none when more than four weeks lie between, where a date says more.
    pub fn relative_to(self, now: Self) -> Option<String> {
        let secs = self.millis_since(now) / 1000;
        let length = match secs.abs() {
            0..5 => return Some("now".to_owned()),
            secs @ 5..MINUTE => format!("{secs} s"),
            secs @ MINUTE..HOUR => format!("{} min", secs / MINUTE),
            secs @ HOUR..DAY => format!("{} h", secs / HOUR),
            secs if secs < 2 * DAY => "1 day".to_owned(),
            secs if secs < 28 * DAY => format!("{} days", secs / DAY),
            _ => return None,
        };
        let length = length.replace(' ', "\u{a0}");
        Some(if secs > 0 { format!("in {length}") } else { format!("{length} ago") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, Some("now"))]
    #[case(-4, Some("now"))]
    #[case(12, Some("in 12 s"))]
    #[case(-59, Some("59 s ago"))]
    #[case(5 * MINUTE + 59, Some("in 5 min"))]
    #[case(-3 * HOUR, Some("3 h ago"))]
    #[case(DAY, Some("in 1 day"))]
    #[case(-20 * DAY, Some("20 days ago"))]
    #[case(60 * DAY, None)]
    fn a_distance_is_told_in_its_largest_unit(#[case] secs: i64, #[case] words: Option<&str>) {
        let now = Timestamp::from_millis(1_795_251_600_000);
        let told = now.plus_secs(secs).relative_to(now).map(|told| told.replace('\u{a0}', " "));
        assert_eq!(told.as_deref(), words);
    }
}
