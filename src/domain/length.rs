//! How long something takes, in words that can be planned with.

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `less than a minute`, `12 minutes`, `2 hours 10 minutes`, `3 days 4 hours`, `20 days`: the two largest units, and
/// from two weeks on the days alone. What is past takes less than a minute.
pub fn length_in_words(secs: i64) -> String {
    match secs {
        ..MINUTE => "less than a minute".to_owned(),
        MINUTE..HOUR => count(secs / MINUTE, "minute"),
        HOUR..DAY => both(count(secs / HOUR, "hour"), secs % HOUR / MINUTE, "minute"),
        secs if secs < 14 * DAY => both(count(secs / DAY, "day"), secs % DAY / HOUR, "hour"),
        _ => count(secs / DAY, "day"),
    }
}

fn both(large: String, many: i64, unit: &str) -> String {
    if many == 0 { large } else { format!("{large} {}", count(many, unit)) }
}

fn count(many: i64, unit: &str) -> String {
    if many == 1 { format!("1 {unit}") } else { format!("{many} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(-5, "less than a minute")]
    #[case(59, "less than a minute")]
    #[case(60, "1 minute")]
    #[case(15 * MINUTE + 59, "15 minutes")]
    #[case(HOUR, "1 hour")]
    #[case(2 * HOUR + 10 * MINUTE, "2 hours 10 minutes")]
    #[case(DAY - 1, "23 hours 59 minutes")]
    #[case(DAY + HOUR, "1 day 1 hour")]
    #[case(3 * DAY + 59 * MINUTE, "3 days")]
    #[case(20 * DAY + 5 * HOUR, "20 days")]
    fn a_length_is_told_in_its_two_largest_units(#[case] secs: i64, #[case] words: &str) {
        assert_eq!(length_in_words(secs), words);
    }

    /// The seconds that words tell of.
    fn read(words: &str) -> i64 {
        let parts: Vec<&str> = words.split(' ').collect();
        let secs = |pair: &[&str]| {
            let unit = match pair[1].trim_end_matches('s') {
                "minute" => MINUTE,
                "hour" => HOUR,
                "day" => DAY,
                other => panic!("{other} is no unit"),
            };
            pair[0].parse::<i64>().expect("a number") * unit
        };
        parts.chunks(2).map(secs).sum()
    }

    proptest! {
        #[test]
        fn words_are_never_off_by_more_than_their_smallest_unit(secs in MINUTE..2_000 * DAY) {
            let off = secs - read(&length_in_words(secs));
            let unit = if secs < DAY { MINUTE } else if secs < 14 * DAY { HOUR } else { DAY };
            prop_assert!((0..unit).contains(&off), "{} is off by {off}", length_in_words(secs));
        }
    }
}
