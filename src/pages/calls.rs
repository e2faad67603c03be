//! `/`: all calls, live.

use super::{
    awaited::awaited,
    bulk::Bulk,
    call_list::CallList,
    deed::Deed,
    new_call_panel::{NewCallPanel, Panel},
    shown::Answer,
};
use crate::{
    components::{
        command_menu::close_menus,
        compact::{Erase, Memo, RwSignal},
        shortcuts::use_shortcuts,
        skeleton::ListSkeleton,
    },
    domain::query::Query,
    server_fns::{ActOnCall, ActOnCalls, CreateCall, SetPaused, list_calls},
};
use codee::binary::PostcardCodec;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_url;

/// The list of calls.
#[component]
pub fn CallsPage() -> impl IntoView {
    let url = use_url();
    let query = Memo::new(move |_| Query::read(url.read().search()));
    let deed = Deed::new(&[ActOnCall::PATH, ActOnCalls::PATH, CreateCall::PATH, SetPaused::PATH]);
    let bulk = Bulk::new(deed);
    let created = RwSignal::new(0_u32);
    let on_created = Callback::new(move |()| created.update(|created| *created += 1));
    let tick = RwSignal::new(0_u32);
    let answer = Resource::<_, PostcardCodec>::new_with_options(
        move || (query.get().to_string(), deed.done() + created.get(), tick.get()),
        |(search, done, _)| async move {
            let result = list_calls(search.clone()).await;
            Answer { search, done, result }
        },
        false,
    );
    awaited(answer);
    let panel = Panel::new();
    use_shortcuts(Callback::new(move |()| panel.open()));
    view! {
        <Title text="Calls"/>
        <div on:submit=move |event| { close_menus(); deed.send_form(&event); }>
            <Transition fallback=ListSkeleton>
                <CallList answer query deed bulk tick panel/>
            </Transition>
        </div>
        <NewCallPanel panel on_created/>
    }
    .erase()
}
