//! POST, once: with an `Idempotency-Key` a request may be sent again, and is carried out one time.

use super::answer::{Done, respond, shown};
use crate::{
    error::AppError,
    server::{
        auth::admit::Caller,
        db::{Tx, Written},
        idempotency::{self, Answer, Answered, Key, fingerprint},
        respond::{details_of, problem},
        state::AppState,
    },
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, request::Parts},
    response::Response,
};
use std::{future, time::Duration};
use tokio::sync::oneshot;
use tracing::Instrument;

/// The header that names the key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest key, in characters.
const LONGEST: usize = 255;
/// How long a repeat waits for the first one's answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a POST is carried out: once for its key, if it names one.
#[derive(Debug)]
pub struct Once {
    named: Option<Named>,
}

/// The key that a request names, and what it is a key to.
#[derive(Debug)]
struct Named {
    scope: String,
    key: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Some(key) = key_in(&parts.headers).map_err(|error| problem(&error))? else {
            return Ok(Self { named: None });
        };
        let Caller(actor) = Caller::from_request_parts(parts, state).await?;
        let scope = format!("{} {} {}", actor.name(), parts.method, parts.uri.path());
        Ok(Self { named: Some(Named { scope, key }) })
    }
}

impl Once {
    /// Reads what is asked for and does it; or answers as before, if the request was answered before. What is read
    /// may depend on the clock, so an answered request is not read again.
    ///
    /// # Errors
    /// What `read` and `verb` say, [`AppError::KeyReused`], and [`AppError::KeyInUse`] when the key's first request
    /// was not answered for five seconds.
    pub async fn carry_out<T, F, Fut>(
        self,
        state: &AppState,
        body: &[u8],
        read: impl FnOnce() -> Result<T, AppError>,
        verb: F,
    ) -> Result<Response, AppError>
    where
        T: Send + 'static,
        F: FnOnce(Tx, T) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Written<Done>, AppError>> + Send + 'static,
    {
        let Some(Named { scope, key }) = self.named else {
            let asked = read()?;
            let done = state.db.write(move |tx| verb(tx, asked)).await?;
            return Ok(shown(state, done).await);
        };
        let key = Key { scope, key, fingerprint: fingerprint(body) };
        if let Some(answer) = idempotency::known(&state.db, &key, state.clock.now()).await? {
            return Ok(respond_to(Answered { answer, is_replay: true }));
        }
        let asked = read()?;
        let (now, limits) = (state.clock.now(), state.config.limits());
        let answered = async move |tx: Tx| {
            let done = tx.attempt(|tx| verb(tx, asked)).await?;
            match done {
                Ok(written) => {
                    let answer = written.value().answer_within(&tx, limits, now).await?;
                    Ok(written.map(|_| answer))
                }
                Err(error) => Ok(Written::new(kept(error)?)),
            }
        };
        let (taken, is_taken) = oneshot::channel();
        // Whoever asked may have gone away.
        let taken = move || {
            let _ = taken.send(());
        };
        let db = state.db.clone();
        let write = async move { db.write(move |tx| idempotency::once(tx, key, now, taken, answered)).await };
        // In a task of its own: it goes on also when it is not waited for any more, and whoever comes back hears of it.
        let written = tokio::spawn(write.in_current_span());
        tokio::select! {
            answered = written => Ok(respond_to(answered.map_err(|_| AppError::Internal)??)),
            () = in_vain(is_taken) => Err(AppError::KeyInUse),
        }
    }
}

/// Waits until the key was not to be had for too long.
async fn in_vain(is_taken: oneshot::Receiver<()>) {
    if tokio::time::timeout(PATIENCE, is_taken).await.is_ok() {
        future::pending::<()>().await;
    }
}

/// A refusal of the rules, as it is kept: it would be the same again. What tells to try again is not kept, so that
/// the same key may.
fn kept(error: AppError) -> Result<Answer, AppError> {
    if error.status() != StatusCode::CONFLICT.as_u16() || matches!(error, AppError::Changed) {
        return Err(error);
    }
    let body = details_of(&error).to_string();
    Ok(Answer { status: error.status(), location: None, etag: None, body, told_once: None })
}

fn respond_to(answered: Answered) -> Response {
    let mut response = respond(answered.answer);
    if answered.is_replay {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// The key that a request names. The draft writes it in quotes, most programs don't: both name the same.
fn key_in(headers: &HeaderMap) -> Result<Option<String>, AppError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(AppError::BadRequest("Idempotency-Key: send one key, not several.".to_owned()));
    }
    let sent = value.as_bytes();
    let key = sent.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(sent);
    if !(1..=LONGEST).contains(&key.len()) || !key.iter().all(u8::is_ascii_graphic) {
        let why =
            format!("Idempotency-Key: a key is 1 to {LONGEST} visible ASCII characters, without spaces.");
        return Err(AppError::BadRequest(why));
    }
    Ok(Some(String::from_utf8_lossy(key).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(values: &[&str]) -> Result<Option<String>, u16> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value.as_bytes()).expect("a header"));
        }
        key_in(&headers).map_err(|error| error.status())
    }

    #[rstest]
    #[case(&[], Ok(None))]
    #[case(&["a"], Ok(Some("a")))]
    #[case(&["\"8e03978e-40d5\""], Ok(Some("8e03978e-40d5")))]
    #[case(&["\""], Ok(Some("\"")))]
    #[case(&["!~"], Ok(Some("!~")))]
    #[case(&[""], Err(400))]
    #[case(&["\"\""], Err(400))]
    #[case(&["a "], Err(400))]
    #[case(&["a\t"], Err(400))]
    #[case(&["é"], Err(400))]
    #[case(&["a", "a"], Err(400))]
    fn a_key_is_some_visible_characters(
        #[case] values: &[&str],
        #[case] expected: Result<Option<&str>, u16>,
    ) {
        assert_eq!(read(values), expected.map(|key| key.map(str::to_owned)));
    }

    /// What the document allows of a key.
    fn documented() -> String {
        let document: serde_json::Value =
            serde_json::from_str(include_str!("../../../docs/openapi.json")).expect("a document");
        let parameters =
            document["paths"]["/api/calls"]["post"]["parameters"].as_array().expect("parameters");
        let key =
            parameters.iter().find(|parameter| parameter["name"] == "Idempotency-Key").expect("the key");
        let pattern = key["schema"]["pattern"].as_str().expect("a pattern");
        pattern.trim_matches(['^', '$']).to_owned()
    }

    #[test]
    fn every_key_that_the_document_allows_is_read() {
        let keys = proptest::string::string_regex(&documented()).expect("a pattern");
        let mut runner = proptest::test_runner::TestRunner::default();
        let all_are_read = runner.run(&keys, |key| {
            proptest::prop_assert!(matches!(read(&[&key]), Ok(Some(_))), "{}", key);
            Ok(())
        });
        assert_eq!(all_are_read, Ok(()));
    }

    #[test]
    fn the_longest_key_is_read() {
        assert_eq!(read(&[&"a".repeat(256)]), Err(400));
        assert_eq!(read(&[&"a".repeat(255)]), Ok(Some("a".repeat(255))));
    }
}
