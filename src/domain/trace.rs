//! By what a request is followed through all who have a part in it: W3C Trace Context
//! (<https://www.w3.org/TR/trace-context/>), the header `traceparent`.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The flags that are handed on: "sampled" (level 1) and "the id is random" (level 2).
const KNOWN_FLAGS: u8 = 0b11;
/// The length of a header of version 00.
const LENGTH: usize = 55;

/// One step of a trace: the trace's id, this step's own, and what the caller decided about recording it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Trace {
    id: u128,
    step: u64,
    flags: u8,
}

/// A `traceparent` that can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("This is no traceparent")]
pub struct BadTrace;

impl Trace {
    /// The first step of a new trace. Ids of 0 mean "none" to others, so they become 1.
    pub fn begin(id: u128, step: u64) -> Self {
        Self { id: id.max(1), step: step.max(1), flags: 0 }
    }

    /// The next step of the same trace.
    #[must_use]
    pub fn next(self, step: u64) -> Self {
        Self { step: step.max(1), ..self }
    }

    /// The trace's id: 32 hexadecimal digits, the same for all its steps.
    pub fn id(self) -> String {
        format!("{:032x}", self.id)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.id, self.step, self.flags)
    }
}

impl From<Trace> for String {
    fn from(trace: Trace) -> Self {
        trace.to_string()
    }
}

impl TryFrom<String> for Trace {
    type Error = BadTrace;
    fn try_from(text: String) -> Result<Self, BadTrace> {
        text.parse()
    }
}

impl FromStr for Trace {
    type Err = BadTrace;

    /// Reads a header of any version: a later one may have more behind what version 00 has.
    fn from_str(text: &str) -> Result<Self, BadTrace> {
        let (known, rest) = text.split_at_checked(LENGTH).ok_or(BadTrace)?;
        let parts: Vec<&str> = known.split('-').collect();
        let [version, id, step, flags] = parts[..] else { return Err(BadTrace) };
        let lengths = [version.len(), id.len(), step.len(), flags.len()] == [2, 32, 16, 2];
        let is_hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
        if !lengths || !parts.iter().all(|part| part.chars().all(is_hex)) || version == "ff" {
            return Err(BadTrace);
        }
        let may_go_on = version != "00" && rest.starts_with('-');
        if !rest.is_empty() && !may_go_on {
            return Err(BadTrace);
        }
        let id = u128::from_str_radix(id, 16).map_err(|_| BadTrace)?;
        let step = u64::from_str_radix(step, 16).map_err(|_| BadTrace)?;
        let flags = u8::from_str_radix(flags, 16).map_err(|_| BadTrace)? & KNOWN_FLAGS;
        if id == 0 || step == 0 {
            return Err(BadTrace);
        }
        Ok(Self { id, step, flags })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[rstest]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true)]
    #[case("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later", true)]
    #[case("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    #[case("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.later", false)]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false)]
    #[case("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false)]
    #[case("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false)]
    #[case("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false)]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false)]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01", false)]
    #[case("00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false)]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", false)]
    #[case("", false)]
    fn a_header_is_read_as_the_standard_says(#[case] header: &str, #[case] is_fine: bool) {
        let read = header.parse::<Trace>();
        assert_eq!(read.is_ok(), is_fine);
        assert!(read.is_ok_and(|trace| trace.id() == TRACE) == is_fine);
    }

    #[test]
    fn the_next_step_keeps_the_trace_and_what_was_decided() {
        let trace: Trace =
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff".parse().expect("a trace");
        assert_eq!(trace.next(10).to_string(), format!("00-{TRACE}-000000000000000a-03"));
    }

    proptest! {
        #[test]
        fn what_is_handed_on_can_be_read(trace_id: u128, step_id: u64, next: u64) {
            let trace = Trace::begin(trace_id, step_id);
            prop_assert_eq!(trace.to_string().parse(), Ok(trace));
            let next = trace.next(next);
            prop_assert_eq!(next.to_string().parse::<Trace>().map(Trace::id), Ok(trace.id()));
        }

        #[test]
        fn any_other_text_is_refused_without_a_panic(text in "\\PC{0,80}", near in "[0-9a-f]{2}-[0-9a-f]{31,33}-[0-9a-f]{15,17}-[0-9a-f]{2}(-.{0,9})?") {
            for text in [text, near] {
                if let Ok(trace) = text.parse::<Trace>() {
                    prop_assert_eq!(&trace.to_string()[3..52], &text[3..52]);
                }
            }
        }
    }
}
