//! Clocks jump, and machines sleep: a loop compares clocks while it waits, so neither makes it miss its time.

use crate::support::{app::App, both_databases};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use switchboard::server::dispatcher::ticker;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

both_databases!(a_loop_that_waits_for_an_hour_notices_that_two_have_passed);

/// However slow the machine.
const PATIENCE: Duration = Duration::from_mins(1);

async fn a_loop_that_waits_for_an_hour_notices_that_two_have_passed(app: App) {
    let (rounds, seen, stop) =
        (Arc::new(Semaphore::new(0)), Arc::new(AtomicI64::new(0)), CancellationToken::new());
    let (told, saw) = (Arc::clone(&rounds), Arc::clone(&seen));
    let round = move |_, now: switchboard::domain::timestamp::Timestamp| {
        saw.store(now.as_millis(), Ordering::SeqCst);
        told.add_permits(1);
        async move { Ok(Some(now.plus_secs(3_600))) }
    };
    let waits = tokio::spawn(ticker::run("test", app.state().clone(), stop.clone(), round));
    let next =
        async || tokio::time::timeout(PATIENCE, rounds.acquire()).await.expect("a round").unwrap().forget();
    next().await;
    assert_eq!(seen.load(Ordering::SeqCst), app.now().as_millis());
    app.pass_secs(7_200);
    next().await;
    assert_eq!(seen.load(Ordering::SeqCst), app.now().as_millis());
    // Set back, what was to be done in an hour is still to be done then, and no sooner than the clock says.
    app.pass_secs(-1_800);
    app.pass_secs(5_400);
    next().await;
    assert_eq!(seen.load(Ordering::SeqCst), app.now().as_millis());
    stop.cancel();
    tokio::time::timeout(PATIENCE, waits).await.expect("it stops").expect("no panic");
}
