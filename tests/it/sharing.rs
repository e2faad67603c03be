//! Sharing: several nodes on one database. Each call goes out once, and limits hold for all of them together.

mod news;
mod parts;

use crate::support::{
    Backend, OnDatabase, TestDb, app::node, both_databases, company::World, dispatcher::new_call,
};
use std::collections::BTreeSet;
use switchboard::{
    domain::{actor::Actor, id::CallId, timestamp::Timestamp, waiting::Limits},
    server::{
        calls::{
            claim::{ClaimTerms, claim},
            create::create,
        },
        clock::Clock,
        db::Db,
        dispatcher::dispatch,
    },
};
use tokio::task::JoinSet;

both_databases!(
    four_nodes_claim_each_call_once,
    four_nodes_keep_one_limit_of_calls_in_flight,
    four_nodes_keep_one_limit_per_second,
    rounds_at_once_place_each_of_two_hundred_calls_once,
);

const NODES: usize = 4;
const NO_LIMITS: Limits = Limits { max_calls_in_flight: 0, calls_per_second: 0, max_lateness_secs: 3_600 };

/// Two hundred due calls, and several nodes. On SQLite they share the one process that may write.
struct Installation {
    nodes: Vec<Db>,
    clock: Clock,
    calls: BTreeSet<CallId>,
    _test: TestDb,
}

impl OnDatabase for Installation {
    async fn on(backend: Backend) -> Self {
        let test = TestDb::new(backend).await;
        let clock = Clock::manual(Timestamp::from_millis(1_795_251_600_000));
        let mut nodes = Vec::new();
        for _ in 0..NODES {
            let same = backend == Backend::Sqlite;
            nodes.push(if same { test.db.clone() } else { test.another_node().await });
        }
        let calls = create_calls(&test.db, &clock, 200).await;
        Self { nodes, clock, calls, _test: test }
    }
}

async fn create_calls(db: &Db, clock: &Clock, count: usize) -> BTreeSet<CallId> {
    let clock = clock.clone();
    let work = async move |tx| {
        let mut ids = BTreeSet::new();
        for _ in 0..count {
            let created = create(&tx, &Actor::system(), new_call(), None, &clock).await?;
            ids.insert(created.value().id);
        }
        Ok(switchboard::server::db::Written::new(ids))
    };
    db.write(work).await.expect("the calls")
}

impl Installation {
    /// Every node claims, a few calls at a time and all at once, until there is nothing to claim. What each got.
    async fn claim_all(&self, limits: Limits) -> Vec<CallId> {
        let mut claiming = JoinSet::new();
        for (number, db) in self.nodes.iter().cloned().enumerate() {
            let clock = self.clock.clone();
            let terms = ClaimTerms {
                owner: format!("node {number}"),
                provider: "http".to_owned(),
                most: 7,
                lease_secs: 15,
                place_within_secs: 10,
                limits,
            };
            claiming.spawn(async move {
                let mut got = Vec::new();
                loop {
                    let (terms, clock) = (terms.clone(), clock.clone());
                    let claimed =
                        db.write(async move |tx| claim(&tx, &terms, &clock).await).await.expect("a claim");
                    if claimed.is_empty() {
                        return got;
                    }
                    assert!(claimed.len() <= 7, "no claim takes more than it wants");
                    got.extend(claimed.into_iter().map(|claimed| claimed.call.id));
                }
            });
        }
        claiming.join_all().await.concat()
    }
}

async fn four_nodes_claim_each_call_once(world: Installation) {
    let claimed = world.claim_all(NO_LIMITS).await;
    assert_eq!(claimed.len(), 200);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), world.calls);
}

async fn four_nodes_keep_one_limit_of_calls_in_flight(world: Installation) {
    let limits = Limits { max_calls_in_flight: 60, ..NO_LIMITS };
    let claimed = world.claim_all(limits).await;
    assert_eq!(claimed.len(), 60);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>().len(), 60);
}

async fn four_nodes_keep_one_limit_per_second(world: Installation) {
    let limits = Limits { calls_per_second: 30, ..NO_LIMITS };
    assert_eq!(world.claim_all(limits).await.len(), 30);
    world.clock.advance_ms(500);
    assert_eq!(world.claim_all(limits).await.len(), 15);
}

/// No limits, and a provider that counts what it is sent.
struct Unlimited(World);

impl OnDatabase for Unlimited {
    async fn on(backend: Backend) -> Self {
        Self(World::with(backend, &["--calls-per-second", "0", "--max-calls-in-flight", "0"]).await)
    }
}

async fn rounds_at_once_place_each_of_two_hundred_calls_once(Unlimited(world): Unlimited) {
    create_calls(&world.app.state().db, &world.app.clock, 200).await;
    let mut states = vec![world.app.state().clone(), world.app.state().clone()];
    let url = world.company.url();
    // A file has one serving process; on PostgreSQL another node joins in.
    let second = if world.app.test_db.file().is_none() {
        let settings = ["--provider-url", &url, "--calls-per-second", "0", "--max-calls-in-flight", "0"];
        Some(node(&world.app.test_db.url, &settings, world.app.clock.clone()).await)
    } else {
        None
    };
    states.extend(second.iter().map(|node| node.state.clone()));

    let mut rounds = JoinSet::new();
    for state in states {
        let now = world.app.now();
        rounds.spawn(async move { while dispatch::run_once(&state, now).await.expect("a round") > 0 {} });
    }
    rounds.join_all().await;
    let placings = world.company.placings().await;
    let keys: BTreeSet<String> = placings.iter().map(|placing| placing["attempt_id"].to_string()).collect();
    assert_eq!((placings.len(), keys.len()), (200, 200));
    assert_eq!(world.app.count("SELECT count(*) FROM calls WHERE status = 'initiated'").await, 200);
}
