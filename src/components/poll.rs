//! Asking again: when the next look is due, and when a look is due at once.

use super::compact::{RwSignal, Signal, effect, on_window};
use crate::domain::{call::Counts, timestamp::Timestamp};
use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*};
use send_wrapper::SendWrapper;

/// While a call is under way.
const LIVELY_MILLIS: i64 = 1_000;
/// While calls only wait, and while the server can't be reached.
const CALM_MILLIS: i64 = 5_000;
/// While the stream of events tells of calls: what stops all of them is no event.
const FOLLOWING_MILLIS: u32 = 10_000;
/// While nobody sees more of the page than its title.
const HIDDEN_MILLIS: u32 = 60_000;
/// However far away the next due call is.
const LONGEST_MILLIS: i64 = 60_000;

/// How long to wait before asking again; none when nothing is open, so that nothing will change by itself.
pub fn pause_after(counts: &Counts, now: Timestamp) -> Option<u32> {
    if counts.active > 0 || counts.dispatching > 0 {
        return millis(LIVELY_MILLIS);
    }
    if counts.pending == 0 {
        return None;
    }
    millis(match counts.next_due_at.map(|due| due.millis_since(now)) {
        Some(left) if left > 0 => left.clamp(LIVELY_MILLIS, LONGEST_MILLIS),
        _ => CALM_MILLIS,
    })
}

/// The same while the stream of events is open.
pub fn pause_while_following(pause: Option<u32>) -> Option<u32> {
    pause.map(|pause| pause.max(FOLLOWING_MILLIS))
}

/// How long to wait after an answer that did not come.
pub fn pause_after_failure() -> Option<u32> {
    millis(CALM_MILLIS)
}

/// Raises `tick` `pause` after each new answer, seldom while the page is hidden, and at once when the page is seen again
/// or the network is back. `pause` is read anew with each answer that `answers` counts, and whenever
/// `is_following` changes.
pub fn use_poll(
    answers: impl Fn() -> u64 + Send + Sync + 'static,
    is_following: Signal<bool>,
    pause: impl Fn() -> Option<u32> + Send + Sync + 'static,
    tick: RwSignal<u32>,
) {
    let again = move || {
        // The page may be gone by the time its timer fires.
        tick.try_update(|tick| *tick = tick.wrapping_add(1));
    };
    let is_hidden = RwSignal::new(false);
    effect(move || {
        answers();
        let is_following = is_following.get();
        let pause = untrack(&pause);
        let pause = if is_following { pause_while_following(pause) } else { pause };
        let pause = if is_hidden.get() { pause.map(|_| HIDDEN_MILLIS) } else { pause };
        let timer = SendWrapper::new(pause.map(|pause| Timeout::new(pause, again)));
        on_cleanup(move || drop(timer));
    });
    effect(move || {
        is_hidden.set(document().hidden());
        let seen = on_window(ev::visibilitychange, move |_| {
            is_hidden.set(document().hidden());
            if !document().hidden() {
                again();
            }
        });
        let focused = on_window(ev::focus, move |_| again());
        let online = on_window(ev::online, move |_| again());
        on_cleanup(move || {
            seen.remove();
            focused.remove();
            online.remove();
        });
    });
}

fn millis(millis: i64) -> Option<u32> {
    u32::try_from(millis).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: Timestamp = Timestamp::MAX;

    fn counts(pending: i64, dispatching: i64, active: i64, due_in: Option<i64>) -> Counts {
        let next_due_at = due_in.map(|secs| NOW.plus_secs(secs - 1_000_000));
        Counts { pending, active, dispatching, next_due_at, ..Counts::default() }
    }

    #[rstest]
    #[case::nothing_open(counts(0, 0, 0, None), None)]
    #[case::one_is_ringing(counts(3, 0, 1, Some(900)), Some(1_000))]
    #[case::one_is_being_placed(counts(1, 1, 0, None), Some(1_000))]
    #[case::one_is_due_soon(counts(1, 0, 0, Some(7)), Some(7_000))]
    #[case::one_is_due_in_a_day(counts(1, 0, 0, Some(86_400)), Some(60_000))]
    #[case::one_is_due_and_held_up(counts(1, 0, 0, Some(-30)), Some(5_000))]
    fn the_pause_follows_what_is_open(#[case] counts: Counts, #[case] pause: Option<u32>) {
        assert_eq!(pause_after(&counts, NOW.plus_secs(-1_000_000)), pause);
    }
}
