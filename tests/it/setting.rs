//! Settings: the page tells how the installation is set, keeps its secrets, and works without a script.

use crate::support::{
    Backend,
    app::{App, COMPLETES},
    both_databases,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

both_databases!(
    the_page_tells_what_runs_here,
    a_pause_is_set_and_ended_here_and_names_who_and_since_when,
    webhooks_are_counted,
);

/// Posts a plain form from a page, as a browser does.
async fn post_form(app: &App, action: &str, from: &str, body: &str) -> Response {
    app.request(Method::POST, &format!("/fn/{action}"))
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("referer", format!("{}{from}", app.base))
        .body(body.to_owned())
        .send()
        .await
        .expect("an answer")
}

/// A page's text, without what lies between its words for hydration.
async fn page(app: &App, path: &str) -> String {
    app.html(path).await.replace("<!>", "")
}

async fn the_page_tells_what_runs_here(app: App) {
    let html = page(&app, "/settings").await;
    let database = if app.test_db.file().is_some() { "SQLite 3." } else { "PostgreSQL 1" };
    let version = format!("<dd>{}</dd>", env!("CARGO_PKG_VERSION"));
    for words in [
        database,
        &version,
        "applied, none is missing",
        "No pause is set",
        "at most 100; 0 now",
        "at most 50",
        "1 hour, then it ends as missed",
        "The simulator in this process: no telephone rings",
        "It answers; the circuit breaker is closed.",
        "No program is told what happens to calls yet.",
        "MAX_CALLS_IN_FLIGHT",
        "Calls placed per second, for the whole installation.",
    ] {
        assert!(html.contains(words), "{words} is not in {html}");
    }
}

async fn a_pause_is_set_and_ended_here_and_names_who_and_since_when(app: App) {
    app.create(COMPLETES).await;
    let answer = post_form(&app, "set_paused", "/settings", "paused=true").await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let html = page(&app, "/settings").await;
    assert!(
        html.contains("Paused by Somebody since ") && html.contains("2026-11-21T09:00:00.000Z"),
        "{html}"
    );
    assert_eq!(app.dispatch().await, 0);
    post_form(&app, "set_paused", "/settings", "paused=false").await;
    assert!(page(&app, "/settings").await.contains("No pause is set"));
    assert_eq!(app.dispatch().await, 1);
}

async fn webhooks_are_counted(app: App) {
    for (url, enabled) in [("https://example.org/a", true), ("https://example.org/b", false)] {
        let (status, made) = app.post("/api/webhook-endpoints", &json!({"url": url})).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        let path = format!("/api/webhook-endpoints/{}", made["id"].as_str().expect("an id"));
        app.request_json(Method::PATCH, &path, &json!({"enabled": enabled})).await;
    }
    let html = page(&app, "/settings").await;
    assert!(html.contains("What happens to calls is told to 1 address; 1 more disabled."), "{html}");
}

#[tokio::test]
async fn each_setting_is_told_and_secrets_stay_secret() {
    let secrets = [
        ("--api-token", "correct-horse-battery-staple"),
        ("--metrics-token", "zeppelin-umbrella-kayaking"),
        ("--provider-token", "xylophone-quartz-jamboree"),
        ("--webhook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("--seed-webhook-secret", "mahogany-violin-porridge"),
    ];
    let more = [("--calls-per-second", "7"), ("--default-country", "DE")];
    let arguments: Vec<&str> =
        secrets.iter().chain(&more).flat_map(|(name, value)| [*name, *value]).collect();
    let app = App::with(Backend::Sqlite, &arguments).await;
    let token = ("authorization", format!("Bearer {}", secrets[0].1));
    let request =
        app.request(Method::GET, "/settings").header("accept", "text/html").header(token.0, token.1);
    let html = request.send().await.expect("a page").text().await.expect("HTML").replace("<!>", "");

    for (_, secret) in secrets {
        for part in [secret, &secret[..8], &secret[secret.len() - 8..]] {
            assert!(!html.contains(part), "{part} is told");
        }
    }
    for (name, value, origin) in [
        ("API_TOKEN", "set", "Set here"),
        ("WEBHOOK_SECRET", "set", "Set here"),
        ("DATABASE_URL", "set", "Set here"),
        ("CALLS_PER_SECOND", "7", "Set here"),
        ("DEFAULT_COUNTRY", "DE", "Set here"),
        ("LOG_FORMAT", "pretty", "Default"),
        ("PUBLIC_URL", "not set", "Default"),
    ] {
        let line = html.split(&format!(">{name}</code>")).nth(1).unwrap_or_else(|| panic!("no {name}"));
        let line = line.split("</li>").next().expect("a line");
        assert!(line.contains(&format!("<span>{value}</span>")) && line.contains(origin), "{name}: {line}");
    }
}

#[tokio::test]
async fn every_documented_setting_is_in_the_list() {
    let app = App::with(Backend::Sqlite, &[]).await;
    let html = page(&app, "/settings").await;
    let documented = include_str!("../../.env.example").lines().filter_map(|line| {
        let name = line.strip_prefix('#')?.split_once('=')?.0;
        name.chars().all(|c| c.is_ascii_uppercase() || c == '_').then_some(name)
    });
    // It is the logging library's own, and read by it.
    let documented: Vec<_> = documented.filter(|name| *name != "RUST_LOG").collect();
    assert!(documented.len() > 20, "{documented:?}");
    for name in documented {
        assert!(html.contains(&format!(">{name}</code>")), "{name} is missing");
    }
}

#[tokio::test]
async fn a_look_is_kept_and_every_page_comes_in_it_at_once() {
    let app = App::with(Backend::Sqlite, &[]).await;
    assert!(!app.html("/").await.contains("data-theme"));
    let answer = post_form(&app, "choose_theme", "/settings", "theme=dark").await;
    let location = answer.headers()["location"].to_str().expect("a text").to_owned();
    assert!(location.trim_end_matches('?').ends_with("/settings"), "it leads back: {location}");
    let set = answer.headers()["set-cookie"].to_str().expect("a text").to_owned();
    let cookie = set.split(';').next().expect("a pair").to_owned();
    assert!(set.contains("Max-Age=31536000") && set.contains("SameSite=Lax"), "{set}");
    for path in ["/", "/settings", "/calls/new", "/nowhere", "/docs"] {
        let request = app.request(Method::GET, path).header("accept", "text/html").header("cookie", &cookie);
        let html = request.send().await.expect("a page").text().await.expect("HTML");
        assert!(html.contains("data-theme=\"dark\""), "{path}");
        let other = request_with(&app, path, "switchboard_theme=\"><script>").await;
        assert!(!other.contains("data-theme"), "{path}");
    }
    let forgotten = post_form(&app, "choose_theme", "/settings", "theme=system").await;
    assert!(forgotten.headers()["set-cookie"].to_str().expect("a text").contains("Max-Age=0"));
}

async fn request_with(app: &App, path: &str, cookie: &str) -> String {
    let request = app.request(Method::GET, path).header("accept", "text/html").header("cookie", cookie);
    request.send().await.expect("a page").text().await.expect("HTML")
}

#[tokio::test]
async fn the_settings_are_not_for_everybody() {
    let app = App::with(Backend::Sqlite, &["--api-token", "a token for this test"]).await;
    let (status, _) = app.get("/fn/installation").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let answer = app.request(Method::GET, "/settings").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}
