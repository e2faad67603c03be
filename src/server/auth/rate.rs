//! How much one caller may ask for in a minute, told in the headers of the IETF draft "RateLimit header fields for
//! HTTP". Each caller has a bucket that fills evenly (GCRA).

use crate::{
    error::AppError,
    server::{auth::admit::visitor, clock::Clock, respond::problem, state::AppState},
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    Quota, RateLimiter, middleware::StateInformationMiddleware, nanos::Nanos, state::keyed::DashMapStateStore,
};
use leptos::server_fn::error::{FromServerFnError, ServerFnUrlError};
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Callers whose buckets are kept at once. Beyond them, those who are known by their address alone share one.
const MOST_CALLERS: usize = 100_000;
/// Between two looks at whose bucket is full again and can be forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(1);
/// What a limit counts within.
const MINUTE_SECS: u64 = 60;

/// Who asks.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Who {
    /// Somebody with credentials of their own.
    Named(String),
    /// Whoever comes from there. Of IPv6 the network: each household has one, with more addresses than anybody counts.
    At(IpAddr),
    /// One of too many.
    Crowd,
}

/// What everybody has left.
pub struct Rate {
    per_minute: NonZeroU32,
    buckets: RateLimiter<Who, DashMapStateStore<Who>, Clock, StateInformationMiddleware>,
    clock: Clock,
    tidied_at: Mutex<Duration>,
}

/// What one caller has left.
struct Left {
    requests: u32,
    /// How long until another request is let in; none if this one is.
    refused_for: Option<Duration>,
}

impl governor::clock::Clock for Clock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.since_start().into()
    }
}

impl Rate {
    /// A limit; none for 0.
    pub fn of(per_minute: u32, clock: &Clock) -> Option<Self> {
        let per_minute = NonZeroU32::new(per_minute)?;
        let (quota, full) = (Quota::per_minute(per_minute), DashMapStateStore::default());
        let tidied_at = Mutex::new(clock.since_start());
        let buckets = RateLimiter::new(quota, full, clock.clone());
        Some(Self { per_minute, buckets, clock: clock.clone(), tidied_at })
    }

    fn take(&self, who: Who) -> Left {
        let who = if matches!(who, Who::At(_)) && self.is_crowded() { Who::Crowd } else { who };
        match self.buckets.check_key(&who) {
            Ok(left) => Left { requests: left.remaining_burst_capacity(), refused_for: None },
            Err(until) => {
                let now = governor::clock::Clock::now(&self.clock);
                Left { requests: 0, refused_for: Some(until.wait_time_from(now)) }
            }
        }
    }

    /// Whether there are too many callers to remember, also after those were forgotten who have all of theirs left.
    fn is_crowded(&self) -> bool {
        if self.buckets.len() < MOST_CALLERS {
            return false;
        }
        let now = self.clock.since_start();
        let mut tidied_at = self.tidied_at.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(*tidied_at) >= TIDY_EVERY {
            *tidied_at = now;
            self.buckets.retain_recent();
        }
        self.buckets.len() >= MOST_CALLERS
    }

    /// `"default";q=600;w=60`: how many in how many seconds.
    fn policy(&self) -> String {
        format!("\"default\";q={};w={MINUTE_SECS}", self.per_minute)
    }

    /// `"default";r=599;t=1`: how many are left, and in how many seconds all are there again.
    fn told(&self, left: &Left) -> String {
        let all = u64::from(self.per_minute.get());
        let gone = all.saturating_sub(u64::from(left.requests));
        format!("\"default\";r={};t={}", left.requests, (gone * MINUTE_SECS).div_ceil(all))
    }
}

/// Counts requests of programs, and those of the page that change something or try a token; what the page reads to
/// stay live is not counted.
pub async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let of_page = request.uri().path().starts_with("/fn/");
    let Some(rate) = state.rate.as_ref().filter(|_| !of_page || request.method() == Method::POST) else {
        return next.run(request).await;
    };
    let left = rate.take(who(&state, &request));
    let mut response = match left.refused_for {
        None => next.run(request).await,
        Some(wait) => {
            let per_minute = rate.per_minute.get();
            let retry_after_secs = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let error = AppError::TooManyRequests { per_minute, retry_after_secs };
            if of_page { to_the_page(&request, error) } else { problem(&error) }
        }
    };
    for (name, value) in [(POLICY, rate.policy()), (LEFT, rate.told(&left))] {
        response.headers_mut().extend(HeaderValue::from_str(&value).ok().map(|value| (name, value)));
    }
    response
}

/// As a server function would answer it: the browser's code reads the error as it is; who sent a plain form is led back to
/// its page, which tells it.
fn to_the_page(request: &Request, error: AppError) -> Response {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let wants_page = header(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    let back = header(header::REFERER).filter(|_| wants_page);
    let back =
        back.and_then(|page| ServerFnUrlError::new(request.uri().path(), error.clone()).to_url(page).ok());
    match back {
        Some(back) => (StatusCode::FOUND, [(header::LOCATION, back.to_string())]).into_response(),
        None => (StatusCode::TOO_MANY_REQUESTS, error.ser()).into_response(),
    }
}

/// Programs are known by what they show, everybody else by their address.
fn who(state: &AppState, request: &Request) -> Who {
    let shows_token = request.headers().contains_key(header::AUTHORIZATION);
    let is_known = shows_token && state.config.api_token.is_some();
    if let Some(actor) = visitor(request.extensions()).filter(|_| is_known) {
        return Who::Named(actor.name());
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let peer = peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    Who::At(household(state.config.trusted_proxies.client(peer, request.headers())))
}

/// The /64 of an IPv6 address; an IPv4 address as it is.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests;
