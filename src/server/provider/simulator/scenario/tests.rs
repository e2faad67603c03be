//! The table of scenarios, and what holds for every number.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

/// Status, when it happens, when it is reported and how often.
type Line = (Status, i64, i64, i16);

fn lines(script: &Script) -> Vec<Line> {
    script.steps.iter().map(|step| (step.status, step.after_ms, step.report_after_ms, step.copies)).collect()
}

#[rstest]
#[case::completed("01", Scenario::Completed, &[(Status::Initiated, 0, 0, 1), (Status::Ringing, 2_000, 2_000, 1), (Status::InProgress, 5_000, 5_000, 1), (Status::Completed, 10_000, 10_000, 1)])]
#[case::busy("02", Scenario::Busy, &[(Status::Initiated, 0, 0, 1), (Status::Busy, 2_000, 2_000, 1)])]
#[case::no_answer("03", Scenario::NoAnswer, &[(Status::Initiated, 0, 0, 1), (Status::Ringing, 2_000, 2_000, 1), (Status::NoAnswer, 10_000, 10_000, 1)])]
#[case::failed("04", Scenario::Failed, &[(Status::Initiated, 0, 0, 1), (Status::Failed, 2_000, 2_000, 1)])]
#[case::slow("05", Scenario::Slow, &[(Status::Initiated, 0, 0, 1), (Status::Ringing, 2_000, 2_000, 1), (Status::InProgress, 62_000, 62_000, 1), (Status::Completed, 67_000, 67_000, 1)])]
#[case::refused("06", Scenario::Refused, &[])]
#[case::loses_callbacks("07", Scenario::LosesCallbacks, &[(Status::Initiated, 0, 0, 1), (Status::Ringing, 2_000, 2_000, 0), (Status::InProgress, 5_000, 5_000, 0), (Status::Completed, 10_000, 10_000, 0)])]
#[case::sends_twice("08", Scenario::SendsTwice, &[(Status::Initiated, 0, 0, 2), (Status::Ringing, 2_000, 2_000, 2), (Status::InProgress, 5_000, 5_000, 2), (Status::Completed, 10_000, 10_000, 2)])]
#[case::out_of_order("09", Scenario::OutOfOrder, &[(Status::Initiated, 0, 3_000, 1), (Status::Ringing, 2_000, 2_000, 1), (Status::InProgress, 5_000, 11_000, 1), (Status::Completed, 10_000, 10_000, 1)])]
#[case::answers_too_late("10", Scenario::AnswersTooLate, &[(Status::Initiated, 0, 0, 1), (Status::Ringing, 2_000, 2_000, 1), (Status::InProgress, 5_000, 5_000, 1), (Status::Completed, 10_000, 10_000, 1)])]
#[case::dials_too_late("11", Scenario::DialsTooLate, &[(Status::Initiated, 0, 0, 1), (Status::Ringing, 2_000, 2_000, 1), (Status::InProgress, 5_000, 5_000, 1), (Status::Completed, 10_000, 10_000, 1)])]
fn a_number_of_the_fictional_range_chooses(
    #[case] last: &str,
    #[case] scenario: Scenario,
    #[case] expected: &[Line],
) {
    let script = script(&format!("+141555501{last}"), 7, 3, 1.0);
    assert_eq!(script.scenario, scenario);
    assert_eq!(lines(&script), expected);
}

#[rstest]
#[case::any_area_code("+19995550101", true)]
#[case::lowest_area_code("+12005550101", true)]
#[case::no_area_code("+11995550101", false)]
#[case::another_country("+4414155550101", false)]
#[case::another_exchange("+14155560101", false)]
#[case::outside_the_range("+14155550201", false)]
#[case::no_such_scenario("+14155550112", false)]
#[case::zero("+14155550100", false)]
#[case::too_long("+141555501011", false)]
#[case::too_short("+1415555010", false)]
#[case::not_even_ascii("+1é1555501", false)]
fn all_other_numbers_draw(#[case] number: &str, #[case] chooses: bool) {
    assert_eq!(chosen(number).is_some(), chooses);
}

/// These draws were recorded once. If this fails, every user's recorded run would end differently.
#[test]
fn draws_stay_the_same_over_versions() {
    let outcomes: Vec<_> = (1..=12).map(|nth| script("+15551234567", 1, nth, 0.6).scenario).collect();
    let (c, n, f) = (Scenario::Completed, Scenario::NoAnswer, Scenario::Failed);
    assert_eq!(outcomes, [c, f, c, c, c, n, c, c, c, c, c, f]);
}

#[rstest]
#[case::default(0.15)]
#[case::half(0.5)]
#[case::never(0.0)]
#[case::always(1.0)]
fn the_fail_rate_is_kept_over_many_numbers(#[case] fail_rate: f64) {
    let count = 20_000;
    let outcomes: Vec<_> =
        (0..count).map(|n| script(&format!("+49301{n:06}"), 42, 1, fail_rate).scenario).collect();
    let share = |wanted: Scenario| {
        let hits = outcomes.iter().filter(|scenario| **scenario == wanted).count();
        f64::from(u32::try_from(hits).expect("a small count")) / f64::from(count)
    };
    assert!((share(Scenario::Completed) - (1.0 - fail_rate)).abs() < 0.012);
    for failure in [Scenario::Busy, Scenario::NoAnswer, Scenario::Failed] {
        assert!((share(failure) - fail_rate / 3.0).abs() < 0.012);
    }
}

#[test]
fn each_placing_of_a_number_draws_anew() {
    let outcome = |nth| script("+15551234567", 1, nth, 0.5).scenario;
    assert!((2..40).any(|nth| outcome(nth) != outcome(1)));
}

proptest! {
    #[test]
    fn the_same_placing_always_ends_alike(
        number in "\\+[1-9][0-9]{6,14}", seed: u64, nth in 1..i64::MAX, fail_rate in 0.0..=1.0,
    ) {
        prop_assert_eq!(script(&number, seed, nth, fail_rate), script(&number, seed, nth, fail_rate));
    }

    #[test]
    fn every_script_begins_at_once_rises_and_ends_once(
        number in "\\+(1[2-9][0-9]{2}55501[01][0-9]|[1-9][0-9]{6,14})", seed: u64, nth in 1..100_i64,
    ) {
        let script = script(&number, seed, nth, 0.5);
        let Some((last, before)) = script.steps.split_last() else {
            prop_assert_eq!(script.scenario, Scenario::Refused);
            return Ok(());
        };
        prop_assert!(last.status.is_ended() && last.ended_reason.is_some());
        prop_assert!(before.iter().all(|step| !step.status.is_ended() && step.ended_reason.is_none()));
        prop_assert_eq!(script.steps[0].after_ms, 0);
        prop_assert!(script.steps.is_sorted_by(|earlier, later| earlier.after_ms < later.after_ms));
        prop_assert!(script.steps.iter().all(|step| step.report_after_ms >= step.after_ms));
        prop_assert!(script.steps[0].copies > 0);
    }

    #[test]
    fn any_text_as_a_number_is_taken_without_a_panic(number in "\\PC{0,20}", seed: u64) {
        prop_assert!(script(&number, seed, 1, 0.15).steps.len() <= 4);
    }
}
