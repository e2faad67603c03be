//! Changing: what the page's forms post. A plain form is answered with a redirect, the browser's code with the
//! same as a header.
#![allow(missing_docs, reason = "the macro makes fields of the arguments, which the functions describe")]

use crate::{
    domain::{form::CallForm, id::CallId, row_command::RowCommand},
    error::AppError,
};
use leptos::prelude::*;

/// Makes a call. A second sending of the same form finds the first one's call.
#[server(prefix = "/fn", endpoint = "create_call")]
pub async fn create_call(form: CallForm) -> Result<CallId, AppError> {
    use crate::server::{door, page};
    let (state, actor) = door::caller()?;
    let id = page::create(&state, actor, &form).await?;
    page::go("/");
    Ok(id)
}

/// Changes a pending call that still stands at `version`.
#[server(prefix = "/fn", endpoint = "edit_call")]
pub async fn edit_call(id: CallId, version: i64, form: CallForm) -> Result<CallId, AppError> {
    use crate::server::{calls::edit::edit, door, page};
    let (state, actor) = door::caller()?;
    let (changed, now) = (page::changed(&state, &actor, id, &form).await?, state.clock.now());
    state.db.write(async move |tx| edit(&tx, &actor, id, changed, Some(version), now).await).await?;
    page::go(&format!("/calls/{id}"));
    Ok(id)
}

/// Does what a call's button says, then goes back to where the button was, or to the list if that is gone.
#[server(prefix = "/fn", endpoint = "act_on_call")]
pub async fn act_on_call(id: CallId, command: RowCommand) -> Result<(), AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::page::act(&state, actor, id, command).await?;
    Ok(())
}

/// Does with each of several calls what a button says.
#[server(prefix = "/fn", endpoint = "act_on_calls")]
pub async fn act_on_calls(#[server(default)] ids: Vec<CallId>, command: RowCommand) -> Result<(), AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::page::act_on_many(&state, &actor, &ids, command).await
}

/// Stops all placing, or lets it go on.
#[server(prefix = "/fn", endpoint = "set_paused")]
pub async fn set_paused(paused: bool) -> Result<(), AppError> {
    use crate::server::{calls::dispatch_state, door};
    let (state, actor) = door::caller()?;
    let now = state.clock.now();
    state.db.write(async move |tx| dispatch_state::set_paused(&tx, &actor, paused, now).await).await
}

/// Writes something down about a call.
#[server(prefix = "/fn", endpoint = "add_note")]
pub async fn add_note(id: CallId, note: String) -> Result<(), AppError> {
    use crate::{
        domain::form,
        server::{calls::note, door},
    };
    let (state, actor) = door::caller()?;
    let (note, now) = (form::note(&note)?, state.clock.now());
    state.db.write(async move |tx| note::note(&tx, &actor, id, &note, now).await).await?;
    Ok(())
}
