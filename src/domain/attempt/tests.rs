//! Reports in any order, any number of times.

use super::*;
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

const OURS: &str = "CA1";

/// So many seconds after the claim.
fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(1_795_251_600_000).plus_secs(secs)
}

fn attempt() -> Attempt {
    Attempt {
        id: AttemptId(Uuid::from_u128(1)),
        call_id: CallId(Uuid::from_u128(2)),
        number: 1,
        status: AttemptStatus::Dispatching,
        provider: "http".to_owned(),
        provider_call_id: None,
        place_by: Some(at(10)),
        due_at: at(0),
        claimed_at: at(0),
        accepted_at: None,
        ringing_at: None,
        answered_at: None,
        ended_at: None,
        ended_reason: None,
        provisional: false,
        hangup_requested_at: None,
        hangup_next_at: None,
        last_heard_at: None,
        check_at: Some(at(15)),
        checks: 0,
        refusals: 0,
        last_sequence: None,
        duration_secs: None,
        answered_by: None,
        recording_url: None,
    }
}

fn report(status: AttemptStatus, secs: i64) -> Report {
    Report {
        provider_call_id: OURS.to_owned(),
        status,
        sequence: None,
        occurred_at: at(secs),
        ended_reason: None,
        duration_secs: None,
        answered_by: None,
        recording_url: None,
    }
}

/// All of them, one second after the other, long after they happened.
fn heard<'a>(before: &Attempt, reports: impl IntoIterator<Item = &'a Report>) -> Vec<(Attempt, Verdict)> {
    let mut seen = Vec::new();
    let mut attempt = before.clone();
    for (secs, report) in (1_000..).zip(reports) {
        let now = at(secs);
        let (next, verdict) = attempt.after(report, now, now.plus_secs(90));
        attempt = next;
        seen.push((attempt.clone(), verdict));
    }
    seen
}

/// What everybody who asks about an ended attempt must be told alike.
fn outcome(attempt: &Attempt) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        (attempt.status, attempt.ended_reason, attempt.ended_at),
        (attempt.ringing_at, attempt.answered_at, attempt.duration_secs),
        (attempt.provider_call_id.clone(), attempt.provisional, attempt.check_at),
    )
}

fn statuses(ended: bool) -> Vec<AttemptStatus> {
    let reported = |status: &&AttemptStatus| **status != AttemptStatus::Dispatching;
    AttemptStatus::ALL.iter().filter(reported).copied().filter(|status| status.is_ended() == ended).collect()
}

/// A report with that status, in which everything else is anything.
fn of_status(ended: bool) -> impl Strategy<Value = Report> {
    let reasons = proptest::option::of(select(EndedReason::ALL));
    let talked = proptest::option::of(0..600_i32);
    (select(statuses(ended)), -60..900_i64, reasons, talked).prop_map(|(status, secs, reason, talked)| {
        Report { ended_reason: reason, duration_secs: talked, ..report(status, secs) }
    })
}

/// What the provider says of one attempt, exactly one ending among it; and the same in another order, with
/// each of them at least once and some more often.
fn told_twice() -> impl Strategy<Value = (Vec<Report>, Vec<Report>)> {
    (vec(of_status(false), 0..6), of_status(true)).prop_flat_map(|(mut reports, ending)| {
        reports.push(ending);
        let again = vec(select(reports.clone()), 0..6).prop_map({
            let reports = reports.clone();
            move |more| [reports.clone(), more].concat()
        });
        (Just(reports).prop_shuffle(), again.prop_shuffle())
    })
}

proptest! {
    #[test]
    fn with_one_ending_among_them_any_order_and_number_leads_to_the_same_end((one, other) in told_twice()) {
        let end = |reports: &[Report]| heard(&attempt(), reports).pop().map(|(attempt, _)| outcome(&attempt));
        prop_assert_eq!(end(&one), end(&other));
    }

    #[test]
    fn the_rank_never_falls_and_an_end_stays(reports in vec(prop_oneof![of_status(false), of_status(true)], 1..10)) {
        let mut before = attempt();
        for (after, verdict) in heard(&before, &reports) {
            prop_assert!(after.status.rank() >= before.status.rank());
            if before.status.is_ended() {
                prop_assert_eq!(after.status, before.status);
                prop_assert_eq!(verdict, Verdict::AlreadyEnded);
            }
            let is_moved = after.status != before.status;
            prop_assert_eq!(is_moved, verdict == Verdict::Applied);
            before = after;
        }
    }

    #[test]
    fn the_providers_clock_is_believed_only_between_the_claim_and_now(ending in of_status(true)) {
        let now = at(60);
        let (ended, _) = attempt().after(&ending, now, now);
        prop_assert!(ended.ended_at.is_some_and(|ended| (at(0)..=now).contains(&ended)));
    }
}

#[test]
fn another_id_for_the_same_attempt_changes_nothing() {
    let (known, _) = attempt().after(&report(AttemptStatus::Initiated, 1), at(0), at(0));
    let other = Report { provider_call_id: "CA2".to_owned(), ..report(AttemptStatus::Completed, 2) };
    assert_eq!(known.after(&other, at(3), at(0)), (known.clone(), Verdict::Invalid));
}

#[test]
fn a_guessed_end_is_corrected_once_and_only_by_an_ending() {
    let lost = attempt().ended(AttemptStatus::Failed, EndedReason::LostContact, at(900));
    let reports = [
        report(AttemptStatus::InProgress, 5),
        report(AttemptStatus::Completed, 9),
        report(AttemptStatus::Busy, 10),
    ];
    let seen = heard(&lost, &reports);
    let verdicts: Vec<_> = seen.iter().map(|(_, verdict)| *verdict).collect();
    assert_eq!(verdicts, [Verdict::AlreadyEnded, Verdict::Applied, Verdict::AlreadyEnded]);
    let statuses: Vec<_> = seen.iter().map(|(attempt, _)| attempt.status).collect();
    assert_eq!(statuses, [AttemptStatus::Failed, AttemptStatus::Completed, AttemptStatus::Completed]);
    assert_eq!(seen[2].0.ended_reason, Some(EndedReason::Answered));
}

#[test]
fn details_that_come_late_fill_what_is_empty() {
    let (ended, _) = attempt().after(&report(AttemptStatus::Completed, 9), at(10), at(0));
    let late = Report {
        duration_secs: Some(4),
        answered_by: Some("human".to_owned()),
        recording_url: Some("https://example.org/1.ogg".to_owned()),
        ..report(AttemptStatus::Completed, 9)
    };
    let later = Report { duration_secs: Some(40), answered_by: Some("machine".to_owned()), ..late.clone() };
    let (told, _) = heard(&ended, [&late, &later]).pop().expect("two reports");
    assert_eq!((told.duration_secs, told.answered_by.as_deref()), (Some(4), Some("human")));
    assert_eq!(told.recording_url, late.recording_url);
}

#[test]
fn a_provider_that_dials_after_not_now_takes_a_slot_and_is_asked_about_it() {
    let parked = Attempt { place_by: None, check_at: None, refusals: 1, ..attempt() };
    assert!(!parked.is_in_flight());
    let (dialing, _) = parked.after(&report(AttemptStatus::Ringing, 5), at(6), at(96));
    assert!(dialing.is_in_flight());
    assert_eq!(dialing.check_at, Some(at(96)));
}

#[test]
fn an_end_that_is_a_guess_may_be_corrected() {
    for reason in EndedReason::ALL.iter().copied() {
        let ended = attempt().ended(AttemptStatus::Failed, reason, at(1));
        let is_guess = matches!(reason, EndedReason::LostContact | EndedReason::Unknown);
        assert_eq!(ended.provisional, is_guess, "{reason}");
    }
}

#[test]
fn a_wish_to_hang_up_that_nobody_repeats_can_not_be_met() {
    let wished = Attempt { hangup_requested_at: Some(at(1)), hangup_next_at: Some(at(1)), ..attempt() };
    let answered = Attempt { hangup_next_at: None, ..wished.clone() };
    let ended = answered.ended(AttemptStatus::Completed, EndedReason::Answered, at(9));
    assert_eq!(
        [attempt(), wished, answered, ended].map(|it| it.can_not_be_hung_up()),
        [false, false, true, false]
    );
}
