//! What the API shows of the insights, and what may be asked of them.

use crate::{
    domain::{insights::Outcome, timestamp::Timestamp},
    server::{
        insights::{
            numbers::{Column, Numbers, OUTCOMES, Rate},
            range::{Range, Unit},
            spread::{Measure, Spread, Within},
        },
        words::{FigureWord, RangeWord, WorkflowWord},
    },
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Which days are counted. Nothing is read into this type; a test holds it and `Asked` together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InsightsQuery {
    /// Days up to today; `7d` unless said otherwise. Not together with `from` and `to`.
    #[param(nullable = false)]
    pub range: Option<RangeWord>,
    /// The first day.
    #[param(nullable = false, format = "date", example = "2026-11-01")]
    pub from: Option<String>,
    /// The last day, which is counted too; today unless said otherwise. At most 366 days in all.
    #[param(nullable = false, format = "date", example = "2026-11-21")]
    pub to: Option<String>,
    /// Calls of this workflow alone.
    #[param(nullable = false)]
    pub workflow: Option<WorkflowWord>,
    /// Whose days and hours are meant, as the time zone database names it; the installation's unless said otherwise.
    #[param(nullable = false, example = "Europe/Berlin")]
    pub time_zone: Option<String>,
}

/// Which table is exported.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// The table; `calls` unless said otherwise.
    #[param(nullable = false)]
    pub table: Option<FigureWord>,
}

/// How calls ended and how attempts went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Insights)]
pub struct InsightsView {
    /// The first day.
    #[schema(format = "date")]
    from: String,
    /// The last day, which is counted too.
    #[schema(format = "date")]
    to: String,
    /// Whose days and hours they are.
    time_zone: String,
    /// The workflow that was asked for; null = all.
    #[schema(required, value_type = Option<WorkflowWord>)]
    workflow: Option<&'static str>,
    /// What each of `calls` stands for: `hour`, `day` or `week`.
    unit: &'static str,
    /// Up to when it was counted; null before everything was.
    #[schema(required, format = "date-time")]
    as_of: Option<String>,
    /// True while everything is counted for the first time, or anew: then numbers are missing.
    is_counting: bool,
    /// Calls by outcome over time, at the instant at which they ended.
    calls: Vec<CallsInView>,
    totals: OutcomesView,
    answer_rate: AnswerRateView,
    /// From the first ring (or from when the provider took it, where no ring was told) to the answer.
    time_to_answer: SpreadView,
    /// How long the conversations were.
    duration: SpreadView,
    /// From the instant an attempt was due to the instant it was claimed.
    lateness: SpreadView,
}

/// Calls that ended in one hour, day or week.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InsightsCalls)]
pub struct CallsInView {
    /// The first instant.
    #[schema(format = "date-time")]
    starts_at: String,
    /// The first instant behind it.
    #[schema(format = "date-time")]
    ends_at: String,
    outcomes: OutcomesView,
}

/// How many calls ended how.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InsightsOutcomes)]
pub struct OutcomesView {
    /// Answered, and came to their end.
    completed: i64,
    /// The line was busy.
    busy: i64,
    /// Nobody answered.
    no_answer: i64,
    /// They could not be put through.
    failed: i64,
    /// They waited past their latest instant.
    missed: i64,
    /// What became of them could not be found out.
    unknown: i64,
    /// Somebody took the wish back.
    canceled: i64,
    /// All of them.
    total: i64,
}

/// How many attempts were answered. An attempt counts at the instant at which it was claimed, once it is over, if the
/// provider has taken it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InsightsAnswerRate)]
pub struct AnswerRateView {
    /// For each hour of the day, from 0 to 23.
    by_hour: Vec<HourView>,
    /// For each workflow that was asked for.
    by_workflow: Vec<WorkflowView>,
}

/// Attempts of one hour of the day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InsightsHour)]
pub struct HourView {
    /// The hour, in the time zone.
    #[schema(minimum = 0, maximum = 23)]
    hour: usize,
    /// Attempts.
    attempts: i64,
    /// Those that were answered.
    answered: i64,
}

/// Attempts of one workflow.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InsightsWorkflow)]
pub struct WorkflowView {
    #[schema(value_type = WorkflowWord)]
    workflow: &'static str,
    /// Attempts.
    attempts: i64,
    /// Those that were answered.
    answered: i64,
}

/// How times of attempts are spread.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InsightsSpread)]
pub struct SpreadView {
    /// How many were measured.
    attempts: i64,
    /// Half of them took at most so long; null if that is beyond the last bound, or nothing was measured.
    #[schema(required)]
    p50_ms: Option<i64>,
    /// Nine of ten.
    #[schema(required)]
    p90_ms: Option<i64>,
    /// Ninety-nine of a hundred.
    #[schema(required)]
    p99_ms: Option<i64>,
    /// The slots, shortest first. The bounds are always the same.
    slots: Vec<SlotView>,
}

/// Attempts that took longer than the slot before and at most so long.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InsightsSlot)]
pub struct SlotView {
    /// The bound, which belongs to the slot; null for whatever is longer than the last one.
    #[schema(required)]
    up_to_ms: Option<i64>,
    /// How many.
    attempts: i64,
}

impl InsightsView {
    /// The numbers as the API shows them.
    pub fn of(numbers: &Numbers, range: &Range) -> Self {
        let unit = match range.unit() {
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
        };
        let [time_to_answer, duration, lateness] =
            Measure::ALL.map(|measure| SpreadView::of(&numbers.spread(measure)));
        Self {
            from: range.from.to_string(),
            to: range.to.to_string(),
            time_zone: range.zone_name.clone(),
            workflow: range.workflow.map(Into::into),
            unit,
            as_of: numbers.as_of.map(Timestamp::to_rfc3339),
            is_counting: numbers.filled_to.is_some(),
            calls: numbers.columns.iter().map(CallsInView::of).collect(),
            totals: OutcomesView::of(numbers.totals()),
            answer_rate: AnswerRateView::of(numbers),
            time_to_answer,
            duration,
            lateness,
        }
    }
}

impl CallsInView {
    fn of(column: &Column) -> Self {
        Self {
            starts_at: column.starts_at.to_rfc3339(),
            ends_at: column.ends_at.to_rfc3339(),
            outcomes: OutcomesView::of(column.counts),
        }
    }
}

impl OutcomesView {
    fn of(counts: [i64; OUTCOMES]) -> Self {
        let of = |outcome: Outcome| counts[outcome.index()];
        Self {
            completed: of(Outcome::Completed),
            busy: of(Outcome::Busy),
            no_answer: of(Outcome::NoAnswer),
            failed: of(Outcome::Failed),
            missed: of(Outcome::Missed),
            unknown: of(Outcome::Unknown),
            canceled: of(Outcome::Canceled),
            total: counts.iter().sum(),
        }
    }
}

impl AnswerRateView {
    fn of(numbers: &Numbers) -> Self {
        let hours = numbers.hours.iter().enumerate();
        let by_hour = hours.map(|(hour, Rate { placed, answered })| HourView {
            hour,
            attempts: *placed,
            answered: *answered,
        });
        let by_workflow = numbers.workflows.iter().map(|(workflow, rate)| WorkflowView {
            workflow: workflow.as_str(),
            attempts: rate.placed,
            answered: rate.answered,
        });
        Self { by_hour: by_hour.collect(), by_workflow: by_workflow.collect() }
    }
}

impl SpreadView {
    fn of(spread: &Spread) -> Self {
        let at_most = |percent| match spread.within(percent) {
            Within::AtMost(millis) => Some(millis),
            Within::Nothing | Within::Over(_) => None,
        };
        Self {
            attempts: spread.total(),
            p50_ms: at_most(50),
            p90_ms: at_most(90),
            p99_ms: at_most(99),
            slots: spread.slots().map(|(up_to_ms, attempts)| SlotView { up_to_ms, attempts }).collect(),
        }
    }
}
