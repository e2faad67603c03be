//! The same words as the library's, at one copy of code for all who use them. What is generic is compiled anew for each
//! type and each closure: for a view of a type of its own that is about two kilobytes that every reader fetches.

mod reactive;

pub use reactive::{Memo, RwSignal, Signal, StoredValue};

use leptos::{
    ev::EventDescriptor,
    leptos_dom::helpers::{WindowListenerHandle, window_event_listener_untyped},
    prelude::*,
    rows::{Row, rows},
};
use std::sync::{Arc, Mutex};
use wasm_bindgen::JsCast;
use web_sys::Event;

/// A view that has forgotten what it is made of.
pub trait Erase {
    /// Forgets it.
    fn erase(self) -> AnyView;
}

impl<T: RenderHtml + Send + 'static> Erase for View<T> {
    fn erase(self) -> AnyView {
        // What wraps it would be a type of its own.
        self.into_inner().into_any()
    }
}

/// What a changing part of a view can be.
pub trait Part {
    /// It as a view that has forgotten what it is made of.
    fn into_part(self) -> AnyView;
}

impl Part for AnyView {
    fn into_part(self) -> AnyView {
        self
    }
}

impl Part for String {
    fn into_part(self) -> AnyView {
        self.into_any()
    }
}

impl Part for &'static str {
    fn into_part(self) -> AnyView {
        self.into_any()
    }
}

impl Part for Vec<AnyView> {
    fn into_part(self) -> AnyView {
        self.into_any()
    }
}

impl<T: Part> Part for Option<T> {
    fn into_part(self) -> AnyView {
        self.map_or_else(|| ().into_any(), Part::into_part)
    }
}

/// A part of a view that is made anew when something that it reads changes. A closure that stands in a view as it is does
/// the same, with code for each type that such closures answer.
pub fn changing<T: Part>(mut part: impl FnMut() -> T + Send + 'static) -> AnyView {
    let part: Arc<Mutex<dyn FnMut() -> AnyView + Send>> = Arc::new(Mutex::new(move || part().into_part()));
    part.into_any()
}

/// The `items`, each as `view` shows it. An item whose key is known stays as it is, with all that it holds.
pub fn each<T: Send + 'static>(
    items: impl Fn() -> Vec<T> + Send + 'static,
    key: impl Fn(&T) -> String + Send + 'static,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let (owner, view) = (Owner::current().unwrap_or_default(), Arc::new(view));
    changing(move || {
        let row = |item| {
            let (key, view) = (key(&item), view.clone());
            Row { key, make: Box::new(move || view(item)) }
        };
        rows(&owner, items().into_iter().map(row).collect())
    })
}

/// Runs in the browser, now and whenever something that it reads has changed.
pub fn effect(run: impl FnMut() + 'static) {
    fn start(mut run: Box<dyn FnMut()>) {
        Effect::new(move |_: Option<()>| run());
    }
    start(Box::new(run));
}

/// Hears an event of the window until the handle is removed. Only in the browser.
pub fn on_window<E>(event: E, heard: impl Fn(E::EventType) + 'static) -> WindowListenerHandle
where
    E: EventDescriptor,
    E::EventType: JsCast,
{
    fn listen(name: &str, heard: Box<dyn Fn(Event)>) -> WindowListenerHandle {
        window_event_listener_untyped(name, heard)
    }
    listen(&event.name(), Box::new(move |event| heard(event.unchecked_into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_written_with_what_it_has_and_with_what_is_inside() {
        let (told, none) = ("\"a\" & <b>", None::<&str>);
        let view = view! {
            <p class="notice" data-tone=Some("negative") data-kind=none title=told>
                {told}<input type="checkbox" name="ids[]" checked=true disabled=move || false/><span></span>
            </p>
        };
        assert_eq!(
            view.erase().to_html(),
            "<p class=\"notice\" data-tone=\"negative\" title=\"&quot;a&quot; &amp; &lt;b&gt;\">\"a\" &amp; &lt;b&gt;\
             <input type=\"checkbox\" name=\"ids[]\" checked><span></span></p>"
        );
    }

    #[test]
    fn a_changing_part_is_what_its_closure_says() {
        let some = changing(|| Some("here".to_owned()));
        let none = changing(|| None::<String>);
        assert_eq!(view! { <p>{some}{none}</p> }.erase().to_html(), "<p>here<!><!--<() />--></p>");
    }

    #[test]
    fn items_stand_one_after_another() {
        let items =
            each(|| vec!["one", "two"], ToString::to_string, |item| view! { <li>{item}</li> }.erase());
        assert_eq!(view! { <ul>{items}</ul> }.erase().to_html(), "<ul><li>one</li><li>two</li><!></ul>");
    }
}
