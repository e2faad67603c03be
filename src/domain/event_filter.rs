//! Which events a live reader is told: the names of the list's filters where they make sense for a stream, and the
//! event's own.

use super::{
    call::{Call, Workflow},
    event::{CallEvent, EventKind},
    filter::{FilterError, word},
    id::CallId,
    status::{CallStatus, Phase},
};

/// What a filter looks at: an event, and its call as it stands when it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventFacts {
    /// What happened.
    pub kind: EventKind,
    /// To which call; none for a report of an unknown attempt.
    pub call_id: Option<CallId>,
    /// How that stands; none if there is no such call (any more).
    pub call: Option<CallFacts>,
}

/// What a filter looks at of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallFacts {
    status: CallStatus,
    workflow: Workflow,
    needs_attention: bool,
}

impl EventFacts {
    /// What is to be looked at of `event` and its `call`.
    pub fn of(event: &CallEvent, call: Option<&Call>) -> Self {
        let call = call.map(|call| CallFacts {
            status: call.status,
            workflow: call.workflow,
            needs_attention: call.needs_attention(),
        });
        Self { kind: event.kind, call_id: event.call_id, call }
    }
}

/// Which events a live reader is told. Empty = all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventFilter {
    /// Of any of these calls.
    pub call_ids: Vec<CallId>,
    /// Of any of these kinds.
    pub kinds: Vec<EventKind>,
    /// Whose call is in any of these statuses.
    pub statuses: Vec<CallStatus>,
    /// Whose call is in this phase.
    pub phase: Option<Phase>,
    /// Whose call has this reason.
    pub workflow: Option<Workflow>,
    /// Only those whose call ended in a way that a person should look at.
    pub needs_attention: bool,
}

impl EventFilter {
    /// The names of the parameters.
    pub const NAMES: [&str; 6] = ["call_id", "kind", "status", "phase", "workflow", "needs_attention"];
    /// The most calls, and the most kinds, that one reader may name.
    pub const MOST_NAMED: usize = 100;

    /// Takes in one parameter of a query.
    ///
    /// # Errors
    /// A [`FilterError`] for an unknown parameter or a value that can't be read.
    pub fn read(&mut self, name: &str, value: &str) -> Result<(), FilterError> {
        let outcome = match name {
            "call_id" => call_id(value).and_then(|id| add(&mut self.call_ids, id)),
            "kind" => word(value).and_then(|kind| add(&mut self.kinds, kind)),
            "status" => word(value).and_then(|status| add(&mut self.statuses, status)),
            "phase" => word(value).map(|phase| self.phase = Some(phase)),
            "workflow" => word(value).map(|workflow| self.workflow = Some(workflow)),
            "needs_attention" => super::filter::flag(value).map(|only| self.needs_attention = only),
            _ => Err(format!("there is no such filter; there are: {}", Self::NAMES.join(", "))),
        };
        outcome.map_err(|why| FilterError { parameter: name.to_owned(), why })
    }

    /// Whether the reader is told.
    ///
    /// A call that was deleted was pending, as only a pending one can be deleted; what it was for is not known any
    /// more, so its deletion is told whatever the workflow.
    pub fn lets_through(&self, facts: &EventFacts) -> bool {
        let named = self.call_ids.is_empty() || facts.call_id.is_some_and(|id| self.call_ids.contains(&id));
        named && any(&self.kinds, facts.kind) && self.lets_call_through(facts)
    }

    fn lets_call_through(&self, facts: &EventFacts) -> bool {
        let fits = |status: CallStatus| {
            any(&self.statuses, status) && self.phase.is_none_or(|phase| phase == status.phase())
        };
        match facts.call {
            Some(call) => {
                fits(call.status)
                    && self.workflow.is_none_or(|workflow| workflow == call.workflow)
                    && (call.needs_attention || !self.needs_attention)
            }
            None if facts.kind == EventKind::Deleted => fits(CallStatus::Pending) && !self.needs_attention,
            None => {
                let asks_for_more =
                    !self.statuses.is_empty() || self.phase.is_some() || self.workflow.is_some();
                !asks_for_more && !self.needs_attention
            }
        }
    }
}

fn any<T: PartialEq>(wanted: &[T], it: T) -> bool {
    wanted.is_empty() || wanted.contains(&it)
}

fn add<T: PartialEq>(named: &mut Vec<T>, one: T) -> Result<(), String> {
    if named.len() >= EventFilter::MOST_NAMED {
        return Err(format!("name at most {}", EventFilter::MOST_NAMED));
    }
    if !named.contains(&one) {
        named.push(one);
    }
    Ok(())
}

fn call_id(value: &str) -> Result<CallId, String> {
    let shown: String = value.chars().take(40).collect();
    value.parse().map_err(|_| format!("\"{shown}\" is not the id of a call"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use uuid::Uuid;

    const CALL: &str = "0193f5c0-0000-7000-8000-000000000001";

    fn filter(query: &str) -> Result<EventFilter, FilterError> {
        let mut filter = EventFilter::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            filter.read(&name, &value)?;
        }
        Ok(filter)
    }

    fn facts(kind: EventKind, status: CallStatus, workflow: Workflow) -> EventFacts {
        let call = CallFacts { status, workflow, needs_attention: status == CallStatus::Failed };
        EventFacts { kind, call_id: CALL.parse().ok(), call: Some(call) }
    }

    #[rstest]
    #[case("", true)]
    #[case("kind=report", true)]
    #[case("kind=note&kind=report", true)]
    #[case("kind=note", false)]
    #[case("status=failed&status=ringing", true)]
    #[case("status=completed", false)]
    #[case("phase=active", true)]
    #[case("phase=failed", false)]
    #[case("workflow=sales", true)]
    #[case("workflow=support", false)]
    #[case("needs_attention=true", false)]
    #[case("needs_attention=false", true)]
    #[case("call_id=0193f5c0-0000-7000-8000-000000000001", true)]
    #[case("call_id=0193f5c0-0000-7000-8000-000000000002", false)]
    #[case("call_id=0193f5c0-0000-7000-8000-000000000001&kind=note", false)]
    fn every_filter_must_fit(#[case] query: &str, #[case] is_told: bool) {
        let ringing = facts(EventKind::Report, CallStatus::Ringing, Workflow::Sales);
        assert_eq!(filter(query).map(|filter| filter.lets_through(&ringing)), Ok(is_told));
    }

    #[rstest]
    #[case("", true)]
    #[case("workflow=sales", true)]
    #[case("phase=pending", true)]
    #[case("status=completed", false)]
    #[case("needs_attention=true", false)]
    fn a_deletion_is_told_to_whoever_could_have_seen_the_call(#[case] query: &str, #[case] is_told: bool) {
        let gone = EventFacts { kind: EventKind::Deleted, call_id: CALL.parse().ok(), call: None };
        assert_eq!(filter(query).map(|filter| filter.lets_through(&gone)), Ok(is_told));
    }

    #[rstest]
    #[case("", true)]
    #[case("kind=report", true)]
    #[case("workflow=sales", false)]
    #[case("call_id=0193f5c0-0000-7000-8000-000000000001", false)]
    fn what_belongs_to_no_call_fits_no_filter_of_calls(#[case] query: &str, #[case] is_told: bool) {
        let unknown = EventFacts { kind: EventKind::Report, call_id: None, call: None };
        assert_eq!(filter(query).map(|filter| filter.lets_through(&unknown)), Ok(is_told));
    }

    #[rstest]
    #[case("colour=red", "colour")]
    #[case("q=ada", "q")]
    #[case("kind=soon", "kind")]
    #[case("status=pendin", "status")]
    #[case("call_id=7", "call_id")]
    #[case("needs_attention=perhaps", "needs_attention")]
    fn what_can_not_be_understood_is_named(#[case] query: &str, #[case] parameter: &str) {
        assert_eq!(filter(query).map_err(|error| error.parameter), Err(parameter.to_owned()));
    }

    #[test]
    fn a_reader_names_only_so_many_calls() {
        let mut filter = EventFilter::default();
        for number in 0..EventFilter::MOST_NAMED as u128 {
            filter.read("call_id", &Uuid::from_u128(number).to_string()).expect("room");
        }
        assert!(filter.read("call_id", &Uuid::from_u128(1_000).to_string()).is_err());
    }
}
