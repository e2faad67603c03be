//! Earlier customers, by the start of a name or a number.

use super::ask;
use crate::support::{
    app::{App, BUSY, COMPLETES, text},
    both_databases,
};
use serde_json::{Value, json};
use switchboard::{
    domain::actor::Actor,
    server::calls::customers::{Start, suggest},
};

both_databases!(
    a_customer_is_offered_once_as_they_were_called_last,
    a_customer_is_found_by_the_number_too,
    only_as_many_are_offered_as_can_be_read,
    signs_of_sql_are_letters_like_others,
    another_team_is_offered_nobody,
);

fn offered(check: &Value) -> Vec<String> {
    let customers = check["customers"].as_array().expect("a list");
    let line =
        |it: &Value| format!("{}, {}, {}", text(&it["name"]), text(&it["number"]), text(&it["workflow"]));
    customers.iter().map(line).collect()
}

async fn a_customer_is_offered_once_as_they_were_called_last(app: App) {
    app.create(BUSY).await;
    app.create_with(COMPLETES, json!({"customer_name": "ADA  Lovelace", "workflow": "sales"})).await;
    app.create_with(BUSY, json!({"customer_name": "Adam Smith"})).await;
    app.create_with(BUSY, json!({"customer_name": "Grace Hopper"})).await;
    let ada = "ADA  Lovelace, +1 415 555 0101, sales";
    for (typed, expected) in [
        ("ad", vec![ada, "Adam Smith, +1 415 555 0102, support"]),
        ("Ada L", vec![ada]),
        ("  ada   love", vec![ada]),
        ("lovelace", vec![]),
        ("a", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(offered(&ask(&app, &[("customer_name", typed)]).await), expected, "{typed}");
    }
}

async fn a_customer_is_found_by_the_number_too(app: App) {
    app.create(COMPLETES).await;
    app.create_with(COMPLETES, json!({"customer_name": "Grace Hopper"})).await;
    app.create_with("+4930123456", json!({"customer_name": "Konrad Zuse"})).await;
    for (typed, expected) in [
        ("+1 415", vec!["Grace Hopper, +1 415 555 0101, support"]),
        ("+49", vec!["Konrad Zuse, +49 301 234 56, support"]),
        ("+", vec![]),
        ("030", vec![]),
    ] {
        assert_eq!(offered(&ask(&app, &[("phone_number", typed)]).await), expected, "{typed}");
    }
    let both = ask(&app, &[("customer_name", "konrad"), ("phone_number", "+49")]).await;
    assert_eq!(offered(&both).len(), 1, "nobody is offered twice");
}

async fn only_as_many_are_offered_as_can_be_read(app: App) {
    for nth in 0..8 {
        app.create_with(COMPLETES, json!({"customer_name": format!("Customer {nth}")})).await;
    }
    let found = offered(&ask(&app, &[("customer_name", "cust")]).await);
    assert_eq!(found.len(), 5);
    assert!(found[0].starts_with("Customer 0") && found[4].starts_with("Customer 4"), "{found:?}");
}

async fn signs_of_sql_are_letters_like_others(app: App) {
    for name in ["100% Sure", "10_ Sure", "O'Neill"] {
        app.create_with(COMPLETES, json!({"customer_name": name})).await;
    }
    for (typed, how_many) in [("10%", 0), ("100%", 1), ("10_", 1), ("__", 0), ("o'n", 1), ("%%", 0)] {
        assert_eq!(offered(&ask(&app, &[("customer_name", typed)]).await).len(), how_many, "{typed}");
    }
}

async fn another_team_is_offered_nobody(app: App) {
    app.create(COMPLETES).await;
    let (db, stranger) = (&app.state().db, app.stranger().await);
    for start in [Start::Name("ada".to_owned()), Start::Number("+1415".to_owned())] {
        assert_eq!(suggest(db, &stranger, &start, 5).await.expect("an answer"), []);
        assert_eq!(suggest(db, &Actor::anonymous(), &start, 5).await.expect("an answer").len(), 1);
    }
}
