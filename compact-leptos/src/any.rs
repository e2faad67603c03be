//! A view that has forgotten what it is made of, in the browser. The server's is the library's.

use crate::element::replace;
use leptos::{
    prelude::{AddAnyAttr, Mountable, Render, RenderHtml},
    tachys::{
        html::attribute::{Attribute, any_attribute::AnyAttribute},
        hydration::Cursor,
        renderer::{
            Rndr,
            types::{Element, Node, Placeholder},
        },
        view::{
            Position, PositionState,
            any_view::{self, AnyViewWithAttrs},
        },
    },
};
use std::{
    any::{Any, TypeId},
    fmt::{Debug, Formatter, Result as Written},
};

/// A view that has forgotten what it is made of. The library's of this name brings code with each type of view to take it
/// over bit by bit, which nothing here asks for: a page is taken over once its code is there.
pub struct AnyView(Box<dyn Forgotten>);

impl AnyView {
    /// One of a kind of our own, that never was a view of the library's.
    pub(crate) fn of(view: impl Forgotten + 'static) -> Self {
        Self(Box::new(view))
    }
}

impl Debug for AnyView {
    fn fmt(&self, to: &mut Formatter<'_>) -> Written {
        to.write_str("AnyView")
    }
}

/// Makes an [`AnyView`] of any view.
pub trait IntoAny {
    /// It, forgetting what it is made of.
    fn into_any(self) -> AnyView;
}

impl<T: RenderHtml> IntoAny for T {
    fn into_any(self) -> AnyView {
        AnyView::of(self.into_owned())
    }
}

/// What a view can still do that has forgotten what it is made of.
pub(crate) trait Forgotten: Send {
    fn kind(&self) -> TypeId;
    fn stands(&self) -> bool;
    fn build(self: Box<Self>) -> Box<dyn Mounted>;
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn Mounted>;
    fn rebuild(self: Box<Self>, state: &mut dyn Any);
}

/// What became of it in the document.
pub(crate) trait Mounted: Mountable + Any {}

impl<T: Mountable + Any> Mounted for T {}

impl<T: RenderHtml + 'static> Forgotten for T {
    fn kind(&self) -> TypeId {
        TypeId::of::<T>()
    }

    fn stands(&self) -> bool {
        T::EXISTS
    }

    fn build(self: Box<Self>) -> Box<dyn Mounted> {
        Box::new(Render::build(*self))
    }

    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn Mounted> {
        Box::new(RenderHtml::hydrate::<true>(*self, cursor, position))
    }

    fn rebuild(self: Box<Self>, state: &mut dyn Any) {
        if let Some(state) = state.downcast_mut() {
            Render::rebuild(*self, state);
        }
    }
}

/// What became of an [`AnyView`] in the document.
pub struct AnyViewState {
    kind: TypeId,
    state: Box<dyn Mounted>,
    /// Where it would be, for what is nothing.
    place: Option<Placeholder>,
}

impl Render for AnyView {
    type State = AnyViewState;

    fn build(self) -> Self::State {
        let (kind, stands) = (self.0.kind(), self.0.stands());
        let state = self.0.build();
        AnyViewState { kind, state, place: (!stands).then(Rndr::create_placeholder) }
    }

    fn rebuild(self, state: &mut Self::State) {
        if self.0.kind() == state.kind {
            self.0.rebuild(&mut *state.state);
        } else {
            replace(state, self.build());
        }
    }
}

impl AddAnyAttr for AnyView {
    type Output<A: Attribute> = AnyViewWithAttrs;

    fn add_any_attr<A: Attribute>(self, attribute: A) -> Self::Output<A> {
        any_view::IntoAny::into_any(self).add_any_attr(attribute)
    }
}

impl RenderHtml for AnyView {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    /// The browser writes no HTML.
    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        let (kind, stands) = (self.0.kind(), self.0.stands());
        let state = self.0.hydrate(cursor, position);
        let place = (!stands).then(|| cursor.next_placeholder(position));
        AnyViewState { kind, state, place }
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl Mountable for AnyViewState {
    fn unmount(&mut self) {
        self.state.unmount();
        self.place.iter_mut().for_each(Mountable::unmount);
    }

    fn mount(&mut self, parent: &Element, before: Option<&Node>) {
        self.state.mount(parent, before);
        self.place.iter_mut().for_each(|place| place.mount(parent, before));
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.state.insert_before_this(child)
            || self.place.as_ref().is_some_and(|place| place.insert_before_this(child))
    }

    fn elements(&self) -> Vec<Element> {
        self.state.elements()
    }
}
