//! What is wrong with which field of a form that is being filled in.

use super::{
    compact::{RwSignal, Signal, effect},
    form_help::Help,
};
use crate::domain::form::{CallForm, FieldError};
use std::collections::BTreeSet;

/// The server's complaints about what was sent, the browser's about what has been typed since, and what the server
/// says of that.
#[derive(Clone, Copy, Debug)]
pub struct FieldErrors {
    sent: Signal<Vec<FieldError>>,
    typed: RwSignal<Vec<FieldError>>,
    touched: RwSignal<BTreeSet<String>>,
    /// The field that is being typed into: nobody is told of a mistake that may be mended by the next key.
    typing: RwSignal<String>,
    help: Help,
}

impl FieldErrors {
    /// Begins with the server's complaints; a new answer of the server's replaces all others.
    pub fn new(sent: Signal<Vec<FieldError>>, help: Help) -> Self {
        let (typed, touched) = (RwSignal::new(Vec::new()), RwSignal::new(BTreeSet::new()));
        let errors = Self { sent, typed, touched, typing: RwSignal::new(String::new()), help };
        effect(move || {
            sent.track();
            errors.touched.set(BTreeSet::new());
        });
        errors
    }

    /// `field` was left after typing: from now on the same validator as the server's speaks of it.
    pub fn touch(self, field: &str, form: &CallForm) {
        self.typing.set(String::new());
        self.typed.set(form.check());
        self.touched.update(|touched| {
            touched.insert(field.to_owned());
        });
    }

    /// `field` is being typed into: a complaint goes as soon as nothing is wrong any more, and none comes.
    pub fn retype(self, field: &str, form: &CallForm) {
        self.typing.set(field.to_owned());
        let is_blamed = |errors: &Vec<FieldError>| errors.iter().any(|error| error.field == field);
        let was_blamed = self.typed.with_untracked(is_blamed) || self.sent.with_untracked(is_blamed);
        let now = form.check();
        if was_blamed && !is_blamed(&now) {
            self.typed.set(now);
            self.touched.update(|touched| {
                touched.insert(field.to_owned());
            });
        }
    }

    /// Everything is as if nobody had typed.
    pub fn clear(self) {
        self.typed.set(Vec::new());
        self.touched.set(BTreeSet::new());
    }

    /// What to say beside `field`.
    pub fn of(self, field: &'static str) -> Signal<Option<String>> {
        let find = move |errors: Vec<FieldError>| {
            errors.into_iter().find(|error| error.field == field).map(|error| error.detail)
        };
        Signal::derive(move || {
            if !self.touched.with(|touched| touched.contains(field)) {
                return find(self.sent.get());
            }
            let is_typing = self.typing.with(|typing| typing == field);
            find(self.typed.get()).or_else(|| if is_typing { None } else { find(self.help.errors()) })
        })
    }
}
