//! What stories are told, and which make no sense.

use super::*;
use rstest::rstest;
use serde_json::{Value, json};

fn story(told: Value) -> Story {
    serde_json::from_value(told).expect("a story")
}

#[rstest]
#[case::nothing_said(json!({}), &[(0, "initiated"), (2_000, "ringing"), (10_000, "no_answer")])]
#[case::answered(json!({"answered_after_ms": 3_000}), &[(0, "initiated"), (2_000, "ringing"), (3_000, "in_progress"), (8_000, "completed")])]
#[case::a_short_talk(json!({"rings_after_ms": 0, "answered_after_ms": 1, "talks_for_ms": 2_500}), &[(0, "initiated"), (0, "ringing"), (1, "in_progress"), (2_501, "completed")])]
#[case::breaks_off(json!({"answered_after_ms": 3_000, "talks_for_ms": 700, "ends": "failed"}), &[(0, "initiated"), (2_000, "ringing"), (3_000, "in_progress"), (3_700, "failed")])]
#[case::busy(json!({"ends": "busy"}), &[(0, "initiated"), (2_000, "busy")])]
#[case::rings_for_ever(json!({"ends": "never"}), &[(0, "initiated"), (2_000, "ringing")])]
fn a_story_is_told_step_by_step(#[case] told: Value, #[case] expected: &[(i64, &str)]) {
    let script = Outcome::Story(story(told).checked().expect("a good one")).script();
    let steps: Vec<_> = script.steps.iter().map(|step| (step.after_ms, step.status.word())).collect();
    assert_eq!(steps, expected);
}

#[rstest]
#[case::answered_before_it_rings(json!({"answered_after_ms": 2_000}), "after it rings")]
#[case::answered_and_busy(json!({"answered_after_ms": 3_000, "ends": "busy"}), "completed, failed or never")]
#[case::completed_unanswered(json!({"ends": "completed"}), "Only a call that is answered")]
#[case::talk_without_an_answer(json!({"talks_for_ms": 1}), "Nobody talks")]
#[case::two_ends(json!({"answered_after_ms": 3_000, "ends_after_ms": 1}), "say talks_for_ms")]
#[case::a_busy_line_that_rings(json!({"rings_after_ms": 1, "ends": "busy"}), "does not ring")]
#[case::an_end_before_it_rings(json!({"ends_after_ms": 2_000}), "ends after it rings")]
#[case::an_end_of_what_never_ends(json!({"ends": "never", "ends_after_ms": 5}), "no time of its end")]
#[case::before_the_dialing(json!({"rings_after_ms": -1}), "0 to 86400000")]
#[case::next_year(json!({"ends_after_ms": 86_400_001}), "0 to 86400000")]
fn what_makes_no_sense_is_refused_in_words(#[case] told: Value, #[case] words: &str) {
    let problem = story(told).checked().expect_err("a refusal");
    assert!(problem.detail.contains(words), "{}", problem.detail);
}
