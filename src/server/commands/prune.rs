//! `switchboard prune`: what ended long ago goes, a little at a time, so that whoever serves meanwhile hardly notices.

use super::{as_it_is, clock_of};
use crate::{
    error::AppError,
    server::{
        StartError,
        calls::prune::{self as calls, Pruned},
        config::Config,
        hooks::prune as hooks,
        insights::follow,
        provider::simulator,
        retention::{Keep, Pace, remove_calls, remove_deliveries, remove_strays},
        stdout::say,
    },
};
use jiff::SignedDuration;
use sea_orm::DbBackend;

/// Whether it is done or only counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Only say how much would go.
    Count,
    /// Delete it.
    Delete,
}

/// Deletes what ended longer than `age` ago, or counts it.
///
/// # Errors
/// A [`StartError`].
pub async fn prune(config: &Config, age: SignedDuration, deed: Deed) -> Result<(), StartError> {
    let db = as_it_is(config).await?;
    if db.pending_migrations().await.map_err(AppError::from)? > 0 {
        return Err(StartError("The database is behind: run `switchboard migrate` first.".to_owned()));
    }
    let now = clock_of(&db).await?.now();
    let before = Keep::For(age).before(now).unwrap_or(now);
    let (pruned, deliveries, did) = match deed {
        Deed::Count => (calls::count(&db, before).await?, hooks::count(&db, before).await?, "Would delete"),
        Deed::Delete => {
            // What goes stays in the insights, so it must be counted first.
            follow::catch_up(&db, now).await?;
            let pace = Pace::brisk();
            let mut pruned = remove_calls(&db, before, &pace).await?;
            pruned.events += remove_strays(&db, before, &pace).await?;
            simulator::prune(&db, before.as_millis(), &pace).await?;
            (pruned, remove_deliveries(&db, before, &pace).await?, "Deleted")
        }
    };
    let backend = db.backend();
    db.close().await;
    let Pruned { calls, attempts, events } = pruned;
    say(format!(
        "{did} {calls} calls that ended before {}, with {attempts} attempts and {events} events.",
        before.to_rfc3339()
    ));
    say(format!("{did} {deliveries} webhooks of that age that wait for nothing."));
    if deed == Deed::Delete && calls > 0 && backend == DbBackend::Sqlite {
        say(
            "The file keeps its size and uses the room again; `switchboard backup` makes a copy without that room.",
        );
    }
    Ok(())
}
