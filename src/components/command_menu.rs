//! The buttons of a call: the likeliest beside it, the rest in a menu. One form posts whichever is pressed.

use super::compact::{Erase, Memo, Signal, changing, effect, on_window};
use crate::domain::{call_row::CallRow, id::CallId, row_command::RowCommand, status::CallStatus};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// What the buttons depend on; while it stays the same they are left alone, with the menu open as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Choice {
    id: CallId,
    status: CallStatus,
    commands: Vec<RowCommand>,
}

/// The form with the buttons that fit the call now.
#[component]
pub fn CommandMenu(
    /// The call.
    #[prop(into)]
    row: Signal<CallRow>,
    /// Where the form is posted.
    act_url: &'static str,
    /// Whether a command is on its way.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView {
    let choice = Memo::new(move |_| {
        row.with(|row| Choice { id: row.id, status: row.status, commands: RowCommand::offered(row) })
    });
    let id = row.with_untracked(|row| row.id.to_string());
    view! {
        <form class="command-menu" method="post" action=act_url>
            <input type="hidden" name="id" value=id/>
            {changing(move || buttons(choice.get(), busy))}
        </form>
    }
    .erase()
}

fn buttons(choice: Choice, busy: Signal<bool>) -> AnyView {
    let Choice { id, status, commands } = choice;
    let again = status.is_ended().then(|| {
        view! { <a class="button" data-size="small" href=format!("/calls/new?from={id}")>"Call again"</a> }.erase()
    });
    let mut rest = commands.into_iter();
    let first = if again.is_some() { None } else { rest.next() };
    let edit = (status == CallStatus::Pending).then(|| {
        view! {
            <a class="menu-item" href=format!("/calls/{id}/edit")>"Edit"</a>
            <a class="menu-item" href=format!("/calls/{id}/edit#when")>"Reschedule"</a>
        }
        .erase()
    });
    let rest: Vec<_> = rest.map(|command| menu_item(command, status, busy)).collect();
    let menu = (!rest.is_empty() || edit.is_some()).then(|| {
        view! {
            <details class="menu" name="menu">
                <summary class="button" data-size="small" aria-label="More actions">"⋯"</summary>
                <div class="menu-items">{edit}{rest}</div>
            </details>
        }
        .erase()
    });
    let first = first.map(|command| button(command, status, busy));
    view! { {again}{first}{menu} }.erase()
}

fn button(command: RowCommand, status: CallStatus, busy: Signal<bool>) -> AnyView {
    if command.is_destructive() {
        return asked_twice(command, status, busy, "button");
    }
    view! {
        <button class="button" data-size="small" name="command" value=command.as_str() disabled=move || busy.get()>
            {command.label(status)}
        </button>
    }
    .erase()
}

fn menu_item(command: RowCommand, status: CallStatus, busy: Signal<bool>) -> AnyView {
    if command.is_destructive() {
        return asked_twice(command, status, busy, "menu-item");
    }
    view! {
        <button class="menu-item" name="command" value=command.as_str() disabled=move || busy.get()>
            {command.label(status)}
        </button>
    }
    .erase()
}

/// The first press only shows the second button; that needs no code in the browser.
fn asked_twice(command: RowCommand, status: CallStatus, busy: Signal<bool>, class: &'static str) -> AnyView {
    let label = command.label(status);
    view! {
        <details class="confirm">
            <summary class=class>{format!("{label}…")}</summary>
            <button class="menu-item" data-tone="negative" name="command" value=command.as_str() disabled=move || busy.get()>
                {format!("Yes, {}", label.to_ascii_lowercase())}
            </button>
        </details>
    }.erase()
}

/// Closes open menus when the pointer goes elsewhere or Escape is pressed. Once for a page.
pub fn close_menus_outside() {
    effect(|| {
        let pressed = on_window(ev::pointerdown, |event| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let inside = target.and_then(|target| target.closest(".menu[open]").ok().flatten());
            if inside.is_none() {
                close_menus();
            }
        });
        let escaped = on_window(ev::keydown, |event| {
            if event.key() == "Escape" {
                close_menus();
            }
        });
        on_cleanup(move || {
            pressed.remove();
            escaped.remove();
        });
    });
}

/// Closes the open menu and gives the focus that was in it back to its button.
pub fn close_menus() {
    let open = document().query_selector(".menu[open]").ok().flatten();
    let Some(open) = open else { return };
    let had_focus = document().active_element().is_some_and(|active| open.contains(Some(&active)));
    // An attribute that can't be removed leaves the menu open, and a press on its button still closes it.
    let _ = open.remove_attribute("open");
    let summary = open.query_selector("summary").ok().flatten();
    if let Some(summary) = summary.and_then(|summary| summary.dyn_into::<web_sys::HtmlElement>().ok())
        && had_focus
    {
        let _ = summary.focus();
    }
}
