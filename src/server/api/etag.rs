//! ETag, If-Match, If-None-Match (RFC 9110, 8.8.3 and 13.1).

use crate::{
    domain::{cursor::digest, waiting::Waiting},
    error::AppError,
};
use axum::http::{HeaderMap, HeaderName, header};

/// The tag of a call: its version; and behind a dash a digest of why it waits, which comes and goes while the call
/// stays as it is.
pub fn of(version: i64, waiting: Option<&Waiting>) -> String {
    let reasons = waiting.map(|waiting| waiting.reasons.as_slice()).unwrap_or_default();
    if reasons.is_empty() {
        return format!("\"{version}\"");
    }
    let words = serde_json::to_string(reasons).unwrap_or_default();
    format!("\"{version}-{:016x}\"", digest(&words))
}

/// The versions of which the caller accepts any; none for `*` or no header. Why a call waits does not matter to
/// whoever changes it.
///
/// # Errors
/// [`AppError::PreconditionFailed`] when there is none that a call could have: weak tags don't count here.
fn if_match(headers: &HeaderMap) -> Result<Option<Vec<i64>>, AppError> {
    let Some(tags) = tags(headers, &header::IF_MATCH) else { return Ok(None) };
    if tags == ["*"] {
        return Ok(None);
    }
    let versions: Vec<_> = tags.iter().filter_map(|tag| version(tag)).collect();
    if versions.is_empty() { Err(AppError::PreconditionFailed) } else { Ok(Some(versions)) }
}

/// The version that a change is to find, as `If-Match` says; of several it is the one that is there now, `newest`.
///
/// # Errors
/// As `if_match`; [`AppError::PreconditionFailed`] when it is none of several; what `newest` says.
pub async fn wanted(
    headers: &HeaderMap,
    newest: impl Future<Output = Result<i64, AppError>>,
) -> Result<Option<i64>, AppError> {
    let Some(versions) = if_match(headers)? else { return Ok(None) };
    if let [only] = versions[..] {
        return Ok(Some(only));
    }
    let newest = newest.await?;
    if versions.contains(&newest) { Ok(Some(newest)) } else { Err(AppError::PreconditionFailed) }
}

/// Whether the caller already has what `etag` stands for. Weak tags count here.
pub fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let tags = tags(headers, &header::IF_NONE_MATCH).unwrap_or_default();
    tags.iter().any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// The tags of a list; no tag of ours has a comma in it. None without the header.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let texts = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    Some(texts.map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect())
}

/// The version in a tag. Bare numbers count too: some programs drop the quotes.
fn version(tag: &str) -> Option<i64> {
    let bare = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag);
    bare.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::waiting::Reason;
    use axum::http::HeaderValue;
    use rstest::rstest;

    fn headers(name: &HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name.clone(), HeaderValue::from_static(value))])
    }

    #[rstest]
    #[case("*", Ok(None))]
    #[case("\"3\"", Ok(Some(vec![3])))]
    #[case("\"3-00ff\"", Ok(Some(vec![3])))]
    #[case("\"3\", \"4\"", Ok(Some(vec![3, 4])))]
    #[case("3", Ok(Some(vec![3])))]
    #[case("W/\"3\"", Err(AppError::PreconditionFailed))]
    #[case("nonsense", Err(AppError::PreconditionFailed))]
    #[case("", Err(AppError::PreconditionFailed))]
    fn if_match_names_versions(
        #[case] value: &'static str,
        #[case] expected: Result<Option<Vec<i64>>, AppError>,
    ) {
        assert_eq!(if_match(&headers(&header::IF_MATCH, value)), expected);
    }

    #[rstest]
    #[case("\"3\"", true)]
    #[case("W/\"3\"", true)]
    #[case("\"1\", \"3\"", true)]
    #[case("*", true)]
    #[case("\"2\"", false)]
    #[case("3", false)]
    #[case("\"3-00ff\"", false)]
    fn if_none_match_names_what_is_known(#[case] value: &'static str, #[case] known: bool) {
        assert_eq!(is_known(&headers(&header::IF_NONE_MATCH, value), "\"3\""), known);
    }

    #[test]
    fn another_reason_to_wait_is_another_tag() {
        let waiting = |detail: &str| Waiting {
            not_before: None,
            missed_at: None,
            reasons: vec![Reason { code: "paused".to_owned(), detail: detail.to_owned() }],
        };
        let (ada, grace) = (of(3, Some(&waiting("by Ada"))), of(3, Some(&waiting("by Grace"))));
        assert_ne!(ada, grace);
        assert_ne!(ada, of(4, Some(&waiting("by Ada"))));
        assert_eq!(of(3, None), "\"3\"");
    }
}
