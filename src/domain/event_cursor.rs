//! A place in the stream of all events: the id of the last one that was seen.

use super::cursor::BadCursor;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An event's place in the stream of all events, which is its id there: `xid-position`. Places are in the order in
/// which events are told. On PostgreSQL positions commit out of order, so the transaction comes first; on SQLite there
/// is one writer, and the first number is always 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EventCursor {
    /// The transaction that wrote it; 0 on SQLite.
    pub xid: u64,
    /// Its place among all events as they were written.
    pub position: i64,
}

impl fmt::Display for EventCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.xid, self.position)
    }
}

impl FromStr for EventCursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (xid, position) = text.split_once('-').ok_or(BadCursor::Unreadable)?;
        let xid = number(xid)?;
        let position = i64::try_from(number(position)?).map_err(|_| BadCursor::Unreadable)?;
        Ok(Self { xid, position })
    }
}

impl From<EventCursor> for String {
    fn from(cursor: EventCursor) -> Self {
        cursor.to_string()
    }
}

impl TryFrom<String> for EventCursor {
    type Error = BadCursor;

    fn try_from(text: String) -> Result<Self, BadCursor> {
        text.parse()
    }
}

/// A number as we write it: Rust would read a plus sign and leading zeros too, and two texts for one place would
/// not compare.
fn number(text: &str) -> Result<u64, BadCursor> {
    let read: u64 = text.parse().map_err(|_| BadCursor::Unreadable)?;
    if read.to_string() == text { Ok(read) } else { Err(BadCursor::Unreadable) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("0-0", 0, 0)]
    #[case("0-41", 0, 41)]
    #[case("18446744073709551615-9223372036854775807", u64::MAX, i64::MAX)]
    fn a_place_is_two_numbers(#[case] text: &str, #[case] xid: u64, #[case] position: i64) {
        assert_eq!(text.parse(), Ok(EventCursor { xid, position }));
    }

    #[rstest]
    #[case("")]
    #[case("-")]
    #[case("41")]
    #[case("0-")]
    #[case("-41")]
    #[case("0--1")]
    #[case("+0-1")]
    #[case("0-01")]
    #[case("0-1 ")]
    #[case("0-1-2")]
    #[case("0-9223372036854775808")]
    #[case("18446744073709551616-0")]
    #[case("٣-١")]
    fn anything_else_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<EventCursor>(), Err(BadCursor::Unreadable));
    }

    proptest! {
        #[test]
        fn a_place_survives_being_written_down(xid: u64, position in 0..=i64::MAX) {
            let cursor = EventCursor { xid, position };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn whatever_comes_is_a_place_as_we_write_it_or_refused(text in "[-+0-9 ]{0,45}|.{0,60}") {
            if let Ok(cursor) = text.parse::<EventCursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }

        #[test]
        fn later_transactions_come_later(a: (u64, u32), b: (u64, u32)) {
            let place = |(xid, position): (u64, u32)| EventCursor { xid, position: position.into() };
            prop_assert_eq!(place(a).cmp(&place(b)), a.cmp(&b));
        }
    }
}
