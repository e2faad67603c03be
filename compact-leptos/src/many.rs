//! Several views side by side.

use crate::{
    element::replace,
    prelude::{AnyView, IntoAny},
};
use leptos::{
    prelude::{AddAnyAttr, Mountable, Render, RenderHtml},
    tachys::{
        html::attribute::{Attribute, any_attribute::AnyAttribute},
        hydration::Cursor,
        renderer::types::{Element, Node},
        ssr::StreamBuilder,
        view::{Position, PositionState},
    },
};

/// Children of an element, or the parts of a fragment: always as many, so that nothing has to mark where they end. The
/// library's of this name could be any number, and writes a mark for each.
#[derive(Debug)]
pub struct StaticVec(Vec<AnyView>);

impl From<Vec<AnyView>> for StaticVec {
    fn from(views: Vec<AnyView>) -> Self {
        Self(views)
    }
}

/// What became of a [`StaticVec`] in the document.
pub struct States(Vec<<AnyView as Render>::State>);

impl Render for StaticVec {
    type State = States;

    fn build(self) -> Self::State {
        States(self.0.into_iter().map(Render::build).collect())
    }

    fn rebuild(self, state: &mut Self::State) {
        replace(state, self.build());
    }
}

impl AddAnyAttr for StaticVec {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, attribute: A) -> Self {
        let attribute = attribute.into_cloneable_owned();
        Self(self.0.into_iter().map(|view| view.add_any_attr(attribute.clone()).into_any()).collect())
    }
}

impl RenderHtml for StaticVec {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {
        self.0.iter_mut().for_each(RenderHtml::dry_resolve);
    }

    async fn resolve(self) -> Self {
        let mut resolved = Vec::with_capacity(self.0.len());
        for view in self.0 {
            resolved.push(view.resolve().await);
        }
        Self(resolved)
    }

    fn html_len(&self) -> usize {
        self.0.iter().map(RenderHtml::html_len).sum()
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        for view in self.0 {
            view.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs.clone());
        }
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        for view in self.0 {
            view.to_html_async_with_buf::<OUT_OF_ORDER>(
                buf,
                position,
                escape,
                mark_branches,
                extra_attrs.clone(),
            );
        }
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        States(self.0.into_iter().map(|view| view.hydrate::<FROM_SERVER>(cursor, position)).collect())
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl Mountable for States {
    fn unmount(&mut self) {
        self.0.iter_mut().for_each(Mountable::unmount);
    }

    fn mount(&mut self, parent: &Element, before: Option<&Node>) {
        self.0.iter_mut().for_each(|state| state.mount(parent, before));
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.iter().any(|state| state.insert_before_this(child))
    }

    fn elements(&self) -> Vec<Element> {
        self.0.iter().flat_map(Mountable::elements).collect()
    }
}
