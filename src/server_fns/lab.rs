//! The lab: what the simulator is told, and what it did.
#![allow(missing_docs, reason = "the macro makes fields of the arguments, which the functions describe")]

use super::lab_wire::{LabForm, LabPage};
use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::GetUrl};

/// What the lab is like, with the callbacks behind `cursor`.
#[server(prefix = "/fn", endpoint = "get_lab", input = GetUrl)]
pub async fn get_lab(cursor: Option<String>) -> Result<LabPage, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::lab::show(&state, &actor, cursor).await
}

/// Does what a button of the lab says.
#[server(prefix = "/fn", endpoint = "act_in_lab")]
pub async fn act_in_lab(form: LabForm) -> Result<(), AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::lab::act(&state, actor, form).await
}
