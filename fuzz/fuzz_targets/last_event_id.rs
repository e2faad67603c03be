//! A place in the stream of events, as a reader gives it back.
#![no_main]

#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::last_event_id(data));
