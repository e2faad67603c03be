//! Every authentic report is kept, with what became of it.

use super::{report, report_of, verdicts};
use crate::support::{app::text, both_databases, company::World};
use reqwest::StatusCode;
use serde_json::json;

both_databases!(
    a_report_of_an_attempt_that_nobody_knows_is_kept,
    another_id_for_the_same_attempt_is_an_error_that_changes_nothing,
    the_id_of_another_attempt_is_an_error_that_changes_nothing,
    reports_may_skip,
    what_comes_late_is_kept_and_moves_nothing,
    the_first_ending_wins,
    details_that_come_after_the_end_fill_what_is_empty,
    our_words_for_a_guess_are_not_the_providers,
    instants_of_the_providers_clock_are_believed_within_reason,
);

async fn a_report_of_an_attempt_that_nobody_knows_is_kept(world: World) {
    let unknown = report("0193a000-0000-7000-8000-000000000000", "ringing", "2026-11-21T09:00:00Z");
    for _ in 0..2 {
        assert_eq!(world.app.hear("w1", &unknown).await, StatusCode::NO_CONTENT);
    }
    let kept = "SELECT count(*) FROM call_events WHERE verdict = 'unknown_attempt' AND call_id IS NULL AND repeats = 1";
    assert_eq!(world.app.count(kept).await, 1);
    assert_eq!(world.app.count("SELECT count(*) FROM call_events").await, 1);
}

async fn another_id_for_the_same_attempt_is_an_error_that_changes_nothing(world: World) {
    let call = world.placed().await;
    let mut ended = report_of(&world, &call, "completed").await;
    ended["provider_call_id"] = json!("CA-something-else");
    assert_eq!(world.app.hear("w1", &ended).await, StatusCode::NO_CONTENT);
    assert_eq!(verdicts(&world, &call).await, ["invalid"]);
    let now = world.app.call(&call["id"]).await;
    assert_eq!((&now["status"], &now["attempts"]), (&json!("initiated"), &call["attempts"]));
}

async fn the_id_of_another_attempt_is_an_error_that_changes_nothing(world: World) {
    let first = world.placed().await;
    let claimed = world.app.create("+14155550101").await;
    crate::support::dispatcher::claim_only(world.app.state()).await;
    let mut ringing = report_of(&world, &claimed, "ringing").await;
    ringing["provider_call_id"] = first["attempts"][0]["provider_call_id"].clone();
    assert_eq!(world.app.hear("w1", &ringing).await, StatusCode::NO_CONTENT);
    assert_eq!(verdicts(&world, &claimed).await, ["invalid"]);
    let now = world.app.call(&claimed["id"]).await;
    assert_eq!((&now["status"], &now["attempts_made"]), (&json!("dispatching"), &json!(0)));
    assert_eq!(world.app.call(&first["id"]).await, first);
}

async fn reports_may_skip(world: World) {
    let call = world.placed().await;
    world.app.pass_secs(9);
    let ended = report_of(&world, &call, "completed").await;
    world.app.hear("w1", &ended).await;
    let now = world.app.call(&call["id"]).await;
    assert_eq!((&now["status"], &now["ended_reason"]), (&json!("completed"), &json!("answered")));
    assert_eq!(now["ended_at"], "2026-11-21T09:00:09.000Z");
}

async fn what_comes_late_is_kept_and_moves_nothing(world: World) {
    let call = world.placed().await;
    for (id, status) in [("w1", "in_progress"), ("w2", "ringing"), ("w3", "initiated")] {
        let late = report_of(&world, &call, status).await;
        world.app.hear(id, &late).await;
    }
    assert_eq!(verdicts(&world, &call).await, ["applied", "stale", "stale"]);
    assert_eq!(world.app.call(&call["id"]).await["status"], "in_progress");
}

async fn the_first_ending_wins(world: World) {
    let call = world.placed().await;
    for (id, status) in [("w1", "busy"), ("w2", "completed"), ("w3", "ringing")] {
        let said = report_of(&world, &call, status).await;
        world.app.hear(id, &said).await;
        world.app.pass_secs(1);
    }
    assert_eq!(verdicts(&world, &call).await, ["applied", "already_ended", "already_ended"]);
    let now = world.app.call(&call["id"]).await;
    assert_eq!((&now["status"], &now["ended_reason"]), (&json!("busy"), &json!("busy")));
    assert_eq!(now["ended_at"], "2026-11-21T09:00:00.000Z");
}

async fn details_that_come_after_the_end_fill_what_is_empty(world: World) {
    let call = world.placed().await;
    let mut ended = report_of(&world, &call, "completed").await;
    world.app.hear("w1", &ended).await;
    ended["duration_secs"] = json!(42);
    ended["answered_by"] = json!("human");
    ended["recording_url"] = json!("https://example.org/1.ogg");
    world.app.hear("w2", &ended).await;
    ended["duration_secs"] = json!(7);
    ended["answered_by"] = json!("machine");
    world.app.hear("w3", &ended).await;

    let attempt = world.app.call(&call["id"]).await["attempts"][0].clone();
    assert_eq!((&attempt["duration_secs"], text(&attempt["answered_by"])), (&json!(42), "human".to_owned()));
    assert_eq!(attempt["recording_url"], "https://example.org/1.ogg");
}

async fn our_words_for_a_guess_are_not_the_providers(world: World) {
    for reason in ["unknown", "lost_contact", "unheard_of"] {
        let call = world.placed().await;
        let mut ended = report_of(&world, &call, "failed").await;
        ended["ended_reason"] = json!(reason);
        world.app.hear(reason, &ended).await;
        let ended = world.app.call(&call["id"]).await;
        assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("failed"), &json!("provider_failed")));
    }
}

async fn instants_of_the_providers_clock_are_believed_within_reason(world: World) {
    let call = world.placed().await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.app.pass_secs(10);
    world.app.hear("w1", &report(&attempt, "ringing", "1999-01-01T00:00:00Z")).await;
    world.app.hear("w2", &report(&attempt, "completed", "2099-01-01T00:00:00Z")).await;
    let attempt = world.app.call(&call["id"]).await["attempts"][0].clone();
    assert_eq!(attempt["ringing_at"], "2026-11-21T09:00:00.000Z", "not before the claim");
    assert_eq!(attempt["ended_at"], "2026-11-21T09:00:10.000Z", "not after now");
}
