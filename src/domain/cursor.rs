//! A place in a sorted list: behind it the next page begins.

use super::id::CallId;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Which way the page lies from the cursor's row, as the list is sorted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// The rows that come after it.
    After,
    /// The rows that come before it.
    Before,
}

/// A row's place in a sorted list. Opaque to callers, and bound to the filters and sort it came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cursor {
    /// Which way the page lies.
    pub direction: Direction,
    /// The row's sort key in milliseconds.
    pub key: i64,
    /// The row's id, which decides among equal keys.
    pub id: CallId,
    /// A digest of the filters and sort it belongs to.
    pub scope: u64,
}

/// A cursor that leads nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadCursor {
    /// It was not handed out by us, or not whole.
    #[error("cursor: it can't be read. Start again without one.")]
    Unreadable,
    /// It was handed out for another list.
    #[error("cursor: it belongs to other filters or another order. Start again without one.")]
    OfAnotherList,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::After => 'a',
            Direction::Before => 'b',
        };
        write!(f, "{direction}{:016x}{}{:016x}", self.key, self.id.0.simple(), self.scope)
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unreadable = BadCursor::Unreadable;
        // Numbers would also be read with a sign.
        if text.len() != 65 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(unreadable);
        }
        let direction = match &text[..1] {
            "a" => Direction::After,
            "b" => Direction::Before,
            _ => return Err(unreadable),
        };
        let key = u64::from_str_radix(&text[1..17], 16).map_err(|_| unreadable)?.cast_signed();
        let id = Uuid::try_parse(&text[17..49]).map_err(|_| unreadable)?;
        let scope = u64::from_str_radix(&text[49..], 16).map_err(|_| unreadable)?;
        Ok(Self { direction, key, id: CallId(id), scope })
    }
}

/// A digest that tells one text from another (FNV-1a, 64 bits; it guards against mistakes only).
pub fn digest(canonical: &str) -> u64 {
    canonical
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_survives_being_written_down(key: i64, id: u128, scope: u64, after: bool) {
            let direction = if after { Direction::After } else { Direction::Before };
            let cursor = Cursor { direction, key, id: CallId(Uuid::from_u128(id)), scope };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn any_other_text_is_refused_without_a_panic(text in ".{0,80}|[ab+-][0-9a-fA-F+-]{63,65}") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }

        #[test]
        fn a_cursor_with_one_letter_changed_is_another_or_none(
            key: i64, id: u128, scope: u64, at in 0..65_usize, letter in "[ -~é]"
        ) {
            let cursor = Cursor { direction: Direction::After, key, id: CallId(Uuid::from_u128(id)), scope };
            let text = cursor.to_string();
            let mut changed = text.clone();
            changed.replace_range(at..=at, &letter);
            match changed.parse::<Cursor>() {
                Ok(other) => prop_assert_eq!(other == cursor, changed == text),
                Err(why) => prop_assert_eq!(why, BadCursor::Unreadable),
            }
        }
    }
}
