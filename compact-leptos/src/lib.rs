//! Leptos, with three differences that make the WebAssembly smaller. An HTML element in a `view!` is an
//! [`element::El`], whatever its name and its attributes are; there each name of an element and each name of an attribute
//! is a type. Its children are a [`many::StaticVec`], which marks no end. And in the browser a view that has forgotten
//! what it is made of is an `any::AnyView`, without the code that takes a page over bit by bit. For each type the browser is
//! sent code that builds it, takes it over and removes it, so what fifty types share is fetched once.
//!
//! `view!` names what it makes by paths in the crate `leptos`, so this crate takes that name among the dependencies and
//! puts its own at those paths. All else is the library's own, and the types of libraries that use it fit.

pub use leptos::*;

#[cfg(not(feature = "ssr"))]
mod any;
pub mod element;
mod erase;
pub mod many;
pub mod rows;

/// The library's, with what is of this crate.
pub mod prelude {
    #[cfg(not(feature = "ssr"))]
    pub use crate::any::{AnyView, IntoAny};
    pub use crate::erase::IntoMaybeErased;
    pub use leptos::prelude::*;
}

/// The library's, with what is of this crate.
pub mod tachys {
    pub use leptos::tachys::*;

    /// The library's, with elements of one type.
    pub mod html {
        pub use crate::element;
        pub use leptos::tachys::html::*;
    }

    /// The library's, with children that mark no end.
    pub mod view {
        pub use leptos::tachys::view::*;

        /// The library's, with children that mark no end.
        pub mod iterators {
            pub use crate::many::StaticVec;
            pub use leptos::tachys::view::iterators::*;
        }
    }
}
