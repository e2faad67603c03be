//! What the page is given: the form as it stands, and charts and tables drawn.

use super::{
    draw::figures,
    numbers::numbers,
    range::{Asked, Range},
};
use crate::{
    domain::{actor::Actor, form::FieldError, insights::Preset},
    error::AppError,
    server::state::AppState,
    server_fns::{InsightsView, PresetLink},
};

/// What the page's query asks for. What can't be understood is told beside its field, and what was typed stays.
///
/// # Errors
/// What the database says.
pub async fn show(state: &AppState, actor: &Actor, query: &str) -> Result<InsightsView, AppError> {
    let (usual_zone, now) = (state.config.default_time_zone.as_str(), state.clock.now());
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let asked = Asked::from_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
    let (asked, range) = match asked {
        Ok(asked) => (asked.clone(), asked.read(usual_zone, now)),
        Err(error) => (Asked::default(), Err(vec![error])),
    };
    match range {
        Ok(range) => {
            let query = range.query(usual_zone);
            let numbers = numbers(&state.db, actor, &range, now).await?;
            let drawn = figures(&numbers, &range, &query);
            Ok(InsightsView { is_counting: numbers.filled_to.is_some(), ..shown(&range, usual_zone, drawn) })
        }
        Err(errors) => Ok(refused(asked, errors, usual_zone)),
    }
}

fn shown(range: &Range, usual_zone: &str, figures: String) -> InsightsView {
    InsightsView {
        from: range.from.to_string(),
        to: range.to.to_string(),
        workflow: range.workflow.map(|workflow| workflow.to_string()).unwrap_or_default(),
        time_zone: range.zone_name.clone(),
        presets: presets(range.preset, |preset| range.query_of(preset, usual_zone)),
        figures,
        ..InsightsView::default()
    }
}

fn refused(asked: Asked, errors: Vec<FieldError>, usual_zone: &str) -> InsightsView {
    let Asked { from, to, workflow, time_zone, .. } = asked;
    InsightsView {
        from,
        to,
        workflow,
        time_zone: if time_zone.is_empty() { usual_zone.to_owned() } else { time_zone },
        presets: presets(None, |preset| format!("range={preset}")),
        errors,
        ..InsightsView::default()
    }
}

fn presets(current: Option<Preset>, query: impl Fn(Preset) -> String) -> Vec<PresetLink> {
    let link = |preset: &Preset| PresetLink {
        label: preset.label().to_owned(),
        href: format!("/insights?{}", query(*preset)),
        is_current: current == Some(*preset),
    };
    Preset::ALL.iter().map(link).collect()
}
