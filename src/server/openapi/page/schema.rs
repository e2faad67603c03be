//! Schemas, drawn as tables of their fields.

use super::text;
use leptos::prelude::*;
use utoipa::openapi::{
    OpenApi, RefOr, Required, Schema,
    path::Parameter,
    schema::{ArrayItems, Object, SchemaType, Type},
};

/// Every named schema.
pub fn all(api: &OpenApi) -> AnyView {
    let schemas = api.components.iter().flat_map(|components| &components.schemas);
    schemas.map(|(name, schema)| named(name, schema)).collect_view().into_any()
}

fn named(name: &str, schema: &RefOr<Schema>) -> AnyView {
    let RefOr::T(schema) = schema else { return ().into_any() };
    let body = match schema {
        Schema::Object(object) if !object.properties.is_empty() => fields(object),
        Schema::Object(object) => words(object),
        Schema::OneOf(choice) => {
            let choices = choice.items.iter().map(|item| view! { <li>{kind(item)}</li> });
            view! { <p>"One of:"</p><ul class="api-list">{choices.collect_view()}</ul> }.into_any()
        }
        _ => ().into_any(),
    };
    let id = format!("schema-{name}");
    view! {
        <article class="api-schema" aria-labelledby=id.clone()>
            <h3 id=id.clone()>{name.to_owned()}</h3>
            <div class="api-text">{text::rendered(description(schema))}</div>
            {body}
        </article>
    }
    .into_any()
}

fn description(schema: &Schema) -> &str {
    let text = match schema {
        Schema::Object(object) => &object.description,
        Schema::Array(array) => &array.description,
        Schema::OneOf(choice) => &choice.description,
        Schema::AllOf(all) => &all.description,
        Schema::AnyOf(any) => &any.description,
        _ => &None,
    };
    text.as_deref().unwrap_or_default()
}

fn words(object: &Object) -> AnyView {
    let words = object.enum_values.iter().flatten().filter_map(|word| word.as_str());
    let words: Vec<_> = words.map(|word| view! { <code>{word.to_owned()}</code>" " }).collect();
    // A description that explains each word need not be followed by all of them once more.
    if words.is_empty() || object.description.as_deref().is_some_and(|text| text.contains("\n- ")) {
        return ().into_any();
    }
    view! { <p class="api-words">{words}</p> }.into_any()
}

fn fields(object: &Object) -> AnyView {
    let rows = object.properties.iter().map(|(name, schema)| {
        let about = match schema {
            RefOr::Ref(reference) => reference.description.clone(),
            RefOr::T(schema) => description(schema).to_owned(),
        };
        row(name, object.required.contains(name), kind(schema), bounds(schema), &about)
    });
    table("Field", rows.collect_view().into_any())
}

/// The parameters of an operation.
pub fn parameters(parameters: &[&Parameter]) -> AnyView {
    let rows = parameters.iter().map(|parameter| {
        let place = serde_json::to_value(&parameter.parameter_in).unwrap_or_default();
        let name = format!("{} ({})", parameter.name, place.as_str().unwrap_or_default());
        let (kind, bounds) = parameter
            .schema
            .as_ref()
            .map_or_else(|| (().into_any(), String::new()), |schema| (kind(schema), bounds(schema)));
        let about = parameter.description.as_deref().unwrap_or_default();
        row(&name, parameter.required == Required::True, kind, bounds, about)
    });
    table("Parameter", rows.collect_view().into_any())
}

fn table(what: &'static str, rows: AnyView) -> AnyView {
    view! {
        <table class="api-table">
            <thead>
                <tr><th scope="col">{what}</th><th scope="col">"Type"</th><th scope="col">"Meaning"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(name: &str, required: bool, kind: AnyView, bounds: String, about: &str) -> AnyView {
    let presence = required.then(|| view! { <span class="api-muted">" required"</span> });
    let bounds =
        (!bounds.is_empty()).then(|| view! { <span class="api-muted">{format!(" {bounds}")}</span> });
    view! {
        <tr>
            <th scope="row"><code>{name.to_owned()}</code>{presence}</th>
            <td>{kind}{bounds}</td>
            <td>{text::inline(about)}</td>
        </tr>
    }
    .into_any()
}

/// What kind of value it is, in words, with a link to a named schema.
pub fn kind(schema: &RefOr<Schema>) -> AnyView {
    match schema {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default().to_owned();
            let place = format!("#schema-{name}");
            view! { <a href=place>{name}</a> }.into_any()
        }
        RefOr::T(Schema::Array(array)) => {
            let items = match &array.items {
                ArrayItems::RefOrSchema(items) => kind(items),
                ArrayItems::False => ().into_any(),
            };
            let or_null = or_null(&array.schema_type);
            view! { "list of "{items}{or_null} }.into_any()
        }
        RefOr::T(Schema::OneOf(choice)) => {
            let choices = choice.items.iter().enumerate().map(|(nth, item)| {
                view! { {(nth > 0).then_some(" or ")}{kind(item)} }
            });
            choices.collect_view().into_any()
        }
        RefOr::T(Schema::Object(object)) => {
            let format = object.format.as_ref().and_then(|format| serde_json::to_value(format).ok());
            let format = format.as_ref().and_then(|format| format.as_str());
            let name = format
                .filter(|format| !format.starts_with("int"))
                .map_or_else(|| name(&object.schema_type), str::to_owned);
            view! { {name}{or_null(&object.schema_type)} }.into_any()
        }
        RefOr::T(_) => "value".into_any(),
    }
}

fn name(kind: &SchemaType) -> String {
    let first = match kind {
        SchemaType::Type(kind) => Some(kind),
        SchemaType::Array(kinds) => kinds.iter().find(|kind| **kind != Type::Null).or(kinds.first()),
        SchemaType::AnyValue => None,
    };
    let word = first.and_then(|kind| serde_json::to_value(kind).ok());
    word.as_ref().and_then(|word| word.as_str()).unwrap_or("value").to_owned()
}

fn or_null(kind: &SchemaType) -> Option<&'static str> {
    matches!(kind, SchemaType::Array(kinds) if kinds.contains(&Type::Null) && kinds.len() > 1)
        .then_some(" or null")
}

/// How long or how large it may be.
fn bounds(schema: &RefOr<Schema>) -> String {
    let RefOr::T(Schema::Object(object)) = schema else { return String::new() };
    let number = |number: &Option<_>| number.as_ref().and_then(|number| serde_json::to_string(number).ok());
    let (least, most) = (number(&object.minimum), number(&object.maximum));
    let (shortest, longest) = (object.min_length, object.max_length);
    match (least, most, shortest, longest) {
        (Some(least), Some(most), ..) => format!("{least} to {most}"),
        (Some(least), None, ..) => format!("{least} or more"),
        (_, _, Some(shortest), Some(longest)) => format!("{shortest} to {longest} characters"),
        (_, _, None, Some(longest)) => format!("up to {longest} characters"),
        _ => String::new(),
    }
}
