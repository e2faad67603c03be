//! Helping: what a form is told while it is being filled in.

mod customers;

use crate::support::{
    Backend,
    app::{App, BUSY, COMPLETES, text},
    both_databases,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

both_databases!(
    an_open_call_to_the_number_is_told_of,
    a_call_that_was_just_made_is_told_of_and_later_no_more,
    a_call_that_is_edited_is_not_told_of_itself,
    a_pause_is_told_of_before_anything_is_sent,
    nothing_is_written_by_asking,
);

/// What the server says of a form.
pub async fn ask(app: &App, fields: &[(&str, &str)]) -> Value {
    let names: Vec<_> = fields.iter().map(|(name, value)| (format!("form[{name}]"), *value)).collect();
    asked(app, &names).await
}

async fn asked(app: &App, names: &[(String, &str)]) -> Value {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(names).finish();
    let (status, check) = app.get(&format!("/fn/check_call?{query}")).await;
    assert_eq!(status, StatusCode::OK, "{check}");
    check
}

/// The sentences among the remarks.
fn remarks(check: &Value) -> Vec<String> {
    let remarks = check["remarks"].as_array().expect("a list");
    remarks.iter().map(|remark| text(&remark["words"])).collect()
}

async fn an_open_call_to_the_number_is_told_of(app: App) {
    let later = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-01T09:00:00Z"})).await;
    app.create_with(BUSY, json!({"customer_name": "Somebody else"})).await;
    let check = ask(&app, &[("phone_number", "+1 (415) 555-0101")]).await;
    let told = "A call to this number already waits: Ada Lovelace, 1 Dec 2026, 09:00 UTC.";
    assert_eq!(remarks(&check), [told]);
    assert_eq!(check["remarks"][0]["call"], later["id"]);

    app.create(COMPLETES).await;
    app.dispatch().await;
    let check = ask(&app, &[("phone_number", "+1 415 555 0101")]).await;
    let now = "A call to this number is already open: Ada Lovelace, initiated.";
    assert_eq!(remarks(&check), [now, told], "what goes out next comes first");
}

async fn a_call_that_was_just_made_is_told_of_and_later_no_more(app: App) {
    let call = app.create(COMPLETES).await;
    app.live(12).await;
    let check = ask(&app, &[("phone_number", COMPLETES)]).await;
    assert_eq!(remarks(&check), ["This number was called less than a minute ago: Ada Lovelace, completed."]);
    assert_eq!(check["remarks"][0]["call"], call["id"]);

    app.pass_secs(5 * 60);
    let check = ask(&app, &[("phone_number", COMPLETES)]).await;
    assert_eq!(remarks(&check), ["This number was called 5 minutes ago: Ada Lovelace, completed."]);
    app.pass_secs(30 * 60);
    assert_eq!(remarks(&ask(&app, &[("phone_number", COMPLETES)]).await), [""; 0]);

    let canceled = app.create_with(BUSY, json!({"delay_secs": 60})).await;
    app.command(&canceled["id"], "cancel").await;
    let check = ask(&app, &[("phone_number", BUSY)]).await;
    assert_eq!(remarks(&check), [""; 0], "nobody was called");
}

async fn a_call_that_is_edited_is_not_told_of_itself(app: App) {
    let call = app.create_with(COMPLETES, json!({"delay_secs": 600})).await;
    let id = text(&call["id"]);
    let names = [("form[phone_number]".to_owned(), COMPLETES), ("except".to_owned(), id.as_str())];
    assert_eq!(remarks(&asked(&app, &names).await), [""; 0]);
}

async fn a_pause_is_told_of_before_anything_is_sent(app: App) {
    let (status, _) = app.request_json(Method::PUT, "/api/dispatch", &json!({"paused": true})).await;
    assert_eq!(status, StatusCode::OK);
    let now = ask(&app, &[("when", "now")]).await;
    assert_eq!(remarks(&now), ["It will wait. Paused by Somebody since 21 Nov 2026, 09:00 UTC."]);
    let later = ask(&app, &[("when", "in_1_hour")]).await;
    assert_eq!(remarks(&later), [""; 0], "much may happen in an hour");
}

async fn nothing_is_written_by_asking(app: App) {
    let fields =
        [("customer_name", "Ada"), ("phone_number", COMPLETES), ("workflow", "support"), ("when", "now")];
    ask(&app, &fields).await;
    assert_eq!(app.ids("").await, [""; 0]);
}

#[tokio::test]
async fn a_number_is_told_with_its_country_and_what_is_odd() {
    let app = App::with(Backend::Sqlite, &["--default-country", "DE"]).await;
    for (number, country, told) in [
        ("+1 650 253 0000", "", json!("United States of America, +1 650-253-0000")),
        ("030 123456", "DE", json!("Germany, +49 30 123456")),
        ("030 123456", "", Value::Null),
        (
            "020 7946 0104",
            "GB",
            json!("United Kingdom of Great Britain and Northern Ireland, +44 20 7946 0104"),
        ),
        ("+1", "", Value::Null),
        ("call me", "", Value::Null),
    ] {
        let check = ask(&app, &[("phone_number", number), ("country", country)]).await;
        assert_eq!(check["number"], told, "{number} in {country}");
        assert_eq!(check["errors"], json!([]), "what the browser sees by itself is not told again: {number}");
    }
    let odd = ask(&app, &[("phone_number", "+15551234567")]).await;
    assert_eq!(remarks(&odd), ["No numbering plan has this number, though its length is right."]);
}

#[tokio::test]
async fn a_number_that_can_not_exist_is_refused_before_it_is_sent() {
    let app = App::with(Backend::Sqlite, &["--number-check", "valid"]).await;
    let check = ask(&app, &[("phone_number", "+15551234567")]).await;
    assert_eq!(
        (&check["errors"][0]["field"], &check["errors"][0]["code"]),
        (&json!("phone_number"), &json!("impossible"))
    );
    assert_eq!(check["number"], Value::Null);
}

#[tokio::test]
async fn a_time_is_told_in_words() {
    let app = App::with(Backend::Sqlite, &["--default-time-zone", "Asia/Kolkata"]).await;
    for (when, wall, zone, words) in [
        ("later", "2026-11-22T09:00", "Europe/Berlin", "Sunday 22 November 2026, 09:00 in Berlin"),
        ("in_15_minutes", "", "UTC", "Saturday 21 November 2026, 09:15 UTC"),
        ("in_1_hour", "", "", "Saturday 21 November 2026, 15:30 in Kolkata"),
        ("tomorrow", "", "America/New_York", "Sunday 22 November 2026, 09:00 in New York"),
    ] {
        let check = ask(&app, &[("when", when), ("wall_time", wall), ("time_zone", zone)]).await;
        assert_eq!(check["wait"]["words"], words, "{when}");
        assert_eq!((&check["wait"]["remark"], &check["errors"]), (&Value::Null, &json!([])));
    }
    let now = ask(&app, &[("when", "now"), ("wall_time", "2026-11-22T09:00")]).await;
    assert_eq!(now["wait"], Value::Null);
}

#[tokio::test]
async fn a_time_that_is_wrong_or_comes_twice_is_told_so() {
    let app = App::with(Backend::Sqlite, &[]).await;
    let at = async |wall| {
        ask(&app, &[("when", "later"), ("wall_time", wall), ("time_zone", "Europe/Berlin")]).await
    };
    for (wall, code, words) in [
        ("2027-03-28T02:30", "skipped_by_clocks", "Choose another, for example 03:30."),
        ("2026-11-20T09:00", "in_the_past", "This time is past"),
        ("2036-11-20T09:00", "too_far", "at most five years"),
    ] {
        let check = at(wall).await;
        let error = &check["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!("wall_time"), &json!(code)));
        assert!(text(&error["detail"]).contains(words), "{error}");
    }
    assert_eq!(at("").await["errors"], json!([]), "that one is missing the browser sees by itself");
    let twice = at("2027-10-31T02:30").await;
    assert!(text(&twice["wait"]["remark"]).contains("comes twice"), "{twice}");
    assert_eq!(twice["wait"]["at"], 1_824_942_600_000_i64);
}

#[tokio::test]
async fn nobody_is_told_anything_without_a_session() {
    let app = App::with(Backend::Sqlite, &["--api-token", "a token for this test"]).await;
    let (status, answer) = app.get("/fn/check_call?form[customer_name]=Ada").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
}

#[tokio::test]
async fn what_is_far_too_long_is_not_looked_up() {
    let app = App::with(Backend::Sqlite, &[]).await;
    let long = "4".repeat(3_000);
    let number = format!("+{long}");
    let fields = [
        ("customer_name", long.as_str()),
        ("phone_number", &number),
        ("when", "later"),
        ("wall_time", &long),
    ];
    let check = ask(&app, &fields).await;
    assert_eq!(json!([check["customers"], check["remarks"], check["errors"]]), json!([[], [], []]));
}
