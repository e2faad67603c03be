//! What stands in the way, and what it says.

use super::*;
use crate::domain::{
    actor::Actor,
    call::Workflow,
    id::{CallId, HOME_TEAM},
    phone_number::PhoneNumber,
};
use proptest::{option, prelude::*};
use rstest::rstest;
use uuid::Uuid;

/// So many seconds after 21 November 2026, 09:00 UTC.
fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(1_795_251_600_000).plus_secs(secs)
}

/// A pending call that is due at `due`.
pub(crate) fn due(due: Timestamp) -> Call {
    Call {
        id: CallId(Uuid::from_u128(1)),
        team_id: HOME_TEAM,
        version: 1,
        customer_name: "Ada Lovelace".to_owned(),
        phone_number: PhoneNumber::try_from("+14155550101".to_owned()).expect("a number"),
        workflow: Workflow::Support,
        status: CallStatus::Pending,
        scheduled_at: None,
        due_at: due,
        wanted_at: due,
        delayed_by: None,
        max_attempts: 1,
        attempts_made: 0,
        cancel_requested_at: None,
        lease_owner: None,
        lease_epoch: 0,
        lease_until: None,
        ended_at: None,
        ended_reason: None,
        metadata: serde_json::json!({}),
        external_id: None,
        warnings: Vec::new(),
        created_by: Actor::anonymous().name(),
        created_at: due,
        trace: None,
        updated_at: due,
    }
}

/// Nothing stands in the way.
fn free() -> DispatchState {
    DispatchState::default()
}

fn limited(max_calls_in_flight: i64, calls_per_second: i64) -> Limits {
    Limits { max_calls_in_flight, calls_per_second, max_lateness_secs: 0 }
}

fn codes(call: &Call, state: &DispatchState, now: Timestamp) -> Vec<String> {
    let waiting = waiting(call, state, now).expect("it is pending");
    waiting.reasons.into_iter().map(|reason| reason.code).collect()
}

fn any_state() -> impl Strategy<Value = DispatchState> {
    let stopped = (option::of(Just(at(0))), option::of(Just("401".to_owned())), option::of(-60..60_i64));
    let counted = (0..8_i64, 0.0..6.0_f64, option::of(-3_000..100_i64));
    let limits = (0..8_i64, 0..6_i64).prop_map(|(flight, rate)| limited(flight, rate));
    (stopped, counted, limits).prop_map(
        |((paused_at, blocked_reason, breaker), (in_flight, tokens, refilled), limits)| DispatchState {
            paused_at,
            blocked_reason,
            breaker_until: breaker.map(at),
            in_flight,
            tokens,
            refilled_at: refilled.map(|millis| at(0).plus_millis(millis)),
            limits,
            ..free()
        },
    )
}

proptest! {
    #[test]
    fn nothing_may_be_claimed_exactly_when_something_stands_in_the_way(state in any_state(), wanted in 1..100_i64) {
        let is_waiting = !codes(&due(at(0)), &state, at(0)).is_empty();
        prop_assert_eq!(state.capacity(at(0), wanted) == 0, is_waiting);
    }

    #[test]
    fn no_more_may_be_claimed_than_is_wanted_and_allowed(state in any_state(), wanted in 0..100_i64) {
        let capacity = state.capacity(at(0), wanted);
        prop_assert!((0..=wanted).contains(&capacity));
        let Limits { max_calls_in_flight, calls_per_second, .. } = state.limits;
        prop_assert!(max_calls_in_flight == 0 || capacity == 0 || state.in_flight + capacity <= max_calls_in_flight);
        prop_assert!(calls_per_second == 0 || capacity <= calls_per_second);
    }

    #[test]
    fn what_the_rate_allows_grows_with_time_and_never_beyond_one_second(state in any_state(), later in 0..5_000_i64) {
        let rate = state.limits.calls_per_second;
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let most = rate as f64;
        let (now, then) = (state.tokens_at(at(0)), state.tokens_at(at(0).plus_millis(later)));
        prop_assert!(now <= then && then <= most);
    }
}

#[rstest]
#[case::paused(DispatchState { paused_by: Some("Ada".into()), paused_at: Some(at(0)), ..free() }, "Paused by Ada since 21 Nov 2026, 09:00 UTC")]
#[case::blocked(DispatchState { blocked_reason: Some("No.".into()), ..free() }, "No.")]
#[case::breaker(DispatchState { failing_since: Some(at(0)), breaker_until: Some(at(99)), ..free() }, "The provider has not answered since 21 Nov 2026, 09:00 UTC")]
#[case::in_flight(DispatchState { in_flight: 100, limits: limited(100, 0), ..free() }, "100 of 100 calls are in flight")]
#[case::rate(DispatchState { refilled_at: Some(at(60)), limits: limited(0, 50), ..free() }, "Waits for its turn: at most 50 calls go out per second")]
fn each_obstacle_is_told_in_words(#[case] state: DispatchState, #[case] words: &str) {
    let holds_a_place = state.in_flight > 0;
    assert_eq!(state.lets_through(at(60)), holds_a_place, "a place among those in flight is held already");
    let waiting = waiting(&due(at(0)), &state, at(60)).expect("it is pending");
    assert_eq!(waiting.reasons.iter().map(|reason| reason.detail.as_str()).collect::<Vec<_>>(), [words]);
}

#[rstest]
#[case::scheduled(None, "scheduled", "Waits for 21 Nov 2026, 09:15 UTC")]
#[case::busy(
    Some(DelayedBy::Busy),
    "retry_delay",
    "The line was busy; it is tried again at 21 Nov 2026, 09:15 UTC"
)]
#[case::no_answer(
    Some(DelayedBy::NoAnswer),
    "retry_delay",
    "Nobody answered; it is tried again at 21 Nov 2026, 09:15 UTC"
)]
#[case::not_now(
    Some(DelayedBy::NotNow),
    "provider_not_now",
    "The provider could not take it; it is asked again at 21 Nov 2026, 09:15 UTC"
)]
#[case::unreachable(
    Some(DelayedBy::Unreachable),
    "provider_unreachable",
    "The provider could not be reached; it is asked again at 21 Nov 2026, 09:15 UTC"
)]
fn each_delay_is_told_in_words(
    #[case] delayed_by: Option<DelayedBy>,
    #[case] code: &str,
    #[case] words: &str,
) {
    let call = Call { delayed_by, ..due(at(900)) };
    let told = waiting(&call, &free(), at(0)).expect("it is pending");
    assert_eq!(told.not_before, Some(at(900)));
    assert_eq!(told.reasons, [reason(code, words.to_owned())]);
}

#[test]
fn the_instant_at_which_it_is_missed_is_named_beforehand_and_then_keeps_it_from_going_out() {
    let hour = DispatchState { limits: Limits { max_lateness_secs: 3_600, ..Limits::default() }, ..free() };
    let told = waiting(&due(at(0)), &hour, at(3_599)).expect("it is pending");
    assert_eq!((told.missed_at, told.reasons.len()), (Some(at(3_600)), 0));
    assert_eq!(codes(&due(at(0)), &hour, at(3_600)), ["too_late"]);
    assert_eq!(
        waiting(&due(at(0)), &free(), at(9_999_999)).and_then(|told| told.missed_at),
        None,
        "0 = never"
    );
}

#[test]
fn only_a_pending_call_waits() {
    for status in CallStatus::ALL.iter().copied() {
        let call = Call { status, ..due(at(0)) };
        assert_eq!(waiting(&call, &free(), at(0)).is_some(), status == CallStatus::Pending, "{status}");
    }
}
