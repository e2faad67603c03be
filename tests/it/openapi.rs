//! What the API says of itself is so: each route is described, each description is routed, each example fits.

mod bodies;
mod examples;
mod page;
mod sources;

use crate::support::{Backend, OnDatabase, app::App};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};
use switchboard::server::openapi;

/// The document as programs read it.
fn document() -> Value {
    serde_json::from_str(&openapi::json()).expect("JSON")
}

/// The operations: method, path, description.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths").iter();
    paths.flat_map(|(path, item)| {
        let item = item.as_object().expect("operations").iter();
        item.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

/// What a reference leads to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else { return value };
    let pointer = reference.strip_prefix('#').expect("a reference within the document");
    document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// The values of every `$ref`, wherever it stands.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in found {
        resolved(&document, &serde_json::json!({"$ref": reference}));
    }
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let committed = fs::read_to_string(file).unwrap_or_default();
    assert!(committed == openapi::json(), "docs/openapi.json is out of date: `make openapi` writes it anew");
}

#[test]
fn every_operation_has_a_name_of_its_own_a_summary_and_a_success() {
    let document = document();
    let mut seen = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("a name");
        assert!(seen.insert(id.to_owned()), "two operations are called {id}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        let responses = operation["responses"].as_object().expect("answers");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path} never succeeds");
    }
}

/// An address answers a method that nobody knows with 405, and names in Allow those that it knows.
#[tokio::test]
async fn every_method_that_is_routed_is_described_and_the_other_way_round() {
    let app = App::on(Backend::Sqlite).await;
    let document = document();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let address = path.replace("{id}", "00000000-0000-7000-8000-000000000000");
        let address = address.replace(['{', '}'], "");
        let nonsense = Method::from_bytes(b"NONSENSE").expect("a method");
        let answer = app.request(nonsense, &address).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path} is not routed");
        let allowed = answer.headers()["allow"].to_str().expect("a text");
        let routed: BTreeSet<_> =
            allowed.split(',').map(|method| method.trim().to_lowercase()).filter(|m| m != "head").collect();
        let described: BTreeSet<_> = item.as_object().expect("operations").keys().cloned().collect();
        assert_eq!(routed, described, "{path}");
    }
}

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    let app = App::with(Backend::Sqlite, &["--api-token", "sixteen characters"]).await;
    let (status, served) = app.get("/openapi.json").await;
    assert_eq!((status, served["openapi"].as_str()), (StatusCode::OK, Some("3.1.0")));
}
