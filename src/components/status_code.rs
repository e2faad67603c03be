//! The HTTP status of a page that has bad news.

use leptos::prelude::*;
use std::{fmt, sync::Arc};

/// How a page being rendered tells the server its status. Nobody provides it in the browser.
#[derive(Clone)]
pub struct StatusSetter(pub Arc<dyn Fn(u16) + Send + Sync>);

impl fmt::Debug for StatusSetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatusSetter")
    }
}

/// Answers the page with `status` instead of 200, where a server is rendering it.
pub fn set_status(status: u16) {
    if let Some(StatusSetter(set)) = use_context::<StatusSetter>() {
        set(status);
    }
}
