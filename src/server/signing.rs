//! Signatures as Standard Webhooks 1.0 has them (<https://www.standardwebhooks.com>): the simulator signs
//! with them, the status callback door verifies them.
//!
//! What is signed is `{id}.{timestamp}.{body}` with HMAC-SHA256, so neither the body nor its age nor its
//! name can be changed on the way. Several secrets at once make a change of secrets possible without a gap:
//! the sender signs with all of them, the receiver is content with any.

pub mod hub;

use axum::http::HeaderMap;
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use std::{fmt, sync::Arc};
use subtle::{Choice, ConstantTimeEq};

/// The header with the message's id, the same each time the message is sent again.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the instant of sending, in whole seconds since the Unix epoch.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with one or more signatures, separated by spaces.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// How far a message's timestamp may lie from now, in seconds, into the past or the future.
pub const TOLERANCE_SECS: i64 = 5 * 60;

const SECRET_PREFIX: &str = "whsec_";
const SIGNATURE_PREFIX: &str = "v1,";
const SHORTEST_KEY: usize = 24;
const LONGEST_KEY: usize = 64;

/// Senders differ in whether they pad; either way the key is the same.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The secrets that sender and receiver share. Cheap to clone; never shown, not even by `Debug`.
#[derive(Clone)]
pub struct Secrets {
    keys: Arc<[SecretSlice<u8>]>,
}

/// Why a text is not a list of secrets. The words never contain the text itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SecretError {
    /// There is nothing in it.
    #[error("no secret is given; one looks like whsec_ followed by base64")]
    Missing,
    /// A secret begins with something else.
    #[error("a secret must begin with whsec_; several are separated by spaces")]
    Prefix,
    /// What follows `whsec_` can't be decoded.
    #[error("what follows whsec_ must be base64")]
    Encoding,
    /// The key is too easy to guess, or longer than the standard allows.
    #[error("what follows whsec_ must be 24 to 64 bytes in base64")]
    Length,
}

/// Why a message is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignatureError {
    /// A header is absent or unreadable: the message is not signed at all.
    #[error("The header {0} is missing or unreadable.")]
    Unsigned(&'static str),
    /// Its timestamp is more than [`TOLERANCE_SECS`] in the past.
    #[error("The message was signed more than five minutes ago.")]
    TooOld,
    /// Its timestamp is more than [`TOLERANCE_SECS`] in the future.
    #[error("The message claims to be signed more than five minutes from now.")]
    TooNew,
    /// No signature fits any secret.
    #[error("No signature of the message fits.")]
    Mismatch,
}

impl Secrets {
    /// Reads one or more secrets (`whsec_` and base64), separated by white space, the newest first.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let keys = text.split_whitespace().map(parse_key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(SecretError::Missing);
        }
        Ok(Self { keys: keys.into() })
    }

    /// The value of [`SIGNATURE_HEADER`]: one signature for each secret, so that a receiver that knows only
    /// the old or only the new one accepts the message. `timestamp` is in seconds.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let timestamp = timestamp.to_string();
        let signatures = self.keys.iter().map(|key| {
            let code = authentication_code(key.expose_secret(), id, &timestamp, body);
            format!("{SIGNATURE_PREFIX}{}", STANDARD.encode(code))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }

    /// Verifies a message and returns its id. `body` is the raw body, exactly as it came; `now` is in seconds.
    ///
    /// Every signature is compared with every secret in constant time: how long it takes tells nothing.
    pub fn verify<'h>(
        &self,
        headers: &'h HeaderMap,
        body: &[u8],
        now: i64,
    ) -> Result<&'h str, SignatureError> {
        let id = header(headers, ID_HEADER)?;
        let timestamp = header(headers, TIMESTAMP_HEADER)?;
        let signatures = header(headers, SIGNATURE_HEADER)?;
        check_age(timestamp, now)?;

        // Signatures of other versions stand beside ours when a sender is changing over: they are not ours
        // to judge, so whatever can't be read is passed by.
        let given: Vec<Vec<u8>> = signatures
            .split_ascii_whitespace()
            .filter_map(|signature| signature.strip_prefix(SIGNATURE_PREFIX))
            .filter_map(|code| LENIENT.decode(code).ok())
            .collect();
        let mut fits = Choice::from(0);
        for key in self.keys.iter() {
            let expected = authentication_code(key.expose_secret(), id, timestamp, body);
            for code in &given {
                fits |= expected.as_slice().ct_eq(code);
            }
        }
        if bool::from(fits) { Ok(id) } else { Err(SignatureError::Mismatch) }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} hidden)", self.keys.len())
    }
}

/// A new secret from the operating system's generator: `whsec_` and 32 bytes in base64.
pub fn new_secret() -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(rand::random::<[u8; 32]>()))
}

fn parse_key(secret: &str) -> Result<SecretSlice<u8>, SecretError> {
    let encoded = secret.strip_prefix(SECRET_PREFIX).ok_or(SecretError::Prefix)?;
    let key = LENIENT.decode(encoded).map_err(|_| SecretError::Encoding)?;
    if !(SHORTEST_KEY..=LONGEST_KEY).contains(&key.len()) {
        return Err(SecretError::Length);
    }
    Ok(key.into())
}

fn header<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h str, SignatureError> {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    if value.is_empty() { Err(SignatureError::Unsigned(name)) } else { Ok(value) }
}

fn check_age(timestamp: &str, now: i64) -> Result<(), SignatureError> {
    let sent: i64 = timestamp.parse().map_err(|_| SignatureError::Unsigned(TIMESTAMP_HEADER))?;
    let age = now.saturating_sub(sent);
    match age {
        _ if age > TOLERANCE_SECS => Err(SignatureError::TooOld),
        _ if age < -TOLERANCE_SECS => Err(SignatureError::TooNew),
        _ => Ok(()),
    }
}

fn authentication_code(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length, so this can't fail; were it ever to, a code that nobody else can
    // compute is the safe answer.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return rand::random() };
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
