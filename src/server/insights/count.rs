//! Count: what calls and attempts of a stretch of time came to, read from them alone and along an index. Calls are
//! counted when they ended, attempts when they were claimed, and only once they are over: until then they may move.

use super::{
    bucket::{MILLIS, Stretch},
    spread::Measure,
};
use crate::{
    domain::{
        insights::Outcome,
        status::{CallStatus, EndedReason},
    },
    error::AppError,
    server::db::Db,
};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value, entity::prelude::Uuid};
use std::collections::BTreeMap;

/// What was counted for a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// Calls by outcome.
    pub calls: Vec<Row>,
    /// Attempts: placed, answered, and how their times are spread.
    pub attempts: Vec<Row>,
}

/// What was counted for one team, one quarter of an hour and one workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Whose.
    pub team: Uuid,
    /// The instant at which the quarter begins, in epoch milliseconds.
    pub bucket: i64,
    /// The workflow's word.
    pub workflow: String,
    /// One count for each column.
    pub counts: Vec<i64>,
}

/// The columns that are counted.
pub mod columns {
    use super::{Measure, Outcome};

    /// Of calls: one for each outcome.
    pub fn of_calls() -> Vec<String> {
        Outcome::ALL.iter().map(ToString::to_string).collect()
    }

    /// Of attempts: those that the provider took, those that were answered, and each measure's slots.
    pub fn of_attempts() -> Vec<String> {
        let counts = ["placed", "answered"].map(str::to_owned).into_iter();
        counts.chain(Measure::ALL.into_iter().flat_map(Measure::columns)).collect()
    }
}

/// Counts what belongs to these stretches.
///
/// # Errors
/// What the database says.
pub async fn count(db: &Db, stretches: &[Stretch]) -> Result<Counted, AppError> {
    let mut counted = Counted::default();
    for stretch in stretches {
        counted.calls.extend(calls(db, *stretch).await?);
        counted.attempts.extend(attempts(db, *stretch).await?);
    }
    Ok(counted)
}

/// The first instant at `from` or later of which there is something to count; none if there is nothing.
///
/// # Errors
/// What the database says.
pub async fn first_behind(db: &Db, from: i64) -> Result<Option<i64>, AppError> {
    // One look into the index for each team.
    let ended = "SELECT MIN((SELECT c.ended_at FROM calls c WHERE c.team_id = t.id AND c.ended_at >= $1 \
                 ORDER BY c.ended_at LIMIT 1)) AS first FROM teams t";
    let claimed = "SELECT MIN(claimed_at) AS first FROM call_attempts WHERE claimed_at >= $1";
    let mut firsts = Vec::new();
    for sql in [ended, claimed] {
        let query = Statement::from_sql_and_values(db.backend(), sql, [from.into()]);
        let row = db.read().query_one_raw(query).await?.ok_or(AppError::Internal)?;
        firsts.extend(row.try_get::<Option<i64>>("", "first")?);
    }
    Ok(firsts.into_iter().min())
}

/// Which outcome a call has is decided in one place, so the database only groups.
async fn calls(db: &Db, stretch: Stretch) -> Result<Vec<Row>, AppError> {
    let sql = format!(
        "SELECT team_id, ended_at - ended_at % {MILLIS} AS bucket, workflow, status, ended_reason, \
         COUNT(*) AS how_many FROM calls \
         WHERE team_id IN (SELECT id FROM teams) AND ended_at >= $1 AND ended_at < $2 GROUP BY 1, 2, 3, 4, 5"
    );
    let mut counts: BTreeMap<(Uuid, i64, String), Vec<i64>> = BTreeMap::new();
    for row in rows(db, sql, stretch).await? {
        let (status, reason): (String, Option<String>) =
            (row.try_get("", "status")?, row.try_get("", "ended_reason")?);
        let status: Option<CallStatus> = status.parse().ok();
        let reason: Option<EndedReason> = reason.and_then(|reason| reason.parse().ok());
        let Some(outcome) = status.and_then(|status| Outcome::of(status, reason)) else { continue };
        let counts = counts.entry(key_of(&row)?).or_insert_with(|| vec![0; Outcome::ALL.len()]);
        counts[outcome.index()] += row.try_get::<i64>("", "how_many")?;
    }
    let row = |((team, bucket, workflow), counts)| Row { team, bucket, workflow, counts };
    Ok(counts.into_iter().map(row).collect())
}

async fn attempts(db: &Db, stretch: Stretch) -> Result<Vec<Row>, AppError> {
    let names = columns::of_attempts();
    let counts = conditions().into_iter().zip(&names);
    let counts: Vec<_> =
        counts.map(|(condition, name)| format!("COUNT(*) FILTER (WHERE {condition}) AS {name}")).collect();
    let sql = format!(
        "SELECT c.team_id, a.claimed_at - a.claimed_at % {MILLIS} AS bucket, c.workflow, {} \
         FROM call_attempts a JOIN calls c ON c.id = a.call_id \
         WHERE a.claimed_at >= $1 AND a.claimed_at < $2 AND a.ended_at IS NOT NULL GROUP BY 1, 2, 3",
        counts.join(", ")
    );
    let mut found = Vec::new();
    for row in rows(db, sql, stretch).await? {
        let (team, bucket, workflow) = key_of(&row)?;
        let counts = names.iter().map(|name| row.try_get::<i64>("", name)).collect::<Result<_, _>>()?;
        found.push(Row { team, bucket, workflow, counts });
    }
    Ok(found)
}

/// What makes an attempt count in each column, in their order.
fn conditions() -> Vec<String> {
    // A provider may report the end alone.
    let answered = "(a.answered_at IS NOT NULL OR a.status = 'completed')";
    let mut all = vec!["a.accepted_at IS NOT NULL".to_owned(), answered.to_owned()];
    for measure in Measure::ALL {
        let (millis, counts) = match measure {
            Measure::TimeToAnswer => (
                "a.answered_at - COALESCE(a.ringing_at, a.accepted_at)",
                "a.answered_at IS NOT NULL AND COALESCE(a.ringing_at, a.accepted_at) IS NOT NULL",
            ),
            Measure::Duration => (
                "CAST(a.duration_secs AS bigint) * 1000",
                "a.duration_secs IS NOT NULL AND a.answered_at IS NOT NULL",
            ),
            Measure::Lateness => ("a.claimed_at - a.due_at", "a.claimed_at IS NOT NULL"),
        };
        let bounds = measure.bounds();
        all.extend((0..=bounds.len()).map(|slot| {
            let above = slot.checked_sub(1).map(|below| format!(" AND {millis} > {}", bounds[below]));
            let up_to = bounds.get(slot).map(|bound| format!(" AND {millis} <= {bound}"));
            format!("{counts}{}{}", above.unwrap_or_default(), up_to.unwrap_or_default())
        }));
    }
    all
}

async fn rows(db: &Db, sql: String, stretch: Stretch) -> Result<Vec<QueryResult>, AppError> {
    let values: [Value; 2] = [stretch.from.into(), stretch.to.into()];
    Ok(db.read().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?)
}

fn key_of(row: &QueryResult) -> Result<(Uuid, i64, String), AppError> {
    Ok((row.try_get("", "team_id")?, row.try_get("", "bucket")?, row.try_get("", "workflow")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_condition() {
        assert_eq!(conditions().len(), columns::of_attempts().len());
    }
}
