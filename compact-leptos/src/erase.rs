//! Views that forget what they are made of.

use crate::prelude::{AnyView, IntoAny};
use leptos::prelude::RenderHtml;
use std::any::Any;

/// The library's trait of this name, which `view!` calls for each child. Here a view that has forgotten already what it is
/// made of is not wrapped once more, and what forgets is called and not copied to each place in which it is needed.
pub trait IntoMaybeErased {
    /// What it becomes.
    type Output;

    /// Forgets it.
    fn into_maybe_erased(self) -> Self::Output;
}

impl<T: RenderHtml + 'static> IntoMaybeErased for T {
    type Output = AnyView;

    #[inline(never)]
    fn into_maybe_erased(self) -> AnyView {
        let mut view = Some(self);
        let same = (&mut view as &mut dyn Any).downcast_mut::<Option<AnyView>>().and_then(Option::take);
        match (same, view) {
            (Some(view), _) => view,
            (None, Some(view)) => view.into_any(),
            (None, None) => unreachable!("it is taken only where it is the same"),
        }
    }
}
