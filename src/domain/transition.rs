//! The one function that decides every change of a status. ARCHITECTURE.md draws it, [`CallStatus`] tells
//! it in words, and the table test at the end of this file holds all three together.

use super::status::{AttemptStatus, CallStatus};
use serde::{Deserialize, Serialize};

/// What wants to change where a call or an attempt stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A node takes a due call to place it.
    Claimed,
    /// The provider reported a status of an attempt, whose end may have been provisional.
    Reported {
        /// The status that was reported.
        status: AttemptStatus,
        /// Whether the attempt's present end is a guess of ours.
        provisional: bool,
    },
    /// The call's newest attempt now stands there, and another attempt will or will not follow.
    Followed {
        /// Where the attempt stands.
        status: AttemptStatus,
        /// Whether it will be tried again by itself.
        again: bool,
        /// Whether the call's present end was a guess of ours that this report corrects.
        corrects: bool,
    },
    /// The provider refused the placing for now; the call waits and is placed again.
    NotNow,
    /// The call waited past its latest instant.
    Missed,
    /// A person or a program asks for something.
    Asked(Command),
}

/// What people and programs can ask of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Take the wish back.
    Cancel,
    /// Change name, number, workflow or time.
    Edit,
    /// One attempt more.
    Retry,
    /// Set its end by hand.
    EndByHand(AttemptStatus),
    /// Remove it without a trace in the lists.
    Delete,
}

/// What follows from a cause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// It now stands there.
    To(CallStatus),
    /// It is allowed and leaves the status as it is.
    Stay,
    /// The wish is remembered and carried out by a loop; the status follows the provider's report.
    Remembered,
    /// It is so already.
    Already,
    /// The attempt was already as far, or farther.
    Stale,
    /// It had ended before; the first ending wins.
    AlreadyEnded,
}

/// A no, with a word for programs and a sentence for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{why}")]
pub struct Refusal {
    /// A word that programs can compare.
    pub code: &'static str,
    /// Why, in words.
    pub why: &'static str,
}

/// Decides what follows from `cause` for something that stands at `from`.
///
/// # Errors
/// A [`Refusal`] when the rules forbid it.
pub fn transition(from: CallStatus, cause: Cause) -> Result<Step, Refusal> {
    match cause {
        Cause::Claimed => match from {
            CallStatus::Pending => Ok(Step::To(CallStatus::Dispatching)),
            _ => refuse("not_pending", "Only a pending call can be claimed."),
        },
        Cause::Reported { status, provisional } => Ok(report(from, status, provisional)),
        Cause::Followed { status, again, corrects } => Ok(follow(from, status, again, corrects)),
        Cause::NotNow => match from {
            CallStatus::Dispatching => Ok(Step::To(CallStatus::Pending)),
            _ => Ok(Step::Stale),
        },
        Cause::Missed => match from {
            CallStatus::Pending => Ok(Step::To(CallStatus::Failed)),
            _ => Ok(Step::Stale),
        },
        Cause::Asked(command) => ask(from, command),
    }
}

fn report(from: CallStatus, to: AttemptStatus, provisional: bool) -> Step {
    if from.is_ended() {
        let corrects = provisional && to.is_ended();
        return if corrects { Step::To(to.into()) } else { Step::AlreadyEnded };
    }
    if rank(from) < to.rank() { Step::To(to.into()) } else { Step::Stale }
}

fn follow(from: CallStatus, to: AttemptStatus, again: bool, corrects: bool) -> Step {
    if from.is_ended() && !(corrects && to.is_ended()) {
        return Step::AlreadyEnded;
    }
    if again && to.is_ended() { Step::To(CallStatus::Pending) } else { Step::To(to.into()) }
}

#[expect(clippy::match_same_arms, reason = "one line for each cell of the table")]
fn ask(from: CallStatus, command: Command) -> Result<Step, Refusal> {
    use CallStatus::{Canceled, Dispatching, Pending};
    match (command, from) {
        (Command::Cancel, Pending) => Ok(Step::To(Canceled)),
        (Command::Cancel, Canceled) => Ok(Step::Already),
        (Command::Cancel, ended) if ended.is_ended() => {
            refuse("already_ended", "The call has already ended, so there is nothing to cancel.")
        }
        (Command::Cancel, _) => Ok(Step::Remembered),

        (Command::Edit, Pending) => Ok(Step::Stay),
        (Command::Edit, Dispatching) => refuse(
            "dispatching",
            "The provider is being asked to dial right now, so the call can't be changed.",
        ),
        (Command::Edit, ended) if ended.is_ended() => refuse(
            "already_ended",
            "The call has already ended, so it can't be changed. Call again to make a new one.",
        ),
        (Command::Edit, _) => refuse("under_way", "The call is under way, so it can't be changed."),

        (Command::Retry, ended) if ended.is_ended() => Ok(Step::To(Pending)),
        (Command::Retry, _) => {
            refuse("still_open", "The call has not ended yet, so there is nothing to retry.")
        }

        (Command::EndByHand(to), open) if open.is_open() && to.is_ended() => Ok(Step::To(to.into())),
        (Command::EndByHand(to), _) if !to.is_ended() => refuse(
            "not_an_end",
            "By hand a call can only be set to completed, failed, canceled, busy or no_answer.",
        ),
        (Command::EndByHand(_), _) => {
            refuse("already_ended", "The call has already ended; its end can't be changed by hand.")
        }

        (Command::Delete, Pending) => Ok(Step::Stay),
        (Command::Delete, _) => refuse(
            "has_history",
            "Only a pending call that was never attempted can be deleted: history stays.",
        ),
    }
}

fn refuse(code: &'static str, why: &'static str) -> Result<Step, Refusal> {
    Err(Refusal { code, why })
}

/// A pending call stands before every attempt's status.
fn rank(status: CallStatus) -> u8 {
    AttemptStatus::ALL
        .iter()
        .find(|known| CallStatus::from(**known) == status)
        .map_or(0, |known| known.rank())
}

#[cfg(test)]
mod tests {
    use super::*;
    use CallStatus as C;
    use rstest::rstest;

    /// The table of `Rules for people`, row by row: pending, dispatching, under way, ended.
    #[rstest]
    #[case::cancel(Command::Cancel, [Some(Step::To(C::Canceled)), Some(Step::Remembered), Some(Step::Remembered), None])]
    #[case::edit(Command::Edit, [Some(Step::Stay), None, None, None])]
    #[case::retry(Command::Retry, [None, None, None, Some(Step::To(C::Pending))])]
    #[case::end(Command::EndByHand(AttemptStatus::Failed), [Some(Step::To(C::Failed)), Some(Step::To(C::Failed)), Some(Step::To(C::Failed)), None])]
    #[case::delete(Command::Delete, [Some(Step::Stay), None, None, None])]
    fn people_can_ask(#[case] command: Command, #[case] row: [Option<Step>; 4]) {
        let [pending, dispatching, under_way, ended] = row;
        for status in C::ALL.iter().copied() {
            let expected = match status {
                C::Pending => pending,
                C::Dispatching => dispatching,
                C::Initiated | C::Ringing | C::InProgress => under_way,
                C::Canceled if command == Command::Cancel => Some(Step::Already),
                _ => ended,
            };
            assert_eq!(transition(status, Cause::Asked(command)).ok(), expected, "{command:?} at {status}");
        }
    }

    #[test]
    fn reports_only_ever_raise_the_rank_and_the_first_ending_wins() {
        for from in AttemptStatus::ALL.iter().copied() {
            for to in AttemptStatus::ALL.iter().copied() {
                let step = transition(from.into(), Cause::Reported { status: to, provisional: false });
                let expected = match (from.is_ended(), to.rank() > from.rank()) {
                    (true, _) => Step::AlreadyEnded,
                    (false, true) => Step::To(to.into()),
                    (false, false) => Step::Stale,
                };
                assert_eq!(step, Ok(expected), "{from} to {to}");
            }
        }
    }

    #[test]
    fn a_provisional_end_gives_way_to_an_authentic_one_only() {
        let ending = Cause::Reported { status: AttemptStatus::Completed, provisional: true };
        assert_eq!(transition(C::Failed, ending), Ok(Step::To(C::Completed)));
        let ringing = Cause::Reported { status: AttemptStatus::Ringing, provisional: true };
        assert_eq!(transition(C::Failed, ringing), Ok(Step::AlreadyEnded));
    }

    #[test]
    fn a_call_that_will_be_tried_again_never_shows_an_end_in_between() {
        let busy = |again| Cause::Followed { status: AttemptStatus::Busy, again, corrects: false };
        assert_eq!(transition(C::Ringing, busy(true)), Ok(Step::To(C::Pending)));
        assert_eq!(transition(C::Ringing, busy(false)), Ok(Step::To(C::Busy)));
        assert_eq!(transition(C::Canceled, busy(false)), Ok(Step::AlreadyEnded), "ended by hand stays so");
    }

    #[test]
    fn only_a_pending_call_is_claimed_or_missed() {
        for status in C::ALL.iter().copied() {
            assert_eq!(transition(status, Cause::Claimed).is_ok(), status == C::Pending);
            let missed = transition(status, Cause::Missed);
            assert_eq!(missed == Ok(Step::To(C::Failed)), status == C::Pending);
        }
    }
}
