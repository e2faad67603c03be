//! Once: whoever asks again under the same key is answered as the first time, and nothing is done a second time.
//! (IETF draft "The Idempotency-Key HTTP Header Field".) Programs name a key in a header; the page's forms carry one.

mod entity;
pub mod forget;

use self::entity::keys;
use super::db::{Db, Tx, Written};
use crate::{domain::timestamp::Timestamp, error::AppError};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, TryInsertResult,
    entity::prelude::*,
    sea_query::OnConflict,
};
use sha2::{Digest, Sha256};
use std::fmt;

/// How long an answer is kept, in seconds: 24 hours.
pub const KEPT_SECS: i64 = 86_400;
/// How often a key is tried again that was given back, or has grown too old, while it was looked at.
const TRIES: usize = 5;

/// Under what a request is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Who asks for what: keys of other callers and of other addresses are other keys.
    pub scope: String,
    /// The key, as whoever asks chose it.
    pub key: String,
    /// What was asked for, so that another wish under the same key is found out.
    pub fingerprint: String,
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header of that name.
    pub location: Option<String>,
    /// The header of that name.
    pub etag: Option<String>,
    /// The body: JSON.
    pub body: String,
    /// What stands in the body's place when it is given for the first time.
    pub told_once: Option<ToldOnce>,
}

/// A body with a secret in it: whoever asks first is told it, and it is neither kept nor logged.
#[derive(Clone, PartialEq, Eq)]
pub struct ToldOnce(pub String);

impl fmt::Debug for ToldOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ToldOnce(…)")
    }
}

/// An answer, and whether it was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// Whether it was given before.
    pub is_replay: bool,
}

/// What tells one body from another, in few bytes.
pub fn fingerprint(body: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(body))
}

/// Does `work` and keeps its answer in the same transaction, or answers what was kept. A simultaneous repeat waits
/// here until the first one has come to its end. `taken` is run when the waiting is over.
///
/// # Errors
/// What `work` says: the key is then free again. [`AppError::KeyReused`] when the key belongs to something else.
pub async fn once<F, Fut>(
    tx: Tx,
    key: Key,
    now: Timestamp,
    taken: impl FnOnce() + Send,
    work: F,
) -> Result<Written<Answered>, AppError>
where
    F: FnOnce(Tx) -> Fut,
    Fut: Future<Output = Result<Written<Answer>, AppError>>,
{
    let known = take(&tx, &key, now).await?;
    taken();
    if let Some(answer) = known {
        return Ok(Written::new(Answered { answer, is_replay: true }));
    }
    let written = work(tx.clone()).await?;
    keep(&tx, &key, written.value()).await?;
    Ok(written.map(|answer| Answered { answer, is_replay: false }))
}

/// The answer that is kept under `key`, without waiting for one that is still to come.
///
/// # Errors
/// [`AppError::KeyReused`] when the key belongs to something else.
pub async fn known(db: &Db, key: &Key, now: Timestamp) -> Result<Option<Answer>, AppError> {
    match find(db.read(), key).await?.filter(|row| !is_over(row, now)) {
        Some(row) => answer_of(row, key).map(Some),
        None => Ok(None),
    }
}

/// Takes the key; none if it was free.
async fn take(tx: &Tx, key: &Key, now: Timestamp) -> Result<Option<Answer>, AppError> {
    for _ in 0..TRIES {
        let row = keys::ActiveModel {
            scope: Set(key.scope.clone()),
            key: Set(key.key.clone()),
            fingerprint: Set(key.fingerprint.clone()),
            status: NotSet,
            location: NotSet,
            etag: NotSet,
            body: NotSet,
            created_at: Set(now.as_millis()),
        };
        let inserted = keys::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .try_insert()
            .exec_without_returning(tx.conn())
            .await?;
        if matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0) {
            return Ok(None);
        }
        match find(tx.conn(), key).await? {
            Some(row) if is_over(&row, now) => {
                let same = keys::Entity::delete_many()
                    .filter(keys::Column::Scope.eq(row.scope))
                    .filter(keys::Column::Key.eq(row.key))
                    .filter(keys::Column::CreatedAt.eq(row.created_at));
                same.exec(tx.conn()).await?;
            }
            Some(row) => return answer_of(row, key).map(Some),
            // It was forgotten between the two statements.
            None => {}
        }
    }
    Err(AppError::KeyInUse)
}

async fn keep(tx: &Tx, key: &Key, answer: &Answer) -> Result<(), AppError> {
    let row = keys::ActiveModel {
        scope: Set(key.scope.clone()),
        key: Set(key.key.clone()),
        fingerprint: NotSet,
        status: Set(Some(i32::from(answer.status))),
        location: Set(answer.location.clone()),
        etag: Set(answer.etag.clone()),
        body: Set(Some(answer.body.clone())),
        created_at: NotSet,
    };
    keys::Entity::update_many()
        .set(row)
        .filter(keys::Column::Scope.eq(&key.scope))
        .filter(keys::Column::Key.eq(&key.key))
        .exec(tx.conn())
        .await?;
    Ok(())
}

async fn find(conn: &impl ConnectionTrait, key: &Key) -> Result<Option<keys::Model>, AppError> {
    Ok(keys::Entity::find_by_id((key.scope.clone(), key.key.clone())).one(conn).await?)
}

/// Whether it is kept no longer, though nobody has forgotten it yet.
fn is_over(row: &keys::Model, now: Timestamp) -> bool {
    now.millis_since(Timestamp::from_millis(row.created_at)) >= KEPT_SECS * 1_000
}

fn answer_of(row: keys::Model, key: &Key) -> Result<Answer, AppError> {
    if row.fingerprint != key.fingerprint {
        return Err(AppError::KeyReused);
    }
    let status = row.status.and_then(|status| u16::try_from(status).ok());
    let (Some(status), Some(body)) = (status, row.body) else {
        tracing::error!(scope = row.scope, "a key was committed without its answer");
        return Err(AppError::Internal);
    };
    Ok(Answer { status, location: row.location, etag: row.etag, body, told_once: None })
}
