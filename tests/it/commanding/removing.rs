//! Deleting: what was never attempted may go; what was done stays written down.

use crate::support::{
    app::{App, COMPLETES, text},
    asking::{NobodyDials, call_id},
    both_databases,
};
use reqwest::{Method, StatusCode};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use switchboard::server::calls::entity::events;

both_databases!(
    a_deleted_call_is_gone_and_its_events_stay,
    only_who_has_seen_the_newest_version_deletes_it,
    a_call_that_was_tried_in_vain_stays,
);

async fn a_deleted_call_is_gone_and_its_events_stay(app: App) {
    let call = app.create_with(COMPLETES, json!({"external_id": "A-1"})).await;
    let (status, body) = app.delete(&call["id"]).await;
    assert_eq!((status, body), (StatusCode::NO_CONTENT, json!(null)));

    assert_eq!(app.get(&format!("/api/calls/{}", text(&call["id"]))).await.0, StatusCode::NOT_FOUND);
    assert_eq!(app.delete(&call["id"]).await.0, StatusCode::NOT_FOUND);
    assert!(app.ids("").await.is_empty());
    assert_eq!(app.dispatch().await, 0);
    let kept = events::Entity::find()
        .filter(events::Column::CallId.eq(call_id(&call["id"]).0))
        .order_by_asc(events::Column::Seq)
        .all(app.state().db.read())
        .await
        .expect("the events");
    let told: Vec<_> =
        kept.iter().map(|event| (event.kind.as_str(), event.seq, event.actor.as_str())).collect();
    assert_eq!(told, [("created", Some(1), "anonymous"), ("deleted", Some(2), "anonymous")]);
    app.create_with(COMPLETES, json!({"external_id": "A-1"})).await;
}

async fn only_who_has_seen_the_newest_version_deletes_it(app: App) {
    let call = app.create(COMPLETES).await;
    app.patch(&call["id"], &json!({"customer_name": "Grace"})).await;
    let older = app.if_match(Method::DELETE, &call["id"], "\"1\"", &json!({})).await;
    let newest = app.if_match(Method::DELETE, &call["id"], "\"2\"", &json!({})).await;
    assert_eq!((older, newest), (StatusCode::PRECONDITION_FAILED, StatusCode::NO_CONTENT));
}

async fn a_call_that_was_tried_in_vain_stays(NobodyDials(app): NobodyDials) {
    let call = app.create(COMPLETES).await;
    app.dispatch().await;
    assert_eq!(app.call(&call["id"]).await["status"], "pending");
    let (status, problem) = app.delete(&call["id"]).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("has_history")));
}
