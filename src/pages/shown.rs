//! What the list shows: the newest answer, read against what is on the screen already.

use crate::{
    components::{
        live_chip::Freshness,
        poll::{pause_after, pause_after_failure},
    },
    domain::{call_row::CallRow, query::Query},
    error::AppError,
    server_fns::CallPage,
};
use serde::{Deserialize, Serialize};

/// An answer of the server.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The query it answers.
    pub search: String,
    /// How often the reader had done something by then.
    pub done: u32,
    /// What it says.
    pub result: Result<CallPage, AppError>,
}

/// What is on the screen.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Shown {
    /// The query that the page answers.
    search: String,
    /// The newest page there is; none before the first answer, and when a new query was not answered.
    pub page: Option<CallPage>,
    /// How many new rows wait until they move nothing.
    pub held: usize,
    /// What went wrong with the newest question.
    pub error: Option<AppError>,
    /// How many answers there were.
    pub answers: u64,
    /// How often the reader had done something before the newest one.
    done: u32,
}

/// The shape of what is on the screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Nothing was answered yet.
    Loading,
    /// The query can't be shown.
    Failed(AppError),
    /// There is no call at all.
    NoCalls,
    /// No call matches.
    NoMatch,
    /// Rows.
    Rows,
}

impl Shown {
    /// What to show after `answer`, when `before` is on the screen. While the list `holds` still, no row moves but by
    /// the reader's own doing; a row that is older than the one on the screen is ignored.
    pub fn next(before: Option<&Self>, answer: Option<Answer>, holds: bool) -> Self {
        let answers = before.map_or(0, |before| before.answers) + 1;
        let Some(Answer { search, done, result }) = answer else {
            return before.cloned().unwrap_or_default();
        };
        let holds = holds && before.is_some_and(|before| before.done == done);
        let before = before.filter(|before| before.search == search);
        let on_screen = before.and_then(|before| before.page.as_ref());
        match result {
            // Whoever has been signed out sees the way in, not what they saw before.
            Err(AppError::Unauthorized) => {
                Self { search, error: Some(AppError::Unauthorized), answers, done, ..Self::default() }
            }
            Err(error) => Self {
                search,
                page: on_screen.cloned(),
                held: before.map_or(0, |before| before.held),
                error: Some(error),
                answers,
                done,
            },
            Ok(page) => {
                let (page, held) = merge(on_screen, page, holds);
                Self { search, page: Some(page), held, error: None, answers, done }
            }
        }
    }

    /// The shape of it.
    pub fn shape(&self) -> Shape {
        match (&self.page, &self.error) {
            (None, None) => Shape::Loading,
            (None, Some(error)) => Shape::Failed(error.clone()),
            (Some(page), _) if !page.rows.is_empty() => Shape::Rows,
            (Some(page), _) if page.counts.total() == 0 && page.no_match.is_empty() => Shape::NoCalls,
            (Some(_), _) => Shape::NoMatch,
        }
    }

    /// How long to wait before asking again.
    pub fn pause(&self) -> Option<u32> {
        if self.error.is_some() {
            return pause_after_failure();
        }
        self.page.as_ref().and_then(|page| pause_after(&page.counts, page.now))
    }

    /// The query that the page answers, which the address may be ahead of.
    pub fn query(&self) -> Query {
        Query::read(&self.search)
    }

    /// How fresh it is, when the stream of events is followed or not.
    pub fn freshness(&self, is_following: bool) -> Freshness {
        match (&self.error, self.pause()) {
            (Some(_), _) => Freshness::Failing,
            _ if is_following => Freshness::Live,
            (None, Some(_)) => Freshness::Polling,
            (None, None) => Freshness::Resting,
        }
    }
}

/// The page to show, and how many of its rows wait. While the list `holds` still, each row keeps its place: what is
/// new waits, and what the list does not hold any more stays until it lets go.
fn merge(on_screen: Option<&CallPage>, mut page: CallPage, holds: bool) -> (CallPage, usize) {
    let Some(on_screen) = on_screen else { return (page, 0) };
    for row in &mut page.rows {
        let newer = on_screen.rows.iter().find(|known| known.id == row.id && known.version > row.version);
        if let Some(newer) = newer {
            *row = CallRow { is_gone: false, ..newer.clone() };
        }
    }
    if !holds {
        return (page, 0);
    }
    let answered = std::mem::take(&mut page.rows);
    let newest = |known: &CallRow| answered.iter().find(|row| row.id == known.id).cloned();
    page.rows = on_screen.rows.iter().map(|known| newest(known).unwrap_or_else(|| gone(known))).collect();
    let held = answered.iter().filter(|row| !on_screen.rows.iter().any(|known| known.id == row.id)).count();
    (page, held)
}

fn gone(row: &CallRow) -> CallRow {
    CallRow { is_gone: true, ..row.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        call::Counts, call_row::tests::a_row, event_cursor::EventCursor, id::CallId, timestamp::Timestamp,
    };
    use uuid::Uuid;

    fn row(id: u128, version: i64) -> CallRow {
        CallRow { id: CallId(Uuid::from_u128(id)), version, ..a_row() }
    }

    #[expect(clippy::unnecessary_wraps, reason = "a resource answers so")]
    fn answer(rows: Vec<CallRow>) -> Option<Answer> {
        let counts = Counts { completed: 1, ..Counts::default() };
        let page = CallPage {
            rows,
            by_day: false,
            no_match: String::new(),
            counts,
            stops: Vec::new(),
            older: None,
            newer: None,
            events_cursor: EventCursor::default(),
            now: Timestamp::from_millis(0),
            simulator: true,
            form_key: String::new(),
            signed_in: false,
        };
        Some(Answer { search: String::new(), done: 0, result: Ok(page) })
    }

    #[expect(clippy::unnecessary_wraps, reason = "a resource answers so")]
    fn failure(search: &str) -> Option<Answer> {
        Some(Answer { search: search.to_owned(), done: 0, result: Err(AppError::Unavailable) })
    }

    fn rows(shown: &Shown) -> Vec<(u128, i64)> {
        let rows = shown.page.as_ref().map(|page| page.rows.clone()).unwrap_or_default();
        rows.iter().map(|row| (row.id.0.as_u128(), row.version)).collect()
    }

    #[test]
    fn new_rows_wait_while_the_list_holds_still_and_come_when_it_lets_go() {
        let first = Shown::next(None, answer(vec![row(1, 1)]), true);
        assert_eq!(rows(&first), [(1, 1)], "what comes first is never held back");
        let held = Shown::next(Some(&first), answer(vec![row(2, 1), row(1, 2)]), true);
        assert_eq!((rows(&held), held.held), (vec![(1, 2)], 1));
        let all = Shown::next(Some(&held), answer(vec![row(2, 1), row(1, 2)]), false);
        assert_eq!((rows(&all), all.held), (vec![(2, 1), (1, 2)], 0));
    }

    #[test]
    fn while_the_list_holds_still_no_row_moves_and_what_left_it_says_so() {
        let first = Shown::next(None, answer(vec![row(3, 1), row(2, 1), row(1, 1)]), false);
        let held = Shown::next(Some(&first), answer(vec![row(4, 1), row(1, 2), row(3, 2)]), true);
        assert_eq!((rows(&held), held.held), (vec![(3, 2), (2, 1), (1, 2)], 1));
        let gone: Vec<_> = held.page.iter().flat_map(|page| &page.rows).map(|row| row.is_gone).collect();
        assert_eq!(gone, [false, true, false]);
        let all = Shown::next(Some(&held), answer(vec![row(4, 1), row(1, 2), row(3, 2)]), false);
        assert_eq!(rows(&all), [(4, 1), (1, 2), (3, 2)]);
    }

    #[test]
    fn what_the_reader_does_is_seen_at_once() {
        let first = Shown::next(None, answer(vec![row(2, 1), row(1, 1)]), false);
        let after = answer(vec![row(3, 1), row(2, 1)]).map(|answer| Answer { done: 1, ..answer });
        let own = Shown::next(Some(&first), after, true);
        assert_eq!((rows(&own), own.held), (vec![(3, 1), (2, 1)], 0));
    }

    #[test]
    fn a_row_never_goes_back_to_an_older_version() {
        let now = Shown::next(None, answer(vec![row(1, 5)]), false);
        let late = Shown::next(Some(&now), answer(vec![row(1, 4)]), false);
        assert_eq!(rows(&late), [(1, 5)]);
    }

    #[test]
    fn an_error_leaves_what_is_on_the_screen_but_not_under_another_query() {
        let shown = Shown::next(None, answer(vec![row(1, 1)]), false);
        let failed = Shown::next(Some(&shown), failure(""), false);
        assert_eq!((rows(&failed), failed.shape()), (vec![(1, 1)], Shape::Rows));
        assert_eq!(failed.freshness(true), Freshness::Failing);
        let other = Shown::next(Some(&shown), failure("q=x"), false);
        assert_eq!(other.shape(), Shape::Failed(AppError::Unavailable));
    }

    #[test]
    fn an_empty_list_says_why_it_is_empty() {
        let shown = Shown::next(None, answer(vec![]), false);
        assert_eq!(shown.shape(), Shape::NoMatch, "there is a completed call elsewhere");
        assert_eq!(shown.freshness(false), Freshness::Resting, "and nothing is open");
        assert_eq!(shown.freshness(true), Freshness::Live, "what is new will be told");
        assert_eq!(Shown::default().shape(), Shape::Loading);
    }
}
