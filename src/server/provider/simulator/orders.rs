//! What the control API has told the simulator to do with the calls to come: faults, and what numbers will do. Orders
//! are rows, so that they outlive a restart, and each placing asks anew.

use super::{
    Simulator,
    fault::{Fault, Kind},
    internal,
    story::Outcome,
    table::order,
};
use crate::{error::AppError, server::db::Written};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, sea_query::Expr,
};
use serde::de::DeserializeOwned;
use std::cmp::max;
use uuid::Uuid;

/// What an order is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// What goes wrong.
    Faults,
    /// What numbers do.
    Outcomes,
}

/// An order as it is given.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// What it is about.
    pub about: About,
    /// The number that it is for, as E.164; nothing = every number.
    pub to: Option<String>,
    /// For how many placings it holds; nothing = until it is taken back.
    pub next: Option<i64>,
    /// What to do, in JSON.
    pub what: String,
}

/// What the orders make of one placing.
#[derive(Clone, Debug, Default)]
pub struct Ordered {
    /// What the number does instead of its own.
    pub outcome: Option<Outcome>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

impl About {
    fn word(self) -> &'static str {
        match self {
            Self::Faults => "fault",
            Self::Outcomes => "outcome",
        }
    }
}

/// Gives an order. What every placing of a number does is said once: a later outcome without a count takes the place of
/// the one before.
pub async fn give(sim: &Simulator, new: NewOrder) -> Result<order::Model, AppError> {
    let made_at = sim.now();
    let write = sim.db.write(move |tx| async move {
        let order = order::Model {
            id: format!("ord_{}", Uuid::now_v7().simple()),
            kind: new.about.word().to_owned(),
            to_number: new.to,
            remaining: new.next,
            what: new.what,
            made_at,
        };
        if new.about == About::Outcomes && new.next.is_none() {
            let before = order::Entity::delete_many()
                .filter(order::Column::Kind.eq(new.about.word()))
                .filter(order::Column::Remaining.is_null());
            let same = match &order.to_number {
                Some(to) => before.filter(order::Column::ToNumber.eq(to)),
                None => before.filter(order::Column::ToNumber.is_null()),
            };
            same.exec(tx.conn()).await?;
        }
        let row = order::ActiveModel {
            id: Set(order.id.clone()),
            kind: Set(order.kind.clone()),
            to_number: Set(order.to_number.clone()),
            remaining: Set(order.remaining),
            what: Set(order.what.clone()),
            made_at: Set(order.made_at),
        };
        order::Entity::insert(row).exec_without_returning(tx.conn()).await?;
        Ok(Written::new(order))
    });
    write.await
}

/// Every order of a kind that is in force, oldest first.
pub async fn all(sim: &Simulator, about: About) -> Result<Vec<order::Model>, AppError> {
    let all = order::Entity::find().filter(order::Column::Kind.eq(about.word()));
    Ok(all.order_by_asc(order::Column::Id).all(sim.db.read()).await?)
}

/// One order of a kind that is in force.
pub async fn one(sim: &Simulator, about: About, id: &str) -> Result<Option<order::Model>, AppError> {
    let one = order::Entity::find_by_id(id).filter(order::Column::Kind.eq(about.word()));
    Ok(one.one(sim.db.read()).await?)
}

/// Takes one order back, or every one of its kind. Answers how many that were.
pub async fn take_back(sim: &Simulator, about: About, id: Option<String>) -> Result<u64, AppError> {
    let write = sim.db.write(move |tx| async move {
        let mut gone = order::Entity::delete_many().filter(order::Column::Kind.eq(about.word()));
        if let Some(id) = id {
            gone = gone.filter(order::Column::Id.eq(id));
        }
        Ok(Written::new(gone.exec(tx.conn()).await?.rows_affected))
    });
    write.await
}

/// What an order says.
pub fn what<T: DeserializeOwned>(order: &order::Model) -> Result<T, AppError> {
    serde_json::from_str(&order.what).map_err(internal)
}

/// Leaves a placing of `number` waiting, if that was ordered. A caller who hangs up meanwhile was never heard.
pub async fn dawdle(sim: &Simulator, number: &str) -> Result<(), AppError> {
    // The caller's patience is measured by the machine's clock from when it asked, and so is what tries it.
    let asked_at = sim.clock.machine_now();
    let mut longest = 0;
    for order in for_number(sim.db.read(), number).await? {
        if order.kind != About::Faults.word() {
            continue;
        }
        let fault: Fault = what(&order)?;
        if fault.kind == Kind::PlacingSlow {
            let used = sim.db.write(async move |tx| Ok(Written::new(use_up(tx.conn(), &order).await?)));
            if used.await? {
                longest = max(longest, fault.by_ms.unwrap_or_default());
            }
        }
    }
    if longest > 0 {
        sim.hold_until(asked_at.saturating_add(longest)).await;
    }
    Ok(())
}

/// What was ordered for a placing of `number`, used up by one. An order for the next few placings goes before one
/// without a count, one for this number before one for every number, and an earlier one before a later.
pub async fn obey(db: &impl ConnectionTrait, number: &str) -> Result<Ordered, AppError> {
    let mut ordered = Ordered::default();
    for order in for_number(db, number).await? {
        if order.kind == About::Outcomes.word() {
            if ordered.outcome.is_none() && use_up(db, &order).await? {
                ordered.outcome = Some(what(&order)?);
            }
            continue;
        }
        let fault: Fault = what(&order)?;
        if fault.kind != Kind::PlacingSlow && use_up(db, &order).await? {
            ordered.faults.push(fault);
        }
    }
    Ok(ordered)
}

async fn for_number(db: &impl ConnectionTrait, number: &str) -> Result<Vec<order::Model>, AppError> {
    let fits =
        Condition::any().add(order::Column::ToNumber.is_null()).add(order::Column::ToNumber.eq(number));
    let mut orders = order::Entity::find().filter(fits).order_by_asc(order::Column::Id).all(db).await?;
    orders.sort_by_key(|order| (order.remaining.is_none(), order.to_number.is_none()));
    Ok(orders)
}

/// Whether the order held for one placing more; it is gone when it held for the last. Of two placings at once, each
/// uses up one of its own.
async fn use_up(db: &impl ConnectionTrait, order: &order::Model) -> Result<bool, AppError> {
    if order.remaining.is_none() {
        return Ok(true);
    }
    let used = order::Entity::update_many()
        .col_expr(order::Column::Remaining, Expr::col(order::Column::Remaining).sub(1))
        .filter(order::Column::Id.eq(&order.id))
        .filter(order::Column::Remaining.gt(0))
        .exec(db)
        .await?;
    order::Entity::delete_many()
        .filter(order::Column::Id.eq(&order.id))
        .filter(order::Column::Remaining.lte(0))
        .exec(db)
        .await?;
    Ok(used.rows_affected > 0)
}
