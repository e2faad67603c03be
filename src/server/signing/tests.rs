//! Held against published vectors, and against the standard's own library as an oracle.

use super::*;
use axum::http::HeaderValue;
use proptest::prelude::*;
use rstest::rstest;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    secret: String,
    id: String,
    timestamp: i64,
    body: String,
    signature: String,
}

fn vectors() -> Vec<Vector> {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/data/signatures.json")).expect("the file is JSON");
    serde_json::from_value(file["standard_webhooks"]["vectors"].clone()).expect("the file holds vectors")
}

fn secrets(text: &str) -> Secrets {
    Secrets::parse(text).expect("the secrets are well-formed")
}

fn headers(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
    [(ID_HEADER, id), (TIMESTAMP_HEADER, timestamp), (SIGNATURE_HEADER, signature)]
        .into_iter()
        .map(|(name, value)| {
            let name = axum::http::HeaderName::from_static(name);
            (name, HeaderValue::from_str(value).expect("the value fits a header"))
        })
        .collect()
}

#[test]
fn the_published_vectors_are_signed_and_verified() {
    let all = vectors();
    assert_eq!(all.len(), 2);
    for vector in all {
        let secrets = secrets(&vector.secret);
        assert_eq!(secrets.sign(&vector.id, vector.timestamp, vector.body.as_bytes()), vector.signature);
        let headers = headers(&vector.id, &vector.timestamp.to_string(), &vector.signature);
        assert_eq!(
            secrets.verify(&headers, vector.body.as_bytes(), vector.timestamp),
            Ok(vector.id.as_str())
        );
    }
}

#[test]
fn while_secrets_change_either_side_may_know_only_one() {
    let [old, new] = vectors().try_into().unwrap_or_else(|_| panic!("two vectors"));
    let both = secrets(&format!("{} {}", new.secret, old.secret));

    let signature = both.sign(&old.id, old.timestamp, old.body.as_bytes());
    assert_eq!(signature, format!("{} {}", new.signature, old.signature));
    let headers_of_both = headers(&old.id, &old.timestamp.to_string(), &signature);
    for one in [&old, &new] {
        assert!(secrets(&one.secret).verify(&headers_of_both, one.body.as_bytes(), one.timestamp).is_ok());
        let headers_of_one = headers(&one.id, &one.timestamp.to_string(), &one.signature);
        assert!(both.verify(&headers_of_one, one.body.as_bytes(), one.timestamp).is_ok());
    }
}

#[rstest]
#[case::on_the_edge_of_the_past(300, Ok("msg_1"))]
#[case::too_old(301, Err(SignatureError::TooOld))]
#[case::on_the_edge_of_the_future(-300, Ok("msg_1"))]
#[case::too_new(-301, Err(SignatureError::TooNew))]
#[case::absurdly_old(i64::MAX, Err(SignatureError::TooOld))]
fn the_timestamp_may_be_five_minutes_off(#[case] age: i64, #[case] expected: Result<&str, SignatureError>) {
    let secrets = secrets(&new_secret());
    let sent = 1_000;
    let headers = headers("msg_1", &sent.to_string(), &secrets.sign("msg_1", sent, b"{}"));
    assert_eq!(secrets.verify(&headers, b"{}", age.saturating_add(sent)), expected);
}

#[rstest]
#[case::another_body("msg_1", "1000", "{ }", SignatureError::Mismatch)]
#[case::another_id("msg_2", "1000", "{}", SignatureError::Mismatch)]
#[case::another_time("msg_1", "1001", "{}", SignatureError::Mismatch)]
#[case::the_same_time_written_otherwise("msg_1", "+1000", "{}", SignatureError::Mismatch)]
#[case::no_time("msg_1", "soon", "{}", SignatureError::Unsigned(TIMESTAMP_HEADER))]
#[case::no_id("", "1000", "{}", SignatureError::Unsigned(ID_HEADER))]
fn what_was_changed_on_the_way_is_not_believed(
    #[case] id: &str,
    #[case] timestamp: &str,
    #[case] body: &str,
    #[case] expected: SignatureError,
) {
    let secrets = secrets(&new_secret());
    let signature = secrets.sign("msg_1", 1_000, b"{}");
    assert_eq!(secrets.verify(&headers(id, timestamp, &signature), body.as_bytes(), 1_000), Err(expected));
}

#[rstest]
#[case::nothing("", SignatureError::Unsigned(SIGNATURE_HEADER))]
#[case::nonsense("nonsense", SignatureError::Mismatch)]
#[case::not_base64("v1,***", SignatureError::Mismatch)]
#[case::empty("v1,", SignatureError::Mismatch)]
#[case::another_version("v1a,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=", SignatureError::Mismatch)]
fn a_signature_that_is_none_is_refused(#[case] signature: &str, #[case] expected: SignatureError) {
    let secrets = secrets(&new_secret());
    assert_eq!(secrets.verify(&headers("msg_1", "1000", signature), b"{}", 1_000), Err(expected));
}

#[test]
fn an_unsigned_message_says_which_header_is_missing() {
    let headers = HeaderMap::new();
    let verdict = secrets(&new_secret()).verify(&headers, b"{}", 1_000);
    assert_eq!(verdict, Err(SignatureError::Unsigned(ID_HEADER)));
}

#[rstest]
#[case::nothing("  ", SecretError::Missing)]
#[case::no_prefix("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", SecretError::Prefix)]
#[case::not_base64("whsec_!!!!", SecretError::Encoding)]
#[case::empty("whsec_", SecretError::Length)]
#[case::short("whsec_AAAA", SecretError::Length)]
#[case::second_one_is_bad("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA hello", SecretError::Prefix)]
fn a_text_that_is_no_secret_is_refused(#[case] text: &str, #[case] expected: SecretError) {
    assert_eq!(Secrets::parse(text).map(|_| ()), Err(expected));
}

#[test]
fn secrets_are_never_shown() {
    assert_eq!(format!("{:?}", secrets(&new_secret())), "Secrets(1 hidden)");
}

proptest! {
    #[test]
    fn it_agrees_with_the_standards_own_library(
        key in proptest::collection::vec(any::<u8>(), 24..=64),
        id in "[a-zA-Z0-9_.-]{1,40}",
        timestamp in 0..4_000_000_000_i64,
        body in "\\PC{0,200}",
    ) {
        let secret = format!("whsec_{}", STANDARD.encode(&key));
        let oracle = standardwebhooks::Webhook::new(&secret).expect("the oracle takes the secret");
        let expected = oracle.sign(&id, timestamp, body.as_bytes()).expect("the oracle signs");

        let secrets = secrets(&secret);
        prop_assert_eq!(&secrets.sign(&id, timestamp, body.as_bytes()), &expected);
        let headers = headers(&id, &timestamp.to_string(), &expected);
        prop_assert_eq!(secrets.verify(&headers, body.as_bytes(), timestamp), Ok(id.as_str()));
    }

    #[test]
    fn any_header_and_any_body_are_judged_without_a_panic(
        timestamp in "\\PC{0,30}",
        signature in "\\PC{0,60}",
        body in proptest::collection::vec(any::<u8>(), 0..60),
        now in any::<i64>(),
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [(ID_HEADER, "msg_1"), (TIMESTAMP_HEADER, &timestamp), (SIGNATURE_HEADER, &signature)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        prop_assert!(secrets(&new_secret()).verify(&headers, &body, now).is_err());
    }
}
