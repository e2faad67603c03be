//! The older signature `X-Hub-Signature-256`: `sha256=` and the HMAC-SHA256 of the body in hexadecimal. It covers
//! neither a name nor a time of sending, so whoever has seen a message can send it again.

use super::{SignatureError, header};
use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use std::fmt::Write;

/// The header with the signature.
pub const HEADER: &str = "x-hub-signature-256";

const PREFIX: &str = "sha256=";

/// The value of [`HEADER`] for `body`.
pub fn sign(secret: &SecretString, body: &[u8]) -> String {
    let code = code(secret, body).map(|code| code.finalize().into_bytes()).unwrap_or_default();
    code.iter().fold(PREFIX.to_owned(), |mut text, byte| {
        // Writing to a text can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Verifies a message, in constant time. `body` is the raw body, exactly as it came.
pub fn verify(secret: &SecretString, headers: &HeaderMap, body: &[u8]) -> Result<(), SignatureError> {
    let given = header(headers, HEADER)?.strip_prefix(PREFIX).and_then(from_hex);
    let given = given.ok_or(SignatureError::Mismatch)?;
    let code = code(secret, body).ok_or(SignatureError::Mismatch)?;
    code.verify_slice(&given).map_err(|_| SignatureError::Mismatch)
}

fn code(secret: &SecretString, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    code.update(body);
    Some(code)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// GitHub's documentation of the scheme has this example.
    const SIGNED: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn verified(signature: &str, body: &[u8]) -> Result<(), SignatureError> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, signature.parse().expect("a header"));
        verify(&"It's a Secret to Everybody".into(), &headers, body)
    }

    #[test]
    fn the_published_example_holds() {
        assert_eq!(sign(&"It's a Secret to Everybody".into(), b"Hello, World!"), SIGNED);
        assert_eq!(verified(SIGNED, b"Hello, World!"), Ok(()));
        assert_eq!(verified(&SIGNED.to_uppercase().replace("SHA", "sha"), b"Hello, World!"), Ok(()));
    }

    #[rstest]
    #[case::another_body(SIGNED, b"Hello, World?", SignatureError::Mismatch)]
    #[case::another_scheme("sha1=757107ea", b"Hello, World!", SignatureError::Mismatch)]
    #[case::cut_off(&SIGNED[..70], b"Hello, World!", SignatureError::Mismatch)]
    #[case::half_a_byte(&SIGNED[..69], b"Hello, World!", SignatureError::Mismatch)]
    #[case::no_digits("sha256=zz", b"Hello, World!", SignatureError::Mismatch)]
    #[case::nothing("", b"Hello, World!", SignatureError::Unsigned(HEADER))]
    fn nothing_else_does(#[case] signature: &str, #[case] body: &[u8], #[case] expected: SignatureError) {
        assert_eq!(verified(signature, body), Err(expected));
    }
}
