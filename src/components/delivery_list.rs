//! What an endpoint was told lately, and how it answered.

use super::{
    compact::{Erase, Signal, each},
    time::{Shown, Time},
};
use crate::domain::{id::EndpointId, webhook::Delivery};
use leptos::prelude::*;

/// The deliveries, newest first, each with a button that sends it again.
#[component]
pub fn DeliveryList(
    /// The endpoint.
    endpoint: EndpointId,
    /// Its deliveries.
    #[prop(into)]
    deliveries: Signal<Vec<Delivery>>,
    /// Where the button's form is posted.
    replay_url: &'static str,
    /// Whether nothing can be sent now.
    #[prop(into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    // A line is written anew when something came of it.
    let key = |it: &Delivery| format!("{:?}", (it.id, it.attempts, it.status, it.next_at, it.answer_status));
    let line = move |delivery| view! { <DeliveryLine endpoint delivery replay_url disabled/> }.erase();
    view! {
        <ol class="deliveries">
            {each(move || deliveries.get(), key, line)}
        </ol>
    }
    .erase()
}

#[component]
fn DeliveryLine(
    endpoint: EndpointId,
    delivery: Delivery,
    replay_url: &'static str,
    disabled: Signal<bool>,
) -> impl IntoView {
    let answer = in_words(&delivery);
    let Delivery { id, event, status, next_at, created_at, body, call_id, .. } = delivery;
    let said = delivery.answer.filter(|said| !said.is_empty());
    let label = format!("Send again: {event}, {}", created_at.to_utc_words());
    view! {
        <li class="delivery">
            <div class="delivery-head">
                <span class="status-badge" data-status=status.as_str()>{status.label()}</span>
                <code class="delivery-event">{event}</code>
                <span class="delivery-time"><Time at=created_at shown=Shown::Exact/></span>
                <form class="delivery-replay" method="post" action=replay_url>
                    <input type="hidden" name="id" value=endpoint.to_string()/>
                    <input type="hidden" name="delivery" value=id.to_string()/>
                    <button class="button" data-size="small" type="submit" aria-label=label disabled=move || disabled.get()>"Send again"</button>
                </form>
            </div>
            <p class="delivery-answer">
                {answer}
                {next_at.map(|at| view! { " Sent "<Time at shown=Shown::Relative/>"." }.erase())}
            </p>
            <details class="payload">
                <summary>"Details"</summary>
                <dl class="facts">
                    <dt>"webhook-id"</dt>
                    <dd><code>{id.to_string()}</code></dd>
                    {call_id.map(|call| view! {
                        <dt>"Call"</dt>
                        <dd><a href=format!("/calls/{call}")>{call.to_string()}</a></dd>
                    }.erase())}
                </dl>
                {said.map(|said| view! { <p class="field-label">"Answered"</p><pre tabindex="0">{said}</pre> }.erase())}
                <p class="field-label">"Sent"</p>
                <pre tabindex="0">{indented(&body)}</pre>
            </details>
        </li>
    }
    .erase()
}

/// How the last attempt went.
fn in_words(delivery: &Delivery) -> String {
    let attempt = match delivery.attempts {
        0 => return "Not sent yet.".to_owned(),
        1 => "1 attempt".to_owned(),
        attempts => format!("{attempts} attempts"),
    };
    match (&delivery.error, delivery.answer_status, delivery.duration_ms) {
        (Some(error), ..) => format!("{attempt}: {error}"),
        (None, Some(status), Some(millis)) => format!("{attempt}: answered {status} after {millis} ms."),
        _ => format!("{attempt}: on its way."),
    }
}

fn indented(body: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(body);
    value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| body.to_owned())
}
