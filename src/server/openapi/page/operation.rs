//! One operation, drawn: what it does, who may, what it reads, what it answers, each by example.

use super::{schema, text};
use leptos::prelude::*;
use serde_json::Value;
use utoipa::openapi::{
    Content, Deprecated, OpenApi, RefOr, Response,
    path::{Operation, PathItem},
};

/// An operation and where it is.
#[derive(Clone, Copy)]
pub struct Described<'a> {
    /// `GET`, `POST`.
    pub method: &'static str,
    /// The address, with its parameters in braces.
    pub path: &'a str,
    /// What the document says.
    pub operation: &'a Operation,
}

/// The operations of a path.
pub fn operations<'a>(path: &'a str, item: &'a PathItem) -> impl Iterator<Item = Described<'a>> {
    let all = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    all.into_iter().filter_map(move |(method, operation)| {
        Some(Described { method, path, operation: operation.as_ref()? })
    })
}

impl Described<'_> {
    /// Its name, which is also its place on the page.
    pub fn id(&self) -> String {
        self.operation.operation_id.clone().unwrap_or_default()
    }

    /// What it does, in a sentence.
    pub fn summary(&self) -> String {
        let summary = self.operation.summary.clone().unwrap_or_default();
        summary.trim_end_matches('.').to_owned()
    }
}

/// The operation, whole.
pub fn operation(api: &OpenApi, described: Described<'_>) -> AnyView {
    let Described { method, path, operation } = described;
    let id = described.id();
    let title = format!("{id}-title");
    let deprecated = (operation.deprecated == Some(Deprecated::True))
        .then(|| view! { <p class="api-deprecated">"Deprecated: it is answered for older clients."</p> });
    let about = operation.description.as_deref().unwrap_or_default();
    view! {
        <article class="api-operation" id=id aria-labelledby=title.clone()>
            <h3 id=title.clone()>{described.summary()}</h3>
            <p class="api-address">
                <span class="api-method" data-method=method>{method}</span>
                <code>{path.to_owned()}</code>
            </p>
            {deprecated}
            <div class="api-text">{text::rendered(about)}</div>
            <p class="api-muted">{who_may(operation)}</p>
            {parameters(operation)}
            {request(api, operation)}
            {answers(api, operation)}
        </article>
    }
    .into_any()
}

fn who_may(operation: &Operation) -> String {
    let schemes = operation.security.iter().flatten().filter_map(|scheme| serde_json::to_value(scheme).ok());
    let names = schemes.filter_map(|scheme| Some(scheme.as_object()?.keys().next()?.clone()));
    let in_words = names.map(|name| match name.as_str() {
        "bearer" => "the token".to_owned(),
        "session" => "a session of the page".to_owned(),
        "signature" => "the provider's signature".to_owned(),
        _ => name,
    });
    let in_words: Vec<_> = in_words.collect();
    if in_words.is_empty() {
        "Open to everybody.".to_owned()
    } else {
        format!("Needs {}.", in_words.join(" or "))
    }
}

fn parameters(operation: &Operation) -> Option<AnyView> {
    let all = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let all: Vec<_> = all.collect();
    (!all.is_empty()).then(|| schema::parameters(&all))
}

fn request(api: &OpenApi, operation: &Operation) -> Option<AnyView> {
    let Some(RefOr::T(body)) = &operation.request_body else { return None };
    let contents = body.content.iter().map(|(media, content)| {
        view! { <p>"Body: "{kind(content)}" as "<code>{media.clone()}</code></p>{examples(api, content)} }
    });
    Some(view! { <h4>"Request"</h4>{contents.collect_view()} }.into_any())
}

fn answers(api: &OpenApi, operation: &Operation) -> AnyView {
    let rows = operation.responses.responses.iter().map(|(status, response)| {
        let response = resolved(api, response);
        let about = response.map(|response| response.description.clone()).unwrap_or_default();
        // Every answer carries the request's id; the introduction says so once.
        let headers = response.into_iter().flat_map(|response| response.headers.keys());
        let headers = headers.filter(|name| *name != "X-Request-Id").cloned().collect::<Vec<_>>().join(", ");
        let kinds =
            response.into_iter().flat_map(|response| response.content.values()).map(kind).collect_view();
        view! {
            <tr>
                <th scope="row"><code>{status.clone()}</code></th>
                <td>{kinds}</td>
                <td>{text::inline(&about)}" "<span class="api-muted">{headers}</span></td>
            </tr>
        }
    });
    let mut good = operation.responses.responses.iter().filter(|(status, _)| status.starts_with('2'));
    let shown = good.find_map(|(_, response)| resolved(api, response)?.content.values().next());
    view! {
        <h4>"Answers"</h4>
        <table class="api-table">
            <thead>
                <tr><th scope="col">"Status"</th><th scope="col">"Body"</th><th scope="col">"Meaning and headers"</th></tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        {shown.map(|content| examples(api, content))}
    }
    .into_any()
}

fn resolved<'a>(api: &'a OpenApi, response: &'a RefOr<Response>) -> Option<&'a Response> {
    match response {
        RefOr::T(response) => Some(response),
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next()?;
            match api.components.as_ref()?.responses.get(name)? {
                RefOr::T(response) => Some(response),
                RefOr::Ref(_) => None,
            }
        }
    }
}

fn kind(content: &RefOr<Content>) -> AnyView {
    let RefOr::T(content) = content else { return ().into_any() };
    content.schema.as_ref().map(schema::kind).into_any()
}

/// The examples of a body, each behind its summary.
fn examples(api: &OpenApi, content: &RefOr<Content>) -> AnyView {
    let RefOr::T(content) = content else { return ().into_any() };
    let all = api.components.as_ref().map(|components| &components.examples);
    let several = content.examples.values().filter_map(|example| match example {
        RefOr::T(example) => Some(example),
        RefOr::Ref(reference) => match all?.get(reference.ref_location.rsplit('/').next()?)? {
            RefOr::T(example) => Some(example),
            RefOr::Ref(_) => None,
        },
    });
    let several = several.map(|example| (example.summary.clone(), example.value.clone().unwrap_or_default()));
    let one = content.example.clone().map(|value| ("Example".to_owned(), value));
    one.into_iter().chain(several).map(|(summary, value)| example(summary, &value)).collect_view().into_any()
}

fn example(summary: String, value: &Value) -> AnyView {
    let text = match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    };
    let label = format!("Example: {summary}");
    view! {
        <details class="api-example">
            <summary>{summary}</summary>
            <pre class="api-code" tabindex="0" role="region" aria-label=label>{text}</pre>
        </details>
    }
    .into_any()
}
