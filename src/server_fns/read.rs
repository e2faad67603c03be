//! Reading: the list, one call, and what a form begins with.

use super::wire::{CallPage, CallView, EditDefaults, FormDefaults, Underway};
use crate::{domain::id::CallId, error::AppError};
use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Postcard},
};

/// One page of the list, as the query of the page's URL asks for it.
#[server(prefix = "/fn", endpoint = "list_calls", input = GetUrl, output = Postcard)]
pub async fn list_calls(query: String) -> Result<CallPage, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::page::list(&state, &actor, &query).await
}

/// One call with its attempts and its timeline.
#[server(prefix = "/fn", endpoint = "get_call", input = GetUrl)]
pub async fn get_call(id: CallId) -> Result<CallView, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::page::show(&state, &actor, id).await
}

/// How many calls are open.
#[server(prefix = "/fn", endpoint = "underway", input = GetUrl)]
pub async fn read_underway() -> Result<Underway, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::page::underway(&state, &actor).await
}

/// What a new call's form begins with; `from` is the call to call again.
#[server(name = ReadFormDefaults, prefix = "/fn", endpoint = "form_defaults", input = GetUrl)]
pub async fn form_defaults(from: Option<CallId>) -> Result<FormDefaults, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::page::new_form(&state, &actor, from).await
}

/// What the form begins with that changes a pending call.
#[server(name = ReadEditDefaults, prefix = "/fn", endpoint = "edit_defaults", input = GetUrl)]
pub async fn edit_defaults(id: CallId) -> Result<EditDefaults, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::page::edit_form(&state, &actor, id).await
}
