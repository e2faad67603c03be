//! The circuit breaker: a provider that fails again and again is left alone for a while, then one placing at a
//! time tries whether it is back. (The pattern and its words: Nygard, Release It!, 2007.)

use super::timestamp::Timestamp;

/// Failures in a row that open it.
pub const OPENS_AFTER: i32 = 5;
/// The shortest time for which the provider is left alone, in milliseconds.
const AT_LEAST_MILLIS: i64 = 5_000;
/// The longest.
const AT_MOST_MILLIS: i64 = 60_000;

/// Until when the provider is left alone after its `failures`th failure in a row at `now`; none while it is
/// still trusted. The longer it has been failing, the longer: half of that time, from 5 to 60 seconds.
pub fn opens_until(failures: i32, failing_since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let half = now.millis_since(failing_since) / 2;
    (failures >= OPENS_AFTER).then(|| now.plus_millis(half.clamp(AT_LEAST_MILLIS, AT_MOST_MILLIS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::trusted(4, 600, None)]
    #[case::at_once(5, 0, Some(5))]
    #[case::soon_again(6, 16, Some(8))]
    #[case::after_a_minute(9, 60, Some(30))]
    #[case::for_an_hour(99, 3_600, Some(60))]
    fn the_longer_it_fails_the_longer_it_is_left_alone(
        #[case] failures: i32,
        #[case] failing_secs: i64,
        #[case] left_alone_secs: Option<i64>,
    ) {
        let since = Timestamp::from_millis(1_795_251_600_000);
        let now = since.plus_secs(failing_secs);
        assert_eq!(opens_until(failures, since, now), left_alone_secs.map(|secs| now.plus_secs(secs)));
    }
}
