//! Order: the same for every reader at any time, also where transactions end in another order than they began.

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, node, text},
    both_databases,
    dispatcher::new_call,
    stream::{Block, Live, Stream, kept},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, TransactionTrait};
use switchboard::{
    domain::{actor::Actor, id::CallId},
    server::{
        api::events::hub::{self, Round},
        calls::{create::create, note::note},
        state::AppState,
    },
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

both_databases!(writers_at_once_are_told_to_everybody_alike);

const WRITERS: usize = 4;
const CALLS_EACH: usize = 15;

fn ids(events: &[Block]) -> Vec<String> {
    events.iter().map(Block::id).collect()
}

/// Makes calls and writes a note to each.
async fn write(state: AppState) {
    for _ in 0..CALLS_EACH {
        let clock = state.clock.clone();
        let work = async move |tx| create(&tx, &Actor::system(), new_call(), None, &clock).await;
        let id: CallId = state.db.write(work).await.expect("a call").id;
        let now = state.clock.now();
        let work = async move |tx| note(&tx, &Actor::system(), id, "Ask for Ada", now).await;
        state.db.write(work).await.expect("a note");
    }
}

/// Reads a few events at a time, each time over a new connection.
async fn in_pieces(live: &Live, before: &str, count: usize) -> Vec<String> {
    let (http, base, mut last, mut seen) = (&live.app.http, &live.app.base, before.to_owned(), Vec::new());
    while seen.len() < count {
        let mut stream = Stream::again(http, base, "after=0-0", &last).await;
        let piece = stream.events(7.min(count - seen.len())).await;
        seen.extend(ids(&piece));
        last.clone_from(&seen[seen.len() - 1]);
    }
    seen
}

async fn writers_at_once_are_told_to_everybody_alike(live: Live) {
    let before = live.cursor().await;
    let mut whole = live.stream("").await;
    whole.block().await.expect("a beginning");
    let mut writing = JoinSet::new();
    for _ in 0..WRITERS {
        writing.spawn(write(live.app.state().clone()));
    }
    let count = WRITERS * CALLS_EACH * 2;
    let (whole, pieces, ()) = tokio::join!(whole.events(count), in_pieces(&live, &before, count), async {
        writing.join_all().await;
    });
    let all = kept(&live.app.state().db).await;
    assert_eq!(all.len(), count);
    assert_eq!(ids(&whole), all);
    assert_eq!(pieces, all);
    let again = live.stream(&format!("after={before}")).await.events(count).await;
    assert_eq!(ids(&again), all);
}

/// Begins to write an event, and has not ended yet. Its id.
async fn begin(tx: &DatabaseTransaction) -> String {
    let sql = "INSERT INTO call_events (team_id, kind, actor, repeats, payload, occurred_at, created_at) \
               SELECT id, 'report', 'provider', 0, '{}', 0, 0 FROM teams \
               RETURNING xid::text || '-' || position AS id";
    let row = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    row.expect("it is written").expect("a row").try_get("", "id").expect("an id")
}

/// Rounds of the hub until `count` events were told. Other tests' transactions hold events back too.
async fn tell(state: &AppState, count: usize) {
    let mut told = 0;
    while told < count {
        told += hub::run_once(state).await.expect("a round").told;
        tokio::task::yield_now().await;
    }
    assert_eq!(told, count);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_commits_late_is_told_before_what_began_after_it() {
    let app = App::on(Backend::Postgres).await;
    let state = app.state();
    let open = async |query: String| Stream::open(&app.http, &app.base, &query).await;
    let mut stream = open(String::new()).await;
    let before = stream.block().await.expect("a beginning").id();

    let late = state.db.read().begin().await.expect("a transaction");
    let older = begin(&late).await;
    let call = app.create(COMPLETES).await;
    assert_eq!(hub::run_once(state).await, Ok(Round { told: 0, is_held_back: true }), "it must wait");
    let (_, page) = app.get("/api/calls").await;
    assert_eq!(page["calls"][0]["id"], call["id"], "the list need not wait");
    let cursor = text(&page["events_cursor"]);
    let mut following = open(format!("after={cursor}")).await;

    late.commit().await.expect("at last");
    tell(state, 2).await;
    let all = kept(&state.db).await;
    assert_eq!(all[0], older);
    assert_eq!(ids(&stream.events(2).await), all);
    assert_eq!(ids(&following.events(2).await), all, "also behind what the list told meanwhile");

    for (place, rest) in [(&before, &all[..]), (&all[0], &all[1..]), (&all[1], &[])] {
        let mut again = Stream::again(&app.http, &app.base, "", place).await;
        assert_eq!(ids(&again.events(rest.len()).await), rest);
        let next = app.create(COMPLETES).await;
        tell(state, 1).await;
        // Everything between that was told to earlier readers too.
        let told = loop {
            let told = again.told().await;
            if told.at("/call/id") == next["id"] {
                break told;
            }
        };
        assert_eq!(kept(&state.db).await.last(), Some(&told.id()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_never_committed_holds_nothing_back_for_long() {
    let live = Live::of(App::on(Backend::Postgres).await);
    let mut stream = live.stream("").await;
    stream.block().await.expect("a beginning");
    let undone = live.app.state().db.read().begin().await.expect("a transaction");
    let never = begin(&undone).await;
    let call = live.app.create(COMPLETES).await;
    undone.rollback().await.expect("it is undone, and nobody is told so");
    let told = stream.events(1).await.remove(0);
    assert_eq!(told.at("/call/id"), call["id"]);
    assert_ne!(told.id(), never);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_tell_the_same_in_the_same_order() {
    let live = Live::of(App::on(Backend::Postgres).await);
    let other = node(&live.app.test_db.url, &[], live.app.clock.clone()).await;
    let stop = CancellationToken::new();
    tokio::spawn(hub::run(other.state.clone(), stop.clone()));
    for state in [live.app.state().clone(), other.state.clone()] {
        let stop = stop.clone();
        tokio::spawn(async move { state.db.share_news(stop).await });
    }
    let before = live.cursor().await;
    let mut here = live.stream(&format!("after={before}")).await;
    let there = format!("http://{}", other.address);
    let mut there = Stream::open(&live.app.http, &there, &format!("after={before}")).await;

    let writing = async {
        tokio::join!(write(live.app.state().clone()), write(other.state.clone()));
    };
    let count = 2 * CALLS_EACH * 2;
    let (here, there, ()) = tokio::join!(here.events(count), there.events(count), writing);
    assert_eq!(ids(&here), ids(&there));
    assert_eq!(ids(&here), kept(&live.app.state().db).await);
    stop.cancel();
}
