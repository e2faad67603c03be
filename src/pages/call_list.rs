//! The list itself: tabs, search, rows, and what stands in their place when there are none.

use super::{
    bulk::Bulk,
    deed::Deed,
    failure::Failure,
    new_call_panel::Panel,
    shown::{Answer, Shape, Shown},
};
use crate::{
    components::{
        announcer::Announcer,
        bulk_bar::BulkBar,
        call_table::CallTable,
        command_menu::close_menus_outside,
        compact::{Erase, Memo, RwSignal, Signal, changing},
        dispatch_stops::{DispatchStops, PauseButton},
        empty_state::{NoCallsYet, NoMatch},
        filter_bar::FilterBar,
        follow::{AT_ONCE_MILLIS, use_stream},
        live_chip::LiveChip,
        notice::{Notice, Tone},
        page_title::PageTitle,
        pager::Pager,
        phase_tabs::PhaseTabs,
        poll::use_poll,
        saved_views::SavedViews,
        scroll_memory::remember_scroll,
        skeleton::ListSkeleton,
        steadiness::Steadiness,
    },
    domain::{call_row::CallRow, query::Query, timestamp::Timestamp, waiting::Reason},
    server_fns::{ActOnCall, ActOnCalls, CallPage, CreateCall, SetPaused, SignOut},
};
use codee::binary::PostcardCodec;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// Everything below the site's header.
#[component]
pub fn CallList(
    /// The newest answer.
    answer: Resource<Answer, PostcardCodec>,
    /// The page's query.
    query: Memo<Query>,
    /// What the page's forms do.
    deed: Deed,
    /// What is done with several calls.
    bulk: Bulk,
    /// Asks again when raised.
    tick: RwSignal<u32>,
    /// The panel for a new call.
    panel: Panel,
) -> impl IntoView {
    let steadiness = Steadiness::watch();
    let shown = Memo::new(move |before| Shown::next(before, answer.get(), steadiness.holds()));
    let answers = move || shown.with(|shown| shown.answers);
    let place = Memo::new(move |_| part(shown, |page| page.events_cursor));
    let is_following = use_stream(place, answers, tick, AT_ONCE_MILLIS);
    use_poll(answers, is_following, move || shown.with(Shown::pause), tick);
    close_menus_outside();
    let here = move || query.get().at("/");
    let shape = Memo::new(move |_| shown.with(Shown::shape));
    remember_scroll(here, Signal::derive(move || shape.get() == Shape::Rows));
    let look_again = Callback::new(move |()| tick.update(|tick| *tick = tick.wrapping_add(1)));
    changing(move || match shape.get() {
        Shape::Loading => view! { <ListSkeleton/> }.erase(),
        Shape::Failed(error) => view! { <Failure error here=here() retry=look_again/> }.erase(),
        shape => {
            let stops = Memo::new(move |_| part(shown, |page| page.stops.clone()).unwrap_or_default());
            let told = Memo::new(move |before: Option<&Vec<Reason>>| match before {
                // A notice that comes or goes would move all rows.
                Some(before) if steadiness.holds() => before.clone(),
                _ => stops.get(),
            });
            let body = match shape {
                Shape::NoCalls => no_calls(shown),
                Shape::NoMatch => {
                    let words = part(shown, |page| page.no_match.clone()).unwrap_or_default();
                    view! { <NoMatch words/> }.erase()
                }
                _ => rows(shown, deed, bulk),
            };
            view! {
                {heading(shown, is_following, stops, Signal::derive(here), look_again, panel)}
                {changing(move || deed.refused().map(|why| view! {
                    <Notice tone=Tone::Negative title="This was not done"><p>{why}</p></Notice>
                }.erase()))}
                <DispatchStops stops=told set_paused_url=SetPaused::url()/>
                {controls(shown, query)}
                {body}
                {sign_out(shown)}
            }
            .erase()
        }
    })
}

fn heading(
    shown: Memo<Shown>,
    is_following: Signal<bool>,
    stops: Memo<Vec<Reason>>,
    here: Signal<String>,
    look_again: Callback<()>,
    panel: Panel,
) -> AnyView {
    let active = Signal::derive(move || part(shown, |page| page.counts.active).unwrap_or(0));
    let freshness = move || shown.with(|shown| shown.freshness(is_following.get()));
    let as_of = Memo::new(move |before: Option<&Timestamp>| {
        let now = part(shown, |page| page.now).or(before.copied());
        now.unwrap_or(Timestamp::from_millis(0))
    });
    view! {
        <PageTitle active text=|| "Calls".to_owned()/>
        <div class="page-heading">
            <h1 class="page-title">"Calls"</h1>
            <LiveChip freshness as_of/>
            <div class="page-actions">
                <a class="button" href=move || here.get() rel="external" on:click=move |event| {
                    event.prevent_default();
                    look_again.run(());
                }>"Refresh"</a>
                <PauseButton stops set_paused_url=SetPaused::url()/>
                <a
                    class="button"
                    data-kind="primary"
                    href="/calls/new"
                    aria-keyshortcuts="c"
                    on:click=move |event| panel.open_by(&event)
                >"New call"</a>
            </div>
        </div>
    }
    .erase()
}

fn controls(shown: Memo<Shown>, query: Memo<Query>) -> AnyView {
    let navigate = use_navigate();
    let on_filter = Callback::new(move |asked: Query| {
        // A search that goes on being typed is one step back, everything else one each.
        let replace = query.with_untracked(|query| asked.is_typed_on_from(query));
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        navigate(&asked.at("/"), options);
    });
    let counts = move || part(shown, |page| page.counts).unwrap_or_default();
    view! {
        <div class="list-controls">
            <PhaseTabs query counts/>
            <SavedViews query/>
            <FilterBar query on_filter/>
        </div>
    }
    .erase()
}

fn rows(shown: Memo<Shown>, deed: Deed, bulk: Bulk) -> AnyView {
    let query = Memo::new(move |_| shown.with(Shown::query));
    let rows = Memo::new(move |_| part(shown, |page| page.rows.clone()).unwrap_or_default());
    let by_day = move || part(shown, |page| page.by_day).unwrap_or(false);
    let cursor = move |read: fn(&CallPage) -> &Option<String>| {
        Signal::derive(move || part(shown, |page| read(page).clone()).flatten().unwrap_or_default())
    };
    let held = Memo::new(move |_| shown.with(|shown| shown.held));
    let checked = RwSignal::new(Vec::<String>::new());
    let selected = Memo::new(move |_| {
        let is_checked = |row: &CallRow| checked.with(|ids| ids.contains(&row.id.to_string()));
        rows.with(|rows| rows.iter().filter(|row| is_checked(row)).cloned().collect::<Vec<_>>())
    });
    let on_act = Callback::new(move |command| selected.with_untracked(|rows| bulk.act(command, rows)));
    view! {
        <Announcer rows/>
        {changing(move || Some(held.get()).filter(|held| *held > 0).map(|held| view! {
            <button class="held-rows" type="button" on:click=|_| window().scroll_to_with_x_and_y(0.0, 0.0)>
                {if held == 1 { "1 new call".to_owned() } else { format!("{held} new calls") }}
            </button>
        }.erase()))}
        <BulkBar selected act_url=ActOnCalls::url() on_act on_clear=Callback::new(move |()| checked.set(vec![]))/>
        <CallTable rows by_day act_url=ActOnCall::url() busy=deed.pending() checked/>
        {bulk.toast()}
        <Pager query newer=cursor(|page| &page.newer) older=cursor(|page| &page.older)/>
    }
    .erase()
}

fn no_calls(shown: Memo<Shown>) -> AnyView {
    let simulator = part(shown, |page| page.simulator).unwrap_or(false);
    let form_key = part(shown, |page| page.form_key.clone()).unwrap_or_default();
    view! { <NoCallsYet simulator form_key create_url=CreateCall::url()/> }.erase()
}

fn sign_out(shown: Memo<Shown>) -> impl IntoView {
    let signed_in = Memo::new(move |_| part(shown, |page| page.signed_in).unwrap_or(false));
    changing(move || {
        signed_in.get().then(|| {
            view! {
                <form class="sign-out" method="post" action=SignOut::url()>
                    <button class="button" data-size="small">"Sign out"</button>
                </form>
            }
            .erase()
        })
    })
}

fn part<T>(shown: Memo<Shown>, read: impl FnOnce(&CallPage) -> T) -> Option<T> {
    shown.with(|shown| shown.page.as_ref().map(read))
}
