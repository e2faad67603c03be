//! Searching: by the start of a name or of a number's digits.

use crate::support::{
    app::{App, text},
    both_databases,
};
use serde_json::json;

both_databases!(
    a_name_is_found_by_its_start_in_any_case,
    a_number_is_found_by_its_first_digits,
    wildcards_of_sql_are_letters_like_others,
    a_search_is_combined_with_filters,
);

/// Calls to people, newest last.
async fn people(app: &App, people: &[(&str, &str)]) {
    for (name, number) in people {
        app.create_with(number, json!({"customer_name": name})).await;
    }
}

/// The names that `q` finds, newest first.
async fn named(app: &App, q: &str) -> Vec<String> {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
    let (_, page) = app.get(&format!("/api/calls?{query}")).await;
    let calls = page["calls"].as_array().unwrap_or_else(|| panic!("a list, not {page}"));
    calls.iter().map(|call| text(&call["customer_name"])).collect()
}

async fn a_name_is_found_by_its_start_in_any_case(app: App) {
    people(
        &app,
        &[
            ("Ada Lovelace", "+14155550101"),
            ("ADAM Smith", "+14155550101"),
            ("Grace  Hopper", "+14155550101"),
            ("ÉMILIE du Châtelet", "+14155550101"),
            ("Straße", "+14155550101"),
            ("7 Dwarfs Ltd", "+14155550101"),
        ],
    )
    .await;
    for (q, expected) in [
        ("ada", vec!["ADAM Smith", "Ada Lovelace"]),
        ("ADA L", vec!["Ada Lovelace"]),
        ("  ada   love ", vec!["Ada Lovelace"]),
        ("grace hop", vec!["Grace  Hopper"]),
        ("émilie", vec!["ÉMILIE du Châtelet"]),
        ("straß", vec!["Straße"]),
        ("lovelace", vec![]),
        ("7", vec!["7 Dwarfs Ltd"]),
        ("7 dwarfs", vec!["7 Dwarfs Ltd"]),
    ] {
        assert_eq!(named(&app, q).await, expected, "{q}");
    }
}

async fn a_number_is_found_by_its_first_digits(app: App) {
    people(&app, &[("Ada", "+14155550101"), ("Grace", "+14165550102"), ("Konrad", "+4930123456")]).await;
    for (q, expected) in [
        ("+1415", vec!["Ada"]),
        ("1415", vec!["Ada"]),
        ("+1 (415) 555-01.01", vec!["Ada"]),
        ("14", vec!["Grace", "Ada"]),
        ("+", vec![]),
        ("49", vec!["Konrad"]),
        ("0101", vec![]),
        ("+141555501011", vec![]),
    ] {
        assert_eq!(named(&app, q).await, expected, "{q}");
    }
}

async fn wildcards_of_sql_are_letters_like_others(app: App) {
    people(
        &app,
        &[
            ("Ada", "+14155550101"),
            ("100% Sure", "+14155550101"),
            ("_underscore", "+14155550101"),
            ("back\\slash", "+14155550101"),
            ("O'Neill", "+14155550101"),
        ],
    )
    .await;
    for (q, expected) in [
        ("%", vec![]),
        ("_", vec!["_underscore"]),
        ("a_a", vec![]),
        ("100%", vec!["100% Sure"]),
        ("1%", vec![]),
        ("back\\", vec!["back\\slash"]),
        ("\\", vec![]),
        ("o'n", vec!["O'Neill"]),
        ("[a]", vec![]),
        ("*", vec![]),
    ] {
        assert_eq!(named(&app, q).await, expected, "{q}");
    }
}

async fn a_search_is_combined_with_filters(app: App) {
    people(&app, &[("Ada", "+14155550101"), ("Adam", "+14155550102")]).await;
    app.create_with("+14155550101", json!({"customer_name": "Adele", "workflow": "sales"})).await;
    let (_, page) = app.get("/api/calls?q=ad&workflow=support&include_total=1").await;
    assert_eq!(page["total"], 2);
    assert_eq!(app.ids("q=ad&workflow=sales").await.len(), 1);
    assert_eq!(app.ids("q=1415&workflow=sales").await.len(), 1, "digits are no way around a filter");
}
