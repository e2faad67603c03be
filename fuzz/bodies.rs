//! What the fuzz targets try: whatever comes from outside is read or refused, never with a panic, and what was read
//! says the same when it is written again.

#![allow(dead_code, reason = "each target tries one of them")]

use axum::http::{HeaderMap, HeaderValue};
use switchboard::{
    domain::{cursor::Cursor, event_cursor::EventCursor, filter::CallFilter},
    server::{
        config::NumberCheck,
        phone,
        signing::{ID_HEADER, SIGNATURE_HEADER, Secrets, TIMESTAMP_HEADER},
    },
};

const NOW: i64 = 1_795_251_600;

/// `data` is the id, the timestamp, the signature and the body, a line each: it is not believed, since nobody knows
/// the key. The same message, signed, is, unless its id is blank.
pub fn signature(data: &[u8]) {
    let secrets = Secrets::parse("whsec_c3dpdGNoYm9hcmQncyBvd24gdGVzdCBrZXkgMDE=").expect("a secret");
    let mut lines = data.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (id, timestamp, signature, body) = (line(), line(), line(), line());
    let mut headers = HeaderMap::new();
    for (name, value) in [(ID_HEADER, id), (TIMESTAMP_HEADER, timestamp), (SIGNATURE_HEADER, signature)] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    assert!(secrets.verify(&headers, body, NOW).is_err(), "a forged message is believed");

    let _ = Secrets::parse(&String::from_utf8_lossy(data));

    let id = headers.get(ID_HEADER).and_then(|id| id.to_str().ok()).map(|id| id.trim().to_owned());
    let Some(id) = id.filter(|id| !id.is_empty()) else { return };
    let signature = HeaderValue::from_str(&secrets.sign(&id, NOW, body)).expect("base64");
    headers.insert(TIMESTAMP_HEADER, NOW.into());
    headers.insert(SIGNATURE_HEADER, signature);
    assert_eq!(secrets.verify(&headers, body, NOW), Ok(id.as_str()), "a signed message is not believed");
}

/// `data` is a cursor, also within a query.
pub fn cursor(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string(), text.to_ascii_lowercase());
    }
    if let Ok(filter) = CallFilter::from_pairs([("cursor", text.as_ref())], |_| None) {
        let _ = filter.place();
    }
}

/// `data` is a country, two bytes, and a number. A number that was read is read again as itself.
pub fn phone_number(data: &[u8]) {
    let (country, typed) = data.split_at(data.len().min(2));
    let (country, typed) = (String::from_utf8_lossy(country), String::from_utf8_lossy(typed));
    for country in ["", country.as_ref()] {
        for check in [NumberCheck::Shape, NumberCheck::Possible, NumberCheck::Valid] {
            if let Ok((number, _)) = phone::read(&typed, country, check) {
                let again = phone::read(number.as_str(), "", check).expect("it was a number before");
                assert_eq!(again.0, number);
            }
        }
    }
}

/// `data` is a `Last-Event-ID`.
pub fn last_event_id(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(place) = text.parse::<EventCursor>() {
        assert_eq!(place.to_string(), text);
    }
}
