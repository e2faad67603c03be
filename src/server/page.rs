//! What the pages are given to show, put together from the finders.

use super::{
    calls::{
        ask_now::ask_now, cancel::cancel, counts, create, delete::delete, edit::edit,
        end_by_hand::end_by_hand, list, queries, retry::retry, stream,
    },
    db::Tx,
    door,
    form_lists::{countries, time_zones},
    idempotency::{self, Answer, Key},
    reading::instant_or_day,
    state::AppState,
};
use crate::{
    domain::{
        actor::Actor,
        call::{Call, CallEdit},
        call_row::CallRow,
        filter::{CallFilter, MAX_LIMIT, Sort},
        form::CallForm,
        grouping::grouped,
        id::CallId,
        row_command::RowCommand,
        status::{AttemptStatus, CallStatus},
        timestamp::Timestamp,
    },
    error::AppError,
    server_fns::{CallPage, CallView, EditDefaults, FormDefaults, Underway},
};
use axum::http::{header, request::Parts};
use jiff::tz::TimeZone;
use leptos::prelude::use_context;

/// Of so many calls that were not changed it is told why.
const NAMED: usize = 5;

/// One page of the list, as `query` asks for it.
///
/// # Errors
/// What can't be understood of the query.
pub async fn list(state: &AppState, actor: &Actor, query: &str) -> Result<CallPage, AppError> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let pairs = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    let mut filter = CallFilter::from_pairs(pairs, instant_or_day)?;
    // Someone changed the address by hand, or kept a link of an older version: they see the list's beginning.
    if filter.place().is_err() {
        filter = filter.without_cursor();
    }
    let (now, limits) = (state.clock.now(), state.config.limits());
    let listing = list::list(&state.db, actor, &filter, limits, now).await?;
    Ok(CallPage {
        by_day: filter.order() == Sort::Due,
        no_match: no_match(&filter),
        rows: listing.calls.iter().map(|listed| CallRow::of(listed, now)).collect(),
        stops: listing.stops,
        counts: counts::counts(&state.db, actor).await?,
        older: listing.older.map(|cursor| cursor.to_string()),
        newer: listing.newer.map(|cursor| cursor.to_string()),
        events_cursor: listing.events_cursor,
        now,
        simulator: state.config.has_simulator(),
        form_key: form_key(state),
        signed_in: state.config.api_token.is_some(),
    })
}

/// What stands in the place of rows that `filter` leaves out.
fn no_match(filter: &CallFilter) -> String {
    match filter {
        CallFilter { q: Some(q), .. } => format!("No call's name or number starts with “{q}”."),
        CallFilter { needs_attention: true, .. } => "Nothing needs a look.".to_owned(),
        CallFilter { phase: Some(phase), .. } => format!("No call is {} now.", phase.label().to_lowercase()),
        _ if filter.is_narrowed() || filter.cursor.is_some() => "No call matches.".to_owned(),
        _ => String::new(),
    }
}

/// One call, whole.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(state: &AppState, actor: &Actor, id: CallId) -> Result<CallView, AppError> {
    let now = state.clock.now();
    let details = queries::get(&state.db, actor, id, state.config.limits(), now).await?;
    Ok(CallView { details, counts: counts::counts(&state.db, actor).await?, now })
}

/// How many calls are open.
///
/// # Errors
/// What the database says.
pub async fn underway(state: &AppState, actor: &Actor) -> Result<Underway, AppError> {
    let events_cursor = stream::head(&state.db).await?;
    let counts = counts::counts(&state.db, actor).await?;
    Ok(Underway { counts, events_cursor, now: state.clock.now() })
}

/// What the form of a new call begins with; like the call `from`, if there is one.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn new_form(
    state: &AppState,
    actor: &Actor,
    from: Option<CallId>,
) -> Result<FormDefaults, AppError> {
    let mut form = CallForm {
        form_key: form_key(state),
        country: state.config.default_country.clone().or_else(door::browsers_country).unwrap_or_default(),
        when: "now".to_owned(),
        time_zone: state.config.default_time_zone.clone(),
        ..CallForm::default()
    };
    if let Some(from) = from {
        let call = queries::find(&state.db, actor, from).await?;
        form.customer_name = call.customer_name;
        form.phone_number = grouped(call.phone_number.as_str());
        form.workflow = call.workflow.to_string();
    }
    Ok(FormDefaults {
        form,
        countries: countries().to_vec(),
        time_zones: time_zones().to_vec(),
        simulator: state.config.has_simulator(),
    })
}

/// What the form begins with that changes a pending call.
///
/// # Errors
/// [`AppError::NotFound`], and a refusal when it is not pending any more.
pub async fn edit_form(state: &AppState, actor: &Actor, id: CallId) -> Result<EditDefaults, AppError> {
    let call = queries::find(&state.db, actor, id).await?;
    if call.status != CallStatus::Pending {
        let why = "The call does not wait any more, so it can't be changed. Call again to make a new one.";
        return Err(AppError::refused("not_pending", why));
    }
    let zone = state.config.default_time_zone.clone();
    Ok(EditDefaults {
        version: call.version,
        form: as_typed(&call, &zone),
        countries: countries().to_vec(),
        time_zones: time_zones().to_vec(),
    })
}

/// Makes the call that a form asks for. A second sending of the same form finds the first one's call.
///
/// # Errors
/// What is wrong with the form.
pub async fn create(state: &AppState, actor: Actor, form: &CallForm) -> Result<CallId, AppError> {
    let (clock, trace) = (state.clock.clone(), door::trace());
    let Some(key) = key_of(&actor, form) else {
        let new = door::read_form(state, form)?;
        let work = async move |tx| create::create(&tx, &actor, new, trace, &clock).await;
        return Ok(state.db.write(work).await?.id);
    };
    let now = state.clock.now();
    let known = idempotency::known(&state.db, &key, now).await?;
    let body = if let Some(answer) = known {
        answer.body
    } else {
        let new = door::read_form(state, form)?;
        let make = async move |tx: Tx| {
            let made = create::create(&tx, &actor, new, trace, &clock).await?;
            let body = serde_json::json!(made.value().id).to_string();
            Ok(made.map(|_| Answer { status: 201, location: None, etag: None, body, told_once: None }))
        };
        let answered = state.db.write(move |tx| idempotency::once(tx, key, now, || (), make)).await?;
        answered.answer.body
    };
    serde_json::from_str(&body).map_err(|error| {
        tracing::error!(%error, "what is kept under a form's key names no call");
        AppError::Internal
    })
}

/// What a form changes of a call. A time that was left as it stood there is no wish for another one: it may have passed,
/// or be put off by a retry, and fields of the form know no seconds.
///
/// # Errors
/// [`AppError::NotFound`], and what is wrong with the form.
pub async fn changed(
    state: &AppState,
    actor: &Actor,
    id: CallId,
    form: &CallForm,
) -> Result<CallEdit, AppError> {
    let call = queries::find(&state.db, actor, id).await?;
    let stood = as_typed(&call, &form.time_zone);
    let is_same_time = form.when == stood.when && (form.when == "now" || form.wall_time == stood.wall_time);
    let read = if is_same_time { &CallForm { when: "now".to_owned(), ..form.clone() } } else { form };
    let new = door::read_form(state, read).map_err(|error| error.with_form(form.clone()))?;
    Ok(CallEdit {
        customer_name: Some(new.customer_name),
        phone_number: Some((new.phone_number, new.warnings)),
        workflow: Some(new.workflow),
        scheduled_at: (!is_same_time).then_some(new.scheduled_at),
        ..CallEdit::default()
    })
}

/// Does what a button of a call says.
///
/// # Errors
/// A refusal of the rules.
pub async fn act(state: &AppState, actor: Actor, id: CallId, command: RowCommand) -> Result<(), AppError> {
    let now = state.clock.now();
    let db = &state.db;
    match command {
        RowCommand::CallNow => {
            let at_once = CallEdit { scheduled_at: Some(None), ..CallEdit::default() };
            db.write(async move |tx| edit(&tx, &actor, id, at_once, None, now).await).await.map(drop)
        }
        RowCommand::AskNow => db.write(async move |tx| ask_now(&tx, &actor, id, now).await).await.map(drop),
        RowCommand::Cancel => db.write(async move |tx| cancel(&tx, &actor, id, now).await).await.map(drop),
        RowCommand::Retry => db.write(async move |tx| retry(&tx, &actor, id, now).await).await.map(drop),
        RowCommand::MarkFailed => {
            let ending = AttemptStatus::Failed;
            db.write(async move |tx| end_by_hand(&tx, &actor, id, ending, None, now).await).await.map(drop)
        }
        RowCommand::Delete => {
            db.write(async move |tx| delete(&tx, &actor, id, None, now).await).await?;
            leave(id);
            Ok(())
        }
    }
}

/// Does `command` with each of the calls, one after the other: what the rules refuse for one, others may be given.
///
/// # Errors
/// Which were not done, and why; what was done stays done.
pub async fn act_on_many(
    state: &AppState,
    actor: &Actor,
    ids: &[CallId],
    command: RowCommand,
) -> Result<(), AppError> {
    if ids.is_empty() || ids.len() > MAX_LIMIT as usize {
        let why = format!("Select some calls first, at most {MAX_LIMIT} at once.");
        return Err(AppError::refused("nothing_selected", why));
    }
    let mut refused = Vec::new();
    for id in ids {
        if let Err(error) = act(state, actor.clone(), *id, command).await {
            let name = queries::find(&state.db, actor, *id).await.map(|call| call.customer_name);
            refused.push(format!("{}: {error}", name.unwrap_or_else(|_| id.to_string())));
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let (total, left) = (ids.len(), refused.len());
    let more = if left > NAMED { format!(" And {} more.", left - NAMED) } else { String::new() };
    refused.truncate(NAMED);
    let why = format!("{} of {total} done. {}{more}", total - left, refused.join(" "));
    Err(AppError::refused("partly_done", why))
}

/// Goes to a path of this site, whatever was asked for.
pub fn go(path: &str) {
    // Browsers drop tabs and line breaks from an address, so that "/\t/elsewhere" would lead away.
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && path.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    leptos_axum::redirect(if is_local { path } else { "/" });
}

/// Goes to the list, if the page of the call that is gone was where the form came from.
fn leave(id: CallId) {
    let parts = use_context::<Parts>();
    let referer = parts.as_ref().and_then(|parts| parts.headers.get(header::REFERER)?.to_str().ok());
    if referer.is_some_and(|referer| referer.contains(&format!("/calls/{id}"))) {
        go("/");
    }
}

/// What two sendings of one form have in common: its key and what was typed. A browser that goes back may show a
/// form with its old key, and another call typed into it is another wish.
fn key_of(actor: &Actor, form: &CallForm) -> Option<Key> {
    let typed = serde_json::to_vec(form).ok().filter(|_| !form.form_key.is_empty())?;
    let digest = idempotency::fingerprint(&typed);
    Some(Key { scope: format!("{} create", actor.name()), key: digest.clone(), fingerprint: digest })
}

fn form_key(state: &AppState) -> String {
    state.clock.new_call_id().to_string()
}

fn as_typed(call: &Call, zone: &str) -> CallForm {
    let wall = |at: Timestamp| {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?.to_zoned(zone);
        Some(at.strftime("%Y-%m-%dT%H:%M").to_string())
    };
    CallForm {
        form_key: String::new(),
        customer_name: call.customer_name.clone(),
        phone_number: grouped(call.phone_number.as_str()),
        country: String::new(),
        workflow: call.workflow.to_string(),
        when: if call.scheduled_at.is_some() { "later" } else { "now" }.to_owned(),
        wall_time: call.scheduled_at.and_then(wall).unwrap_or_default(),
        time_zone: zone.to_owned(),
    }
}
