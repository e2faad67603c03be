//! What a form's action answered, and the error of a plain form that came back in the URL.

use crate::{
    components::compact::effect,
    {domain::form::FieldError, error::AppError},
};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Takes the error of a plain form out of the address bar once it is on the page: it holds what was typed, and
/// a link to the page must not.
pub fn forget_error_in_address() {
    effect(|| {
        let location = window().location();
        let (Ok(path), Ok(search), Ok(hash)) = (location.pathname(), location.search(), location.hash())
        else {
            return;
        };
        if !search.contains("__err=") {
            return;
        }
        let kept = page_query(search.trim_start_matches('?'));
        let address = if kept.is_empty() { path + &hash } else { format!("{path}?{kept}{hash}") };
        if let Ok(history) = window().history() {
            // An address that can't be changed stays readable, only longer.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        }
    });
}

/// A page's own query, without what a plain form's error adds to it.
pub fn page_query(search: &str) -> String {
    let pairs = form_urlencoded::parse(search.as_bytes())
        .filter(|(name, value)| !name.starts_with("__") && !value.is_empty());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The errors of single fields in an action's answer.
pub fn field_errors<T>(answer: Option<Result<T, AppError>>) -> Vec<FieldError> {
    match answer {
        Some(Err(AppError::Invalid { errors, .. })) => errors,
        _ => Vec::new(),
    }
}

/// What is wrong with no field in particular in an action's answer.
pub fn other_error<T>(answer: Option<Result<T, AppError>>) -> Option<String> {
    match answer {
        None | Some(Ok(_) | Err(AppError::Invalid { .. })) => None,
        Some(Err(error)) => Some(error.to_string()),
    }
}
