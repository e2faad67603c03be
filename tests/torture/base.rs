//! What every part stands on.

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::net::TcpListener;

/// What went wrong with the harness itself, in words. (What is wrong with the product is a violation.)
pub type Outcome<T> = Result<T, String>;

/// Milliseconds since the epoch.
pub fn now_ms() -> i64 {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(passed.as_millis()).unwrap_or(i64::MAX)
}

/// An instant as RFC 3339 in UTC with milliseconds.
pub fn instant(millis: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Milliseconds since the epoch of an instant as the API writes it.
pub fn millis_of(instant: &str) -> Option<i64> {
    instant.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// What a mutex holds. Whoever panics while holding one ends the run anyway.
pub fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panicked while holding it")
}

/// A listener on a free port of this machine.
pub async fn free_listener() -> Outcome<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await.map_err(|why| format!("no free port: {why}"))
}

/// Waits until `holds` answers something; none when `patience` is over first.
pub async fn wait_for<T>(patience: Duration, mut holds: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = holds().await {
            return Some(found);
        }
        if begun.elapsed() > patience {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
