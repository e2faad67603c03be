//! A call can be claimed in SQL exactly when it has no reason to wait: what people are told is what happens.

use crate::support::{TestDb, both_databases, dispatcher::new_call};
use proptest::{
    option,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use sea_orm::{ActiveValue::Set, EntityTrait, ModelTrait, sea_query::Expr};
use switchboard::{
    domain::{
        actor::Actor,
        id::CallId,
        status::CallStatus,
        timestamp::Timestamp,
        waiting::{Limits, waiting},
    },
    server::{
        calls::{
            change,
            claim::{ClaimTerms, claim},
            create::create,
            dispatch_state::{self, row},
            entity::calls,
        },
        clock::Clock,
        db::Written,
    },
};

both_databases!(a_call_can_be_claimed_exactly_when_it_has_no_reason_to_wait);

const NOW: i64 = 1_795_251_600_000;
/// So many attempts are open throughout.
const IN_FLIGHT: i64 = 2;
const CASES: u32 = 300;

/// A call, and what holds for all placings. Instants are in milliseconds from now.
#[derive(Clone, Debug)]
struct Case {
    status: CallStatus,
    due_in: i64,
    wanted_in: i64,
    paused: Option<i64>,
    blocked: Option<String>,
    breaker_in: Option<i64>,
    tokens: f64,
    refilled_in: Option<i64>,
    limits: Limits,
}

fn any_case() -> impl Strategy<Value = Case> {
    let status = prop_oneof![9 => Just(CallStatus::Pending), 1 => proptest::sample::select(CallStatus::ALL)];
    // Most of it close to the edge, where the two could differ.
    let near = || prop_oneof![3 => -2..=2_i64, 1 => -100_000..100_000_i64];
    let call = (status, near(), prop_oneof![near(), (-60_002..=-59_998_i64)]);
    let seldom = |value: BoxedStrategy<i64>| option::weighted(0.1, value);
    let stops = (seldom(near().boxed()), option::weighted(0.1, "[a-z]{1,9}"), option::weighted(0.3, near()));
    let rate = (prop_oneof![Just(0.0), Just(1.0), 0.0..3.0], option::weighted(0.8, -1_100..=1_i64));
    let limits = (0..=IN_FLIGHT + 1, 0..=3_i64, prop_oneof![Just(0), Just(60_i64)]);
    (call, stops, rate, limits).prop_map(
        |((status, due_in, wanted_in), (paused, blocked, breaker_in), rate, limits)| {
            let (max_calls_in_flight, calls_per_second, max_lateness_secs) = limits;
            let limits = Limits { max_calls_in_flight, calls_per_second, max_lateness_secs };
            let (tokens, refilled_in) = rate;
            Case { status, due_in, wanted_in, paused, blocked, breaker_in, tokens, refilled_in, limits }
        },
    )
}

async fn a_call_can_be_claimed_exactly_when_it_has_no_reason_to_wait(test: TestDb) {
    let clock = Clock::manual(Timestamp::from_millis(NOW));
    for _ in 0..IN_FLIGHT {
        add(&test, &clock).await;
    }
    assert_eq!(take(&test, &clock, Limits::default()).await.len(), 2);

    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let cases = any_case();
    let (mut claimable, mut waits) = (0, 0);
    for _ in 0..CASES {
        let case = cases.new_tree(&mut runner).expect("a case").current();
        let id = add(&test, &clock).await;
        arrange(&test, id, &case).await;
        let reasons = reasons(&test, id, &case).await;
        let taken = take(&test, &clock, case.limits).await;
        let may_go = reasons.as_ref().is_some_and(Vec::is_empty);
        assert_eq!(taken, if may_go { vec![id] } else { vec![] }, "{case:?}: {reasons:?}");
        *(if may_go { &mut claimable } else { &mut waits }) += 1;
        remove(&test, id).await;
    }
    assert!(claimable > 0 && waits > 0, "{claimable} could be claimed and {waits} not");
}

/// A pending call that is due.
async fn add(test: &TestDb, clock: &Clock) -> CallId {
    let clock = clock.clone();
    let work = async move |tx| create(&tx, &Actor::system(), new_call(), None, &clock).await;
    test.db.write(work).await.expect("a call").id
}

async fn arrange(test: &TestDb, id: CallId, case: &Case) {
    let case = case.clone();
    let at = |millis: i64| NOW + millis;
    let state = row::ActiveModel {
        id: Set(row::ONLY),
        paused_by: Set(None),
        paused_at: Set(case.paused.map(at)),
        blocked_reason: Set(case.blocked),
        tokens: Set(case.tokens),
        refilled_at: Set(case.refilled_in.map(at)),
        failures: Set(0),
        failing_since: Set(None),
        breaker_until: Set(case.breaker_in.map(at)),
    };
    let work = async move |tx: switchboard::server::db::Tx| {
        use sea_orm::{ColumnTrait, QueryFilter};
        calls::Entity::update_many()
            .col_expr(calls::Column::Status, Expr::value(case.status.as_str()))
            .col_expr(calls::Column::DueAt, Expr::value(at(case.due_in)))
            .col_expr(calls::Column::WantedAt, Expr::value(at(case.wanted_in)))
            .filter(calls::Column::Id.eq(id.0))
            .exec(tx.conn())
            .await?;
        row::Entity::update(state).exec(tx.conn()).await?;
        Ok(Written::new(()))
    };
    test.db.write(work).await.expect("it is arranged");
}

/// Why the call waits, as people are told; none if it is not pending.
async fn reasons(test: &TestDb, id: CallId, case: &Case) -> Option<Vec<String>> {
    let work = async move |tx| Ok(Written::new(change::load(&tx, Actor::system().team_id, id).await?.call));
    let call = test.db.write(work).await.expect("the call");
    let state = dispatch_state::read(test.db.read(), case.limits).await.expect("the state");
    let waiting = waiting(&call, &state, Timestamp::from_millis(NOW))?;
    Some(waiting.reasons.into_iter().map(|reason| reason.code).collect())
}

async fn take(test: &TestDb, clock: &Clock, limits: Limits) -> Vec<CallId> {
    let terms = ClaimTerms {
        owner: "test".to_owned(),
        provider: "http".to_owned(),
        most: 10,
        lease_secs: 15,
        place_within_secs: 10,
        limits,
    };
    let clock = clock.clone();
    let claimed = test.db.write(async move |tx| claim(&tx, &terms, &clock).await).await.expect("a claim");
    claimed.into_iter().map(|claimed| claimed.call.id).collect()
}

/// With its attempts: the next case begins with the same ones open.
async fn remove(test: &TestDb, id: CallId) {
    let row = calls::Entity::find_by_id(id.0).one(test.db.read()).await.expect("a query").expect("the call");
    let work = async move |tx: switchboard::server::db::Tx| {
        row.delete(tx.conn()).await?;
        Ok(Written::new(()))
    };
    test.db.write(work).await.expect("it is removed");
}
