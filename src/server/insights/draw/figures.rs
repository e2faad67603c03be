//! Figures: the whole of what a range shows, section by section, or what to do when there is nothing.

use super::{over_time, patterns, rates, spreads, states};
use crate::{
    domain::insights::Figure,
    server::insights::{numbers::Numbers, range::Range},
};
use leptos::{prelude::*, reactive::owner::Owner};

/// Everything below the form, as HTML. `query` is the address's query of the same range.
pub fn figures(numbers: &Numbers, range: &Range, query: &str) -> String {
    let drawn = Owner::new().with(|| {
        let body = if numbers.is_empty() {
            states::nothing(numbers, range)
        } else {
            sections(numbers, range, query)
        };
        view! {
            {states::still_counting(numbers, range)}
            {body}
            {states::as_of(numbers, range)}
        }
        .to_html()
    });
    // Marks for a browser that would take the views over; what is escaped holds none.
    drawn.replace("<!>", "")
}

fn sections(numbers: &Numbers, range: &Range, query: &str) -> AnyView {
    view! {
        {patterns::definitions()}
        <div class="figures">
            {over_time::calls(numbers, range, query)}
            {rates::hours(numbers, range, query)}
            {rates::workflows(numbers, range, query)}
            {spreads::all(numbers, range, query)}
        </div>
    }
    .into_any()
}

/// A figure with its title and the way to its CSV.
pub(super) fn section(figure: Figure, title: &'static str, query: &str, body: AnyView) -> AnyView {
    let id = format!("figure-{figure}");
    let href = format!("/api/insights.csv?table={figure}&{query}");
    view! {
        <section class="card figure" data-figure=figure.as_str() aria-labelledby=id.clone()>
            <div class="figure-head">
                <h2 class="section-title" id=id.clone()>{title}</h2>
                <a class="figure-download" href=href download="" rel="external">
                    "Download CSV"<span class="visually-hidden">": "{title}</span>
                </a>
            </div>
            {body}
        </section>
    }
    .into_any()
}

/// The chart with its table beside it, which scrolls by itself where it is long.
pub(super) fn beside(chart: AnyView, table: AnyView, title: &'static str) -> impl IntoView {
    view! {
        <div class="figure-body">
            <div>{chart}</div>
            <div class="figure-scroll" tabindex="0" role="region" aria-label=format!("{title}, the numbers")>{table}</div>
        </div>
    }
}
