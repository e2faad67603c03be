//! A table beside its chart, or with bars in it.

use crate::server::insights::tables::{Cell, Table};
use leptos::prelude::*;

/// Draws the table under a title that only screen readers are told.
pub fn table(table: Table, title: &str) -> AnyView {
    let Table { head, rows } = table;
    let has_bars = rows.iter().flatten().any(|cell| cell.bar.is_some());
    let last = head.len().saturating_sub(1);
    let headings = head.into_iter().enumerate().map(|(at, heading)| {
        view! {
            {(has_bars && at == last).then(|| view! { <td class="figure-bar"></td> })}
            <th scope="col">{heading.label}</th>
        }
    });
    view! {
        <table class="figure-table">
            <caption class="visually-hidden">{title.to_owned()}</caption>
            <thead><tr>{headings.collect_view()}</tr></thead>
            <tbody>{rows.into_iter().map(|row| view! { <tr>{cells(row)}</tr> }).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn cells(row: Vec<Cell>) -> impl IntoView {
    let mut cells = row.into_iter();
    let name = cells.next().map(|cell| view! { <th scope="row">{cell.shown}</th> });
    let rest = cells.map(|cell| {
        view! {
            {cell.bar.map(bar)}
            <td>{cell.shown}</td>
        }
    });
    view! {
        {name}
        {rest.collect_view()}
    }
}

/// A bar of so many of a hundred. It repeats the number beside it, so screen readers pass it by.
fn bar(percent: i64) -> impl IntoView {
    view! {
        <td class="figure-bar">
            <svg width="100%" height="12" aria-hidden="true" focusable="false">
                <rect class="outcome" data-outcome="any" width=format!("{percent}%") height="12" fill="currentColor"></rect>
            </svg>
        </td>
    }
}
