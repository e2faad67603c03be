//! What each fault does to the callbacks of a call, and what can't be asked for.

use super::*;
use crate::server::provider::simulator::{happening::plan, scenario::script};
use rstest::rstest;

const LUCK: Luck = Luck { seed: 1, number: "+14155550101", nth: 1 };

fn fault(kind: Kind) -> Fault {
    Fault { kind, by_ms: None, share: None, status: None, retry_after_secs: None }
}

/// Sequence, when it is due and how often it is sent, of a call that is answered.
fn told(faults: &[Fault]) -> Vec<(i64, i64, i16)> {
    let mut happenings = plan(&script(LUCK.number, 1, 1, 0.0), 0, 1.0);
    spoil(faults, &mut happenings, LUCK, 1_000);
    happenings.iter().map(|it| (it.sequence, it.due_at, it.copies)).collect()
}

#[rstest]
#[case::none(&[], [(1, 0, 1), (2, 2_000, 1), (3, 5_000, 1), (4, 10_000, 1)])]
#[case::late(&[Fault { by_ms: Some(700), ..fault(Kind::CallbacksLate) }], [(1, 700, 1), (2, 2_700, 1), (3, 5_700, 1), (4, 10_700, 1)])]
#[case::lost(&[fault(Kind::CallbacksLost)], [(1, 0, 1), (2, 2_000, 0), (3, 5_000, 0), (4, 10_000, 0)])]
#[case::all_lost(&[Fault { share: Some(1.0), ..fault(Kind::CallbacksLost) }], [(1, 0, 0), (2, 2_000, 0), (3, 5_000, 0), (4, 10_000, 0)])]
#[case::twice(&[fault(Kind::CallbacksTwice)], [(1, 0, 2), (2, 2_000, 2), (3, 5_000, 2), (4, 10_000, 2)])]
#[case::out_of_order(&[fault(Kind::CallbacksOutOfOrder)], [(1, 3_000, 1), (2, 2_000, 1), (3, 11_000, 1), (4, 10_000, 1)])]
#[case::silent(&[fault(Kind::CallSilent)], [(1, 0, 0), (2, 2_000, 0), (3, 5_000, 0), (4, 10_000, 0)])]
#[case::what_is_lost_is_not_sent_twice(&[fault(Kind::CallbacksLost), fault(Kind::CallbacksTwice)], [(1, 0, 2), (2, 2_000, 0), (3, 5_000, 0), (4, 10_000, 0)])]
#[case::wrongly_signed_all_the_same(&[fault(Kind::CallbacksWronglySigned)], [(1, 0, 1), (2, 2_000, 1), (3, 5_000, 1), (4, 10_000, 1)])]
fn a_fault_changes_when_and_how_often(#[case] faults: &[Fault], #[case] expected: [(i64, i64, i16); 4]) {
    assert_eq!(told(faults), expected);
}

#[test]
fn a_share_is_lost_over_many_calls_and_always_the_same_ones() {
    let half = [Fault { share: Some(0.5), ..fault(Kind::CallbacksLost) }];
    let lost = |nth| {
        let mut happenings = plan(&script(LUCK.number, 1, nth, 0.0), 0, 1.0);
        spoil(&half, &mut happenings, Luck { nth, ..LUCK }, 1_000);
        happenings.iter().map(|it| it.copies == 0).collect::<Vec<_>>()
    };
    let all: Vec<bool> = (1..=1_000).flat_map(lost).collect();
    let count = all.iter().filter(|lost| **lost).count();
    assert!((1_900..=2_100).contains(&count), "{count} of 4000");
    assert_eq!(lost(7), lost(7));
}

#[rstest]
#[case::late_by_what(fault(Kind::CallbacksLate), "by_ms.")]
#[case::late_by_nothing(Fault { by_ms: Some(0), ..fault(Kind::CallbacksLate) }, "1 to 86400000")]
#[case::slow_for_hours(Fault { by_ms: Some(60_001), ..fault(Kind::PlacingSlow) }, "1 to 60000")]
#[case::a_delay_of_something_else(Fault { by_ms: Some(1), ..fault(Kind::CallSilent) }, "alone")]
#[case::a_share_of_nothing(Fault { share: Some(0.0), ..fault(Kind::CallbacksLost) }, "more than 0")]
#[case::more_than_all(Fault { share: Some(1.1), ..fault(Kind::CallbacksLost) }, "at most 1")]
#[case::no_number(Fault { share: Some(f64::NAN), ..fault(Kind::CallbacksLost) }, "at most 1")]
#[case::a_share_of_something_else(Fault { share: Some(0.5), ..fault(Kind::CallbacksTwice) }, "alone")]
#[case::another_status(Fault { status: Some(404), ..fault(Kind::PlacingRefused) }, "409, 422, 429 or 503")]
#[case::a_status_of_something_else(Fault { status: Some(409), ..fault(Kind::CallSilent) }, "alone")]
#[case::a_wait_for_good(Fault { retry_after_secs: Some(5), ..fault(Kind::PlacingRefused) }, "429 and 503")]
#[case::a_wait_of_years(Fault { status: Some(429), retry_after_secs: Some(86_401), ..fault(Kind::PlacingRefused) }, "0 to 86400")]
fn what_makes_no_sense_is_refused_in_words(#[case] fault: Fault, #[case] words: &str) {
    let problem = fault.checked().expect_err("a refusal");
    assert!(problem.detail.contains(words), "{}", problem.detail);
    assert_eq!((problem.status.as_u16(), problem.code), (422, "invalid_fault"));
}

#[rstest]
#[case::for_good(None, 422, None)]
#[case::conflict(Some(409), 409, None)]
#[case::busy(Some(429), 429, Some(30))]
#[case::out_of_service(Some(503), 503, Some(30))]
fn a_refusal_has_its_status(
    #[case] asked: Option<u16>,
    #[case] status: u16,
    #[case] retry_after: Option<i64>,
) {
    let fault = Fault { status: asked, ..fault(Kind::PlacingRefused) }.checked().expect("a fault");
    let refusal = fault.refusal().expect("a refusal");
    assert_eq!((refusal.status.as_u16(), refusal.retry_after_secs), (status, retry_after));
}

#[test]
fn every_kind_has_its_words() {
    for kind in Kind::ALL {
        assert!(!kind.does().ends_with('.') && kind.does().len() > 10, "{kind:?}");
    }
}
