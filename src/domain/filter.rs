//! Which calls a list shows, in which order, and from where: the same words in the page's URL and the API's query.

use super::{
    call::{Call, Workflow},
    cursor::{BadCursor, Cursor, Direction, digest},
    status::{CallStatus, Phase},
    timestamp::Timestamp,
    words::words,
};
use serde::{Deserialize, Serialize};

words! {
    /// The order of a list.
    Sort {
        /// Newest first.
        Created = "created",
        /// What goes out next first.
        Due = "due",
        /// What ended last first.
        Ended = "ended",
    }
}

/// The parameters of a list's query.
const PARAMETERS: [&str; 13] = [
    "phase",
    "status",
    "workflow",
    "q",
    "created_from",
    "created_to",
    "scheduled_from",
    "scheduled_to",
    "needs_attention",
    "sort",
    "limit",
    "cursor",
    "include_total",
];

/// Rows on a page unless asked otherwise.
pub const USUAL_LIMIT: u32 = 50;
/// The most rows on a page.
pub const MAX_LIMIT: u32 = 200;
/// The longest search, in characters: as long as the longest name.
pub const MAX_SEARCH: usize = 200;

/// Which calls a list shows. Empty = all.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallFilter {
    /// Of this phase.
    pub phase: Option<Phase>,
    /// Of any of these statuses.
    pub statuses: Vec<CallStatus>,
    /// For this reason.
    pub workflow: Option<Workflow>,
    /// Whose folded name, or whose digits, start so.
    pub q: Option<String>,
    /// Asked for at this instant or later.
    pub created_from: Option<Timestamp>,
    /// Asked for before this instant.
    pub created_to: Option<Timestamp>,
    /// Wished for at this instant or later.
    pub scheduled_from: Option<Timestamp>,
    /// Wished for before this instant.
    pub scheduled_to: Option<Timestamp>,
    /// Only those that ended in a way that a person should look at.
    pub needs_attention: bool,
    /// The order; none = newest first, and what goes out next first among the pending.
    pub sort: Option<Sort>,
    /// Rows on a page; none = [`USUAL_LIMIT`].
    pub limit: Option<u32>,
    /// Where the page begins, as it was handed out.
    pub cursor: Option<String>,
    /// Whether to count all that match.
    pub include_total: bool,
}

/// A query that can't be understood: which parameter, and why.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{parameter}: {why}")]
pub struct FilterError {
    /// The parameter's name.
    pub parameter: String,
    /// What is wrong with it, in words.
    pub why: String,
}

impl CallFilter {
    /// Reads a query's pairs; an empty value counts as none. `read_instant` reads an instant as the door at hand
    /// writes it.
    ///
    /// # Errors
    /// A [`FilterError`] for an unknown parameter, for a value that can't be read, and for a second value of anything
    /// but `status`.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        read_instant: impl Fn(&str) -> Option<Timestamp>,
    ) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        let mut given = Vec::new();
        for (name, value) in pairs {
            let wrong = |why: String| FilterError { parameter: name.to_owned(), why };
            if !PARAMETERS.contains(&name) {
                return Err(wrong(format!("there is no such filter; there are {}", PARAMETERS.join(", "))));
            }
            if value.is_empty() {
                continue;
            }
            if name != "status" && given.contains(&name) {
                return Err(wrong("it is given twice".to_owned()));
            }
            given.push(name);
            filter.read(name, value, &read_instant).map_err(wrong)?;
        }
        Ok(filter)
    }

    fn read(
        &mut self,
        name: &str,
        value: &str,
        instant: &impl Fn(&str) -> Option<Timestamp>,
    ) -> Result<(), String> {
        let at = || {
            instant(value)
                .map(Some)
                .ok_or_else(|| format!("\"{value}\" is not an instant, as 2026-11-21T09:00:00Z is"))
        };
        match name {
            "phase" => self.phase = Some(word(value)?),
            "status" => self.statuses.push(word(value)?),
            "workflow" => self.workflow = Some(word(value)?),
            "q" => {
                if value.chars().any(char::is_control) {
                    return Err("it holds characters that no name or number has".to_owned());
                }
                if value.chars().count() > MAX_SEARCH {
                    return Err(format!("it is too long: at most {MAX_SEARCH} characters"));
                }
                self.q = Some(value.trim().to_owned()).filter(|q| !q.is_empty());
            }
            "created_from" => self.created_from = at()?,
            "created_to" => self.created_to = at()?,
            "scheduled_from" => self.scheduled_from = at()?,
            "scheduled_to" => self.scheduled_to = at()?,
            "needs_attention" => self.needs_attention = flag(value)?,
            "sort" => self.sort = Some(word(value)?),
            "limit" => self.limit = Some(limit(value)?),
            "cursor" => self.cursor = Some(value.to_owned()),
            "include_total" => self.include_total = flag(value)?,
            _ => return Err("there is no such filter".to_owned()),
        }
        Ok(())
    }

    /// The order in force.
    pub fn order(&self) -> Sort {
        self.sort.unwrap_or(match self.phase {
            Some(Phase::Pending) => Sort::Due,
            _ => Sort::Created,
        })
    }

    /// Rows on a page.
    pub fn page_size(&self) -> u32 {
        self.limit.unwrap_or(USUAL_LIMIT)
    }

    /// The start of a name, folded as names are stored.
    pub fn folded_q(&self) -> Option<String> {
        self.q.as_deref().map(fold)
    }

    /// The page's place in the list.
    ///
    /// # Errors
    /// [`BadCursor`] when it can't be read or belongs to other filters.
    pub fn place(&self) -> Result<Option<Cursor>, BadCursor> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let cursor: Cursor = text.parse()?;
        if cursor.scope != self.scope() {
            return Err(BadCursor::OfAnotherList);
        }
        Ok(Some(cursor))
    }

    /// The place of `call` in this list, from which the next page lies in `direction`.
    pub fn cursor_at(&self, call: &Call, direction: Direction) -> Cursor {
        let key = match self.order() {
            Sort::Created => call.created_at,
            Sort::Due => call.due_at,
            Sort::Ended => call.ended_at.unwrap_or(call.updated_at),
        };
        Cursor { direction, key: key.as_millis(), id: call.id, scope: self.scope() }
    }

    /// The same filters from the list's beginning.
    #[must_use]
    pub fn without_cursor(&self) -> Self {
        Self { cursor: None, ..self.clone() }
    }

    /// Whether anything but the phase narrows the list.
    pub fn is_narrowed(&self) -> bool {
        let open = Self { phase: self.phase, sort: self.sort, limit: self.limit, ..Self::default() };
        self.without_cursor() != open
    }

    /// The query's pairs, in one order, leaving out what is not set.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let instant = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
        let mut pairs: Vec<(&'static str, Option<String>)> =
            vec![("phase", self.phase.map(|p| p.to_string()))];
        pairs.extend(self.statuses.iter().map(|status| ("status", Some(status.to_string()))));
        pairs.extend([
            ("workflow", self.workflow.map(|workflow| workflow.to_string())),
            ("q", self.q.clone()),
            ("created_from", instant(self.created_from)),
            ("created_to", instant(self.created_to)),
            ("scheduled_from", instant(self.scheduled_from)),
            ("scheduled_to", instant(self.scheduled_to)),
            ("needs_attention", self.needs_attention.then(|| "true".to_owned())),
            ("sort", self.sort.map(|sort| sort.to_string())),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
            ("include_total", self.include_total.then(|| "true".to_owned())),
        ]);
        pairs.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
    }

    /// The query string, without `?`; empty for the unfiltered list.
    pub fn to_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.to_pairs()).finish()
    }

    fn scope(&self) -> u64 {
        let bound = Self {
            cursor: None,
            limit: None,
            include_total: false,
            sort: Some(self.order()),
            ..self.clone()
        };
        digest(&bound.to_query())
    }
}

/// A name as it is compared: lower case, spaces folded.
pub fn fold(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

pub(super) fn word<T: std::str::FromStr<Err: std::fmt::Display>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|why: T::Err| why.to_string())
}

pub(super) fn flag(value: &str) -> Result<bool, String> {
    match value {
        "true" | "1" | "on" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("say true or false".to_owned()),
    }
}

fn limit(value: &str) -> Result<u32, String> {
    value
        .parse()
        .ok()
        .filter(|limit| (1..=MAX_LIMIT).contains(limit))
        .ok_or(format!("say a number from 1 to {MAX_LIMIT}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn read(query: &str) -> Result<CallFilter, FilterError> {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let instant = |text: &str| {
            text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp::from_millis(at.as_millisecond()))
        };
        CallFilter::from_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())), instant)
    }

    #[rstest]
    #[case("phase=soon", "phase")]
    #[case("status=pendin", "status")]
    #[case("limit=0", "limit")]
    #[case("limit=201", "limit")]
    #[case("created_from=yesterday", "created_from")]
    #[case("colour=red", "colour")]
    #[case("colour=", "colour")]
    #[case("limit=1&limit=2", "limit")]
    fn what_can_not_be_understood_is_named(#[case] query: &str, #[case] parameter: &str) {
        assert_eq!(read(query).map_err(|error| error.parameter), Err(parameter.to_owned()));
    }

    #[test]
    fn pending_calls_come_in_the_order_in_which_they_go_out() {
        assert_eq!(read("phase=pending").map(|filter| filter.order()), Ok(Sort::Due));
        assert_eq!(read("").map(|filter| filter.order()), Ok(Sort::Created));
    }

    #[test]
    fn a_cursor_of_other_filters_is_refused() {
        let mine = read("phase=failed").expect("a filter");
        let cursor = Cursor {
            direction: Direction::After,
            key: 1,
            id: super::super::id::CallId(uuid::Uuid::nil()),
            scope: mine.scope(),
        };
        let same = CallFilter { cursor: Some(cursor.to_string()), limit: Some(10), ..mine.clone() };
        assert_eq!(same.place(), Ok(Some(cursor)));
        let other = CallFilter { phase: Some(Phase::Active), ..same };
        assert_eq!(other.place(), Err(BadCursor::OfAnotherList));
    }

    fn filters() -> impl Strategy<Value = CallFilter> {
        let instant = || proptest::option::of((0_i64..4_000_000_000_000).prop_map(Timestamp::from_millis));
        let phase = proptest::option::of(proptest::sample::select(Phase::ALL));
        let statuses = proptest::collection::vec(proptest::sample::select(CallStatus::ALL), 0..3);
        let workflow = proptest::option::of(proptest::sample::select(Workflow::ALL));
        let q = proptest::option::of(
            "[^ \\p{Cc}]{1,20}".prop_filter("not blank", |q| !q.trim().is_empty() && q.trim() == q),
        );
        let instants = (instant(), instant(), instant(), instant());
        let place = (
            proptest::option::of(proptest::sample::select(Sort::ALL)),
            proptest::option::of("[ab][0-9a-f]{64}|[!-~]{1,9}"),
        );
        let rest = (any::<bool>(), proptest::option::of(1_u32..=200), any::<bool>(), place);
        (phase, statuses, workflow, q, instants, rest).prop_map(
            |(phase, statuses, workflow, q, instants, rest)| CallFilter {
                phase,
                statuses,
                workflow,
                q,
                created_from: instants.0,
                created_to: instants.1,
                scheduled_from: instants.2,
                scheduled_to: instants.3,
                needs_attention: rest.0,
                sort: rest.3.0,
                limit: rest.1,
                cursor: rest.3.1,
                include_total: rest.2,
            },
        )
    }

    #[test]
    fn every_parameter_is_written_as_it_is_read() {
        let all = PARAMETERS.map(|name| match name {
            "phase" => "phase=failed",
            "status" => "status=busy&status=failed",
            "workflow" => "workflow=sales",
            "needs_attention" => "needs_attention=true",
            "include_total" => "include_total=true",
            "sort" => "sort=ended",
            "limit" => "limit=7",
            "q" => "q=ada",
            "cursor" => "cursor=x",
            "created_from" => "created_from=2026-11-21T09%3A00%3A00.000Z",
            "created_to" => "created_to=2026-11-22T09%3A00%3A00.000Z",
            "scheduled_from" => "scheduled_from=2026-11-23T09%3A00%3A00.000Z",
            "scheduled_to" => "scheduled_to=2026-11-24T09%3A00%3A00.000Z",
            other => panic!("{other} has no example"),
        });
        let query = all.join("&");
        assert_eq!(read(&query).map(|filter| filter.to_query()), Ok(query));
    }

    proptest! {
        #[test]
        fn a_filter_survives_the_url(filter in filters()) {
            prop_assert_eq!(read(&filter.to_query()), Ok(filter));
        }
    }
}
