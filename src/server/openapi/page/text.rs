//! The little Markdown that descriptions use: paragraphs, lists, and words in `backticks`.

use leptos::prelude::*;

/// A description, drawn.
pub fn rendered(text: &str) -> AnyView {
    text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()).map(block).collect_view().into_any()
}

fn block(block: &str) -> AnyView {
    if block.starts_with("- ") {
        let items = block.split("\n- ").map(|item| item.trim_start_matches("- "));
        return view! { <ul class="api-list">{items.map(|item| view! { <li>{inline(item)}</li> }).collect_view()}</ul> }
            .into_any();
    }
    view! { <p>{inline(block)}</p> }.into_any()
}

/// One line of a description: every other piece between backticks is code.
pub fn inline(text: &str) -> AnyView {
    let pieces = text.split('`').enumerate().map(|(nth, piece)| {
        let piece = piece.to_owned();
        if nth % 2 == 1 { view! { <code>{piece}</code> }.into_any() } else { piece.into_any() }
    });
    pieces.collect_view().into_any()
}
