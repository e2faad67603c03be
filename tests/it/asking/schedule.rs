//! When the provider is asked.

use super::{ask_for, left_open};
use crate::support::{both_databases, company::World};
use serde_json::json;
use wiremock::ResponseTemplate;

both_databases!(
    what_is_open_is_asked_about_soon_and_then_at_leisure,
    whoever_was_heard_of_is_left_in_peace,
    unknown_is_asked_again_as_soon_as_it_counts,
);

async fn what_is_open_is_asked_about_soon_and_then_at_leisure(world: World) {
    left_open(&world).await;
    world.company.answers_questions(ResponseTemplate::new(500));
    let mut asked_at = Vec::new();
    for second in 1..=300 {
        let before = world.company.questions().await;
        ask_for(&world, 1).await;
        if world.company.questions().await > before {
            asked_at.push(second);
        }
    }
    // After 1 s, then 2 s later, then 5, 15 and 60 s later, then every 90 s.
    assert_eq!(asked_at, [1, 3, 8, 23, 83, 173, 263]);
}

async fn whoever_was_heard_of_is_left_in_peace(world: World) {
    let call = world.placed().await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    for (secs, status) in [(89, "ringing"), (89, "in_progress")] {
        ask_for(&world, secs).await;
        let report = crate::reporting::report(&attempt, status, &world.app.now().to_rfc3339());
        world.app.hear(status, &report).await;
    }
    ask_for(&world, 89).await;
    assert_eq!(world.company.questions().await, 0);

    world.company.knows(&attempt, "in_progress", "2026-11-21T09:01:00Z");
    ask_for(&world, 1).await;
    assert_eq!(world.company.questions().await, 1);
    assert_eq!(world.app.call(&call["id"]).await["status"], "in_progress");
    ask_for(&world, 89).await;
    assert_eq!(world.company.questions().await, 1, "an answer counts as news");
    ask_for(&world, 1).await;
    assert_eq!(world.company.questions().await, 2);
}

async fn unknown_is_asked_again_as_soon_as_it_counts(world: World) {
    let call = left_open(&world).await;
    // Asked after 1, 3 and 8 s, and then not after 23: place_by + 5 s comes earlier.
    ask_for(&world, 15).await;
    assert_eq!(world.company.questions().await, 3);
    assert_eq!(world.company.placings().await.len(), 1);
    ask_for(&world, 1).await;
    assert_eq!(world.company.questions().await, 4);
    assert_eq!(world.company.placings().await.len(), 2);
    assert_eq!(world.app.call(&call["id"]).await["status"], json!("initiated"));
}
