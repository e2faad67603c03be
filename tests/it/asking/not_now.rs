//! "Not now": the call goes back to waiting, its slot is free, and it is placed again under the same id.

use crate::support::{
    app::text,
    both_databases,
    company::{World, problem},
    dispatcher::instant,
};
use serde_json::{Value, json};

both_databases!(
    each_not_now_waits_longer_under_the_same_id,
    the_wait_that_the_provider_asks_for_is_honoured,
    the_wait_may_be_told_as_a_date,
    what_came_too_late_for_the_provider_is_placed_again,
    a_refused_call_takes_no_slot,
    whoever_takes_the_wish_back_while_it_waits_is_obeyed_at_once,
);

/// How long the call waits, in seconds.
async fn wait(world: &World, call: &Value) -> std::ops::RangeInclusive<i64> {
    let call = world.app.call(&call["id"]).await;
    assert_eq!((&call["status"], &call["attempts_made"]), (&json!("pending"), &json!(0)));
    assert_eq!(world.app.reasons(&call["id"]).await, ["provider_not_now"]);
    let millis = instant(&call["due_at"]).millis_since(world.app.now());
    // Up to a fifth of it is jitter, so that a crowd does not come back at once.
    (millis * 5 / 6 / 1_000)..=(millis / 1_000)
}

async fn each_not_now_waits_longer_under_the_same_id(world: World) {
    world.company.answers_placings(problem(503, "busy", "Later.").insert_header("retry-after", "0"));
    let call = world.app.create("+14155550101").await;
    for expected in [5, 30, 120, 300, 300] {
        assert_eq!(world.app.dispatch().await, 1);
        let waits = wait(&world, &call).await;
        assert!(waits.contains(&expected), "{expected} s, not {waits:?}");
        world.app.pass_secs(expected - 1);
        assert_eq!(world.app.dispatch().await, 0);
        world.app.pass_secs(expected / 5 + 2);
    }
    world.company.takes_calls();
    assert_eq!(world.app.dispatch().await, 1);
    let taken = world.app.call(&call["id"]).await;
    assert_eq!((&taken["status"], &taken["attempts_made"]), (&json!("initiated"), &json!(1)));
    assert_eq!(taken["attempts"].as_array().map(Vec::len), Some(1));

    let placings = world.company.placings().await;
    assert_eq!(placings.len(), 6);
    assert!(placings.iter().all(|placing| placing["attempt_id"] == placings[0]["attempt_id"]));
    assert!(placings.is_sorted_by(|one, next| text(&one["place_by"]) < text(&next["place_by"])));
}

async fn the_wait_that_the_provider_asks_for_is_honoured(world: World) {
    for status in [429, 503] {
        world.company.answers_placings(problem(status, "busy", "Later.").insert_header("retry-after", "600"));
        let call = world.placed().await;
        assert!(wait(&world, &call).await.contains(&600), "{status}");
        let event = world.app.newest_event(&call["id"]).await;
        assert_eq!((&event["kind"], &event["payload"]["detail"]), (&json!("refused"), &json!("Later.")));
    }
}

async fn the_wait_may_be_told_as_a_date(world: World) {
    let dated = |until: &str| {
        problem(503, "busy", "Later.")
            .insert_header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
            .insert_header("retry-after", until)
    };
    world.company.answers_placings(dated("Sun, 06 Nov 1994 08:54:37 GMT"));
    let call = world.placed().await;
    assert!(wait(&world, &call).await.contains(&300));

    world.company.answers_placings(dated("when I feel like it"));
    let call = world.placed().await;
    assert!(wait(&world, &call).await.contains(&30));
}

async fn what_came_too_late_for_the_provider_is_placed_again(world: World) {
    world.company.answers_placings(problem(410, "too_late", "It came after place_by."));
    let call = world.placed().await;
    assert!(wait(&world, &call).await.contains(&5));
    world.company.takes_calls();
    world.app.pass_secs(6);
    world.app.dispatch().await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "initiated");
    let placings = world.company.placings().await;
    assert_eq!(placings[0]["attempt_id"], placings[1]["attempt_id"]);
}

async fn a_refused_call_takes_no_slot(world: World) {
    world.company.answers_placings(problem(503, "busy", "Later.").insert_header("retry-after", "60"));
    world.placed().await;
    let open = "SELECT count(*) FROM call_attempts WHERE ended_at IS NULL AND place_by IS NOT NULL";
    assert_eq!(world.app.count(open).await, 0);
    world.app.pass_secs(3_000);
    assert_eq!(world.app.reconcile().await, 0, "nobody asks about it");
}

async fn whoever_takes_the_wish_back_while_it_waits_is_obeyed_at_once(world: World) {
    world.company.answers_placings(problem(503, "busy", "Later.").insert_header("retry-after", "60"));
    let call = world.placed().await;
    let (status, canceled) = world.app.command(&call["id"], "cancel").await;
    assert_eq!((status.as_u16(), &canceled["status"]), (200, &json!("canceled")));
    assert_eq!(world.app.call(&call["id"]).await["attempts"][0]["status"], "canceled");
    world.app.pass_secs(100);
    assert_eq!(world.app.dispatch().await, 0);
    assert_eq!(world.company.placings().await.len(), 1);
}
