//! Pages: endpoints under Settings, as a browser without scripts sees and posts them.

use crate::support::{
    app::{COMPLETES, text},
    both_databases,
    receiver::Told,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

both_databases!(
    a_form_makes_an_endpoint_and_its_page_shows_the_secret_once,
    a_form_that_is_wrong_comes_back_as_it_was_typed,
    a_button_does_what_it_says,
    a_delivery_is_sent_again_by_its_button,
    a_form_changes_an_endpoint_unless_somebody_was_faster,
);

/// Posts a plain form from a page, as a browser does.
async fn post_form(world: &Told, action: &str, from: &str, fields: &[(&str, &str)]) -> Response {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    world
        .app
        .request(Method::POST, &format!("/fn/{action}"))
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("referer", format!("{}{from}", world.app.base))
        .body(body)
        .send()
        .await
        .expect("an answer")
}

fn location(response: &Response) -> String {
    assert_eq!(response.status(), StatusCode::FOUND);
    response.headers()["location"].to_str().expect("a text").to_owned()
}

/// The `name=value` of the cookie that an answer sets.
fn cookie(response: &Response) -> String {
    let cookie = response.headers()["set-cookie"].to_str().expect("a text");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    cookie.split(';').next().expect("its beginning").to_owned()
}

async fn page_with(world: &Told, path: &str, cookie: &str) -> Response {
    let request = world.app.request(Method::GET, path).header("accept", "text/html").header("cookie", cookie);
    request.send().await.expect("a page")
}

async fn a_form_makes_an_endpoint_and_its_page_shows_the_secret_once(world: Told) {
    let url = world.receiver.url("/hooks");
    assert!(world.app.html("/settings/webhooks").await.contains("Nobody is told yet"));
    let fields = [
        ("form[url]", url.as_str()),
        ("form[description]", "Billing"),
        ("form[events][]", "call.ended"),
        ("form[events][]", "call.created"),
    ];
    let made = post_form(&world, "create_endpoint", "/settings/webhooks", &fields).await;
    let (path, cookie) = (location(&made), cookie(&made));
    assert!(!path.contains("whsec_"), "{path}");

    let first = page_with(&world, &path, &cookie).await;
    assert_eq!(first.headers()["cache-control"], "no-store");
    let cleared = first.headers()["set-cookie"].to_str().expect("a text").to_owned();
    assert!(cleared.contains("Max-Age=0"), "{cleared}");
    let html = first.text().await.expect("HTML");
    let secret = cookie.split_once('.').expect("id and secret").1;
    assert!(html.contains(secret) && html.contains("It is shown this once"), "{html}");
    let again = world.app.html(&path).await;
    assert!(!again.contains("whsec_") && again.contains("Billing"));

    let (_, listed) = world.app.get("/api/webhook-endpoints").await;
    assert_eq!(listed["endpoints"][0]["events"], json!(["call.created", "call.ended"]));
    let list = world.app.html("/settings/webhooks").await;
    assert!(list.contains(&url) && list.contains("call.created, call.ended"));
}

async fn a_form_that_is_wrong_comes_back_as_it_was_typed(world: Told) {
    let fields = [("form[url]", "example.org/hooks"), ("form[description]", "My own words")];
    let refused = post_form(&world, "create_endpoint", "/settings/webhooks", &fields).await;
    let back = location(&refused);
    let path = back.strip_prefix(&world.app.base).unwrap_or(&back);
    let html = world.app.html(path).await;
    for words in [
        "There is a problem",
        "Enter a whole address",
        "Choose at least one event",
        "example.org/hooks",
        "My own words",
    ] {
        assert!(html.contains(words), "{words} is not in {html}");
    }
}

async fn a_button_does_what_it_says(world: Told) {
    let endpoint = world.endpoint(&["call.ended"]).await;
    let id = text(&endpoint["id"]);
    let path = format!("/settings/webhooks/{id}");
    let press = async |command: &str| {
        post_form(&world, "act_on_endpoint", &path, &[("id", &id), ("command", command)]).await
    };
    assert_eq!(location(&press("send_test").await), path);
    assert_eq!(world.app.deliver_all().await, 1);
    press("disable").await;
    assert_eq!(world.app.endpoint_now(&endpoint).await["disabled_reason"], "by_hand");
    assert!(world.app.html(&path).await.contains("It was disabled by hand."));
    press("enable").await;
    assert_eq!(world.app.endpoint_now(&endpoint).await["enabled"], true);
    let rotated = press("rotate_secret").await;
    let new = cookie(&rotated);
    let html = page_with(&world, &path, &new).await.text().await.expect("HTML");
    assert!(html.contains(new.split_once('.').expect("id and secret").1));
    let other = world.endpoint(&["call.ended"]).await;
    let elsewhere = format!("/settings/webhooks/{}", text(&other["id"]));
    let html = page_with(&world, &elsewhere, &new).await.text().await.expect("HTML");
    assert!(!html.contains("whsec_"), "another endpoint's page does not show it");
    assert_eq!(location(&press("delete").await), "/settings/webhooks");
    let gone = world.app.request(Method::GET, &path).header("accept", "text/html").send().await;
    assert_eq!(gone.expect("a page").status(), StatusCode::NOT_FOUND);
}

async fn a_delivery_is_sent_again_by_its_button(world: Told) {
    let endpoint = world.endpoint(&["call.created"]).await;
    world.app.create(COMPLETES).await;
    world.app.deliver_all().await;
    let (id, delivery) = (text(&endpoint["id"]), world.app.deliveries(&endpoint).await.remove(0));
    let path = format!("/settings/webhooks/{id}");
    let html = world.app.html(&path).await;
    assert!(html.contains("answered 204") && html.contains(&text(&delivery["id"])));
    let fields = [("id", id.as_str()), ("delivery", delivery["id"].as_str().expect("a text"))];
    assert_eq!(location(&post_form(&world, "replay_delivery", &path, &fields).await), path);
    assert_eq!(world.app.deliver_all().await, 1);
    let [first, second] = &world.receiver.received().await[..] else { panic!("two requests") };
    assert_eq!(first.id, second.id);
}

async fn a_form_changes_an_endpoint_unless_somebody_was_faster(world: Told) {
    let endpoint = world.endpoint(&["call.created"]).await;
    let (id, url) = (text(&endpoint["id"]), text(&endpoint["url"]));
    let path = format!("/settings/webhooks/{id}");
    let save = async |version: &str, words: &str| {
        let fields = [
            ("id", id.as_str()),
            ("version", version),
            ("form[url]", &url),
            ("form[description]", words),
            ("form[events][]", "call.ended"),
        ];
        post_form(&world, "edit_endpoint", &path, &fields).await
    };
    assert_eq!(location(&save("1", "first").await), path);
    assert!(location(&save("1", "second").await).contains("__err="));
    let now = world.app.endpoint_now(&endpoint).await;
    assert_eq!(
        json!([now["description"], now["events"], now["version"]]),
        json!(["first", ["call.ended"], 2])
    );
}
