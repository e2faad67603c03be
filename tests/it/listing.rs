//! Listing: filters, search, order, pages, counts; and nobody sees another team's calls.

mod counting;
mod knowing;
mod paging;
mod searching;

use crate::support::{
    app::{App, BUSY, COMPLETES, text},
    asking::{NO_ANSWER, call_id},
    both_databases,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use switchboard::{
    domain::{actor::Actor, filter::CallFilter, status::Phase},
    server::calls::{cancel::cancel, counts, list, queries},
};

both_databases!(
    each_filter_finds_its_calls,
    instants_bound_a_list,
    what_went_wrong_can_be_found,
    calls_come_in_the_order_that_is_asked_for,
    a_query_that_can_not_be_understood_names_the_parameter,
    the_counts_tell_how_many_are_where,
    another_team_sees_nothing,
);

/// The ids of calls that stand so: completed, busy, canceled, initiated, pending.
async fn one_of_each(app: &App) -> [String; 5] {
    let completed = app.create_with(COMPLETES, json!({"workflow": "sales"})).await;
    let busy = app.create_with(BUSY, json!({"workflow": "sales"})).await;
    app.live(12).await;
    let canceled = app.create_with(COMPLETES, json!({"workflow": "reminder"})).await;
    app.command(&canceled["id"], "cancel").await;
    let initiated = app.create_with(COMPLETES, json!({"workflow": "support"})).await;
    app.dispatch().await;
    let pending = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-01T09:00:00Z"})).await;
    [&completed, &busy, &canceled, &initiated, &pending].map(|call| text(&call["id"]))
}

async fn each_filter_finds_its_calls(app: App) {
    let [completed, busy, canceled, initiated, pending] = one_of_each(&app).await;
    for (query, expected) in [
        ("", vec![&pending, &initiated, &canceled, &busy, &completed]),
        ("phase=pending", vec![&pending]),
        ("phase=active", vec![&initiated]),
        ("phase=in-progress", vec![&initiated]),
        ("phase=Completed", vec![&completed]),
        ("phase=failed", vec![&busy]),
        ("phase=canceled", vec![&canceled]),
        ("status=busy", vec![&busy]),
        ("status=busy&status=COMPLETED&status=ringing", vec![&busy, &completed]),
        ("status=busy&phase=completed", vec![]),
        ("workflow=sales", vec![&busy, &completed]),
        ("workflow=Support", vec![&pending, &initiated]),
        ("workflow=sales&status=busy", vec![&busy]),
    ] {
        assert_eq!(app.ids(query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

async fn instants_bound_a_list(app: App) {
    let first = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-01T09:00:00Z"})).await;
    app.pass_secs(60);
    let second = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-01T10:00:00Z"})).await;
    app.pass_secs(60);
    let third = app.create(COMPLETES).await;
    let [first, second, third] = [first, second, third].map(|call| text(&call["id"]));
    for (query, expected) in [
        ("created_from=2026-11-21T09:01:00Z", vec![&third, &second]),
        ("created_to=2026-11-21T09:01:00Z", vec![&first]),
        ("created_from=2026-11-21T10:01:00%2B01:00&created_to=2026-11-21T09:02:00Z", vec![&second]),
        ("created_from=2026-11-21", vec![&third, &second, &first]),
        ("created_from=2026-11-22", vec![]),
        ("scheduled_from=2026-12-01T09:00:00Z", vec![&second, &first]),
        ("scheduled_from=2026-12-01T09:00:00.001Z", vec![&second]),
        ("scheduled_to=2026-12-01T10:00:00Z", vec![&first]),
        ("scheduled_from=2026-12-01&scheduled_to=2026-12-02", vec![&second, &first]),
    ] {
        assert_eq!(app.ids(query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

async fn what_went_wrong_can_be_found(app: App) {
    one_of_each(&app).await;
    let refused = app.create("+14155550106").await;
    app.dispatch().await;
    let late = app.create_with(COMPLETES, json!({"scheduled_at": "2026-11-21T10:00:00Z"})).await;
    app.pass_secs(3 * 3_600);
    app.dispatch().await;

    assert_eq!(app.call(&refused["id"]).await["ended_reason"], "provider_refused");
    assert_eq!(app.call(&late["id"]).await["ended_reason"], "missed");
    let found = app.ids("needs_attention=true").await;
    assert_eq!(found, [&late, &refused].map(|call| text(&call["id"])));
    assert_eq!(app.ids("needs_attention=false").await.len(), 7);
    let counts = counts::counts(&app.state().db, &Actor::anonymous()).await.expect("counts");
    assert_eq!(counts.needs_attention, 2);
}

async fn calls_come_in_the_order_that_is_asked_for(app: App) {
    let later = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-02T09:00:00Z"})).await;
    let sooner = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-01T09:00:00Z"})).await;
    // It ends after the next one, though it goes out before it.
    let slow = app.create(COMPLETES).await;
    app.dispatch().await;
    app.pass_secs(1);
    let quick = app.create(COMPLETES).await;
    app.command(&quick["id"], "cancel").await;
    app.live(12).await;
    let [later, sooner, slow, quick] = [later, sooner, slow, quick].map(|call| text(&call["id"]));
    for (query, expected) in [
        ("", vec![&quick, &slow, &sooner, &later]),
        ("sort=created", vec![&quick, &slow, &sooner, &later]),
        ("sort=due", vec![&slow, &quick, &sooner, &later]),
        ("phase=pending", vec![&sooner, &later]),
        ("phase=pending&sort=created", vec![&sooner, &later]),
        ("sort=ended", vec![&slow, &quick]),
    ] {
        assert_eq!(app.ids(query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

async fn a_query_that_can_not_be_understood_names_the_parameter(app: App) {
    app.create(COMPLETES).await;
    for (query, parameter) in [
        ("colour=red", "colour"),
        ("colour=", "colour"),
        ("limit=1&limit=2", "limit"),
        ("Phase=pending", "Phase"),
        ("phase=soon", "phase"),
        ("status=pending&status=soon", "status"),
        ("workflow=spam", "workflow"),
        ("sort=name", "sort"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("created_from=yesterday", "created_from"),
        ("scheduled_to=2026-12-01T09:00:00", "scheduled_to"),
        ("needs_attention=perhaps", "needs_attention"),
        ("include_total=2", "include_total"),
        ("q=a%00", "q"),
        ("cursor=garbage", "cursor"),
    ] {
        let (status, problem) = app.get(&format!("/api/calls?{query}")).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{query}");
        assert!(text(&problem["detail"]).contains(parameter), "{query}: {problem}");
    }
}

async fn the_counts_tell_how_many_are_where(app: App) {
    let none = counts::counts(&app.state().db, &Actor::anonymous()).await.expect("counts");
    assert_eq!((none.total(), none.next_due_at), (0, None));

    one_of_each(&app).await;
    app.create_with(NO_ANSWER, json!({})).await;
    app.claim().await;
    let counts = counts::counts(&app.state().db, &Actor::anonymous()).await.expect("counts");

    let of_each = Phase::ALL.iter().map(|phase| counts.of(*phase)).collect::<Vec<_>>();
    assert_eq!(of_each, [2, 1, 1, 1, 1], "{:?}", Phase::ALL);
    assert_eq!((counts.dispatching, counts.needs_attention, counts.total()), (1, 0, 6));
    let next = counts.next_due_at.map(switchboard::domain::timestamp::Timestamp::to_rfc3339);
    assert_eq!(next.as_deref(), Some("2026-12-01T09:00:00.000Z"));
}

async fn another_team_sees_nothing(app: App) {
    let call = app.create(COMPLETES).await;
    let (db, stranger, now) = (&app.state().db, app.stranger().await, app.now());
    let limits = app.state().config.limits();
    let everything = CallFilter { include_total: true, ..CallFilter::default() };

    let listing = list::list(db, &stranger, &everything, limits, now).await.expect("a list");
    let none = Some(list::Total { calls: 0, is_exact: true });
    assert_eq!((listing.calls.len(), listing.total), (0, none));
    let counts = counts::counts(db, &stranger).await.expect("counts");
    assert_eq!((counts.total(), counts.next_due_at), (0, None));
    let found = queries::get(db, &stranger, call_id(&call["id"]), limits, now).await.map(drop);
    assert_eq!(found.expect_err("nothing").code(), "not_found");

    let id = call_id(&call["id"]);
    let canceled = db.write(async move |tx| cancel(&tx, &stranger, id, now).await).await.map(drop);
    assert_eq!(canceled.expect_err("a refusal").code(), "not_found");
    assert_eq!(app.call(&call["id"]).await["status"], Value::from("pending"));
}
