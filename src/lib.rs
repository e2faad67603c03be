//! Switchboard: a self-hosted call manager that never dials twice, never loses a call, and can always say why.
//!
//! Read in this order: [`domain`] has the rules and the words, [`error`] what can go wrong, [`server_fns`] the
//! page's door to the server, [`pages`] and [`components`] what people see, [`app`] what all pages share.

pub mod app;
pub mod components;
pub mod domain;
pub mod error;
pub mod pages;
pub mod server_fns;

#[cfg(feature = "ssr")]
pub mod server;

/// Room for the splitter of the code: it aligns what it leaves with the first page anew, and where that becomes longer than
/// it was by a single byte, it leaves everything there. Nothing reads this, so the splitter leaves it out.
#[cfg(target_arch = "wasm32")]
#[used]
static ROOM: [u8; 4096] = [1; 4096];

/// Takes over the page that the server rendered, and marks the document once what needs this code works.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    use leptos::prelude::{document, request_animation_frame, window};
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        let path = window().location().pathname().unwrap_or_default();
        if pages::site::Page::at(&path).0.fetch().await.is_err() {
            return;
        }
        leptos::mount::hydrate_body(app::App);
        // The first effects have run by the next frame.
        request_animation_frame(|| {
            let root = document().document_element();
            // Without the mark, what it shows stays hidden; nothing else depends on it.
            root.map(|root| root.set_attribute("data-hydrated", ""));
        });
    });
}
