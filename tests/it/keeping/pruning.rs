//! What ended long ago goes, and nothing else.

use crate::{
    starting::run,
    support::{
        app::{App, BUSY, COMPLETES, text},
        both_databases,
        company::World,
        receiver::Told,
    },
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use switchboard::server::{calls::prune, hooks, provider::simulator, retention::Pace};
use wiremock::ResponseTemplate;

both_databases!(
    what_ended_long_ago_goes_with_all_that_is_known_of_it,
    what_is_counted_is_what_goes,
    a_call_whose_phone_may_still_ring_stays,
    no_round_takes_more_than_it_may,
    events_of_no_call_go_too,
    webhooks_go_once_they_are_settled,
    the_simulator_forgets_what_it_has_told,
    the_command_prunes_while_the_server_runs,
);

const DAY: i64 = 86_400;

async fn prune_all(app: &App, secs_old: i64) -> prune::Pruned {
    let (before, mut all) = (app.now().plus_secs(-secs_old), prune::Pruned::default());
    loop {
        let some =
            app.state().db.write(async move |tx| prune::prune(&tx, before, 2).await).await.expect("a round");
        all.add(&some);
        if some.calls == 0 {
            return all;
        }
    }
}

async fn exists(app: &App, call: &Value) -> bool {
    let (status, _) = app.get(&format!("/api/calls/{}", text(&call["id"]))).await;
    status == StatusCode::OK
}

async fn what_ended_long_ago_goes_with_all_that_is_known_of_it(app: App) {
    let old = app.create_with(COMPLETES, json!({"external_id": "order-7"})).await;
    let waits = app.create_with(COMPLETES, json!({"delay_secs": 200 * DAY})).await;
    app.live(12).await;
    app.pass_secs(90 * DAY - 60);
    let young = app.create(BUSY).await;
    app.live(12).await;
    assert_eq!(prune_all(&app, 90 * DAY).await.calls, 0, "it is not yet so old");

    app.pass_secs(120);
    let pruned = prune_all(&app, 90 * DAY).await;
    assert_eq!((pruned.calls, pruned.attempts), (1, 1));
    assert!(pruned.events >= 5, "{pruned:?}");
    assert!(!exists(&app, &old).await && exists(&app, &waits).await && exists(&app, &young).await);
    for table in ["call_events WHERE call_id IS NULL OR call_id", "call_attempts WHERE call_id"] {
        let left = format!("SELECT count(*) FROM {table} NOT IN (SELECT id FROM calls)");
        assert_eq!(app.count(&left).await, 0, "{table}");
    }
    // What it was called elsewhere may be used again.
    app.create_with(COMPLETES, json!({"external_id": "order-7"})).await;
}

async fn what_is_counted_is_what_goes(app: App) {
    for number in [COMPLETES, BUSY, COMPLETES] {
        app.create(number).await;
    }
    app.live(12).await;
    app.pass_secs(2 * DAY);
    let before = app.now().plus_secs(-DAY);
    let counted = prune::count(&app.state().db, before).await.expect("a count");
    assert_eq!((counted.calls, counted.attempts), (3, 3));
    assert_eq!(app.count("SELECT count(*) FROM calls").await, 3, "it was only counted");
    assert_eq!(prune_all(&app, DAY).await, counted);
}

async fn a_call_whose_phone_may_still_ring_stays(world: World) {
    let call = world.placed().await;
    let body = json!({"status": "failed"});
    let path = format!("/api/calls/{}", text(&call["id"]));
    let ended = world.app.request(reqwest::Method::PATCH, &path).json(&body).send().await.expect("an answer");
    assert_eq!(ended.status(), StatusCode::OK);
    world.app.pass_secs(90 * DAY);
    assert_eq!(prune_all(&world.app, DAY).await.calls, 0, "its attempt is open until it is hung up");
    let done = world.app.call(&call["id"]).await;
    assert_eq!(done["status"], "failed");

    let id = text(&done["attempts"][0]["id"]);
    let report = json!({"attempt_id": id, "provider_call_id": done["attempts"][0]["provider_call_id"],
        "status": "canceled", "sequence": 9, "occurred_at": world.app.now().to_rfc3339()});
    assert_eq!(world.app.hear("w9", &report).await, StatusCode::NO_CONTENT);
    assert_eq!(prune_all(&world.app, DAY).await.calls, 1);
}

async fn no_round_takes_more_than_it_may(app: App) {
    for _ in 0..5 {
        let call = app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
        app.command(&call["id"], "cancel").await;
    }
    app.pass_secs(2 * DAY);
    let before = app.now().plus_secs(-DAY);
    for left in [3, 1, 0, 0] {
        app.state().db.write(async move |tx| prune::prune(&tx, before, 2).await).await.expect("a round");
        assert_eq!(app.count("SELECT count(*) FROM calls").await, left);
    }
}

async fn events_of_no_call_go_too(app: App) {
    let deleted = app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
    let path = format!("/api/calls/{}", text(&deleted["id"]));
    app.request(reqwest::Method::DELETE, &path).send().await.expect("an answer");
    let unknown = json!({"attempt_id": "00000000-0000-7000-8000-000000000099", "provider_call_id": "x",
        "status": "ringing", "sequence": 1, "occurred_at": "2026-11-21T09:00:00Z"});
    app.hear("w1", &unknown).await;
    app.pass_secs(2 * DAY);
    app.hear("w2", &unknown).await;
    let kept = app.create(COMPLETES).await;
    let before = app.now().plus_secs(-DAY);
    let counted = prune::count(&app.state().db, before).await.expect("a count");
    assert_eq!((counted.calls, counted.events), (0, 3), "created, deleted, and a report of nobody");
    let (mut after, mut gone) = (0, 0);
    loop {
        let db = &app.state().db;
        let Some(some) = prune::find_strays(db, before, after, 2).await.expect("a look") else { break };
        after = some.looked_to;
        let removed = db.write(async move |tx| prune::remove_strays(&tx, some.positions).await).await;
        gone += removed.expect("a round");
    }
    assert_eq!(gone, 3);
    assert_eq!(app.count("SELECT count(*) FROM call_events").await, 2, "what is young, and what has a call");
    assert_eq!(app.timeline(&kept["id"]).await, ["created"]);
}

async fn webhooks_go_once_they_are_settled(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    for _ in 0..3 {
        app.create(COMPLETES).await;
    }
    assert_eq!(app.deliver().await, 3);
    world.receiver.answers(ResponseTemplate::new(500));
    app.create(COMPLETES).await;
    assert_eq!(app.deliver().await, 1, "this one will be sent again");
    app.pass_secs(2 * DAY);

    let (db, before) = (&app.state().db, app.now().plus_secs(-DAY));
    assert_eq!(hooks::prune::count(db, before).await, Ok(3));
    let (mut after, mut gone) = (0, Vec::new());
    while let Some(some) =
        db.write(async move |tx| hooks::prune::prune(&tx, before, after, 2).await).await.expect("a round")
    {
        gone.push(some.gone);
        after = some.to;
    }
    assert_eq!(gone, [2, 1], "the fourth has yet to be sent");
    let left = app.deliveries(&endpoint).await;
    assert_eq!((left.len(), &left[0]["status"]), (1, &json!("pending")), "{left:?}");
}

async fn the_simulator_forgets_what_it_has_told(app: App) {
    app.create(COMPLETES).await;
    app.live(12).await;
    app.create(COMPLETES).await;
    app.dispatch().await;
    app.pass_secs(2 * DAY);
    let before = app.now().plus_secs(-DAY).as_millis();
    // The second one's callbacks have never been sent, and still will be.
    assert_eq!(simulator::prune(&app.state().db, before, &Pace::brisk().with_steps_of(1)).await, Ok(1));
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM sim_callbacks").await, 4);
    assert_eq!(
        app.count("SELECT placings FROM sim_placings").await,
        2,
        "how often it was placed is remembered"
    );
}

/// The command goes by the real clock, at which all that was told so far lies in the future or long ago.
async fn the_command_prunes_while_the_server_runs(app: App) {
    for _ in 0..3 {
        let call = app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
        app.command(&call["id"], "cancel").await;
    }
    let long_ago = app.state().db.write(async move |tx| {
        let sql = "UPDATE calls SET ended_at = 1000000000000";
        sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), sql).await?;
        Ok(switchboard::server::db::Written::new(()))
    });
    long_ago.await.expect("they ended in 2001");
    let folder = tempfile::tempdir().expect("a folder");
    let prune = |more: &[&str]| {
        let arguments =
            [&["prune", "--older-than", "90d", "--database-url", &app.test_db.url], more].concat();
        run(folder.path(), &arguments, &[])
    };
    let said = prune(&["--dry-run"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert!(said.out.starts_with("Would delete 3 calls that ended before 20"), "{said:?}");
    assert!(
        said.out.contains("with 0 attempts and 6 events.\nWould delete 0 webhooks of that age"),
        "{said:?}"
    );
    assert_eq!(app.count("SELECT count(*) FROM calls").await, 3);

    let said = prune(&[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.starts_with("Deleted 3 calls"), "{said:?}");
    assert_eq!(said.out.contains("The file keeps its size"), app.test_db.file().is_some());
    assert_eq!(app.get("/api/calls").await.1["calls"], json!([]));
    app.create(COMPLETES).await;

    let said = run(folder.path(), &["prune", "--older-than", "90"], &[]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("write an age as 90d, 12w or 36h"), "{said:?}");
    let said = run(folder.path(), &["prune", "--older-than", "90d"], &[]);
    assert!(said.err.contains("There is no database at"), "{said:?}");
}
