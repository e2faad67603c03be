//! What is typed and sent of an endpoint, checked. Where an address leads is the server's to find out.

use super::{NewEndpoint, WebhookEvent};
use crate::domain::form::FieldError;
use serde::{Deserialize, Serialize};

/// The longest address, in characters.
pub const MAX_URL: usize = 2_000;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 200;

/// The form as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointForm {
    /// The address.
    pub url: String,
    /// What its people call it.
    pub description: String,
    /// The boxes that are ticked.
    pub events: Vec<String>,
}

impl EndpointForm {
    /// The endpoint that it asks for. `plain_http` says whether http:// is allowed.
    ///
    /// # Errors
    /// What is wrong, field by field.
    pub fn read(&self, plain_http: bool) -> Result<NewEndpoint, Vec<FieldError>> {
        let mut errors = Vec::new();
        let url = url(&self.url, plain_http).map_err(|error| errors.push(error)).ok();
        let description = description(&self.description).map_err(|error| errors.push(error)).ok();
        let events = events(self.events.iter().map(String::as_str)).map_err(|error| errors.push(error)).ok();
        match (url, description, events) {
            (Some(url), Some(description), Some(events)) => Ok(NewEndpoint { url, description, events }),
            _ => Err(errors),
        }
    }
}

/// An address: https (or http, where `plain_http` allows it), with a host and nobody's password in it.
///
/// # Errors
/// What is wrong with it.
pub fn url(typed: &str, plain_http: bool) -> Result<String, FieldError> {
    let url = typed.trim();
    let error = |code, detail: &str| Err(FieldError::new("url", code, detail));
    if url.is_empty() {
        return error("required", "Enter the address that events are posted to.");
    }
    if url.chars().count() > MAX_URL {
        return error("too_long", "The address is too long: at most 2,000 characters.");
    }
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return error("malformed", "The address holds a space or something else that no address has.");
    }
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let allowed = match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" if plain_http => true,
        "http" => {
            let detail =
                "The address must begin with https://. WEBHOOK_ALLOW_PRIVATE=true allows http:// too.";
            return error("not_https", detail);
        }
        _ => false,
    };
    if !allowed {
        return error("malformed", "Enter a whole address, as https://example.org/hooks.");
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return error("credentials", "The address must not hold a name or a password.");
    }
    if host.is_empty() || host.starts_with(':') {
        return error("malformed", "The address names no host. Enter one as https://example.org/hooks.");
    }
    Ok(url.to_owned())
}

/// A description: at most 200 characters on one line; may be empty.
///
/// # Errors
/// What is wrong with it.
pub fn description(typed: &str) -> Result<String, FieldError> {
    let text = typed.trim();
    if text.chars().count() > MAX_DESCRIPTION {
        let detail = "The description is too long: at most 200 characters.";
        return Err(FieldError::new("description", "too_long", detail));
    }
    if text.chars().any(char::is_control) {
        let detail = "The description holds characters that can't be shown, such as a line break.";
        return Err(FieldError::new("description", "control_characters", detail));
    }
    Ok(text.to_owned())
}

/// At least one event, each once, in the order of the words.
///
/// # Errors
/// That there is none, or one that is not known.
pub fn events<'a>(typed: impl Iterator<Item = &'a str>) -> Result<Vec<WebhookEvent>, FieldError> {
    let mut found = Vec::new();
    for word in typed {
        let event: WebhookEvent =
            word.parse().map_err(|why| FieldError::new("events", "unknown", format!("{why}.")))?;
        found.push(event);
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err(FieldError::new("events", "required", "Choose at least one event."));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://example.org/hooks", Ok("https://example.org/hooks"))]
    #[case(" HTTPS://example.org:8443/?a=b ", Ok("HTTPS://example.org:8443/?a=b"))]
    #[case("http://example.org", Err("not_https"))]
    #[case("", Err("required"))]
    #[case("example.org/hooks", Err("malformed"))]
    #[case("ftp://example.org", Err("malformed"))]
    #[case("https://", Err("malformed"))]
    #[case("https://:443/", Err("malformed"))]
    #[case("https:///path", Err("malformed"))]
    #[case("https://a b", Err("malformed"))]
    #[case("https://a\\b", Err("malformed"))]
    #[case("https://ada:secret@example.org", Err("credentials"))]
    #[case("https://ada@example.org", Err("credentials"))]
    #[case("https://example.org/@ada", Ok("https://example.org/@ada"))]
    fn an_address_is_whole_safe_and_nobodys(#[case] typed: &str, #[case] expected: Result<&str, &str>) {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(url(typed, false).map_err(|error| error.code), expected);
    }

    #[test]
    fn plain_http_is_for_private_places() {
        assert_eq!(url("http://127.0.0.1:9000/", true).as_deref(), Ok("http://127.0.0.1:9000/"));
        let long = format!("https://example.org/{}", "a".repeat(MAX_URL));
        assert_eq!(url(&long, true).map_err(|error| error.code), Err("too_long".to_owned()));
    }

    #[test]
    fn events_are_told_once_and_must_be_known() {
        let read = |words: &[&str]| events(words.iter().copied()).map_err(|error| error.code);
        let both = vec![WebhookEvent::CallCreated, WebhookEvent::CallEnded];
        assert_eq!(read(&["call.ended", "Call.Created", "call.ended"]), Ok(both));
        assert_eq!(read(&[]), Err("required".to_owned()));
        assert_eq!(read(&["webhook.test"]), Err("unknown".to_owned()));
    }

    #[test]
    fn every_field_is_complained_about_at_once() {
        let form = EndpointForm { description: "x".repeat(201), ..EndpointForm::default() };
        let fields: Vec<_> =
            form.read(false).expect_err("errors").into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["url", "description", "events"]);
    }
}
