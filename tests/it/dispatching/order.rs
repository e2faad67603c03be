//! In which order calls go out, and not before their time.

use crate::support::{
    app::{App, COMPLETES},
    both_databases,
    dispatcher::{call_id_of, claim_only},
};
use serde_json::json;

both_databases!(
    what_is_due_goes_out_in_the_order_of_its_time_and_then_of_its_creation,
    nothing_goes_out_before_its_time_also_60_days_ahead,
    a_delay_counts_from_now,
    each_claim_takes_the_longest_due_and_no_more_than_it_wants,
);

async fn what_is_due_goes_out_in_the_order_of_its_time_and_then_of_its_creation(app: App) {
    let mut calls = Vec::new();
    for delay in [30, 10, 20, 10, 0] {
        calls.push(call_id_of(&app.create_with(COMPLETES, json!({"delay_secs": delay})).await));
    }
    app.pass_secs(60);
    let claimed: Vec<_> = claim_only(app.state()).await.iter().map(|claimed| claimed.call.id).collect();
    assert_eq!(claimed, [calls[4], calls[1], calls[3], calls[2], calls[0]]);
}

async fn nothing_goes_out_before_its_time_also_60_days_ahead(app: App) {
    let later = json!({"scheduled_at": "2027-01-20T14:30:00+05:30"});
    let call = app.create_with(COMPLETES, later).await;
    assert_eq!(call["due_at"], "2027-01-20T09:00:00.000Z");
    assert_eq!(app.reasons(&call["id"]).await, ["scheduled"]);

    app.clock.advance_ms(60 * 86_400_000 - 1);
    assert_eq!(app.dispatch().await, 0);
    assert_eq!(app.call(&call["id"]).await["status"], "pending");

    app.clock.advance_ms(1);
    assert_eq!(app.dispatch().await, 1);
    assert_eq!(app.call(&call["id"]).await["status"], "initiated");
}

async fn a_delay_counts_from_now(app: App) {
    let call = app.create_with(COMPLETES, json!({"delay_secs": 90})).await;
    assert_eq!(call["due_at"], "2026-11-21T09:01:30.000Z");
    app.pass_secs(89);
    assert_eq!(app.dispatch().await, 0);
    app.pass_secs(1);
    assert_eq!(app.dispatch().await, 1);
}

async fn each_claim_takes_the_longest_due_and_no_more_than_it_wants(app: App) {
    for delay in (0..70).rev() {
        app.create_with(COMPLETES, json!({"delay_secs": delay})).await;
    }
    app.pass_secs(70);
    let first = claim_only(app.state()).await;
    assert_eq!(first.len(), 50, "the rate's share of this second");
    assert!(first.is_sorted_by_key(|claimed| claimed.call.due_at));

    app.pass_secs(1);
    let second = claim_only(app.state()).await;
    assert_eq!(second.len(), 20);
    let longest =
        |claimed: &[switchboard::server::calls::claim::Claimed]| claimed.last().map(|it| it.call.due_at);
    assert!(longest(&first) < second.first().map(|it| it.call.due_at));
}
