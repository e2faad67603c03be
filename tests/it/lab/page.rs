//! The page, without a script: what it shows, and what its forms do.

use super::{Lab, TOKEN};
use crate::support::{
    Backend,
    app::{App, BUSY, COMPLETES, read, text},
    asking::NobodyDials,
    both_databases,
};
use reqwest::{Method, StatusCode, header::LOCATION};
use serde_json::json;

both_databases!(
    it_shows_what_there_is_to_do,
    a_number_is_called_by_a_press_once,
    faults_are_switched_on_and_off,
    outcomes_are_set_and_forgotten,
    the_speed_is_changed,
    what_makes_no_sense_comes_back_in_words,
    what_was_sent_and_answered_is_shown,
    where_another_company_dials_it_says_so,
    a_simulator_that_does_not_answer_is_told_of,
    only_who_has_signed_in_may_use_it,
);

/// Sends one of the page's forms as a browser without scripts does. Answers the status and where it leads.
async fn send(app: &App, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let fields = fields.iter().map(|(name, value)| (format!("form[{name}]"), *value));
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = app
        .request(Method::POST, "/fn/act_in_lab")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("referer", format!("{}/lab", app.base));
    let answer = request.body(form).send().await.expect("an answer");
    let location = answer.headers().get(LOCATION).map(|it| it.to_str().expect("text").to_owned());
    (answer.status(), location.unwrap_or_default())
}

async fn it_shows_what_there_is_to_do(lab: Lab) {
    let html = lab.0.html("/lab").await;
    for words in [
        "Call +14155550102, which is busy",
        "Nothing goes wrong by order.",
        "Callbacks are wrongly signed",
        "Every number does what it does by itself.",
        "rings until somebody hangs up",
        "1 times as fast as life",
        "Nothing yet.",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

async fn a_number_is_called_by_a_press_once(lab: Lab) {
    let fields = [("deed", "call"), ("what", BUSY), ("form_key", "a-key")];
    let (status, first) = send(&lab.0, &fields).await;
    assert_eq!(status, StatusCode::FOUND);
    assert!(first.starts_with("/calls/"), "{first}");
    assert_eq!(send(&lab.0, &fields).await.1, first, "a second press finds the same call");
    let (_, page) = lab.0.get("/api/calls").await;
    let calls = page["calls"].as_array().expect("a list");
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (&calls[0]["customer_name"], &calls[0]["phone_number"]),
        (&json!("Lab 02: is busy"), &json!(BUSY))
    );
    let (_, refused) = send(&lab.0, &[("deed", "call"), ("what", "+4930123456")]).await;
    assert!(refused.contains("__err="), "only the simulator's own numbers: {refused}");
}

async fn faults_are_switched_on_and_off(lab: Lab) {
    let fields = [("deed", "switch_on"), ("what", "late_2"), ("to", "+1 415 555 0101"), ("next", "3")];
    assert_eq!(send(&lab.0, &fields).await, (StatusCode::FOUND, "/lab".to_owned()));
    let on = lab.look("/faults").await["faults"][0].clone();
    assert_eq!(
        (&on["kind"], &on["by_ms"], &on["to"], &on["next"]),
        (&json!("callbacks_late"), &json!(2_000), &json!(COMPLETES), &json!(3))
    );
    let html = lab.0.html("/lab").await;
    assert!(
        html.contains("Callbacks are sent late, by 2 s") && html.contains("+14155550101, the next 3 calls")
    );

    send(&lab.0, &[("deed", "switch_off"), ("what", &text(&on["id"]))]).await;
    assert_eq!(lab.look("/faults").await["faults"], json!([]));
    send(&lab.0, &[("deed", "switch_on"), ("what", "twice")]).await;
    send(&lab.0, &[("deed", "switch_on"), ("what", "silent")]).await;
    assert!(lab.0.html("/lab").await.contains("Switch all off"));
    send(&lab.0, &[("deed", "switch_all_off")]).await;
    assert_eq!(lab.look("/faults").await["faults"], json!([]));
}

/// What the page offers, the simulator takes.
#[tokio::test]
async fn every_choice_of_the_page_is_taken() {
    let lab = <Lab as crate::support::OnDatabase>::on(Backend::Sqlite).await;
    let html = lab.0.html("/lab").await;
    let choices: Vec<_> =
        html.split("<option value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(choices.len(), 14 + 11 + 3);
    for (nth, choice) in choices.iter().enumerate() {
        let deed = if nth < 14 { "switch_on" } else { "set_outcome" };
        let sent = send(&lab.0, &[("deed", deed), ("what", choice), ("next", "1")]).await;
        assert_eq!(sent, (StatusCode::FOUND, "/lab".to_owned()), "{choice}");
    }
    assert_eq!(lab.look("/faults").await["faults"].as_array().map(Vec::len), Some(14));
    assert_eq!(lab.look("/outcomes").await["outcomes"].as_array().map(Vec::len), Some(14));
}

async fn outcomes_are_set_and_forgotten(lab: Lab) {
    send(&lab.0, &[("deed", "set_outcome"), ("what", "busy"), ("to", COMPLETES)]).await;
    send(&lab.0, &[("deed", "set_outcome"), ("what", "rings_on"), ("next", "1")]).await;
    let html = lab.0.html("/lab").await;
    assert!(html.contains("A call is busy") && html.contains("A call rings until somebody hangs up"));
    let set = lab.look("/outcomes").await["outcomes"].clone();
    send(&lab.0, &[("deed", "forget"), ("what", &text(&set[0]["id"]))]).await;
    assert_eq!(lab.look("/outcomes").await["outcomes"].as_array().map(Vec::len), Some(1));
    send(&lab.0, &[("deed", "forget_all")]).await;
    assert_eq!(lab.look("/outcomes").await["outcomes"], json!([]));
}

async fn the_speed_is_changed(lab: Lab) {
    assert_eq!(send(&lab.0, &[("deed", "set_speed"), ("what", "2.5")]).await.0, StatusCode::FOUND);
    assert_eq!(lab.look("/speed").await["speed"], 2.5);
    assert!(lab.0.html("/lab").await.contains("2.5 times as fast as life"));
}

async fn what_makes_no_sense_comes_back_in_words(lab: Lab) {
    for (fields, words) in [
        (vec![("deed", "switch_on"), ("what", "twice"), ("to", "12")], "write + and 7 to 15 digits"),
        (vec![("deed", "switch_on"), ("what", "twice"), ("next", "0")], "next must be 1 to 1000000"),
        (vec![("deed", "switch_on"), ("what", "twice"), ("next", "some")], "as a whole number"),
        (vec![("deed", "switch_on"), ("what", "earthquake")], "There is no such fault"),
        (vec![("deed", "switch_off"), ("what", "ord_1")], "it was taken back, or used up"),
        (vec![("deed", "set_speed"), ("what", "0")], "speed must be 0.01 to 1000"),
        (vec![("deed", "set_speed"), ("what", "fast")], "Write the speed as a number"),
    ] {
        let (status, location) = send(&lab.0, &fields).await;
        assert_eq!(status, StatusCode::FOUND, "{fields:?}");
        let path = location.strip_prefix(&lab.0.base).expect("here");
        let html = lab.0.html(path).await;
        assert!(html.contains("This was not done") && html.contains(words), "{fields:?}");
    }
    assert_eq!(lab.look("/faults").await["faults"], json!([]));
}

async fn what_was_sent_and_answered_is_shown(lab: Lab) {
    let call = lab.0.create(COMPLETES).await;
    lab.0.live(11).await;
    let html = lab.0.html("/lab").await;
    let link = format!("href=\"/calls/{}\"", text(&call["id"]));
    assert_eq!(html.matches(&link).count(), 4, "each is about one of our calls");
    let answers =
        html.split("class=\"delivery-answer\">").skip(1).filter_map(|rest| rest.split("</p>").next());
    assert!(answers.clone().all(|answer| answer.contains("answered 204 No Content")));
    assert_eq!(answers.count(), 4);
    assert!(html.contains("webhook-signature: v1,") && html.contains("\"status\":\"completed\""));
    let places = ["completed", "in progress", "ringing", "initiated"].map(|status| {
        let word = format!("<span class=\"delivery-event\">{status}");
        html.find(&word).unwrap_or_else(|| panic!("{status}"))
    });
    assert!(places.is_sorted(), "newest first");

    for _ in 0..6 {
        lab.0.create(COMPLETES).await;
    }
    lab.0.live(11).await;
    let html = lab.0.html("/lab").await;
    let older =
        html.split("href=\"/lab?cursor=").nth(1).and_then(|rest| rest.split('"').next()).expect("older ones");
    let html = lab.0.html(&format!("/lab?cursor={older}")).await;
    assert_eq!(html.matches("class=\"delivery-event\"").count(), 3, "28 in all, 25 on a page");
    let html = lab.0.html("/lab?cursor=nonsense").await;
    assert_eq!(
        html.matches("class=\"delivery-event\"").count(),
        25,
        "an address changed by hand leads to the beginning"
    );
}

async fn where_another_company_dials_it_says_so(NobodyDials(app): NobodyDials) {
    let html = app.html("/lab").await;
    assert!(html.contains("Another company is the provider"), "{html}");
    let form = [("deed", "switch_all_off")];
    let (_, location) = send(&app, &form).await;
    let html = app.html(location.strip_prefix(&app.base).expect("here")).await;
    assert!(html.contains("Another company is the provider"));
}

async fn a_simulator_that_does_not_answer_is_told_of(lab: Lab) {
    // Its tables are gone, as after somebody's mistake.
    let broken = lab.0.state().db.write(async |tx| {
        sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), "DROP TABLE sim_orders").await?;
        Ok(switchboard::server::db::Written::new(()))
    });
    broken.await.expect("no table");
    let page = lab.0.request(Method::GET, "/lab").header("accept", "text/html").send().await.expect("a page");
    assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
    let html = page.text().await.expect("HTML");
    assert!(
        html.contains("The lab can&#x27;t be shown") || html.contains("The lab can't be shown"),
        "{html}"
    );
    assert!(html.contains("The simulator does not answer: it answered 500"), "{html}");
}

async fn only_who_has_signed_in_may_use_it(lab: Lab) {
    let guarded =
        lab.0.after_a_crash(&["--api-token", "a-token-of-24-characters", "--provider-token", TOKEN]).await;
    let request = guarded
        .request(Method::POST, "/fn/act_in_lab")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body("form[deed]=switch_on&form[what]=twice");
    let (status, said) = read(request.send().await.expect("an answer")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{said}");
    let (status, _) =
        read(guarded.request(Method::GET, "/fn/get_lab").send().await.expect("an answer")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}
