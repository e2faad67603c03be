//! What goes over the wire: each event with its call as it stands in the list, made into bytes once for all readers.

use crate::{
    domain::{event_cursor::EventCursor, event_filter::EventFacts, id::TeamId},
    error::AppError,
    server::{
        api::view::{CallView, EventView, StreamedEventView},
        calls::stream::Happening,
    },
};
use axum::body::Bytes;
use serde_json::json;

/// After how long a reader that was cut off comes back, in milliseconds.
const RETRY_MILLIS: u32 = 2_000;

/// An event as readers are told of it.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its place in the stream.
    pub id: EventCursor,
    /// Who may be told.
    pub team_id: TeamId,
    /// What filters look at.
    pub facts: EventFacts,
    /// As it goes over the wire; copies share it.
    pub bytes: Bytes,
}

/// Why a reader must read its list anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resync {
    /// Events behind its place have been removed.
    TooOld,
    /// Its place is of a history that this database does not know, as after a restore.
    Ahead,
    /// Its place can't be read.
    Unreadable,
    /// It did not take what it was told, and more came than is kept for it.
    TooSlow,
}

impl Frame {
    /// Makes the bytes of `happening`.
    ///
    /// # Errors
    /// [`AppError::Internal`] for what makes no JSON.
    pub fn of(happening: Happening) -> Result<Self, AppError> {
        let (id, team_id, facts) = (happening.event.id, happening.team_id, happening.facts());
        let call = happening.listed.map(|listed| CallView::of(listed.call, listed.waiting));
        let told = StreamedEventView { event: EventView::of(happening.event), call };
        let told = serde_json::to_string(&told);
        let told = told.map_err(|why| {
            tracing::error!(%why, %id, "an event makes no JSON");
            AppError::Internal
        })?;
        // JSON has no line breaks of its own, so that it is one line of data.
        Ok(Self { id, team_id, facts, bytes: format!("id: {id}\ndata: {told}\n\n").into() })
    }
}

impl Resync {
    fn code(self) -> &'static str {
        match self {
            Self::TooOld => "too_old",
            Self::Ahead => "ahead",
            Self::Unreadable => "unreadable",
            Self::TooSlow => "too_slow",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::TooOld => "Events behind that place have been removed.",
            Self::Ahead => "This database has no such place: it may have been restored from a backup.",
            Self::Unreadable => "The id of the last event can't be read.",
            Self::TooSlow => "More has happened than is kept for a reader that does not take it.",
        }
    }
}

/// The beginning of every stream: when to come back, and from where, even if nothing is told before the connection
/// breaks. (An id without data sets the reader's last event id and is no event.)
pub fn opening(place: EventCursor) -> Bytes {
    format!("retry: {RETRY_MILLIS}\nid: {place}\n\n").into()
}

/// Has the reader read its list anew; the stream goes on behind `place`.
pub fn resync(why: Resync, place: EventCursor) -> Bytes {
    let told = json!({"code": why.code(), "detail": why.detail(), "events_cursor": place});
    format!("event: resync\nid: {place}\ndata: {told}\n\n").into()
}

/// A comment that keeps the connection, and how far the stream has come, also past what a filter left out.
pub fn beat(place: EventCursor) -> Bytes {
    format!(":\nid: {place}\n\n").into()
}
