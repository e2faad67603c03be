//! What the page of settings is given: how placing stands, what is limited, what runs here, and every setting.

use super::{calls::dispatch_state, config::ProviderKind, hooks::endpoints, state::AppState, theme};
use crate::{
    domain::{
        actor::{self, Actor},
        installation::{EndpointCount, Fact, Installation},
        length::length_in_words,
        theme::Theme,
        timestamp::Timestamp,
        waiting::DispatchState,
    },
    error::AppError,
};
use axum::http::request::Parts;
use leptos::prelude::use_context;

/// All of it, as it stands now.
///
/// # Errors
/// What the database says.
pub async fn show(state: &AppState, actor: &Actor) -> Result<Installation, AppError> {
    let now = state.clock.now();
    let dispatch = dispatch_state::read(state.db.read(), state.config.limits()).await?;
    let endpoints = endpoints::list(&state.db, actor).await?;
    let enabled = endpoints.iter().filter(|endpoint| endpoint.is_enabled()).count();
    let paused = dispatch
        .paused_at
        .map(|at| (dispatch.paused_by.as_deref().map_or_else(|| "Somebody".to_owned(), actor::in_words), at));
    Ok(Installation {
        stops: dispatch.stops(now),
        paused,
        limits: limits(state, &dispatch),
        provider: provider(state, &dispatch, now),
        versions: versions(state).await?,
        endpoints: EndpointCount { enabled, disabled: endpoints.len() - enabled },
        settings: state.config.given.settings().to_vec(),
        theme: use_context::<Parts>().map_or(Theme::System, |parts| theme::chosen(&parts.headers)),
    })
}

fn limits(state: &AppState, dispatch: &DispatchState) -> Vec<Fact> {
    let config = &state.config;
    let most = |limit: i64, words: String| if limit == 0 { "no limit".to_owned() } else { words };
    let in_flight = dispatch.in_flight;
    let at_once = match config.max_calls_in_flight {
        0 => format!("no limit; {in_flight} now"),
        limit => format!("at most {limit}; {in_flight} now"),
    };
    let late = match config.max_lateness_secs {
        0 => "for ever".to_owned(),
        secs => format!("{}, then it ends as missed", length_in_words(secs)),
    };
    let requests = i64::from(config.rate_limit_per_minute);
    vec![
        Fact::new("Calls under way at once", at_once),
        Fact::new(
            "Calls placed per second",
            most(config.calls_per_second, format!("at most {}", config.calls_per_second)),
        ),
        Fact::new("A call may wait past its time", late),
        Fact::new("Requests of one caller per minute", most(requests, format!("at most {requests}"))),
    ]
}

fn provider(state: &AppState, dispatch: &DispatchState, now: Timestamp) -> Vec<Fact> {
    let config = &state.config;
    let who = if config.has_simulator() {
        "The simulator in this process: no telephone rings".to_owned()
    } else {
        let url = config.provider_url.as_ref();
        url.and_then(|url| url.host_str()).unwrap_or("unknown").to_owned()
    };
    let speaks = match config.provider_kind {
        ProviderKind::Http => "the provider protocol, with signed reports",
        ProviderKind::CallApi => "the Call API: it can be asked, and neither reports nor hangs up",
    };
    vec![
        Fact::new("Who dials", who),
        Fact::new("It speaks", speaks),
        Fact::new("It may take to answer", length(config.place_within_secs())),
        Fact::new("State", standing(dispatch, now)),
    ]
}

/// How the provider is treated: let through, left alone, or tried.
fn standing(dispatch: &DispatchState, now: Timestamp) -> String {
    if let Some(why) = &dispatch.blocked_reason {
        return format!("Nothing is placed until somebody resumes: {why}");
    }
    let failing = match dispatch.failures {
        0 => return "It answers; the circuit breaker is closed.".to_owned(),
        1 => "It has failed once".to_owned(),
        times => format!("It has failed {times} times in a row"),
    };
    let since =
        dispatch.failing_since.map_or_else(String::new, |at| format!(", since {}", at.to_utc_words()));
    match dispatch.breaker_until.filter(|until| *until > now) {
        Some(until) => {
            format!("{failing}{since}. The circuit breaker is open until {}.", until.to_utc_clock())
        }
        None => format!("{failing}{since}. The circuit breaker is closed."),
    }
}

async fn versions(state: &AppState) -> Result<Vec<Fact>, AppError> {
    let about = state.db.about().await?;
    let migrations = match about.pending {
        0 => format!("{} applied, none is missing", about.applied),
        missing => format!("{} applied, {missing} missing", about.applied),
    };
    Ok(vec![
        Fact::new("Switchboard", env!("CARGO_PKG_VERSION")),
        Fact::new("Database", about.version),
        Fact::new("Migrations", migrations),
        Fact::new("This process", state.node.to_string()),
    ])
}

fn length(secs: i64) -> String {
    if secs == 1 { "1 second".to_owned() } else { format!("{secs} seconds") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: i64 = 1_795_251_600_000;

    #[rstest]
    #[case(0, None, "It answers; the circuit breaker is closed.")]
    #[case(1, None, "It has failed once, since 21 Nov 2026, 09:00 UTC. The circuit breaker is closed.")]
    #[case(
        5,
        Some(30),
        "It has failed 5 times in a row, since 21 Nov 2026, 09:00 UTC. The circuit breaker is open until 09:00:30 UTC."
    )]
    #[case(
        5,
        Some(-1),
        "It has failed 5 times in a row, since 21 Nov 2026, 09:00 UTC. The circuit breaker is closed."
    )]
    fn the_providers_state_is_told_in_words(
        #[case] failures: i32,
        #[case] until: Option<i64>,
        #[case] words: &str,
    ) {
        let now = Timestamp::from_millis(NOW);
        let state = DispatchState {
            failures,
            failing_since: (failures > 0).then_some(now),
            breaker_until: until.map(|secs| now.plus_secs(secs)),
            ..DispatchState::default()
        };
        assert_eq!(standing(&state, now), words);
    }
}
