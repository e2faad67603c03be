//! A request's JSON object, read field by field: unknown fields and wrong types are errors with a pointer,
//! camelCase names count as the snake_case ones.

use crate::{
    domain::{form::FieldError, timestamp::Timestamp},
    error::AppError,
    server::{reading, respond},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// What a PATCH takes (RFC 5789).
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
const PATCHES: &str = "application/merge-patch+json, application/json";

/// A JSON object being read. What is wrong with it is gathered, so that one answer names it all.
#[derive(Debug)]
pub struct Fields {
    left: Map<String, Value>,
    /// Under which name each field was sent, so that a pointer points into the body that its sender knows.
    sent: HashMap<String, String>,
    errors: Vec<FieldError>,
    /// The names that were asked for, so that an unknown one is answered with those that there are.
    asked: BTreeSet<String>,
}

/// Other names of a field that clients send.
fn canonical(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    if snake == "scheduled_time" { "scheduled_at".to_owned() } else { snake }
}

impl Fields {
    /// Reads a body.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] when it is not JSON; [`AppError::Invalid`] when it is no object or names a field twice.
    pub fn parse(body: &[u8]) -> Result<Self, AppError> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|why| AppError::BadRequest(format!("The body is not JSON: {why}.")))?;
        let Value::Object(object) = value else {
            return Err(AppError::field("", "not_an_object", "The body must be a JSON object."));
        };
        let mut fields =
            Self { left: Map::new(), sent: HashMap::new(), errors: Vec::new(), asked: BTreeSet::new() };
        for (name, value) in object {
            let canonical = canonical(&name);
            fields.sent.insert(canonical.clone(), name.clone());
            if fields.left.insert(canonical, value).is_some() {
                fields.errors.push(FieldError::new(
                    &name,
                    "twice",
                    "This field is given twice, under two names.",
                ));
            }
        }
        Ok(fields)
    }

    /// Whether a field is there, null or not.
    pub fn has(&mut self, name: &str) -> bool {
        self.asked.insert(name.to_owned());
        self.left.contains_key(name)
    }

    /// Whether a field is there and null; it is then taken.
    pub fn take_null(&mut self, name: &str) -> bool {
        let is_null = self.left.get(name).is_some_and(Value::is_null);
        if is_null {
            self.left.remove(name);
        }
        is_null
    }

    /// A text; none when the field is absent or null.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.take(name, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// A text that must be there.
    pub fn required(&mut self, name: &str, detail: &str) -> Option<String> {
        if self.take_null(name) || !self.has(name) {
            self.errors.push(FieldError::new(name, "required", detail));
        }
        self.text(name)
    }

    /// True or false; it must be there.
    pub fn required_flag(&mut self, name: &str, detail: &str) -> Option<bool> {
        if self.take_null(name) || !self.has(name) {
            self.errors.push(FieldError::new(name, "required", detail));
        }
        self.take(name, "true or false", Value::as_bool)
    }

    /// A whole number, `3.0` too; none when the field is absent or null.
    pub fn integer(&mut self, name: &str) -> Option<i64> {
        self.take(name, "a whole number", reading::whole)
    }

    /// An instant in RFC 3339 with an offset; none when the field is absent or null.
    pub fn instant(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.text(name)?;
        let at = reading::rfc3339(&text);
        if at.is_none() {
            let detail =
                "Write an instant with its offset, as 2026-11-21T09:00:00Z or 2026-11-21T10:00:00+01:00.";
            self.errors.push(FieldError::new(name, "malformed", detail));
        }
        at
    }

    /// Any JSON; none when the field is absent or null.
    pub fn json(&mut self, name: &str) -> Option<Value> {
        self.asked.insert(name.to_owned());
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// Keeps what `read` finds wrong.
    pub fn check<T>(&mut self, read: Result<T, FieldError>) -> Option<T> {
        read.map_err(|error| self.errors.push(error)).ok()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that was wrong; what nobody asked for is wrong too.
    pub fn finish(mut self) -> Result<(), AppError> {
        let known = self.asked.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        for name in self.left.keys() {
            let detail = format!("There is no such field here. There are: {known}.");
            self.errors.push(FieldError::new(name, "unknown_field", detail));
        }
        for error in &mut self.errors {
            if let Some(name) = self.sent.get(&error.field) {
                error.field.clone_from(name);
            }
        }
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors.into()) }
    }

    fn take<T>(&mut self, name: &str, what: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        self.asked.insert(name.to_owned());
        let value = self.left.remove(name).filter(|value| !value.is_null())?;
        let found = read(&value);
        if found.is_none() {
            self.errors.push(FieldError::new(name, "wrong_type", format!("This must be {what}.")));
        }
        found
    }
}

/// The body of a request that says it is JSON.
#[derive(Debug)]
pub struct JsonBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" && !kind.ends_with("+json") {
            let detail = "Send JSON, and say so: Content-Type: application/json.";
            let mut refusal = respond::plain_problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", detail);
            if request.method() == Method::PATCH {
                refusal.headers_mut().insert(ACCEPT_PATCH, HeaderValue::from_static(PATCHES));
            }
            return Err(refusal);
        }
        Bytes::from_request(request, state).await.map(Self).map_err(too_large)
    }
}

/// The body of a request that may carry anything or nothing.
#[derive(Debug)]
pub struct AnyBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for AnyBody {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        Bytes::from_request(request, state).await.map(Self).map_err(too_large)
    }
}

fn too_large(rejection: BytesRejection) -> Response {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = "The body is too large: at most 64 kB.";
        return respond::plain_problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail);
    }
    AppError::BadRequest("The body broke off.".to_owned()).into_response()
}
