//! Hanging up: what has not happened yet never will, and the ending is reported at once.

use super::{
    Simulator,
    fault::{self, Luck},
    happening::{Happening, overtaken_by, store},
    internal, look_up,
    problem::Problem,
    scenario::{EndedReason, Scenario, Script, Status},
    table::{call, callback},
    wire::{CallView, Report},
};
use crate::{error::AppError, server::db::Written};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

/// Hangs up and returns how the call then stands; nothing if there is no such call. Asking again, or after
/// the end, changes nothing.
pub async fn hang_up(sim: &Simulator, provider_call_id: String) -> Result<Option<CallView>, Problem> {
    let now = sim.now();
    let call =
        call::Entity::find_by_id(&provider_call_id).one(sim.db.read()).await.map_err(AppError::from)?;
    if let Some(call) = call {
        look_up::unless_silent(&call)?;
    }
    let seed = sim.config.seed;
    let hung_up = sim.write_and_wake(move |tx| async move {
        let db = tx.conn();
        let Some(call) = call::Entity::find_by_id(&provider_call_id).one(db).await? else {
            return Ok(Written::new(None));
        };
        if ask_first(db, &call, now).await? {
            end(db, &call, seed, now).await?;
        }
        let newest = look_up::newest(db, &call.provider_call_id, now).await?;
        CallView::of(&call, newest.as_ref()).map(|view| Written::new(Some(view))).map_err(internal)
    });
    Ok(hung_up.await?)
}

/// Whether nobody has asked before. Of two simultaneous wishes, one waits here for the other.
async fn ask_first(db: &impl ConnectionTrait, call: &call::Model, now: i64) -> Result<bool, AppError> {
    let asked = call::Entity::update_many()
        .col_expr(call::Column::HangupRequestedAt, Expr::value(now))
        .filter(call::Column::ProviderCallId.eq(&call.provider_call_id))
        .filter(call::Column::HangupRequestedAt.is_null())
        .exec(db)
        .await?;
    Ok(asked.rows_affected > 0)
}

async fn end(db: &impl ConnectionTrait, call: &call::Model, seed: u64, now: i64) -> Result<(), AppError> {
    let newest = look_up::newest(db, &call.provider_call_id, now).await?;
    let report: Option<Report> =
        newest.as_ref().map(|row| serde_json::from_str(&row.payload)).transpose().map_err(internal)?;
    if report.as_ref().is_some_and(|report| report.status.is_ended()) {
        return Ok(());
    }
    let script: Script = serde_json::from_str(&call.script).map_err(internal)?;

    // Reports of what has already happened are still on their way; only the future is called off.
    callback::Entity::delete_many()
        .filter(callback::Column::ProviderCallId.eq(&call.provider_call_id))
        .filter(callback::Column::OccurredAt.gt(now))
        .exec(db)
        .await?;
    let mut ending = ending(newest.as_ref(), report.as_ref(), script.scenario, call.speed, now);
    if call.callback_url.is_empty() {
        ending.copies = 0;
    }
    let mut endings = [ending];
    let luck = Luck { seed, number: &call.to_number, nth: call.nth };
    fault::spoil(&script.faults, &mut endings, luck, overtaken_by(call.speed));
    store(db, call, &endings).await
}

/// As on a real line: hung up before the answer, a call is canceled; after it, it is completed.
fn ending(
    newest: Option<&callback::Model>,
    report: Option<&Report>,
    scenario: Scenario,
    speed: f64,
    now: i64,
) -> Happening {
    let answered_at = newest
        .filter(|_| report.is_some_and(|it| it.status == Status::InProgress))
        .map(|row| row.occurred_at);
    Happening {
        sequence: newest.map_or(0, |row| row.sequence) + 1,
        status: if answered_at.is_some() { Status::Completed } else { Status::Canceled },
        ended_reason: Some(EndedReason::HungUp),
        duration_secs: answered_at.map(|at| talked_for(now - at, speed)),
        occurred_at: now,
        due_at: now,
        copies: scenario.copies(),
    }
}

/// Whole seconds of simulated talk in `millis` at this speed: as the times shrink with speed, lengths don't.
fn talked_for(millis: i64, speed: f64) -> i64 {
    let elapsed = std::time::Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    let simulated = std::time::Duration::try_from_secs_f64(elapsed.as_secs_f64() * speed).unwrap_or(elapsed);
    i64::try_from(simulated.as_secs()).unwrap_or(i64::MAX)
}
