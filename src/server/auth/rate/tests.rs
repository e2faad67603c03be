//! Buckets: how they empty and fill, and how many there are.

use super::*;
use crate::domain::timestamp::Timestamp;

fn rate(per_minute: u32) -> (Rate, Clock) {
    let clock = Clock::manual(Timestamp::from_millis(1_795_251_600_000));
    (Rate::of(per_minute, &clock).expect("a limit"), clock)
}

fn at(number: u32) -> Who {
    Who::At(IpAddr::from(number.to_be_bytes()))
}

#[test]
fn a_bucket_fills_evenly() {
    let (rate, clock) = rate(60);
    for left in (0..60).rev() {
        let now = rate.take(at(1));
        assert_eq!((now.requests, now.refused_for), (left, None));
    }
    let refused = rate.take(at(1));
    assert_eq!(refused.refused_for, Some(Duration::from_secs(1)));
    assert_eq!(rate.told(&refused), "\"default\";r=0;t=60");
    assert_eq!(rate.take(at(2)).requests, 59, "each has their own");
    clock.advance_ms(1_000);
    assert_eq!(rate.take(at(1)).refused_for, None);
    assert!(rate.take(at(1)).refused_for.is_some());
}

#[test]
fn no_more_callers_are_remembered_than_there_is_room_for() {
    let (rate, clock) = rate(1);
    for caller in 0..=u32::try_from(MOST_CALLERS).expect("a number") {
        rate.take(at(caller));
    }
    assert!(rate.take(at(u32::MAX)).refused_for.is_some(), "one of the crowd, which has had its own");
    assert!(rate.take(Who::Named("token".to_owned())).refused_for.is_none());
    assert!(rate.buckets.len() <= MOST_CALLERS + 2);
    clock.advance_ms(120_000);
    assert!(rate.take(at(u32::MAX)).refused_for.is_none());
    assert!(rate.buckets.len() <= 1, "whoever has all of theirs left is forgotten");
}

#[test]
fn a_household_is_one_caller() {
    let at = |text: &str| household(text.parse().expect("an address"));
    assert_eq!(at("2001:db8:0:1::7"), at("2001:db8:0:1:ffff::9"));
    assert_ne!(at("2001:db8:0:1::7"), at("2001:db8:0:2::7"));
    assert_ne!(at("203.0.113.7"), at("203.0.113.8"));
}

#[test]
fn nought_is_no_limit() {
    assert!(Rate::of(0, &Clock::system()).is_none());
}
