//! What is described of requests is what is read, no less and no more.

use super::{document, examples::examples, operations, resolved};
use crate::support::{
    app::{App, COMPLETES, read, text},
    both_databases,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use switchboard::domain::{
    call::Workflow,
    event_filter::EventFilter,
    filter::{CallFilter, Sort},
    status::{CallStatus, Phase},
    timestamp::Timestamp,
};

both_databases!(
    the_fields_that_are_read_are_those_that_are_described,
    every_example_of_a_request_is_accepted
);

/// The requests of callers that carry JSON: method, path with a real call's id, the body's description.
async fn requests<'a>(app: &App, document: &'a Value) -> Vec<(Method, String, &'a Value)> {
    let mut found = Vec::new();
    for (method, path, operation) in operations(document) {
        let content = &operation["requestBody"]["content"]["application/json"];
        if content.is_null() || operation["security"][0].get("bearer").is_none() {
            continue;
        }
        // Far in the future, so that it waits whatever else happens.
        let call = app.create_with(COMPLETES, json!({"delay_secs": 86_400})).await;
        let method = method.to_uppercase().parse().expect("a method");
        let id = if path.starts_with("/api/webhook-endpoints") {
            app.endpoint("https://example.org/hooks", &["call.ended"]).await["id"].clone()
        } else {
            call["id"].clone()
        };
        found.push((method, path.replace("{id}", &text(&id)), content));
    }
    found
}

fn fields(document: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = resolved(document, schema);
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let of_choices = choices.flat_map(|choice| fields(document, choice));
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    own.chain(of_choices).collect()
}

/// An unknown field is answered with the names of those that are read.
async fn the_fields_that_are_read_are_those_that_are_described(app: App) {
    let document = document();
    for (method, path, content) in requests(&app, &document).await {
        let body = json!({"nonsense": 1});
        let answer = app.request(method.clone(), &path).json(&body).send().await.expect("an answer");
        let (status, problem) = read(answer).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{method} {path}: {problem}");
        let errors = problem["errors"].as_array().expect("errors").iter();
        let unknown =
            errors.into_iter().find(|error| error["code"] == "unknown_field").expect("it is unknown");
        assert_eq!(unknown["pointer"], "/nonsense");
        let detail = text(&unknown["detail"]);
        let named = detail.split("There are: ").nth(1).expect("their names").trim_end_matches('.');
        let read: BTreeSet<_> = named.split(", ").map(str::to_owned).collect();
        assert_eq!(read, fields(&document, &content["schema"]), "{method} {path}");
    }
}

async fn every_example_of_a_request_is_accepted(app: App) {
    let document = document();
    for (method, path, content) in requests(&app, &document).await {
        for example in examples(&document, content) {
            let mut example = example.clone();
            if example.get("call_id").is_some() {
                example["call_id"] =
                    app.create_with(COMPLETES, json!({"delay_secs": 86_400})).await["id"].clone();
            }
            let answer = app.request(method.clone(), &path).json(&example).send().await.expect("an answer");
            let (status, body) = read(answer).await;
            assert!(status.is_success(), "{method} {path} {example}: {status} {body}");
        }
    }
}

#[test]
fn the_filters_of_a_list_are_those_that_are_described() {
    let instant = Some(Timestamp::from_millis(0));
    let all = CallFilter {
        phase: Some(Phase::Pending),
        statuses: vec![CallStatus::Pending],
        workflow: Some(Workflow::Support),
        q: Some("Ada".to_owned()),
        created_from: instant,
        created_to: instant,
        scheduled_from: instant,
        scheduled_to: instant,
        needs_attention: true,
        sort: Some(Sort::Due),
        limit: Some(1),
        cursor: Some(String::new()),
        include_total: true,
    };
    let read: BTreeSet<_> = all.to_pairs().into_iter().map(|(name, _)| name.to_owned()).collect();
    let document = document();
    let parameters = document["paths"]["/api/calls"]["get"]["parameters"].as_array().expect("parameters");
    let described: BTreeSet<_> = parameters.iter().map(|parameter| text(&parameter["name"])).collect();
    assert_eq!(read, described);
}

#[test]
fn the_filters_of_a_stream_are_those_that_are_described() {
    let document = document();
    let parameters = document["paths"]["/api/events"]["get"]["parameters"].as_array().expect("parameters");
    let described: BTreeSet<_> = parameters
        .iter()
        .filter(|parameter| parameter["in"] == "query" && parameter["name"] != "after")
        .map(|parameter| text(&parameter["name"]))
        .collect();
    assert_eq!(EventFilter::NAMES.map(str::to_owned).into_iter().collect::<BTreeSet<_>>(), described);
    for name in EventFilter::NAMES {
        let why = EventFilter::default().read(name, "nonsense").expect_err("it can't be read").why;
        assert!(!why.contains("no such filter"), "{name}: {why}");
    }
}
