//! Elements that are found by their names: what refers to an element as the library does is code for each kind of element.

use leptos::prelude::document;
use wasm_bindgen::JsCast;

/// The element of the page with this id, if it is there and of this kind.
pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
