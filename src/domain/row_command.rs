//! What a person can ask of a call with one button, and what is offered where it stands.

use super::{
    call_row::CallRow,
    status::{AttemptStatus, CallStatus, Phase},
    transition::{Cause, Command, transition},
    words::words,
};

words! {
    /// A button of a row.
    RowCommand {
        /// Let it go out at once, whatever it waits for.
        CallNow = "call_now",
        /// Ask the provider at once what became of its placing.
        AskNow = "ask_now",
        /// Take the wish back, or hang up.
        Cancel = "cancel",
        /// One attempt more.
        Retry = "retry",
        /// End it by hand as failed.
        MarkFailed = "mark_failed",
        /// Remove it.
        Delete = "delete",
    }
}

impl RowCommand {
    /// The commands that the rules allow for `row` and that would change something, the likeliest first.
    pub fn offered(row: &CallRow) -> Vec<Self> {
        let order = [Self::CallNow, Self::AskNow, Self::Cancel, Self::Retry, Self::MarkFailed, Self::Delete];
        order.into_iter().filter(|command| command.fits(row)).collect()
    }

    /// The words on its button, for a call that stands at `status`.
    pub fn label(self, status: CallStatus) -> &'static str {
        match self {
            Self::CallNow => "Call now",
            Self::AskNow => "Ask now",
            Self::Cancel if status.phase() == Phase::Active => "Hang up",
            Self::Cancel => "Cancel",
            Self::Retry => "Retry",
            Self::MarkFailed => "Mark as failed",
            Self::Delete => "Delete",
        }
    }

    /// Whether it can't be undone and so is asked for twice.
    pub fn is_destructive(self) -> bool {
        matches!(self, Self::MarkFailed | Self::Delete)
    }

    fn fits(self, row: &CallRow) -> bool {
        let allowed = |command| transition(row.status, Cause::Asked(command)).is_ok();
        match self {
            Self::CallNow => row.is_early && allowed(Command::Edit),
            Self::AskNow => row.is_asking,
            Self::Cancel => !row.is_being_canceled && row.status.is_open() && allowed(Command::Cancel),
            Self::Retry => allowed(Command::Retry),
            Self::MarkFailed => allowed(Command::EndByHand(AttemptStatus::Failed)),
            Self::Delete => row.attempts_made == 0 && allowed(Command::Delete),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::call_row::tests::a_row;
    use RowCommand as R;
    use rstest::rstest;

    #[rstest]
    #[case(CallStatus::Pending, true, &[R::CallNow, R::Cancel, R::MarkFailed, R::Delete])]
    #[case(CallStatus::Pending, false, &[R::Cancel, R::MarkFailed, R::Delete])]
    #[case(CallStatus::Dispatching, false, &[R::Cancel, R::MarkFailed])]
    #[case(CallStatus::Ringing, false, &[R::Cancel, R::MarkFailed])]
    #[case(CallStatus::NoAnswer, false, &[R::Retry])]
    #[case(CallStatus::Canceled, false, &[R::Retry])]
    fn only_what_would_do_something_is_offered(
        #[case] status: CallStatus,
        #[case] is_early: bool,
        #[case] offered: &[RowCommand],
    ) {
        let row = CallRow { status, is_early, ..a_row() };
        assert_eq!(RowCommand::offered(&row), offered);
    }

    #[test]
    fn what_became_of_a_placing_can_be_asked_while_it_is_open() {
        let row = CallRow { status: CallStatus::Dispatching, is_asking: true, ..a_row() };
        assert_eq!(RowCommand::offered(&row), [R::AskNow, R::Cancel, R::MarkFailed]);
    }

    #[test]
    fn history_and_a_cancel_under_way_take_their_buttons_away() {
        let row = CallRow { attempts_made: 1, is_being_canceled: true, ..a_row() };
        assert_eq!(RowCommand::offered(&row), [R::MarkFailed]);
    }
}
