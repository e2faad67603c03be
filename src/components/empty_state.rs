//! What a list says that has no rows: what to do first, or how to see more.

use super::compact::Erase;
use leptos::prelude::*;

/// No call at all yet: the way to the first one, and with the simulator a sample call one click away.
#[component]
pub fn NoCallsYet(
    /// Whether the simulator is the provider.
    simulator: bool,
    /// A fresh key for the sample call's form.
    form_key: String,
    /// Where the sample call's form is posted.
    create_url: &'static str,
) -> impl IntoView {
    view! {
        <section class="empty-state" aria-labelledby="no-calls">
            <h2 class="empty-state-title" id="no-calls">"No calls yet"</h2>
            <p class="empty-state-text">
                "A call needs a name, a phone number and a reason. It goes out at once, or at the time you "
                "choose, and you can watch it here from dialing to its end."
            </p>
            <div class="empty-state-actions">
                <a class="button" data-kind="primary" href="/calls/new">"New call"</a>
                {simulator.then(|| view! { <SampleCall form_key create_url/> }.erase())}
            </div>
            {simulator.then(|| view! {
                <p class="empty-state-hint">
                    "The simulator is the provider: no telephone rings, whichever number you type."
                </p>
            }.erase())}
        </section>
    }
    .erase()
}

#[component]
fn SampleCall(form_key: String, create_url: &'static str) -> impl IntoView {
    let fields = [
        ("form[form_key]", form_key),
        ("form[customer_name]", "Ada Lovelace".to_owned()),
        ("form[phone_number]", "+14155550101".to_owned()),
        ("form[workflow]", "support".to_owned()),
        ("form[when]", "now".to_owned()),
    ];
    view! {
        <form method="post" action=create_url>
            {fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.erase()).collect_view()}
            <button class="button" type="submit">"Place a sample call"</button>
        </form>
    }
    .erase()
}

/// There are calls, but none that match.
#[component]
pub fn NoMatch(
    /// Why there are none.
    words: String,
) -> impl IntoView {
    view! {
        <section class="empty-state">
            <h2 class="empty-state-title">{words}</h2>
            <div class="empty-state-actions"><a class="button" href="/">"Show all calls"</a></div>
        </section>
    }
    .erase()
}
