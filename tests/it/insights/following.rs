//! What happens is counted, and what happens to what was counted changes the numbers.

use super::{catch_up, expect_same, range};
use crate::{
    reporting::report,
    support::{
        app::{App, BUSY, COMPLETES},
        both_databases,
        company::World,
    },
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use switchboard::{
    domain::actor::Actor,
    server::insights::{follow, ledger, numbers},
};

both_databases!(
    calls_are_counted_when_they_end_and_attempts_when_they_went_out,
    an_open_call_is_not_counted,
    a_call_that_is_opened_again_leaves_where_it_was_counted,
    a_late_correction_moves_a_call_to_where_it_really_ended,
    what_was_missed_is_no_plain_failure,
    nothing_is_written_while_nothing_happens,
);

/// The day's calls by outcome, without those that are none, as the API tells them.
async fn outcomes(app: &App, query: &str) -> Value {
    let (status, insights) = app.get(&format!("/api/insights?{query}")).await;
    assert_eq!(status, StatusCode::OK, "{insights}");
    let totals = insights["totals"].as_object().expect("totals").clone();
    totals.into_iter().filter(|(name, count)| name != "total" && count != &json!(0)).collect()
}

async fn calls_are_counted_when_they_end_and_attempts_when_they_went_out(app: App) {
    app.create_with(COMPLETES, json!({"workflow": "sales"})).await;
    app.create(BUSY).await;
    app.live(20).await;
    catch_up(&app).await;
    assert_eq!(outcomes(&app, "range=today").await, json!({"completed": 1, "busy": 1}));
    let (_, insights) = app.get("/api/insights?range=today").await;
    assert_eq!(insights["calls"][9]["outcomes"]["total"], 2, "it is nine o'clock");
    assert_eq!(insights["answer_rate"]["by_hour"][9], json!({"hour": 9, "attempts": 2, "answered": 1}));
    let by_workflow = json!([
        {"workflow": "support", "attempts": 1, "answered": 0},
        {"workflow": "sales", "attempts": 1, "answered": 1},
        {"workflow": "reminder", "attempts": 0, "answered": 0},
    ]);
    assert_eq!(insights["answer_rate"]["by_workflow"], by_workflow);
    assert_eq!(
        (&insights["duration"]["attempts"], &insights["lateness"]["attempts"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(insights["lateness"]["p99_ms"], 100, "they went out at once");
    expect_same(&app.state().db, "range=7d", app.now()).await;
}

async fn an_open_call_is_not_counted(world: World) {
    world.placed().await;
    world.app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
    catch_up(&world.app).await;
    assert_eq!(outcomes(&world.app, "range=today").await, json!({}));
    expect_same(&world.app.state().db, "range=today", world.app.now()).await;
}

async fn a_call_that_is_opened_again_leaves_where_it_was_counted(app: App) {
    let call = app.create(BUSY).await;
    app.live(12).await;
    catch_up(&app).await;
    assert_eq!(outcomes(&app, "range=today").await, json!({"busy": 1}));

    app.pass_secs(86_400);
    assert_eq!(app.command(&call["id"], "retry").await.0, StatusCode::OK);
    catch_up(&app).await;
    assert_eq!(outcomes(&app, "range=7d").await, json!({}), "it is open again");

    app.live(12).await;
    catch_up(&app).await;
    assert_eq!(outcomes(&app, "range=today").await, json!({"busy": 1}), "it ended today");
    assert_eq!(outcomes(&app, "range=7d").await, json!({"busy": 1}), "and once only");
    let (_, insights) = app.get("/api/insights?range=7d").await;
    assert_eq!(insights["answer_rate"]["by_hour"][9]["attempts"], 2, "its attempts were two");
}

async fn a_late_correction_moves_a_call_to_where_it_really_ended(world: World) {
    let app = &world.app;
    let call = world.placed().await;
    let attempt = app.attempt_id(&call["id"]).await;
    for _ in 0..3 {
        app.pass_secs(90);
        app.reconcile().await;
    }
    app.pass_secs(7_200);
    catch_up(app).await;
    assert_eq!(outcomes(app, "range=today").await, json!({"unknown": 1}));

    assert_eq!(
        app.hear("w1", &report(&attempt, "in_progress", "2026-11-21T09:00:05Z")).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        app.hear("w2", &report(&attempt, "completed", "2026-11-21T09:00:30Z")).await,
        StatusCode::NO_CONTENT
    );
    catch_up(app).await;
    assert_eq!(outcomes(app, "range=today").await, json!({"completed": 1}), "not in both places");
    expect_same(&app.state().db, "range=today", app.now()).await;
}

async fn what_was_missed_is_no_plain_failure(app: App) {
    app.pause().await;
    app.create(COMPLETES).await;
    app.pass_secs(3_600);
    app.dispatch().await;
    catch_up(&app).await;
    assert_eq!(outcomes(&app, "range=today").await, json!({"missed": 1}));
}

async fn nothing_is_written_while_nothing_happens(app: App) {
    app.create(COMPLETES).await;
    app.live(12).await;
    catch_up(&app).await;
    let (db, before) = (&app.state().db, ledger::read(&app.state().db).await.expect("a row"));
    app.pass_secs(60);
    assert_eq!(follow::run_once(db, app.now()).await, Ok(follow::Left::Nothing));
    assert_eq!(ledger::read(db).await, Ok(before));
    let range = range("range=today", app.now());
    let numbers = numbers::numbers(db, &Actor::system(), &range, app.now()).await.expect("the numbers");
    assert_eq!(numbers.as_of, Some(app.now()), "what was not changed is up to date");
}
