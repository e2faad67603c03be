//! Signing: as Standard Webhooks has it, and without a gap while one secret is replaced by another.

use crate::support::{
    app::{COMPLETES, text},
    both_databases,
    receiver::Told,
};
use serde_json::{Value, json};

both_databases!(
    both_secrets_sign_for_a_day_after_a_rotation,
    a_second_rotation_forgets_the_first_secret,
    a_secret_is_shown_once_and_never_again,
);

async fn both_secrets_sign_for_a_day_after_a_rotation(world: Told) {
    let app = &world.app;
    let endpoint = world.endpoint(&["call.created"]).await;
    let (status, rotated) = app.tell_endpoint(&endpoint, "rotate-secret").await;
    assert_eq!(status, 200);
    assert_ne!(rotated["secret"], endpoint["secret"]);
    assert_eq!(rotated["old_secret_until"], app.now().plus_secs(86_400).to_rfc3339());
    app.create(COMPLETES).await;
    app.deliver_all().await;
    app.pass_secs(86_400);
    app.create(COMPLETES).await;
    app.deliver_all().await;

    let [during, after] = &world.receiver.received().await[..] else { panic!("two events") };
    assert_eq!(during.signatures.split(' ').count(), 2, "{}", during.signatures);
    assert!(during.is_signed_with(&endpoint["secret"]) && during.is_signed_with(&rotated["secret"]));
    assert_eq!(after.signatures.split(' ').count(), 1);
    assert!(after.is_signed_with(&rotated["secret"]) && !after.is_signed_with(&endpoint["secret"]));
}

async fn a_second_rotation_forgets_the_first_secret(world: Told) {
    let first = world.endpoint(&["call.created"]).await;
    let second = world.app.tell_endpoint(&first, "rotate-secret").await.1;
    let third = world.app.tell_endpoint(&first, "rotate-secret").await.1;
    world.app.create(COMPLETES).await;
    world.app.deliver_all().await;
    let told = world.receiver.received().await.pop().expect("an event");
    let signed = [&first, &second, &third].map(|it| told.is_signed_with(&it["secret"]));
    assert_eq!(signed, [false, true, true]);
}

async fn a_secret_is_shown_once_and_never_again(world: Told) {
    let endpoint = world.endpoint(&["call.created"]).await;
    let secret = text(&endpoint["secret"]);
    assert!(secret.starts_with("whsec_") && secret.len() > 40, "{secret}");
    let path = format!("/api/webhook-endpoints/{}", text(&endpoint["id"]));
    let (_, patched) = crate::support::app::read(
        world
            .app
            .request(reqwest::Method::PATCH, &path)
            .json(&json!({"description": "x"}))
            .send()
            .await
            .unwrap(),
    )
    .await;
    let (_, listed) = world.app.get("/api/webhook-endpoints").await;
    for shown in [patched, listed["endpoints"][0].clone(), world.app.endpoint_now(&endpoint).await] {
        assert_eq!(shown.get("secret"), None::<&Value>, "{shown}");
        assert!(!shown.to_string().contains(&secret));
    }
    let rows = {
        use sea_orm::EntityTrait;
        use switchboard::server::hooks::entity::endpoints::Entity;
        Entity::find().all(world.app.state().db.read()).await.expect("rows")
    };
    assert_eq!(rows[0].secret.0, secret, "every node can sign");
    assert!(!format!("{rows:?}").contains(&secret[6..]), "but no log line shows it");
}
