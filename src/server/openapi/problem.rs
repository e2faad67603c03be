//! What an error looks like.

use super::codes::CODES;
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// What went wrong (RFC 9457).
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `respond` writes")]
pub struct Problem {
    /// The address of a text about problems of this kind; it ends in the code.
    #[schema(rename = "type", format = "uri-reference")]
    kind: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What went wrong and how to mend it, in words.
    detail: String,
    code: Code,
    /// What is wrong with the body, one by one (422).
    #[schema(nullable = false)]
    errors: Option<Vec<FieldProblem>>,
    /// The call that is in the way (`external_id_taken`).
    #[schema(nullable = false, format = "uuid")]
    call_id: Option<String>,
    /// Where that call is.
    #[schema(nullable = false, format = "uri-reference")]
    call_url: Option<String>,
    /// The request's id, under which the log tells more.
    request_id: String,
}

/// One thing that is wrong with the body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `respond` writes")]
struct FieldProblem {
    /// A JSON Pointer (RFC 6901) into the body as it was sent; empty for the body itself.
    pointer: String,
    /// A word that programs can compare: `required`, `too_long`, `unknown_field`.
    code: String,
    /// What is wrong and how to mend it, in words.
    detail: String,
}

/// A word that programs can compare.
struct Code;

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let meanings: Vec<_> = CODES.iter().map(|(code, meaning)| format!("- `{code}`: {meaning}")).collect();
        let text = format!("A word that programs can compare:\n\n{}", meanings.join("\n"));
        let codes = CODES.iter().map(|(code, _)| *code);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).description(Some(text)).into()
    }
}

impl ToSchema for Code {
    fn name() -> Cow<'static, str> {
        "ProblemCode".into()
    }
}
