//! One line of the list, which stays in place while the call moves on.

use super::{
    bulk_bar::FORM,
    command_menu::CommandMenu,
    compact::{Erase, Signal, changing},
    status_badge::StatusBadge,
    time::{Shown, Time},
};
use crate::domain::call_row::CallRow;
use leptos::prelude::*;

/// One line of the list. Its cells are known by their column: a class on each would be a tenth of the page.
#[component]
pub fn CallLine(
    /// The call.
    #[prop(into)]
    row: Signal<CallRow>,
    /// Where its buttons post.
    act_url: &'static str,
    /// Whether a command is on its way.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView {
    let id = row.with_untracked(|row| row.id.to_string());
    let href = format!("/calls/{id}");
    view! {
        <tr data-gone=move || row.get().is_gone.then_some("true")>
            <td>
                <label class="row-box">
                    <input
                        type="checkbox"
                        form=FORM
                        name="ids[]"
                        value=id
                        aria-label=move || format!("Select {}", row.get().customer_name)
                    />
                </label>
                <a href=href>{changing(move || row.get().customer_name)}</a>
            </td>
            <td>{changing(move || row.get().phone_number)}</td>
            <td>{changing(move || row.get().workflow.label())}</td>
            <td>
                <StatusBadge status=move || row.get().status/>
                {changing(move || row.get().remark().map(|remark| view! { <small>{remark}</small> }.erase()))}
            </td>
            <td><Time at=move || row.get().at shown=Shown::Relative/></td>
            <td>{changing(move || row.with(|row| format!("{}/{}", row.attempts_made, row.max_attempts)))}</td>
            <td><CommandMenu row act_url busy/></td>
        </tr>
    }
    .erase()
}
