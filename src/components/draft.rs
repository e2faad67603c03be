//! What somebody typed and has not sent, kept in this tab of the browser until it is: through a reload, a way back,
//! and a server that is away. Signing out ends the drafts of every tab.

use crate::domain::form::CallForm;
use leptos::prelude::window;
use web_sys::Storage;

const DRAFT: &str = "switchboard.new-call";
const SIGNED_OUT: &str = "switchboard.signed-out";

/// Keeps the form as it stands. One that holds nothing that was typed is not worth it.
pub fn keep(form: &CallForm) {
    if [&form.customer_name, &form.phone_number, &form.wall_time].iter().all(|typed| typed.trim().is_empty())
    {
        return forget();
    }
    if let (Some(tab), Ok(text)) = (tab(), serde_json::to_string(&(js_sys::Date::now(), form))) {
        // A storage that is full or forbidden keeps nothing; the form itself still holds what was typed.
        let _ = tab.set_item(DRAFT, &text);
    }
}

/// The form that was kept, unless somebody has signed out since.
pub fn read() -> Option<CallForm> {
    let text = tab()?.get_item(DRAFT).ok()??;
    let (kept_at, form): (f64, CallForm) = serde_json::from_str(&text).ok()?;
    let signed_out = browser().and_then(|all| all.get_item(SIGNED_OUT).ok()?);
    let signed_out: f64 = signed_out.and_then(|at| at.parse().ok()).unwrap_or_default();
    let is_old = signed_out >= kept_at;
    if is_old {
        forget();
    }
    (!is_old).then_some(form)
}

/// Forgets the form that was kept.
pub fn forget() {
    if let Some(tab) = tab() {
        let _ = tab.remove_item(DRAFT);
    }
}

/// Forgets the form if it is the one that was sent under this key.
pub fn forget_sent(form_key: &str) {
    if read().is_some_and(|form| form.form_key == form_key) {
        forget();
    }
}

/// Whoever comes next is somebody else: no tab of this browser shows them what was typed before.
pub fn end_all() {
    forget();
    if let Some(all) = browser() {
        let _ = all.set_item(SIGNED_OUT, &js_sys::Date::now().to_string());
    }
}

fn tab() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn browser() -> Option<Storage> {
    window().local_storage().ok().flatten()
}
