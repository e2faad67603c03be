//! Who was called before, and what is known of a number: for the form, while somebody fills it in. Each question
//! reads a few rows of an index, however many calls there are.

use super::entity::calls;
use crate::{
    domain::{
        actor::Actor, call::Call, call_check::Customer, filter::fold, grouping::grouped, id::CallId,
        phone_number::PhoneNumber,
    },
    error::AppError,
    server::db::Db,
};
use sea_orm::{ConnectionTrait, DbBackend, QueryOrder, QuerySelect, Statement, Value, entity::prelude::*};

/// What somebody has typed of a customer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Start {
    /// The start of a name.
    Name(String),
    /// The start of a number, `+` and digits.
    Number(String),
}

impl Start {
    fn column(&self) -> &'static str {
        match self {
            Self::Name(_) => "name_folded",
            Self::Number(_) => "phone_number",
        }
    }

    fn as_stored(&self) -> String {
        match self {
            Self::Name(name) => fold(name),
            Self::Number(number) => number.clone(),
        }
    }
}

/// The customers of the team whose name or number starts so, in that order, at most `most`; each as it stands in
/// the newest of its calls.
///
/// # Errors
/// What the database says.
pub async fn suggest(db: &Db, actor: &Actor, start: &Start, most: u8) -> Result<Vec<Customer>, AppError> {
    let first = start.as_stored();
    // The last character of all: what starts so lies before it.
    let behind = format!("{first}\u{10ffff}");
    let values: [Value; 4] = [actor.team_id.0.into(), first.into(), behind.into(), i32::from(most).into()];
    let sql = newest_of_each(db.backend(), start);
    let rows = db.read().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let ids = rows.iter().map(|row| row.try_get::<Uuid>("", "id")).collect::<Result<Vec<_>, _>>()?;
    let mut newest = Vec::with_capacity(ids.len());
    for row in calls::Entity::find().filter(calls::Column::Id.is_in(ids.clone())).all(db.read()).await? {
        newest.push(Call::try_from(row)?);
    }
    // One that was deleted between the two questions is not offered.
    let found = ids.into_iter().filter_map(|id| newest.iter().find(|call| call.id.0 == id));
    Ok(found.map(customer).collect())
}

fn customer(call: &Call) -> Customer {
    Customer {
        name: call.customer_name.clone(),
        number: grouped(call.phone_number.as_str()),
        workflow: call.workflow,
    }
}

/// The ids of the newest call of each, in order: $1 is the team, $2 the start, $3 what lies behind it, $4 how many.
/// It goes from one value of the column to the next one by its index, without looking at the rows between. On
/// PostgreSQL the index orders by bytes, which its own operators ask for.
fn newest_of_each(backend: DbBackend, start: &Start) -> String {
    let column = start.column();
    let (from, above, below, order) = match backend {
        DbBackend::Postgres => ("~>=~", "~>~", "~<~", "USING ~<~"),
        _ => (">=", ">", "<", ""),
    };
    let next = |since: &str| {
        format!(
            "(SELECT {column} FROM calls WHERE team_id = $1 AND {column} {since} AND {column} {below} $3 \
             ORDER BY {column} {order} LIMIT 1)"
        )
    };
    let (first, other) = (next(&format!("{from} $2")), next(&format!("{above} found.start")));
    format!(
        "WITH RECURSIVE found (start, nth) AS (SELECT {first}, 1 UNION ALL SELECT {other}, found.nth + 1 \
         FROM found WHERE found.start IS NOT NULL AND found.nth < $4) \
         SELECT (SELECT newest.id FROM calls AS newest WHERE newest.team_id = $1 \
         AND newest.{column} = found.start ORDER BY newest.id DESC LIMIT 1) AS id \
         FROM found WHERE found.start IS NOT NULL ORDER BY found.nth"
    )
}

/// The open calls of the team to a number, what goes out next first, at most `most`; without the call `except`,
/// which is being edited.
///
/// # Errors
/// What the database says.
pub async fn open_to(
    db: &Db,
    actor: &Actor,
    number: &PhoneNumber,
    except: Option<CallId>,
    most: u64,
) -> Result<Vec<Call>, AppError> {
    let mut query = calls::Entity::find()
        .filter(calls::Column::TeamId.eq(actor.team_id.0))
        .filter(calls::Column::PhoneNumber.eq(number.as_str()))
        .filter(calls::Column::EndedAt.is_null());
    if let Some(except) = except {
        query = query.filter(calls::Column::Id.ne(except.0));
    }
    let rows = query.order_by_asc(calls::Column::DueAt).limit(most).all(db.read()).await?;
    rows.into_iter().map(Call::try_from).collect()
}

/// The newest calls of the team to a number, newest first, at most `most`.
///
/// # Errors
/// What the database says.
pub async fn newest_to(
    db: &Db,
    actor: &Actor,
    number: &PhoneNumber,
    most: u64,
) -> Result<Vec<Call>, AppError> {
    let rows = calls::Entity::find()
        .filter(calls::Column::TeamId.eq(actor.team_id.0))
        .filter(calls::Column::PhoneNumber.eq(number.as_str()))
        .order_by_desc(calls::Column::Id)
        .limit(most)
        .all(db.read())
        .await?;
    rows.into_iter().map(Call::try_from).collect()
}
