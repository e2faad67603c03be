//! Keeping up: whoever is behind reads from the database, whoever does not take what it is told starts anew, and
//! nothing is kept for one reader.

use crate::support::{
    app::{App, COMPLETES},
    both_databases,
    stream::settle,
};
use reqwest::header::HeaderMap;
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use switchboard::{
    domain::{actor::Actor, event_filter::EventFilter},
    server::{
        api::events::{
            hub::{self, RING},
            reader::{Reader, Start},
        },
        db::{Tx, Written},
    },
};

both_databases!(
    a_reader_that_does_not_take_what_it_is_told_starts_anew,
    a_long_way_behind_is_read_page_by_page,
    falling_back_before_it_came_level_is_no_fault,
    nobody_reads_for_nobody,
);

/// One reader, of whom nothing is asked before it asks.
async fn reader(app: &App, start: Start) -> Reader {
    let (state, actor) = (app.state().clone(), Actor::anonymous());
    let seat = state.live.take_seat(&actor.name(), &state.config).expect("a seat");
    let headers = HeaderMap::new();
    let reader = Reader::begin(state, actor, &headers, EventFilter::default(), start, seat);
    reader.await.expect("a reader")
}

async fn next(reader: &mut Reader) -> String {
    let bytes = reader.next().await.expect("it goes on");
    String::from_utf8(bytes.to_vec()).expect("a text")
}

/// The place that a block tells.
fn id(block: &str) -> String {
    let id = block.lines().find_map(|line| line.strip_prefix("id: "));
    id.unwrap_or_else(|| panic!("no id: {block}")).to_owned()
}

/// Writes `count` events at once.
async fn happen(app: &App, count: usize) {
    let sql = format!(
        "INSERT INTO call_events (team_id, kind, actor, repeats, payload, occurred_at, created_at) \
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
         SELECT id, 'report', 'provider', 0, '{{}}', 0, 0 FROM teams, numbers"
    );
    let work = async move |tx: Tx| {
        tx.conn().execute_unprepared(&sql).await?;
        Ok(Written::new(()))
    };
    app.state().db.write(work).await.expect("they are written");
}

/// Rounds of the hub until `count` events were told.
async fn tell(app: &App, count: usize) {
    let mut told = 0;
    while told < count {
        told += hub::run_once(app.state()).await.expect("a round").told;
        tokio::task::yield_now().await;
    }
    assert_eq!(told, count);
}

async fn a_reader_that_does_not_take_what_it_is_told_starts_anew(app: App) {
    let (mut slow, mut quick) = (reader(&app, Start::Now).await, reader(&app, Start::Now).await);
    app.create(COMPLETES).await;
    tell(&app, 1).await;
    for reader in [&mut slow, &mut quick] {
        assert!(next(reader).await.starts_with("retry: 2000\n"));
        assert!(next(reader).await.contains("\"kind\":\"created\""));
    }

    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        happen(&app, RING / 2).await;
        tell(&app, RING / 2).await;
        assert!(app.state().live.kept() <= RING, "it is all that is kept, for all of them together");
        for _ in 0..RING / 2 {
            seen.insert(id(&next(&mut quick).await));
        }
    }
    assert_eq!(seen.len(), 3 * (RING / 2), "whoever keeps up misses nothing");

    let anew = next(&mut slow).await;
    assert!(anew.starts_with("event: resync\n") && anew.contains("\"code\":\"too_slow\""), "{anew}");
    assert_eq!(id(&anew), newest(&app).await);
    app.create(COMPLETES).await;
    tell(&app, 1).await;
    assert!(next(&mut slow).await.contains("\"kind\":\"created\""), "and it goes on");
}

async fn newest(app: &App) -> String {
    switchboard::server::calls::stream::head(&app.state().db).await.expect("a place").to_string()
}

async fn a_long_way_behind_is_read_page_by_page(app: App) {
    happen(&app, RING + 100).await;
    settle(app.state()).await;
    let mut behind = reader(&app, Start::Behind("0-0".parse().expect("a place"))).await;
    next(&mut behind).await;
    let mut seen = BTreeSet::new();
    for _ in 0..RING + 100 {
        seen.insert(id(&next(&mut behind).await));
    }
    assert_eq!(seen.len(), RING + 100, "each once");
    assert_eq!(app.state().live.kept(), 0, "and nothing is kept for it");
}

async fn falling_back_before_it_came_level_is_no_fault(app: App) {
    happen(&app, 10).await;
    settle(app.state()).await;
    let mut behind = reader(&app, Start::Behind("0-0".parse().expect("a place"))).await;
    happen(&app, RING + 100).await;
    tell(&app, RING + 100).await;
    next(&mut behind).await;
    let mut seen = BTreeSet::new();
    for _ in 0..RING + 110 {
        seen.insert(id(&next(&mut behind).await));
    }
    assert_eq!(seen.len(), RING + 110, "each once");
}

async fn nobody_reads_for_nobody(app: App) {
    let first = reader(&app, Start::Now).await;
    happen(&app, 5).await;
    tell(&app, 5).await;
    drop(first);
    happen(&app, RING + 100).await;
    settle(app.state()).await;
    assert_eq!(hub::run_once(app.state()).await.expect("a round").told, 0);

    let mut later = reader(&app, Start::Now).await;
    assert_eq!(id(&next(&mut later).await), newest(&app).await);
    happen(&app, 1).await;
    tell(&app, 1).await;
    next(&mut later).await;
}
