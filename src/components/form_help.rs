//! What the server says of a form while it is being filled in, and how it is shown only as long as it is true.

use super::{
    clock::Clock,
    compact::{Memo, RwSignal, effect},
};
use crate::domain::{
    call_check::{CallCheck, Customer, Remark, Wait},
    form::{CallForm, FieldError, When},
    length::length_in_words,
};
use leptos::prelude::*;

/// Answers in the order of their questions: an older one never takes the place of a newer one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Turns {
    asked: u64,
    answered: u64,
}

impl Turns {
    /// The turn of a new question.
    pub fn ask(&mut self) -> u64 {
        self.asked += 1;
        self.asked
    }

    /// Whether the answer to the question of `turn` is newer than what was answered before.
    pub fn takes(&mut self, turn: u64) -> bool {
        let is_newer = turn > self.answered;
        self.answered = self.answered.max(turn);
        is_newer
    }
}

/// A form as it stands, and what the server said of a form that may be older.
#[derive(Clone, Copy, Debug)]
pub struct Help {
    typed: RwSignal<CallForm>,
    answer: RwSignal<Option<(CallForm, CallCheck)>>,
    ask: Callback<CallForm>,
}

impl Help {
    /// Nothing is known yet; `ask` puts the question, and sets `answer` some time later.
    pub fn new(answer: RwSignal<Option<(CallForm, CallCheck)>>, ask: Callback<CallForm>) -> Self {
        let help = Self { typed: RwSignal::new(CallForm::default()), answer, ask };
        help.ask_each_minute();
        help
    }

    /// The form has changed.
    pub fn retype(self, form: CallForm) {
        if self.typed.with_untracked(|typed| *typed != form) {
            self.typed.set(form.clone());
            self.ask.run(form);
        }
    }

    /// Whose number it is.
    pub fn number(self) -> Option<String> {
        self.about(is_same_number, |check| check.number.clone()).flatten()
    }

    /// What is worth knowing before it is sent.
    pub fn remarks(self) -> Vec<Remark> {
        let is_same = |one: &CallForm, other: &CallForm| is_same_number(one, other) && one.when == other.when;
        self.about(is_same, |check| check.remarks.clone()).unwrap_or_default()
    }

    /// What only the server finds wrong.
    pub fn errors(self) -> Vec<FieldError> {
        let is_same =
            |one: &CallForm, other: &CallForm| is_same_number(one, other) && is_same_time(one, other);
        self.about(is_same, |check| check.errors.clone()).unwrap_or_default()
    }

    /// When the call would go out, if not at once.
    pub fn wait(self) -> Option<Wait> {
        self.about(is_same_time, |check| check.wait.clone()).flatten()
    }

    /// How long it is until then; in the browser only, where there is a clock.
    pub fn distance(self) -> Option<String> {
        let wait = self.wait()?;
        let delay = self.typed.with(delay_secs);
        let left = delay.or_else(|| Some(wait.at.millis_since(Clock::get().now()?) / 1_000))?;
        Some(length_in_words(left))
    }

    /// Who may be meant.
    pub fn customers(self) -> Vec<Customer> {
        self.answer
            .with(|answer| answer.as_ref().map(|(_, check)| check.customers.clone()))
            .unwrap_or_default()
    }

    fn about<T>(
        self,
        is_same: impl Fn(&CallForm, &CallForm) -> bool,
        read: impl Fn(&CallCheck) -> T,
    ) -> Option<T> {
        self.answer.with(|answer| {
            let (form, check) = answer.as_ref()?;
            self.typed.with(|typed| is_same(typed, form)).then(|| read(check))
        })
    }

    /// "In 15 minutes" is another time each minute.
    fn ask_each_minute(self) {
        let clock = Clock::get();
        let minute = Memo::new(move |_| clock.now().map(|now| now.as_millis() / 60_000));
        let mut before = None;
        effect(move || {
            let minute = minute.get();
            let has_passed = before.is_some() && before != minute;
            before = minute;
            if has_passed && self.typed.with_untracked(delay_secs).is_some() {
                self.ask.run(self.typed.get_untracked());
            }
        });
    }
}

fn delay_secs(form: &CallForm) -> Option<i64> {
    form.when.parse().ok().and_then(When::delay_secs)
}

fn is_same_number(one: &CallForm, other: &CallForm) -> bool {
    one.phone_number == other.phone_number && one.country == other.country
}

fn is_same_time(one: &CallForm, other: &CallForm) -> bool {
    one.when == other.when && one.wall_time == other.wall_time && one.time_zone == other.time_zone
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_older_answer_never_takes_the_place_of_a_newer_one() {
        let mut turns = Turns::default();
        let (first, second, third) = (turns.ask(), turns.ask(), turns.ask());
        assert!(turns.takes(second));
        assert!(!turns.takes(first), "it was overtaken");
        assert!(turns.takes(third));
        assert!(!turns.takes(third), "nor is anything taken twice");
    }

    proptest! {
        #[test]
        fn what_is_shown_in_the_end_is_the_newest_answer_there_was(
            answered in proptest::collection::vec(1_u64..20, 1..20),
        ) {
            let mut turns = Turns::default();
            for _ in 0..20 {
                turns.ask();
            }
            let shown = answered.iter().filter(|turn| turns.takes(**turn)).last().copied();
            prop_assert_eq!(shown, answered.iter().max().copied());
        }
    }
}
