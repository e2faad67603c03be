//! The list of calls: a table, and cards on a narrow screen.

use super::{
    boxes::{all_boxes, use_boxes},
    call_row::CallLine,
    clock::{Clock, local_day},
    compact::{Erase, Memo, RwSignal, Signal, each},
};
use crate::domain::{call_row::CallRow, id::CallId, timestamp::Timestamp};
use leptos::prelude::*;

/// A heading or a row, as they follow one another.
#[derive(Clone, PartialEq, Debug)]
enum Line {
    Day(String, Timestamp, CallId),
    Call(Box<CallRow>),
}

/// The table. Rows are keyed by their call, so that a change of status moves nothing.
#[component]
pub fn CallTable(
    /// The rows, as sorted.
    #[prop(into)]
    rows: Signal<Vec<CallRow>>,
    /// Whether a heading stands before each day's rows.
    #[prop(into)]
    by_day: Signal<bool>,
    /// Where the rows' buttons post.
    act_url: &'static str,
    /// Whether a command is on its way.
    #[prop(into)]
    busy: Signal<bool>,
    /// The ids of the rows whose boxes are checked.
    checked: RwSignal<Vec<String>>,
) -> impl IntoView {
    use_boxes(checked, rows);
    let clock = Clock::get();
    let is_local = Memo::new(move |_| clock.now().is_some());
    let lines = Memo::new(move |_| {
        let day_of = |at: Timestamp| if is_local.get() { local_day(at) } else { at.to_utc_day() };
        lines(rows.get(), by_day.get(), day_of)
    });
    let line = move |line: Line| match line {
        Line::Day(day, at, _) => view! {
            <tr class="call-table-day">
                <th scope="colgroup" colspan="7"><time datetime=at.to_rfc3339()>{day}</time></th>
            </tr>
        }
        .erase(),
        Line::Call(first) => {
            let row = newest(rows, *first);
            view! { <CallLine row act_url busy/> }.erase()
        }
    };
    view! {
        <table class="call-table">
            <caption class="visually-hidden">"Calls"</caption>
            <thead>
                <tr>
                    <th scope="col">{all_boxes(rows, checked)}"Customer"</th>
                    <th scope="col">"Number"</th>
                    <th scope="col">"Workflow"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"When"</th>
                    <th scope="col">"Attempts"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{each(move || lines.get(), key, line)}</tbody>
        </table>
    }
    .erase()
}

/// The row of one call as it was last seen: also while it is on its way out of the list.
fn newest(rows: Signal<Vec<CallRow>>, first: CallRow) -> Memo<CallRow> {
    Memo::new(move |before: Option<&CallRow>| {
        let found = rows.with(|rows| rows.iter().find(|row| row.id == first.id).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    })
}

fn lines(rows: Vec<CallRow>, by_day: bool, day_of: impl Fn(Timestamp) -> String) -> Vec<Line> {
    let mut lines = Vec::with_capacity(rows.len());
    let mut current = None;
    for row in rows {
        let day = by_day.then(|| day_of(row.at));
        if let Some(day) = day.filter(|day| current.as_ref() != Some(day)) {
            lines.push(Line::Day(day.clone(), row.at, row.id));
            current = Some(day);
        }
        lines.push(Line::Call(Box::new(row)));
    }
    lines
}

/// No two are alike, also where a day comes twice because rows are sorted by something else.
fn key(line: &Line) -> String {
    match line {
        Line::Day(day, _, first) => format!("{day} {first}"),
        Line::Call(row) => row.id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::call_row::tests::a_row;

    #[test]
    fn each_day_has_one_heading_before_its_calls() {
        let on = |hours: i64| CallRow { at: a_row().at.plus_secs(hours * 3600), ..a_row() };
        let lines = lines(vec![on(0), on(1), on(24)], true, Timestamp::to_utc_day);
        let shape: Vec<_> = lines
            .iter()
            .map(|line| match line {
                Line::Day(day, ..) => day.as_str(),
                Line::Call(_) => "call",
            })
            .collect();
        assert_eq!(shape, ["21 Nov 2026", "call", "call", "22 Nov 2026", "call"]);
    }
}
