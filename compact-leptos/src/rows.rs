//! Views that keep their places by their keys.

use crate::prelude::{AnyView, IntoAny};
use leptos::{reactive::owner::Owner, tachys::reactive_graph::OwnedView};

/// A view among others that come and go.
pub struct Row {
    /// No two at a time have the same. Whatever has the same as before stays as it is.
    pub key: String,
    /// Makes it, where there was none of this key.
    pub make: Box<dyn FnOnce() -> AnyView + Send>,
}

/// The rows, one after another; what each of them holds belongs to `owner`, and goes when the row does.
pub fn rows(owner: &Owner, rows: Vec<Row>) -> AnyView {
    let rows = rows.into_iter().map(|row| Owned { owner: owner.clone(), row });
    #[cfg(feature = "ssr")]
    return rows.map(Owned::make).collect::<Vec<_>>().into_any();
    #[cfg(not(feature = "ssr"))]
    AnyView::of(browser::Keyed(rows.collect()))
}

struct Owned {
    owner: Owner,
    row: Row,
}

impl Owned {
    fn make(self) -> AnyView {
        let owner = self.owner.child();
        let view = owner.with(self.row.make);
        OwnedView::new_with_owner(view, owner).into_any()
    }
}

/// Which rows are not touched, so that nothing moves under a pointer or loses the focus: of those that were there, by the
/// places that they had, as many as possible that keep their order (the longest rising part, by patience sorting).
#[cfg(any(test, not(feature = "ssr")))]
fn staying(places: &[Option<usize>]) -> Vec<bool> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; places.len()];
    for (nth, place) in places.iter().enumerate().filter(|(_, place)| place.is_some()) {
        let length = ends.partition_point(|end| places[*end] < *place);
        before[nth] = length.checked_sub(1).map(|shorter| ends[shorter]);
        match ends.get_mut(length) {
            Some(end) => *end = nth,
            None => ends.push(nth),
        }
    }
    let mut stays = vec![false; places.len()];
    let mut last = ends.last().copied();
    while let Some(nth) = last {
        stays[nth] = true;
        last = before[nth];
    }
    stays
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use super::{Owned, staying};
    use crate::any::{AnyViewState, Forgotten, Mounted};
    use leptos::{
        prelude::{Mountable, Render, RenderHtml},
        tachys::{
            hydration::Cursor,
            renderer::{
                Rndr,
                types::{Element, Node, Placeholder},
            },
            view::PositionState,
        },
    };
    use std::any::{Any, TypeId};

    pub struct Keyed(pub Vec<Owned>);

    /// What became of the rows in the document, in their order there.
    pub struct States {
        rows: Vec<(String, AnyViewState)>,
        end: Placeholder,
    }

    impl Forgotten for Keyed {
        fn kind(&self) -> TypeId {
            TypeId::of::<Self>()
        }

        fn stands(&self) -> bool {
            true
        }

        fn build(self: Box<Self>) -> Box<dyn Mounted> {
            let rows =
                self.0.into_iter().map(|owned| (owned.row.key.clone(), owned.make().build())).collect();
            Box::new(States { rows, end: Rndr::create_placeholder() })
        }

        fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn Mounted> {
            let hydrate =
                |owned: Owned| (owned.row.key.clone(), owned.make().hydrate::<true>(cursor, position));
            let rows = self.0.into_iter().map(hydrate).collect();
            Box::new(States { rows, end: cursor.next_placeholder(position) })
        }

        fn rebuild(self: Box<Self>, state: &mut dyn Any) {
            let Some(state) = state.downcast_mut::<States>() else { return };
            let here: Vec<String> = state.rows.iter().map(|(key, _)| key.clone()).collect();
            let places: Vec<_> = self.0.iter().map(|owned| place(&here, &owned.row.key)).collect();
            let stays = staying(&places);
            let mut known: Vec<_> = state.rows.drain(..).map(Some).collect();
            // From the last to the first: each comes before the one that was put in its place last.
            for (nth, owned) in self.0.into_iter().enumerate().rev() {
                let row = places[nth].and_then(|place| known[place].take());
                let stays = stays[nth] && row.is_some();
                let mut row = row.unwrap_or_else(|| (owned.row.key.clone(), owned.make().build()));
                if !stays {
                    match state.rows.last() {
                        Some((_, next)) => next.insert_before_this(&mut row.1),
                        None => state.end.insert_before_this(&mut row.1),
                    };
                }
                state.rows.push(row);
            }
            state.rows.reverse();
            known.into_iter().flatten().for_each(|(_, mut gone)| gone.unmount());
        }
    }

    fn place(here: &[String], key: &str) -> Option<usize> {
        here.iter().position(|known| known == key)
    }

    impl Mountable for States {
        fn unmount(&mut self) {
            self.rows.iter_mut().for_each(|(_, row)| row.unmount());
            self.end.unmount();
        }

        fn mount(&mut self, parent: &Element, before: Option<&Node>) {
            self.rows.iter_mut().for_each(|(_, row)| row.mount(parent, before));
            self.end.mount(parent, before);
        }

        fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
            self.rows.iter().any(|(_, row)| row.insert_before_this(child))
                || self.end.insert_before_this(child)
        }

        fn elements(&self) -> Vec<Element> {
            self.rows.iter().flat_map(|(_, row)| row.elements()).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::staying;

    /// Those of `wanted` that stay where they are, with one letter a row.
    fn kept(here: &str, wanted: &str) -> String {
        let places: Vec<_> = wanted.chars().map(|key| here.chars().position(|known| known == key)).collect();
        wanted.chars().zip(staying(&places)).filter(|(_, stays)| *stays).map(|(key, _)| key).collect()
    }

    #[test]
    fn what_keeps_its_order_stays() {
        for (here, wanted, stay) in [
            ("", "", ""),
            ("", "abc", ""),
            ("abc", "abc", "abc"),
            ("abc", "", ""),
            // Come and gone.
            ("abc", "nabc", "abc"),
            ("abc", "anbcn", "abc"),
            ("abcd", "bd", "bd"),
            // One moves, whichever way it goes.
            ("abcd", "bcda", "bcd"),
            ("abcd", "dabc", "abc"),
            ("abcdef", "aecdbf", "acdf"),
            // All turned round: one can stay.
            ("abc", "cba", "a"),
            // Moved, come and gone at once.
            ("abcdef", "fxbdy", "bd"),
        ] {
            assert_eq!(kept(here, wanted), stay, "{here} to {wanted}");
        }
    }

    #[test]
    fn a_key_that_comes_twice_stays_once() {
        assert_eq!(kept("ab", "aab").len(), 2);
    }
}
