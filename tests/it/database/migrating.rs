//! Migrating: there, back again, and by several nodes at once.

use super::{column, read};
use crate::support::{Backend, OnDatabase, TestDb, both_databases};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, entity::prelude::Uuid};
use sea_orm_migration::MigratorTrait;
use switchboard::{
    domain::{
        id::{CallId, HOME_TEAM},
        timestamp::Timestamp,
    },
    server::{
        db::{Db, Tx, Written},
        idempotency::{Key, known},
        migrations::Migrator,
    },
};

both_databases!(
    what_goes_up_comes_down_and_goes_up_again,
    one_step_back_takes_back_the_newest,
    nodes_that_start_together_take_turns,
    forms_that_were_sent_before_keys_had_answers_are_still_known,
    the_first_team_and_the_state_of_dispatching_are_there,
);

/// A database that nobody has migrated yet.
struct Empty(TestDb);

impl OnDatabase for Empty {
    async fn on(backend: Backend) -> Self {
        Self(TestDb::empty(backend).await)
    }
}

async fn what_goes_up_comes_down_and_goes_up_again(Empty(test): Empty) {
    let db = &test.db;
    let all = all_migrations();
    assert_eq!(db.pending_migrations().await, Ok(all));
    assert!(schema(db).await.is_empty(), "asking made something");

    db.migrate().await.expect("up");
    assert_eq!(db.pending_migrations().await, Ok(0));
    let first = schema(db).await;
    assert!(first.len() > 20, "{first:#?}");

    db.undo_migrations(None).await.expect("down");
    assert_eq!(db.pending_migrations().await, Ok(all));
    let left: Vec<_> =
        schema(db).await.into_iter().filter(|line| !line.contains("seaql_migrations")).collect();
    assert!(left.is_empty(), "{left:#?}");

    db.migrate().await.expect("up again");
    assert_eq!(schema(db).await, first);
}

async fn one_step_back_takes_back_the_newest(test: TestDb) {
    test.db.undo_migrations(Some(1)).await.expect("one step");
    assert_eq!(test.db.pending_migrations().await, Ok(1));
    assert_eq!(read::<i64>(&test.db, "SELECT count(*) FROM teams").await, 1);
}

async fn nodes_that_start_together_take_turns(Empty(test): Empty) {
    let mut nodes = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let node = test.another_node().await;
        nodes.spawn(async move { node.migrate().await });
    }
    for done in nodes.join_all().await {
        done.expect("each finds it done or does it");
    }
    assert_eq!(test.db.pending_migrations().await, Ok(0));
}

async fn forms_that_were_sent_before_keys_had_answers_are_still_known(Empty(test): Empty) {
    let db = &test.db;
    db.migrate().await.expect("up");
    let since = Migrator::migrations().iter().position(|it| it.name() == "m20261121_000004_idempotency");
    let since = all_migrations() - since.expect("the migration");
    db.undo_migrations(Some(u32::try_from(since).expect("a few"))).await.expect("down");
    let id = match db.backend() {
        DbBackend::Postgres => "'00000000-0000-7000-8000-000000000001'",
        _ => "x'00000000000070008000000000000001'",
    };
    let sql = format!("INSERT INTO idempotency_keys VALUES ('anonymous create', 'a key', {id}, 5)");
    let work = async move |tx: Tx| {
        tx.conn().execute_unprepared(&sql).await?;
        Ok(Written::new(()))
    };
    db.write(work).await.expect("a form's key");

    db.migrate().await.expect("up");
    let key = "a key".to_owned();
    let key = Key { scope: "anonymous create".to_owned(), key: key.clone(), fingerprint: key };
    let now = Timestamp::from_millis(6);
    let answer = known(db, &key, now).await.expect("a database").expect("an answer");
    let id: CallId = serde_json::from_str(&answer.body).expect("an id");
    assert_eq!((answer.status, id.0), (201, HOME_TEAM.0));
}

async fn the_first_team_and_the_state_of_dispatching_are_there(test: TestDb) {
    let team: Uuid = read(&test.db, "SELECT id FROM teams").await;
    assert_eq!(team, HOME_TEAM.0);
    let state = "SELECT count(*) FROM dispatch_state WHERE id = 1 AND paused_at IS NULL";
    assert_eq!(read::<i64>(&test.db, state).await, 1);
    let settings = switchboard::server::db::settings::Entity::find().all(test.db.read()).await;
    assert_eq!(settings, Ok(vec![]));
}

fn all_migrations() -> usize {
    Migrator::migrations().len()
}

/// Each table with its columns and each index, in words.
async fn schema(db: &Db) -> Vec<String> {
    let sql = match db.backend() {
        DbBackend::Postgres => {
            "SELECT line COLLATE \"C\" FROM (
                SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) AS line
                FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
                FROM pg_constraint WHERE connamespace = 'public'::regnamespace) AS lines
            ORDER BY 1"
        }
        _ => {
            "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY 1"
        }
    };
    column(db, sql).await
}
