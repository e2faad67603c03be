//! `switchboard prune`: what ended long ago goes, a little at a time, so that whoever serves meanwhile hardly notices.

use super::{as_it_is, clock_of};
use crate::{
    domain::timestamp::Timestamp,
    error::AppError,
    server::{
        StartError,
        calls::prune::{self as calls, Pruned},
        config::Config,
        db::Db,
        hooks::prune as hooks,
        insights::follow,
        provider::simulator,
        stdout::say,
    },
};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use sea_orm::DbBackend;

/// How many calls go in one commit: few enough that no other write waits for long.
const AT_ONCE: u64 = 200;
/// Keys and reports are remembered for a day, so that a repeat is known again.
const YOUNGEST: SignedDuration = SignedDuration::from_hours(24);

/// Whether it is done or only counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Only say how much would go.
    Count,
    /// Delete it.
    Delete,
}

/// Reads an age: `90d`, `12w`, `36h`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn age(text: &str) -> Result<SignedDuration, String> {
    let span: Span = text.parse().map_err(|_| "write an age as 90d, 12w or 36h".to_owned())?;
    let age = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| {
        "write an age in weeks, days or hours, as 90d: months and years differ in length".to_owned()
    })?;
    if age < YOUNGEST {
        return Err("the age must be at least a day (1d)".to_owned());
    }
    Ok(age)
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
    let before = now.plus_millis(i64::try_from(-age.as_millis()).unwrap_or(i64::MIN));
    let (pruned, deliveries, did) = match deed {
        Deed::Count => (calls::count(&db, before).await?, hooks::count(&db, before).await?, "Would delete"),
        Deed::Delete => {
            // What goes stays in the insights, so it must be counted first.
            follow::catch_up(&db, now).await?;
            (delete(&db, before).await?, delete_deliveries(&db, before).await?, "Deleted")
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

async fn delete(db: &Db, before: Timestamp) -> Result<Pruned, AppError> {
    let mut all = Pruned::default();
    loop {
        let some = db.write(async move |tx| calls::prune(&tx, before, AT_ONCE).await).await?;
        all.add(&some);
        if some.calls == 0 {
            break;
        }
    }
    let mut after = 0;
    while let Some(some) =
        db.write(async move |tx| calls::prune_strays(&tx, before, after, AT_ONCE).await).await?
    {
        all.events += some.gone;
        after = some.looked_to;
    }
    simulator::prune(db, before.as_millis(), AT_ONCE).await?;
    Ok(all)
}

async fn delete_deliveries(db: &Db, before: Timestamp) -> Result<u64, AppError> {
    let (mut all, mut after) = (0, 0);
    while let Some((some, last)) =
        db.write(async move |tx| hooks::prune(&tx, before, after, AT_ONCE).await).await?
    {
        all += some;
        after = last;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("90d", Some(90 * 24))]
    #[case("12w", Some(12 * 7 * 24))]
    #[case("36h", Some(36))]
    #[case("1d12h", Some(36))]
    #[case("P90D", Some(90 * 24))]
    #[case("90 days", Some(90 * 24))]
    #[case("1d", Some(24))]
    #[case("23h", None)]
    #[case("-90d", None)]
    #[case("3mo", None)]
    #[case("1y", None)]
    #[case("90", None)]
    #[case("", None)]
    fn an_age_has_a_unit_and_is_at_least_a_day(#[case] text: &str, #[case] hours: Option<i64>) {
        assert_eq!(age(text).ok(), hours.map(SignedDuration::from_hours));
    }
}
