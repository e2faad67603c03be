//! History costs nothing: with a hundred thousand calls behind it, a Switchboard runs as many statements as with ten, and
//! each is answered from an index of the size of what is open, or of one page.

mod filling;
mod touring;
mod working;

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, text},
    both_databases,
    receiver::Told,
};
use filling::{CALLS, fill};
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use switchboard::server::db::Db;
use touring::tour;
use working::{Statement, examine};

both_databases!(nothing_works_through_history);

/// How often one statement is examined, each time with other values.
const EXAMPLES: usize = 4;

/// What the simulator's control API wants to be shown.
const TOKEN: &str = "toured";

/// A Switchboard that tells somebody, and whose simulator can be asked.
struct World(Told);

impl OnDatabase for World {
    async fn on(backend: Backend) -> Self {
        Self(Told::with(backend, &["--provider-token", TOKEN]).await)
    }
}

async fn nothing_works_through_history(World(told): World) {
    let db = told.app.state().db.clone();
    told.endpoint(&["call.created", "call.ended"]).await;
    let seen = Seen::watch(&db);
    usual_work(&told.app).await;
    fill(&db, 0..10).await;
    seen.take_all();
    usual_work(&told.app).await;
    let with_ten = seen.take_all();
    fill(&db, 10..CALLS).await;
    seen.take_all();
    usual_work(&told.app).await;
    let with_many = seen.take_all();
    let runs = |seen: &BTreeMap<String, Ran>| seen.values().map(|ran| ran.times).sum::<usize>();
    assert_eq!((with_many.len(), runs(&with_many)), (with_ten.len(), runs(&with_ten)));

    tour(&told).await;
    let mut all = seen.take_all();
    all.extend(with_many);
    assert!(all.len() > 150, "only {} statements were seen", all.len());
    let faults = examine(&told.app.test_db, &all).await;
    assert!(faults.is_empty(), "{} statements work through history:\n{}", faults.len(), faults.join("\n"));
}

/// What happens all the time: a call is made, goes out and ends, and somebody looks on.
async fn usual_work(app: &App) {
    let call = app.create_with(COMPLETES, json!({"max_attempts": 1})).await;
    for path in
        ["/api/calls", "/api/calls?phase=failed&include_total=true", "/api/calls?needs_attention=true"]
    {
        app.get(path).await;
    }
    app.html("/").await;
    app.live(12).await;
    assert_eq!(app.call(&call["id"]).await["status"], "completed");
    app.html(&format!("/calls/{}", text(&call["id"]))).await;
}

/// Every statement that is run, by its text.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeMap<String, Ran>>>);

/// How often a statement was run, and with which values, some of them.
#[derive(Default)]
struct Ran {
    times: usize,
    examples: Vec<Statement>,
}

impl Seen {
    fn watch(db: &Db) -> Self {
        let seen = Self::default();
        let sink = seen.clone();
        db.timings().watch_statements(move |statement| sink.note(statement));
        seen
    }

    fn note(&self, statement: &Statement) {
        let mut seen = self.0.lock().expect("no panic before");
        let ran = seen.entry(working::shape(&statement.sql)).or_default();
        ran.times += 1;
        if ran.examples.len() < EXAMPLES && !ran.examples.contains(statement) {
            ran.examples.push(statement.clone());
        }
    }

    /// What was seen since the last time.
    fn take_all(&self) -> BTreeMap<String, Ran> {
        std::mem::take(&mut *self.0.lock().expect("no panic before"))
    }
}
