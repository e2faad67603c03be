//! Sessions: the page asks for the token once and keeps a cookie that names no secret.

use super::{TOKEN, guarded};
use crate::support::{
    Backend,
    app::{App, node},
};
use reqwest::{Method, Response, StatusCode};
use switchboard::server::auth::session;

/// The `name=value` of a new session.
fn cookie(app: &App) -> String {
    let header = session::begin(app.state()).expect("a cookie");
    header.to_str().expect("a text").split(';').next().expect("a pair").to_owned()
}

async fn get(app: &App, path: &str, cookie: &str) -> Response {
    app.request(Method::GET, path).header("cookie", cookie).send().await.expect("an answer")
}

async fn sign_in(app: &App, token: &str, next: &str) -> Response {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("token", token)
        .append_pair("next", next)
        .finish();
    let request = app
        .request(Method::POST, "/fn/sign_in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("referer", format!("{}/login", app.base))
        .body(form);
    request.send().await.expect("an answer")
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map(|value| value.to_str().expect("a text").to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn whoever_has_not_signed_in_is_led_to_the_way_in_and_back() {
    let app = guarded(Backend::Sqlite).await;
    for (path, next) in [
        ("/", "%2F"),
        ("/calls/new", "%2Fcalls%2Fnew"),
        ("/?phase=failed&q=Ada%20L", "%2F%3Fphase%3Dfailed%26q%3DAda%2520L"),
    ] {
        let answer = app.request(Method::GET, path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        assert_eq!(header(&answer, "location"), format!("/login?next={next}"));
        assert_eq!(header(&answer, "cache-control"), "no-store");
    }
    let answer = app.request(Method::GET, "/login").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_token_opens_a_session() {
    let app = guarded(Backend::Sqlite).await;
    let answer = sign_in(&app, &format!(" {TOKEN} "), "/calls/new").await;
    assert_eq!((answer.status(), header(&answer, "location")), (StatusCode::FOUND, "/calls/new".to_owned()));
    let set = header(&answer, "set-cookie");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(set.split("; ").any(|part| part == attribute), "{attribute}: {set}");
    }
    assert!(!set.contains(TOKEN) && !set.contains("Secure"), "{set}");

    let cookie = set.split(';').next().expect("a pair");
    assert_eq!(get(&app, "/", cookie).await.status(), StatusCode::OK);
    assert_eq!(get(&app, "/api/calls", cookie).await.status(), StatusCode::OK);
    let page = get(&app, "/", cookie).await.text().await.expect("a page");
    assert!(!page.contains(TOKEN), "it is never in a page");
}

#[tokio::test]
async fn a_wrong_token_opens_nothing() {
    let app = guarded(Backend::Sqlite).await;
    for wrong in ["", "wrong", &TOKEN[1..]] {
        let answer = sign_in(&app, wrong, "/").await;
        assert_eq!(header(&answer, "set-cookie"), "", "{wrong}");
        assert!(!header(&answer, "location").contains(TOKEN));
        assert!(answer.status().is_redirection(), "back to the form: {}", answer.status());
    }
}

#[tokio::test]
async fn signing_in_never_leads_away() {
    let app = guarded(Backend::Sqlite).await;
    for elsewhere in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\n/x",
        "evil",
        "/é\r\n",
    ] {
        let answer = sign_in(&app, TOKEN, elsewhere).await;
        let location = header(&answer, "location");
        assert!(!answer.status().is_server_error(), "{elsewhere:?}: {}", answer.status());
        let stays = location.is_empty() || location == "/" || location.starts_with(&format!("{}/", app.base));
        assert!(stays, "{elsewhere:?} leads to {location:?}");
    }
}

#[tokio::test]
async fn a_session_ends_with_its_time() {
    let app = guarded(Backend::Sqlite).await;
    let cookie = cookie(&app);
    app.pass_secs(30 * 86_400 - 1);
    assert_eq!(get(&app, "/api/calls", &cookie).await.status(), StatusCode::OK);
    app.pass_secs(1);
    assert_eq!(get(&app, "/api/calls", &cookie).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(get(&app, "/", &cookie).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_forged_session_is_none() {
    let app = guarded(Backend::Sqlite).await;
    let real = cookie(&app);
    let (name, value) = real.split_once('=').expect("a pair");
    let (expires, seal) = value.split_once('.').expect("when it ends, and a seal");
    let later = expires.parse::<i64>().expect("seconds") + 1;
    assert_eq!(get(&app, "/api/calls", &real).await.status(), StatusCode::OK);
    for forged in [
        format!("{name}={later}.{seal}"),
        format!("{name}={expires}."),
        format!("{name}={expires}"),
        format!("{name}={expires}.{}", "A".repeat(seal.len())),
        format!("{name}={expires}.{seal}A"),
        format!("{name}=.{seal}"),
        format!("{name}={TOKEN}"),
        format!("session={value}"),
    ] {
        let answer = get(&app, "/api/calls", &forged).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{forged}");
    }
}

#[tokio::test]
async fn another_token_ends_every_session() {
    let app = guarded(Backend::Sqlite).await;
    let cookie = cookie(&app);
    let url = app.running.state.config.database_url.clone();
    app.running.stop().await;

    for (token, expected) in
        [(TOKEN, StatusCode::OK), ("another-token-of-24-chars", StatusCode::UNAUTHORIZED)]
    {
        let running = node(&url, &["--api-token", token], app.clock.clone()).await;
        let request = app.http.get(format!("http://{}/api/calls", running.address)).header("cookie", &cookie);
        assert_eq!(request.send().await.expect("an answer").status(), expected, "{token}");
        running.stop().await;
    }
}

#[tokio::test]
async fn under_https_the_cookie_is_never_sent_in_the_open() {
    let app =
        App::with(Backend::Sqlite, &["--api-token", TOKEN, "--public-url", "https://calls.example"]).await;
    let set = session::begin(app.state()).expect("a cookie");
    assert!(set.to_str().expect("a text").split("; ").any(|part| part == "Secure"), "{set:?}");
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let app = guarded(Backend::Sqlite).await;
    let request = app
        .request(Method::POST, "/fn/sign_out")
        .header("cookie", cookie(&app))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html");
    let answer = request.send().await.expect("an answer");
    assert_eq!((answer.status(), header(&answer, "location")), (StatusCode::FOUND, "/login".to_owned()));
    assert!(header(&answer, "set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn server_functions_ask_for_the_token_themselves() {
    let app = guarded(Backend::Sqlite).await;
    for name in ["create_call", "edit_call", "act_on_call", "act_on_calls", "add_note"] {
        let request = app
            .request(Method::POST, &format!("/fn/{name}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(
                "id=01890000-0000-7000-8000-000000000000&version=1&command=cancel&note=x\
                 &form[customer_name]=Ada&form[phone_number]=%2B14155550101&form[workflow]=support",
            );
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{name}");
    }
    assert_eq!(app.state().db.feed().due().borrow().to_owned(), 0, "nothing was written");
}

#[tokio::test]
async fn no_form_is_longer_than_sixty_four_kilobytes() {
    let app = guarded(Backend::Sqlite).await;
    for (length, expected) in [(60_000, false), (65_537, true)] {
        let answer = sign_in(&app, &"x".repeat(length), "/").await;
        assert_eq!(answer.status() == StatusCode::PAYLOAD_TOO_LARGE, expected, "{length}");
    }
}
