//! The list as a file for spreadsheets.

use crate::support::{
    app::{App, BUSY, COMPLETES, read, text},
    both_databases,
    dispatcher::new_call,
};
use ::csv::StringRecord;
use reqwest::{Method, StatusCode};
use serde_json::json;
use switchboard::{
    domain::actor::Actor,
    server::{calls::create::create, db::Written},
};

both_databases!(
    a_file_says_what_the_list_says,
    a_file_is_filtered_and_sorted_as_the_list_is,
    a_long_list_comes_whole,
    no_cell_is_read_as_a_formula,
);

async fn download(app: &App, query: &str) -> String {
    let answer = app.request(Method::GET, &format!("/api/calls.csv{query}")).send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    answer.text().await.expect("a text")
}

/// The file's lines by the names of the columns.
fn column(file: &str, name: &str) -> Vec<String> {
    let mut reader = ::csv::Reader::from_reader(file.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let at = header.iter().position(|column| column == name).unwrap_or_else(|| panic!("a column {name}"));
    let rows: Vec<StringRecord> = reader.records().collect::<Result<_, _>>().expect("lines");
    rows.iter().map(|row| row[at].to_owned()).collect()
}

async fn a_file_says_what_the_list_says(app: App) {
    let more = json!({
        "customer_name": "Lovelace, \"Ada\"", "scheduled_at": "2026-12-01T09:00:00Z", "external_id": "A-1",
        "metadata": {"order": 7},
    });
    let call = app.create_with(COMPLETES, more).await;
    let answer = app.request(Method::GET, "/api/calls.csv").send().await.expect("an answer");
    let header = |name: &str| answer.headers()[name].to_str().expect("a text").to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(header("content-disposition"), "attachment; filename=\"calls-2026-11-21.csv\"");

    let file = answer.text().await.expect("a text");
    let expected = format!(
        "id,customer_name,phone_number,workflow,status,phase,scheduled_at,due_at,waiting,attempts_made,\
         max_attempts,ended_at,ended_reason,external_id,metadata,created_by,created_at,updated_at\r\n\
         {},\"Lovelace, \"\"Ada\"\"\",+14155550101,support,pending,pending,2026-12-01T09:00:00.000Z,\
         2026-12-01T09:00:00.000Z,\"Waits for 1 Dec 2026, 09:00 UTC\",0,1,,,A-1,\"{{\"\"order\"\":7}}\",anonymous,\
         2026-11-21T09:00:00.000Z,2026-11-21T09:00:00.000Z\r\n",
        text(&call["id"])
    );
    assert_eq!(file, expected);
}

async fn a_file_is_filtered_and_sorted_as_the_list_is(app: App) {
    app.create_with(COMPLETES, json!({"workflow": "sales"})).await;
    app.create_with(BUSY, json!({"customer_name": "Grace"})).await;
    app.live(12).await;
    app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
    for query in
        ["", "status=busy&status=completed", "q=gra", "phase=pending", "sort=ended", "created_to=2020-01-01"]
    {
        let file = download(&app, &format!("?{query}")).await;
        assert_eq!(column(&file, "id"), app.ids(query).await, "{query}");
    }
    for (query, named) in [
        ("colour=red", "colour"),
        ("limit=10", "limit"),
        ("cursor=x", "cursor"),
        ("include_total=true", "limit"),
    ] {
        let answer = app.request(Method::GET, &format!("/api/calls.csv?{query}")).send().await;
        let (status, problem) = read(answer.expect("an answer")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        assert!(text(&problem["detail"]).contains(named), "{problem}");
    }
}

async fn a_long_list_comes_whole(app: App) {
    let clock = app.clock.clone();
    let work = async move |tx| {
        let mut ids = Vec::new();
        for _ in 0..450 {
            ids.push(create(&tx, &Actor::system(), new_call(), None, &clock).await?.value().id.to_string());
        }
        Ok(Written::new(ids))
    };
    let mut made = app.state().db.write(work).await.expect("the calls");
    made.reverse();
    assert_eq!(column(&download(&app, "").await, "id"), made);
    assert_eq!(column(&download(&app, "?q=nobody").await, "id").len(), 0);
}

async fn no_cell_is_read_as_a_formula(app: App) {
    for name in ["=HYPERLINK(\"https://evil.example\")", "@SUM(A1)", "-1+1", "+1", "Ada =1"] {
        let number = json!({"customer_name": name, "external_id": name});
        app.create_with(COMPLETES, number).await;
    }
    let file = download(&app, "?sort=due").await;
    let expected = ["'=HYPERLINK(\"https://evil.example\")", "'@SUM(A1)", "'-1+1", "'+1", "Ada =1"];
    assert_eq!(column(&file, "customer_name"), expected);
    assert_eq!(column(&file, "external_id"), expected);
    assert_eq!(column(&file, "phone_number"), [COMPLETES; 5]);
}
