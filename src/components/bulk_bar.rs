//! What can be done with the rows that are selected. The buttons belong to a plain form whose boxes stand in the rows;
//! with the browser's code they wait some seconds before they send, so that a slip can be taken back.

use super::compact::{Erase, Signal, changing};
use crate::domain::{call_row::CallRow, row_command::RowCommand, status::CallStatus};
use leptos::prelude::*;

/// The id of the form that the boxes of the rows belong to.
pub const FORM: &str = "bulk";

/// What is offered for several calls at once.
const OFFERED: [RowCommand; 4] =
    [RowCommand::CallNow, RowCommand::Cancel, RowCommand::Retry, RowCommand::Delete];

/// The bar; the style sheet shows it while a box is checked.
#[component]
pub fn BulkBar(
    /// The selected rows.
    #[prop(into)]
    selected: Signal<Vec<CallRow>>,
    /// Where the form is posted.
    act_url: &'static str,
    /// Does it with those of the selected calls that it fits.
    on_act: Callback<RowCommand>,
    /// Selects nothing any more.
    on_clear: Callback<()>,
) -> impl IntoView {
    let count = move || match selected.with(Vec::len) {
        0 => "With the selected calls:".to_owned(),
        1 => "1 call selected".to_owned(),
        many => format!("{many} calls selected"),
    };
    let button = move |command: RowCommand| {
        let fitting = move || selected.with(|rows| fitting(rows, command).count());
        let is_idle = move || selected.with(|rows| !rows.is_empty()) && fitting() == 0;
        let words = move || match fitting() {
            0 => command.label(CallStatus::Pending).to_owned(),
            many => format!("{} {many}", command.label(CallStatus::Pending)),
        };
        view! {
            <button
                class="button"
                data-tone=command.is_destructive().then_some("negative")
                name="command"
                value=command.as_str()
                disabled=is_idle
                on:click=move |event| {
                    event.prevent_default();
                    on_act.run(command);
                }
            >{changing(words)}</button>
        }
        .erase()
    };
    view! {
        <form class="bulk-bar" id=FORM method="post" action=act_url aria-label="Selected calls">
            <p class="bulk-bar-count">{changing(count)}</p>
            {OFFERED.into_iter().map(button).collect_view()}
            <button class="button" type="reset" on:click=move |_| on_clear.run(())>"Clear"</button>
        </form>
    }
    .erase()
}

/// Those of the rows that `command` would change.
pub fn fitting(rows: &[CallRow], command: RowCommand) -> impl Iterator<Item = &CallRow> {
    rows.iter().filter(move |row| RowCommand::offered(row).contains(&command))
}
