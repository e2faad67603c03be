//! What stands in a line, and which ids may.

use super::*;
use axum::body::Body;
use proptest::prelude::*;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

/// Log lines that are read again.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_line_carries_the_ids_of_its_request() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/api/calls?q=secret".parse().expect("an address");
        request.headers_mut().insert(REQUEST_ID, HeaderValue::from_static("mine"));
        request.extensions_mut().insert(Trace::begin(0xabc, 1));
        let _inside = request_span("desk-1", &request).entered();
        tracing::error!("something happens");
    });
    let lines = String::from_utf8(lines.0.lock().expect("no panic").clone()).expect("a text");
    let line: serde_json::Value = serde_json::from_str(&lines).expect("JSON");
    let span = &line["span"];
    assert_eq!((&span["request_id"], &span["path"]), (&"mine".into(), &"/api/calls".into()));
    assert_eq!(span["node"], "desk-1");
    assert_eq!(span["trace_id"], format!("{:032x}", 0xabc));
    assert!(!lines.contains("secret"), "{lines}");
}

proptest! {
    #[test]
    fn an_id_that_is_kept_needs_no_quotes(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            let plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"'\\<>{}[]".contains(byte);
            prop_assert!(!is_id(&value) || (bytes.len() <= LONGEST_ID && bytes.iter().all(plain)));
        }
    }
}
