//! The insights: numbers, ready to be looked at.

use crate::{domain::form::FieldError, error::AppError};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

/// What the page of the insights is given. Charts and tables are drawn on the server.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct InsightsView {
    /// The form as it stands: the first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The workflow; empty for all.
    pub workflow: String,
    /// The time zone.
    pub time_zone: String,
    /// Days that are often looked at.
    pub presets: Vec<PresetLink>,
    /// What is wrong with what was asked; then nothing is drawn.
    pub errors: Vec<FieldError>,
    /// Whether calls are still being counted: then there is more to see in a moment.
    pub is_counting: bool,
    /// Charts and tables, as HTML that holds nothing of what others typed unescaped.
    pub figures: String,
}

/// The way to days that are often looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PresetLink {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether these are the days on the page.
    pub is_current: bool,
}

/// The insights of the range that the page's address asks for.
#[server(prefix = "/fn", endpoint = "insights", input = GetUrl)]
pub async fn read_insights(query: String) -> Result<InsightsView, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::insights::page::show(&state, &actor, &query).await
}

/// The time zones to choose from.
#[server(prefix = "/fn", endpoint = "time_zones", input = GetUrl)]
#[allow(clippy::unused_async, reason = "server functions are asynchronous by definition")]
pub async fn list_time_zones() -> Result<Vec<String>, AppError> {
    crate::server::door::caller()?;
    Ok(crate::server::form_lists::time_zones().to_vec())
}
