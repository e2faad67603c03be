//! The API's door: what may be asked, what is refused and in which words, and that the CSV says the same.

use super::{catch_up, zones};
use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, read, text},
    both_databases,
};
use ::csv::StringRecord;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use switchboard::{domain::insights::Figure, server::insights::range::NAMES};

both_databases!(
    what_can_not_be_understood_is_refused_in_words,
    a_range_says_what_it_is,
    the_csv_says_what_the_json_says,
    the_usual_zone_is_the_installations,
    another_teams_calls_are_not_counted,
);

/// An installation in Kathmandu.
struct Nepal(App);

impl OnDatabase for Nepal {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--default-time-zone", "Asia/Kathmandu"]).await)
    }
}

async fn what_can_not_be_understood_is_refused_in_words(app: App) {
    for (query, words) in [
        ("range=8d", "range: \"8d\" is not one of today, 7d, 30d, 90d"),
        ("range=7d&from=2026-11-01", "range: Give either a range or its first and last day, not both."),
        ("from=yesterday", "from: \"yesterday\" is not a day, as 2026-11-21 is."),
        ("to=2026-11-01", "from: Say with which day the range begins."),
        (
            "from=2026-11-02&to=2026-11-01",
            "to: The last day is before the first one. Swap them, or choose another.",
        ),
        ("from=2024-01-01", "to: A range has at most 366 days. Choose days that are closer together."),
        ("workflow=nonsense", "workflow: \"nonsense\" is not one of support, sales, reminder"),
        (
            "time_zone=Mars/Olympus",
            "time_zone: There is no time zone \"Mars/Olympus\"; write it as Europe/Berlin.",
        ),
        ("colour=red", "colour: there is no such filter; there are range, from, to, workflow, time_zone"),
        ("from=", "from: it has no value. Leave it out, or give one."),
        ("table=calls", "table: there is no such filter; there are range, from, to, workflow, time_zone"),
    ] {
        let (status, problem) = app.get(&format!("/api/insights?{query}")).await;
        assert_eq!((status, text(&problem["detail"]).as_str()), (StatusCode::BAD_REQUEST, words), "{query}");
    }
    let (status, problem) = app.get("/api/insights.csv?table=nonsense").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        text(&problem["detail"]).starts_with("table: \"nonsense\" is not one of calls, hours"),
        "{problem}"
    );
}

async fn a_range_says_what_it_is(app: App) {
    zones::fill(&app.state().db).await;
    for (query, unit, columns) in [
        ("", "day", 7),
        ("range=today", "hour", 24),
        ("range=90d", "day", 90),
        ("from=2025-11-21&to=2026-11-21", "week", 53),
    ] {
        let (status, insights) = app.get(&format!("/api/insights?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{insights}");
        let calls = insights["calls"].as_array().expect("a list");
        assert_eq!((text(&insights["unit"]).as_str(), calls.len()), (unit, columns), "{query}");
        assert_eq!(insights["to"], "2026-11-21");
        let sum: i64 =
            calls.iter().map(|column| column["outcomes"]["total"].as_i64().expect("a number")).sum();
        assert_eq!(insights["totals"]["total"], sum, "{query}");
    }
    let (status, insights) = app.get("/api/insights?from=2027-06-01&to=2027-06-02").await;
    assert_eq!(
        (status, &insights["totals"]["total"]),
        (StatusCode::OK, &json!(0)),
        "nothing has happened yet"
    );
    assert_eq!((&insights["time_to_answer"]["p50_ms"], &insights["workflow"]), (&Value::Null, &Value::Null));
}

/// A table as the CSV holds it: the names of its columns, and its rows.
async fn table(app: &App, query: &str) -> (Vec<String>, Vec<StringRecord>) {
    let answer =
        app.request(Method::GET, &format!("/api/insights.csv?{query}")).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8; header=present");
    let text = answer.text().await.expect("a text");
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    (head, reader.records().collect::<Result<_, _>>().expect("rows"))
}

async fn the_csv_says_what_the_json_says(app: App) {
    zones::fill(&app.state().db).await;
    let range = "from=2026-10-01&to=2026-10-31&time_zone=Europe/Berlin";
    let (_, insights) = app.get(&format!("/api/insights?{range}")).await;

    let (head, rows) = table(&app, range).await;
    assert_eq!((head[0].as_str(), rows.len(), &rows[30][0]), ("from", 31, "2026-10-31"));
    for (row, column) in rows.iter().zip(insights["calls"].as_array().expect("a list")) {
        for (name, cell) in head.iter().zip(row).skip(1) {
            assert_eq!(column["outcomes"][name].to_string(), cell, "{name} of {}", &row[0]);
        }
    }
    for (name, of) in [("time_to_answer", 12), ("duration", 12), ("lateness", 13)] {
        let (head, rows) = table(&app, &format!("table={name}&{range}")).await;
        assert_eq!((head.join(",").as_str(), rows.len()), ("up_to_ms,attempts,share_percent", of), "{name}");
        for (row, slot) in rows.iter().zip(insights[name]["slots"].as_array().expect("slots")) {
            let bound = slot["up_to_ms"].as_i64().map(|bound| bound.to_string()).unwrap_or_default();
            assert_eq!((&row[0], &row[1]), (bound.as_str(), slot["attempts"].to_string().as_str()), "{name}");
        }
    }
    for (name, key) in [("hours", "by_hour"), ("workflows", "by_workflow")] {
        let (_, rows) = table(&app, &format!("table={name}&{range}")).await;
        let rates = insights["answer_rate"][key].as_array().expect("rates");
        assert_eq!(rows.len(), rates.len());
        for (row, rate) in rows.iter().zip(rates) {
            assert_eq!(
                (&row[1], &row[2]),
                (rate["attempts"].to_string().as_str(), rate["answered"].to_string().as_str()),
                "{name} {}",
                &row[0]
            );
        }
    }
    let answer = app.request(Method::GET, &format!("/api/insights.csv?table=hours&{range}")).send().await;
    let disposition = answer.expect("an answer").headers()["content-disposition"].clone();
    assert_eq!(disposition, "attachment; filename=\"insights-hours-2026-10-01-2026-10-31.csv\"");
}

async fn the_usual_zone_is_the_installations(Nepal(app): Nepal) {
    app.create(COMPLETES).await;
    app.live(12).await;
    catch_up(&app).await;
    let (_, insights) = app.get("/api/insights?range=today").await;
    assert_eq!(insights["time_zone"], "Asia/Kathmandu");
    assert_eq!(insights["calls"][0]["starts_at"], "2026-11-20T18:15:00.000Z");
    assert_eq!(insights["answer_rate"]["by_hour"][14]["attempts"], 1, "09:00 UTC is 14:45 there");
    let (_, insights) = app.get("/api/insights?range=today&time_zone=utc").await;
    assert_eq!(insights["answer_rate"]["by_hour"][9]["attempts"], 1);
}

async fn another_teams_calls_are_not_counted(app: App) {
    app.create(COMPLETES).await;
    app.live(12).await;
    catch_up(&app).await;
    let others = match app.test_db.file() {
        Some(_) => "x'00000000000070008000000000000002'",
        None => "'00000000-0000-7000-8000-000000000002'",
    };
    let sql = [
        format!("INSERT INTO teams (id, name, created_at) VALUES ({others}, 'Others', 0)"),
        format!(
            "INSERT INTO insight_calls SELECT {others}, bucket, workflow, 5, 5, 5, 5, 5, 5, 5 FROM insight_calls"
        ),
    ];
    let work = async move |tx: switchboard::server::db::Tx| {
        for sql in sql {
            sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), &sql).await?;
        }
        Ok(switchboard::server::db::Written::new(()))
    };
    app.state().db.write(work).await.expect("another team");
    let (_, insights) = app.get("/api/insights").await;
    assert_eq!(insights["totals"]["total"], 1);
}

#[test]
fn what_may_be_asked_is_what_is_described() {
    let document: Value = serde_json::from_str(&switchboard::server::openapi::json()).expect("JSON");
    let parameters = |path: &str| {
        let all = document["paths"][path]["get"]["parameters"].as_array().expect("parameters").clone();
        all.iter().map(|parameter| text(&parameter["name"])).collect::<Vec<_>>()
    };
    assert_eq!(parameters("/api/insights"), NAMES);
    assert_eq!(parameters("/api/insights.csv")[1..], NAMES);
}

#[tokio::test]
async fn whoever_has_no_token_is_told_nothing() {
    let app = App::with(Backend::Sqlite, &["--api-token", "sixteen characters"]).await;
    for figure in Figure::ALL {
        let path = format!("/api/insights.csv?table={figure}");
        let answer = app.request(Method::GET, &path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let answer = app.request(Method::GET, &path).bearer_auth("sixteen characters").send().await;
        assert_eq!(answer.expect("an answer").status(), StatusCode::OK, "{figure}");
    }
    let answer = app.request(Method::GET, "/api/insights").send().await.expect("an answer");
    assert_eq!(read(answer).await.0, StatusCode::UNAUTHORIZED);
}
