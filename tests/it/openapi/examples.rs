//! Every operation is shown by example, and every example fits its schema.

use super::{document, operations, resolved};
use serde_json::{Map, Value};

/// What is wrong with `value` by `schema`; the part of JSON Schema that the document uses.
fn faults(document: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    let fault = |what: &str| vec![format!("{place}: {what}: {value}")];
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices.iter().filter(|choice| faults(document, choice, value, place).is_empty());
        return if fitting.count() == 1 { Vec::new() } else { fault("fits not exactly one") };
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return fault("no such word");
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        Value::Null => Vec::new(),
        kind => vec![kind.clone()],
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(value, kind.as_str().unwrap_or_default())) {
        return fault("another type");
    }
    match value {
        Value::Object(fields) => faults_of_fields(document, schema, fields, place),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(n, item)| faults(document, &schema["items"], item, &format!("{place}/{n}")))
                .collect()
        }
        Value::String(text) if schema["format"] == "date-time" => match text.parse::<jiff::Timestamp>() {
            Ok(_) => Vec::new(),
            Err(_) => fault("no instant"),
        },
        _ => Vec::new(),
    }
}

fn faults_of_fields(
    document: &Value,
    schema: &Value,
    fields: &Map<String, Value>,
    place: &str,
) -> Vec<String> {
    let mut found = Vec::new();
    for required in schema["required"].as_array().into_iter().flatten() {
        let name = required.as_str().unwrap_or_default();
        if !fields.contains_key(name) {
            found.push(format!("{place}: {name} is missing"));
        }
    }
    let Some(properties) = schema["properties"].as_object() else { return found };
    for (name, value) in fields {
        match properties.get(name) {
            Some(property) => found.extend(faults(document, property, value, &format!("{place}/{name}"))),
            None => found.push(format!("{place}: there is no {name}")),
        }
    }
    found
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// The examples of one body, whether there is one or several.
pub(super) fn examples<'a>(document: &'a Value, content: &'a Value) -> Vec<&'a Value> {
    let several = content["examples"].as_object().into_iter().flatten();
    let several = several.map(|(_, example)| &resolved(document, example)["value"]);
    content.get("example").into_iter().chain(several).collect()
}

#[test]
fn every_body_has_an_example_that_fits_its_schema() {
    let document = document();
    let mut wrong = Vec::new();
    for (method, path, operation) in operations(&document) {
        let mut bodies: Vec<(String, &Value)> =
            operation.get("requestBody").map(|body| ("request".to_owned(), body)).into_iter().collect();
        let responses = operation["responses"].as_object().expect("answers");
        bodies.extend(responses.iter().map(|(status, response)| (status.clone(), response)));
        for (which, body) in bodies {
            let body = resolved(&document, body);
            for content in body["content"].as_object().into_iter().flatten().map(|(_, content)| content) {
                let place = format!("{method} {path} {which}");
                let examples = examples(&document, content);
                if examples.is_empty() {
                    wrong.push(format!("{place} has no example"));
                }
                for example in examples {
                    wrong.extend(faults(&document, &content["schema"], example, &place));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
