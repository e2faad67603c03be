//! Examples, by the name of the schema that they are examples of. They stand in `examples.json`; a test holds each
//! to its schema.

use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::LazyLock};
use utoipa::openapi::example::{Example, ExampleBuilder};

type Named = BTreeMap<String, BTreeMap<String, Value>>;

static EXAMPLES: LazyLock<Named> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the binary, and every test reads it")]
    serde_json::from_str(include_str!("examples.json")).expect("examples.json is JSON")
});

/// Every example, under its schema's name and its own.
pub fn all() -> impl Iterator<Item = (String, Example)> {
    EXAMPLES.iter().flat_map(|(schema, examples)| {
        examples.iter().map(move |(name, example)| {
            let summary = example["summary"].as_str().unwrap_or_default();
            let value = example["value"].clone();
            let example = ExampleBuilder::new().summary(summary).value(Some(value)).build();
            (format!("{schema}-{name}"), example)
        })
    })
}

/// The names of a schema's examples, and where each stands in the document.
pub fn names_of(schema: &str) -> impl Iterator<Item = (String, String)> {
    let names = EXAMPLES.get(schema).into_iter().flat_map(BTreeMap::keys);
    names.map(move |name| (name.clone(), format!("#/components/examples/{schema}-{name}")))
}

/// An example of a problem.
pub fn problem(status: u16) -> Option<Value> {
    let (title, code, detail) = match status {
        400 => ("Bad Request", "bad_request", "The body is not JSON: expected value at line 1 column 1."),
        401 => ("Unauthorized", "unauthorized", "Sign in first: this installation asks for its token."),
        403 => ("Forbidden", "cross_site", "This request comes from another site, so it was refused."),
        404 => ("Not Found", "not_found", "There is no such call."),
        408 => (
            "Request Timeout",
            "timeout",
            "The request took too long. What it asked for may still be done: look before you try again.",
        ),
        409 => ("Conflict", "already_ended", "The call has already ended, so there is nothing to cancel."),
        412 => ("Precondition Failed", "precondition_failed", "It has changed since you read it."),
        413 => ("Payload Too Large", "too_large", "The body is too large: at most 64 kB."),
        415 => {
            ("Unsupported Media Type", "not_json", "Send JSON, and say so: Content-Type: application/json.")
        }
        422 => ("Unprocessable Entity", "invalid", "Enter the customer's name."),
        429 => (
            "Too Many Requests",
            "too_many_requests",
            "Too many requests: at most 600 a minute. Try again in 1 s.",
        ),
        500 => (
            "Internal Server Error",
            "internal",
            "Something went wrong on our side. Nothing was changed by this request.",
        ),
        503 => (
            "Service Unavailable",
            "unavailable",
            "The database does not answer. Nothing was changed; try again in a moment.",
        ),
        _ => return None,
    };
    let mut problem = json!({
        "type": format!("/problems/{code}"), "title": title, "status": status, "detail": detail, "code": code,
        "request_id": "0193501d-5a09-7d52-b1f0-6a5c1e8d2f43",
    });
    if status == 422 {
        problem["errors"] = json!([{"pointer": "/customer_name", "code": "required", "detail": detail}]);
    }
    Some(problem)
}
