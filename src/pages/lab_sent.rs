//! What the simulator sent, and what was answered.

use crate::{
    components::{
        compact::{Erase, Signal, changing, each},
        copy_button::CopyButton,
        time::{Shown, Time},
    },
    server_fns::LabSent,
};
use leptos::prelude::*;

/// What the simulator sent.
#[component]
pub fn Sent(
    /// The callbacks, newest first.
    sent: Signal<Vec<LabSent>>,
    /// The cursor of the page behind this one.
    older: Signal<Option<String>>,
) -> impl IntoView {
    let href = |cursor: String| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("cursor", &cursor).finish();
        format!("/lab?{query}")
    };
    view! {
        <section class="card lab-sent" aria-labelledby="sent">
            <h2 class="section-title" id="sent">"What the simulator sent"</h2>
            <Show
                when=move || sent.with(|sent| !sent.is_empty())
                fallback=|| view! {
                    <p class="muted">"Nothing yet. Call one of the numbers, and its callbacks are shown here."</p>
                }.erase()
            >
                <List sent/>
            </Show>
            <nav class="pager" aria-label="Pages">
                {changing(move || older.get().map(|cursor| view! {
                    <a class="button" href="/lab">"Newest"</a>
                    <a class="button" rel="next" href=href(cursor)>"Older →"</a>
                }.erase()))}
            </nav>
        </section>
    }
    .erase()
}

/// The callbacks, newest first, each with its payload folded.
#[component]
fn List(sent: Signal<Vec<LabSent>>) -> impl IntoView {
    // A line is written anew when something came of it.
    let key = |it: &LabSent| format!("{:?}", (&it.id, it.tries.len(), &it.badge));
    view! {
        <ol class="deliveries">
            {each(move || sent.get(), key, |sent| view! { <Line sent/> }.erase())}
        </ol>
    }
    .erase()
}

#[component]
fn Line(sent: LabSent) -> impl IntoView {
    let LabSent { id, to, call, status, at, badge, verdict, tries, next_at, headers, body } = sent;
    let newest = tries.last().cloned().unwrap_or_else(|| {
        if badge == "disabled" { "A fault or the number's scenario has lost it." } else { "Not sent yet." }
            .to_owned()
    });
    let whose = match call {
        Some(call) => view! { <a href=format!("/calls/{call}")>{to}</a> }.erase(),
        None => view! { <span>{to}</span> }.erase(),
    };
    let summary = match tries.len() {
        0 | 1 => "Payload".to_owned(),
        times => format!("Payload and {times} sendings"),
    };
    let headers = if headers.is_empty() { format!("webhook-id: {id}") } else { headers };
    view! {
        <li class="delivery">
            <div class="delivery-head">
                <span class="status-badge" data-status=badge>{verdict}</span>
                <span class="delivery-event">{status}</span>
                {whose}
                <span class="delivery-time"><Time at shown=Shown::Exact/></span>
            </div>
            <p class="delivery-answer">
                {newest}
                {next_at.map(|at| view! { ". Sent again "<Time at shown=Shown::Relative/> }.erase())}
            </p>
            <details class="payload">
                <summary>{summary}</summary>
                {(tries.len() > 1).then(|| view! {
                    <ol class="lab-tries">
                        {tries.into_iter().map(|line| view! { <li>{line}</li> }.erase()).collect_view()}
                    </ol>
                }.erase())}
                <p class="field-label">"Headers "<CopyButton text=headers.clone() what="the headers"/></p>
                <pre class="lab-copy" tabindex="0">{headers}</pre>
                <p class="field-label">"Body, exactly as it is signed "<CopyButton text=body.clone() what="the body"/></p>
                <pre class="lab-copy" tabindex="0">{body}</pre>
            </details>
        </li>
    }
    .erase()
}
