//! What holds for every operation, and is therefore said once: who is let in, which problems are answered, which
//! headers come with an answer, where an answer leads, and an example of everything.

use super::examples;
use utoipa::openapi::{
    Components, Content, Deprecated, Header, HttpMethod, OpenApi, Ref, RefOr, Required, Response, Schema,
    Type,
    header::HeaderBuilder,
    link::{Link, LinkBuilder},
    path::{Operation, PathItem},
    response::ResponseBuilder,
    schema::ObjectBuilder,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

/// The header of an answer that was given before.
const REPLAYED: &str = "Idempotency-Replayed";
/// The header that says when to try again.
const RETRY_AFTER: &str = "Retry-After";
/// The component of an answer that shows one call.
const CALL: &str = "Call";
/// The tag of what is deprecated.
const OLDER: &str = "older clients";
/// The component of an answer that shows one webhook endpoint.
const ENDPOINT: &str = "WebhookEndpoint";

/// Adds to every operation what holds for all of its kind.
pub fn finish(mut api: OpenApi) -> OpenApi {
    let components = api.components.get_or_insert_default();
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            leave_out_errors(operation);
            let door = Door::of(path);
            operation.security = Some(door.security());
            let is_older = operation.tags.iter().flatten().any(|tag| tag == OLDER);
            operation.deprecated = is_older.then_some(Deprecated::True);
            add_problems(components, operation, path, &method, door);
            let may_be_repeated = reads(operation, "Idempotency-Key");
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    finish_response(response, status);
                    if is_older {
                        add_header(response, "Deprecation");
                    }
                    if may_be_repeated && (status.starts_with('2') || status == "409") {
                        add_header(response, REPLAYED);
                    }
                    if may_be_repeated && status == "409" {
                        add_header(response, RETRY_AFTER);
                    }
                    if door == Door::Callers {
                        add_limits(response);
                    }
                }
            }
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                body.required = Some(Required::True);
                body.content.values_mut().for_each(add_examples);
            }
        }
    }
    add_components(components);
    api
}

/// Who is let in where.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    /// The token or a session.
    Callers,
    /// The provider's signature.
    Provider,
    /// An older signature.
    OlderProvider,
    /// Everybody.
    Open,
}

impl Door {
    fn of(path: &str) -> Self {
        match path {
            path if path.starts_with("/api/webhooks/provider-status") => Self::Provider,
            "/api/webhook" => Self::OlderProvider,
            path if path.starts_with("/api/") || path == "/metrics" => Self::Callers,
            _ => Self::Open,
        }
    }

    fn security(self) -> Vec<SecurityRequirement> {
        let one_of: &[&str] = match self {
            Self::Callers => &["bearer", "session"],
            Self::Provider => &["signature"],
            Self::OlderProvider => &["older_signature"],
            Self::Open => &[],
        };
        one_of.iter().map(|scheme| SecurityRequirement::new(*scheme, Vec::<String>::new())).collect()
    }
}

/// The operations of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Comments list errors for whoever reads the source; here each has an answer of its own.
fn leave_out_errors(operation: &mut Operation) {
    let text = operation.description.take().unwrap_or_default();
    let text = text.split("# Errors").next().unwrap_or_default().trim().to_owned();
    operation.description = Some(text).filter(|text| !text.is_empty());
}

/// The problems that follow from what an operation reads and who may use it.
fn add_problems(
    components: &mut Components,
    operation: &mut Operation,
    path: &str,
    method: &HttpMethod,
    door: Door,
) {
    let reads = |wanted: &str| reads(operation, wanted);
    let has_key = reads("Idempotency-Key");
    let has_body = operation.request_body.is_some();
    let changes = *method != HttpMethod::Get;
    let callers = door == Door::Callers;
    let all: [(u16, bool, &str); 13] = [
        (400, callers || has_body, "The JSON, the query or a header can't be read"),
        (401, callers, "The token or the session is missing or wrong"),
        (403, callers && changes, "Another site made a browser send it"),
        (404, path.contains('{'), "There is no such thing"),
        (408, callers, "It took too long; what it asked for may still be done"),
        (
            409,
            has_key,
            "Refused, or the `Idempotency-Key` is in use: then `Retry-After` says when to repeat it",
        ),
        (412, reads("If-Match"), "It has another version than `If-Match` names"),
        (413, has_body || has_key, "The body is over 64 kB"),
        (415, has_body && callers, "The body does not say that it is JSON"),
        (422, has_body || has_key, "Well-formed but wrong; or the `Idempotency-Key` belongs to another body"),
        (429, callers, "Too many requests in a minute; `Retry-After` says how long to wait"),
        (500, door != Door::Open, "Our fault; the log says more under the request's id"),
        (503, door != Door::Open, "The database does not answer"),
    ];
    for (status, applies, description) in all {
        if applies {
            let name = format!("Problem{status}");
            let shared = || RefOr::Ref(Ref::new(format!("#/components/responses/{name}")));
            operation.responses.responses.entry(status.to_string()).or_insert_with(shared);
            components.responses.entry(name.clone()).or_insert_with(|| {
                let mut response = ResponseBuilder::new().description(description).build();
                finish_response(&mut response, &status.to_string());
                response.into()
            });
        }
    }
}

/// Whether an operation has a parameter of that name.
fn reads(operation: &Operation, wanted: &str) -> bool {
    operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == wanted))
}

fn finish_response(response: &mut Response, status: &str) {
    let code: u16 = status.parse().unwrap_or_default();
    if code >= 400 && response.content.is_empty() {
        let mut content = Content::new(Some(Ref::from_schema_name("Problem")));
        content.example = examples::problem(code);
        response.content.insert("application/problem+json".to_owned(), content.into());
    }
    response.content.values_mut().for_each(add_examples);
    add_header(response, "X-Request-Id");
    if matches!(code, 429 | 503) {
        add_header(response, RETRY_AFTER);
    }
    if code == 429 {
        add_limits(response);
    }
    let shows = |wanted| response.content.values().any(|content| component(content) == Some(wanted));
    let (shows_call, shows_endpoint) = (shows(CALL), shows(ENDPOINT));
    if shows_call || shows_endpoint {
        add_header(response, "ETag");
    }
    if shows_call {
        response.links.extend(links().map(|(name, link)| (name.to_owned(), link.into())));
    }
}

/// Tells what the caller has left.
fn add_limits(response: &mut Response) {
    add_header(response, "RateLimit");
    add_header(response, "RateLimit-Policy");
}

/// Adds a header that is described once for all answers.
fn add_header(response: &mut Response, name: &str) {
    let shared = RefOr::Ref(Ref::new(format!("#/components/headers/{name}")));
    response.headers.insert(name.to_owned(), shared);
}

/// What can be done with a call that was answered.
fn links() -> impl Iterator<Item = (&'static str, Link)> {
    const LED_TO: &[(&str, &str)] = &[
        ("get", "get_call"),
        ("events", "list_call_events"),
        ("edit", "edit_call"),
        ("cancel", "cancel_call"),
        ("retry", "retry_call"),
        ("note", "add_note"),
        ("delete", "delete_call"),
    ];
    LED_TO.iter().map(|(name, operation)| {
        let link = LinkBuilder::new().operation_id(*operation).parameter("id", "$response.body#/id");
        (*name, link.build())
    })
}

fn add_examples(content: &mut RefOr<Content>) {
    let Some(name) = component(content).map(str::to_owned) else { return };
    let RefOr::T(content) = content else { return };
    if content.example.is_none() && content.examples.is_empty() {
        content.examples =
            examples::names_of(&name).map(|(name, at)| (name, RefOr::Ref(Ref::new(at)))).collect();
    }
}

/// The name of the schema that a body has.
fn component(content: &RefOr<Content>) -> Option<&str> {
    let RefOr::T(content) = content else { return None };
    let Some(RefOr::Ref(schema)) = &content.schema else { return None };
    schema.ref_location.rsplit('/').next()
}

fn add_components(components: &mut Components) {
    components.examples = examples::all().map(|(name, example)| (name, example.into())).collect();
    let text = |description: &str, example: &str| -> Header {
        let schema: Schema = ObjectBuilder::new().schema_type(Type::String).build().into();
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description));
        header.example(Some(example.into())).build()
    };
    let headers = [
        (
            "X-Request-Id",
            "The request's id: yours, if you sent one of up to 64 plain characters, or ours",
            "0193501d-5a09-7d52-b1f0-6a5c1e8d2f43",
        ),
        (
            "ETag",
            "For `If-Match` and `If-None-Match`: the version; of a call also why it waits. Changes look at the version alone",
            "\"3\"",
        ),
        (REPLAYED, "`true`: this answer was given before, under the same `Idempotency-Key`", "true"),
        ("RateLimit-Policy", "How many requests in how many seconds", "\"default\";q=600;w=60"),
        (
            "RateLimit",
            "How many are left, and in how many seconds all are there again",
            "\"default\";r=599;t=1",
        ),
        (RETRY_AFTER, "After how many seconds to try again", "1"),
        ("Deprecation", "Since when it is deprecated (RFC 9745)", "@1795219200"),
    ];
    let headers = headers.map(|(name, what, example)| (name.to_owned(), text(what, example).into()));
    components.headers.extend(headers);

    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "The installation's `API_TOKEN`. An installation without one lets everybody in who reaches it.",
    ));
    let cookie =
        ApiKeyValue::with_description("switchboard_session", "The session of the page, after signing in.");
    let signature = ApiKeyValue::with_description(
        "webhook-signature",
        "Standard Webhooks 1.0: HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`.",
    );
    let older_signature = ApiKeyValue::with_description(
        "x-hub-signature-256",
        "`sha256=` and the HMAC-SHA256 of the body with `SEED_WEBHOOK_SECRET`, in hexadecimal.",
    );
    let schemes = [
        ("bearer", SecurityScheme::Http(bearer.build())),
        ("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
        ("signature", SecurityScheme::ApiKey(ApiKey::Header(signature))),
        ("older_signature", SecurityScheme::ApiKey(ApiKey::Header(older_signature))),
    ];
    components.security_schemes.extend(schemes.map(|(name, scheme)| (name.to_owned(), scheme.into())));
}
