//! The library's values that views read, with its words and its meaning, at one copy of its code. There, each type of
//! value is a graph's node of its own kind; here all are one kind, and what a type adds is a cast.

use leptos::prelude::{
    ArcTrigger, GetValue, Memo as Node, Notify, StoredValue as Place, Track, With, WithUntracked, untrack,
};
use std::{
    any::Any,
    fmt::{Debug, Formatter, Result as Written},
    marker::PhantomData,
    sync::{Arc, PoisonError, RwLock},
};

type Value = Arc<dyn Any + Send + Sync>;

fn of<T: 'static>(value: &Value) -> &T {
    value.downcast_ref().expect("the handle's type is the one it was made with")
}

/// Copied like a number, whatever it leads to.
macro_rules! handle {
    ($name:ident, $inner:ty, $($about:literal)*) => {
        $(#[doc = $about])*
        pub struct $name<T> {
            inner: $inner,
            of: PhantomData<fn() -> T>,
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T> Debug for $name<T> {
            fn fmt(&self, to: &mut Formatter<'_>) -> Written {
                to.write_str(stringify!($name))
            }
        }
    };
}

/// Copies of what is read.
macro_rules! copies {
    ($($name:ident)*) => {
        $(
            impl<T: Clone + Send + Sync + 'static> $name<T> {
                /// A copy of it, followed.
                pub fn get(&self) -> T {
                    self.with(T::clone)
                }

                /// A copy of it.
                pub fn get_untracked(&self) -> T {
                    self.with_untracked(T::clone)
                }
            }
        )*
    };
}

handle!(
    StoredValue,
    Place<Value>,
    "A value that is kept as long as the part of the page that made it; reading it follows nothing."
);

impl<T: Send + Sync + 'static> StoredValue<T> {
    /// Keeps `value`.
    pub fn new(value: T) -> Self {
        Self { inner: Place::new(Arc::new(RwLock::new(value))), of: PhantomData }
    }

    /// Reads it where it is.
    pub fn with_value<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        look(&self.inner.get_value(), read)
    }

    /// Changes it where it is.
    pub fn update_value<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        alter(&self.inner.get_value(), change)
    }

    /// Puts another in its place.
    pub fn set_value(&self, value: T) {
        self.update_value(|known| *known = value);
    }

    /// The same unless it is gone.
    pub fn try_update_value<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.inner.try_get_value().map(|place| alter(&place, change))
    }

    /// The same unless it is gone.
    pub fn try_set_value(&self, value: T) {
        self.try_update_value(|known| *known = value);
    }

    /// A copy of it.
    pub fn get_value(&self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    /// A copy of it unless it is gone.
    pub fn try_get_value(&self) -> Option<T>
    where
        T: Clone,
    {
        self.inner.try_get_value().map(|place| look(&place, T::clone))
    }
}

fn look<T: 'static, R>(place: &Value, read: impl FnOnce(&T) -> R) -> R {
    read(&of::<RwLock<T>>(place).read().unwrap_or_else(PoisonError::into_inner))
}

fn alter<T: 'static, R>(place: &Value, change: impl FnOnce(&mut T) -> R) -> R {
    change(&mut of::<RwLock<T>>(place).write().unwrap_or_else(PoisonError::into_inner))
}

/// A value that changes, and those who are told.
#[derive(Clone)]
struct Told {
    value: Value,
    changed: ArcTrigger,
}

handle!(RwSignal, Place<Told>, "A value that somebody sets and that views follow.");

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// Begins with `value`.
    pub fn new(value: T) -> Self {
        fn begin(value: Value) -> Place<Told> {
            Place::new(Told { value, changed: ArcTrigger::new() })
        }
        Self { inner: begin(Arc::new(RwLock::new(value))), of: PhantomData }
    }

    /// Reads it where it is, and follows it.
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        fn follow(inner: Place<Told>) -> Value {
            let told = inner.get_value();
            told.changed.track();
            told.value
        }
        look(&follow(self.inner), read)
    }

    /// Reads it where it is.
    pub fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        look(&self.inner.get_value().value, read)
    }

    /// The same unless it is gone.
    pub fn try_with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.inner.try_get_value().map(|told| look(&told.value, read))
    }

    /// Changes it and tells whoever follows it, unless it is gone.
    pub fn try_update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let told = self.inner.try_get_value()?;
        let result = alter(&told.value, change);
        told.changed.notify();
        Some(result)
    }

    /// The same.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        self.try_update(change);
    }

    /// Puts another in its place and tells whoever follows it.
    pub fn set(&self, value: T) {
        self.try_set(value);
    }

    /// The same unless it is gone.
    pub fn try_set(&self, value: T) {
        self.try_update(|known| *known = value);
    }
}

/// What a [`Memo`] has computed, and how it is compared.
#[derive(Clone)]
struct Computed {
    value: Value,
    is_same: fn(&Value, &Value) -> bool,
}

impl PartialEq for Computed {
    fn eq(&self, other: &Self) -> bool {
        (self.is_same)(&self.value, &other.value)
    }
}

handle!(
    Memo,
    Node<Computed>,
    "A value that is computed of others; who follows it hears only of another one."
);

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// Computes it of what `next` reads, and of what it was before.
    pub fn new(next: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        type Next = Box<dyn Fn(Option<&Value>) -> Value + Send + Sync>;
        fn begin(next: Next, is_same: fn(&Value, &Value) -> bool) -> Node<Computed> {
            Node::new(move |before: Option<&Computed>| {
                let value = next(before.map(|before| &before.value));
                Computed { value, is_same }
            })
        }
        let next: Next = Box::new(move |before| Arc::new(next(before.map(of))));
        Self { inner: begin(next, |one, other| of::<T>(one) == of::<T>(other)), of: PhantomData }
    }
}

impl<T: Send + Sync + 'static> Memo<T> {
    /// Reads it, and follows it.
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(of(&computed(self.inner)))
    }

    /// Reads it.
    pub fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(of(&self.inner.with_untracked(|computed| computed.value.clone())))
    }
}

fn computed(node: Node<Computed>) -> Value {
    node.with(|computed| computed.value.clone())
}

type Reader = Arc<dyn Fn() -> Value + Send + Sync>;

handle!(Signal, Place<Reader>, "A value that views follow, wherever it comes from.");

impl<T: Send + Sync + 'static> Signal<T> {
    /// What `read` says; views follow what it follows.
    pub fn derive(read: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self::reading(Arc::new(move || Arc::new(read())))
    }

    /// A value that stays.
    pub fn stored(value: T) -> Self {
        let value: Value = Arc::new(value);
        Self::reading(Arc::new(move || value.clone()))
    }

    fn reading(reader: Reader) -> Self {
        Self { inner: Place::new(reader), of: PhantomData }
    }

    /// Reads it, and follows it.
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(of(&self.inner.get_value()()))
    }

    /// Reads it.
    pub fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        let reader = self.inner.get_value();
        read(of(&untrack(|| reader())))
    }

    /// Follows it.
    pub fn track(&self) {
        self.with(|_| ());
    }
}

copies!(Memo RwSignal Signal);

impl<T: Send + Sync + 'static, F: Fn() -> T + Send + Sync + 'static> From<F> for Signal<T> {
    fn from(read: F) -> Self {
        Self::derive(read)
    }
}

impl<T: PartialEq + Send + Sync + 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        fn read(node: Node<Computed>) -> Reader {
            Arc::new(move || computed(node))
        }
        Self::reading(read(memo.inner))
    }
}

impl<T: Clone + Send + Sync + 'static> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self::derive(move || signal.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::prelude::Owner;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn page() -> Owner {
        let owner = Owner::new();
        owner.set();
        owner
    }

    #[test]
    fn who_follows_a_memo_hears_only_of_another_value() {
        let _page = page();
        let number = RwSignal::new(1);
        let parity = Memo::new(move |_| number.get() % 2);
        let runs = Arc::new(AtomicU32::new(0));
        let counted = runs.clone();
        let words = Memo::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            if parity.get() == 0 { "even" } else { "odd" }
        });
        let now = || (words.get(), runs.load(Ordering::Relaxed));
        assert_eq!(now(), ("odd", 1));
        number.set(3);
        assert_eq!(now(), ("odd", 1));
        number.update(|number| *number += 1);
        assert_eq!(now(), ("even", 2));
    }

    #[test]
    fn a_memo_knows_what_it_was_before() {
        let _page = page();
        let newest = RwSignal::new(None);
        let kept =
            Memo::new(move |before: Option<&u32>| newest.get().or(before.copied()).unwrap_or_default());
        assert_eq!(kept.get(), 0);
        newest.set(Some(7));
        assert_eq!(kept.get(), 7);
        newest.set(None);
        assert_eq!(kept.get(), 7);
    }

    #[test]
    fn a_signal_says_what_it_comes_from_says() {
        let _page = page();
        let number = RwSignal::new(1);
        let doubled = Memo::new(move |_| number.get() * 2);
        let signals = [Signal::from(number), doubled.into(), Signal::derive(move || number.get() + 10)];
        let stays = Signal::stored(5);
        number.set(4);
        assert_eq!(signals.map(|signal| signal.get()), [4, 8, 14]);
        assert_eq!(signals.map(|signal| signal.with_untracked(|number| *number)), [4, 8, 14]);
        assert_eq!(stays.get_untracked(), 5);
    }

    #[test]
    fn what_belonged_to_a_page_that_is_gone_is_left_alone() {
        let page = page();
        let (signal, value) = (RwSignal::new(1), StoredValue::new(vec![1]));
        value.update_value(|numbers| numbers.push(2));
        assert_eq!(value.try_get_value(), Some(vec![1, 2]));
        page.cleanup();
        assert_eq!(signal.try_with_untracked(|number| *number), None);
        assert_eq!(signal.try_update(|number| *number += 1), None);
        signal.try_set(2);
        value.try_set_value(Vec::new());
        assert_eq!(value.try_get_value(), None);
    }
}
