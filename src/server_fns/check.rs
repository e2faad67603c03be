//! Looking at a form while it is being filled in.
#![allow(missing_docs, reason = "the macro makes fields of the arguments, which the functions describe")]

use crate::{
    domain::{call_check::CallCheck, form::CallForm, id::CallId},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};

/// What the server can tell of a form that has not been sent; `except` is the call that it changes.
#[server(name = CheckCall, prefix = "/fn", endpoint = "check_call", input = GetUrl)]
pub async fn check_call(form: CallForm, except: Option<CallId>) -> Result<CallCheck, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::form_check::check(&state, &actor, &form, except).await
}
