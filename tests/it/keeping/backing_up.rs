//! A copy is made while the server works, and another server starts on it.

use crate::{
    starting::run,
    support::{
        Backend, OnDatabase, TestDb,
        app::{App, COMPLETES, node, text},
        both_databases,
    },
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Stdio},
};
use switchboard::server::Running;

both_databases!(
    a_copy_made_under_load_is_whole,
    what_was_under_way_is_not_dialed_again,
    a_file_that_is_there_is_not_replaced_unasked,
    what_can_not_be_copied_leaves_nothing_behind,
);

fn back_up(app: &App, folder: &Path, more: &[&str]) -> crate::starting::Said {
    let arguments = [&["backup", "copy", "--database-url", &app.test_db.url], more].concat();
    run(folder, &arguments, &[])
}

/// A server on the copy, as the documentation says to start one.
struct Restored {
    running: Running,
    _empty: Option<TestDb>,
}

impl Restored {
    async fn of(app: &App, copy: &Path) -> Self {
        let (url, empty) = if app.test_db.file().is_some() {
            let file = copy.with_extension("db");
            std::fs::copy(copy, &file).expect("a file");
            (format!("sqlite://{}", file.display()), None)
        } else {
            let empty = TestDb::empty(Backend::Postgres).await;
            let restore = Command::new("pg_restore")
                .args(["--exit-on-error", "--no-owner", "--dbname", &empty.url])
                .arg(copy)
                .stdin(Stdio::null())
                .output()
                .expect("pg_restore");
            assert!(restore.status.success(), "{}", String::from_utf8_lossy(&restore.stderr));
            (empty.url.clone(), Some(empty))
        };
        // The provider is the same as before, the first server's simulator, and reports to the same address.
        let provider = format!("{}/provider", app.base);
        let settings = ["--provider-url", &provider, "--public-url", &app.base, "--number-check", "shape"];
        Self { running: node(&url, &settings, app.clock.clone()).await, _empty: empty }
    }

    async fn get(&self, app: &App, path: &str) -> (StatusCode, Value) {
        let url = format!("http://{}{path}", self.running.address);
        crate::support::app::read(app.http.get(url).send().await.expect("an answer")).await
    }
}

async fn a_copy_made_under_load_is_whole(app: App) {
    let folder = tempfile::tempdir().expect("a folder");
    let before = app.create(COMPLETES).await;
    let (going_on, stopped) =
        (tokio_util::sync::CancellationToken::new(), tokio_util::task::TaskTracker::new());
    let url = format!("{}/api/calls", app.base);
    let body = json!({"customer_name": "Ada", "phone_number": COMPLETES, "workflow": "support"});
    for _ in 0..4 {
        let (http, url, body, stop) = (app.http.clone(), url.clone(), body.clone(), going_on.clone());
        stopped.spawn(async move {
            while !stop.is_cancelled() {
                let answer = http.post(&url).json(&body).send().await.expect("an answer");
                assert_eq!(answer.status(), StatusCode::CREATED, "whoever writes meanwhile goes on");
            }
        });
    }
    let (place, said) = (folder.path().to_owned(), {
        let url = app.test_db.url.clone();
        let place = folder.path().to_owned();
        tokio::task::spawn_blocking(move || run(&place, &["backup", "copy", "--database-url", &url], &[]))
            .await
            .expect("it ends")
    });
    going_on.cancel();
    stopped.close();
    stopped.wait().await;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert!(said.out.starts_with("copy holds ") && said.out.contains("and the secrets"), "{said:?}");

    let copy = place.join("copy");
    assert_eq!(std::fs::read_dir(&place).expect("a folder").count(), 1, "nothing else is left");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&copy.metadata().expect("a file").permissions());
        assert_eq!(mode & 0o777, 0o600, "its owner's alone");
    }
    let restored = Restored::of(&app, &copy).await;
    let (status, page) = restored.get(&app, "/api/calls?include_total=true").await;
    assert_eq!(status, StatusCode::OK);
    let all = app.get("/api/calls?include_total=true").await.1["total"].as_i64().expect("a count");
    assert!((1..=all).contains(&page["total"].as_i64().expect("a count")), "{page}");
    let (_, call) = restored.get(&app, &format!("/api/calls/{}", text(&before["id"]))).await;
    assert_eq!((&call["id"], &call["version"]), (&before["id"], &before["version"]));
    // Each call in it has its timeline: a copy is of one instant.
    for call in page["calls"].as_array().expect("a list") {
        let (_, events) = restored.get(&app, &format!("/api/calls/{}/events", text(&call["id"]))).await;
        assert_eq!(events["events"].as_array().map(Vec::len), Some(1));
    }
    // Its secrets too: the provider knows it, and it believes the provider.
    assert_eq!(secret_of(&restored.running.state.db).await, secret_of(&app.state().db).await);
}

async fn secret_of(db: &switchboard::server::db::Db) -> Option<String> {
    switchboard::server::db::settings::get(db, "webhook_secret").await.expect("it is read")
}

async fn what_was_under_way_is_not_dialed_again(app: App) {
    let folder = tempfile::tempdir().expect("a folder");
    let placed = app.create(COMPLETES).await;
    app.dispatch().await;
    let claimed = app.create(COMPLETES).await;
    crate::support::dispatcher::claim_only(app.state()).await;
    assert_eq!(back_up(&app, folder.path(), &[]).code, Some(0));

    let restored = Restored::of(&app, &folder.path().join("copy")).await;
    let state = &restored.running.state;
    // The one that was only claimed is asked about, found unknown, and placed under the same id.
    for _ in 0..40 {
        let now = app.now();
        switchboard::server::dispatcher::dispatch::run_once(state, now).await.expect("a round");
        switchboard::server::dispatcher::reconcile::run_once(state, now).await.expect("a round");
        app.pass_secs(5);
    }
    for call in [&placed, &claimed] {
        let (_, call) = restored.get(&app, &format!("/api/calls/{}", text(&call["id"]))).await;
        assert_eq!((&call["status"], &call["attempts_made"]), (&json!("completed"), &json!(1)), "{call}");
    }
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 2, "each was dialed once");
}

async fn a_file_that_is_there_is_not_replaced_unasked(app: App) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy");
    std::fs::write(&copy, "dear").expect("a file");
    let said = back_up(&app, folder.path(), &[]);
    let what = "switchboard: copy is there already. Choose another name, or say --force.\n";
    assert_eq!((said.code, said.err.as_str()), (Some(1), what));
    assert_eq!(std::fs::read_to_string(&copy).expect("a text"), "dear");
    assert_eq!(back_up(&app, folder.path(), &["--force"]).code, Some(0));
    assert!(copy.metadata().expect("a file").len() > 1_000);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

async fn what_can_not_be_copied_leaves_nothing_behind(app: App) {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["backup", "away/copy", "--database-url", &app.test_db.url], &[]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.starts_with("switchboard: Nothing can be written into away: "), "{said:?}");
    if app.test_db.file().is_some() {
        let said = run(folder.path(), &["backup", "copy"], &[]);
        let what = "switchboard: There is no database at data/switchboard.db. Check DATABASE_URL.\n";
        assert_eq!((said.code, said.err.as_str()), (Some(1), what));
    } else {
        let said = run(
            folder.path(),
            &["backup", "copy", "--database-url", &app.test_db.url],
            &[("PATH", "/nowhere")],
        );
        assert_eq!(said.code, Some(1));
        assert!(
            said.err.starts_with("switchboard: pg_dump is not installed here. Install PostgreSQL's"),
            "{said:?}"
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

/// A SQLite file that somebody has written over.
#[tokio::test]
async fn a_damaged_database_makes_no_copy() {
    let app = App::on(Backend::Sqlite).await;
    for _ in 0..50 {
        app.create(COMPLETES).await;
    }
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(back_up(&app, folder.path(), &[]).code, Some(0));
    let damaged = folder.path().join("damaged.db");
    let mut bytes = std::fs::read(folder.path().join("copy")).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xff);
    std::fs::write(&damaged, bytes).expect("a file");
    let url = format!("sqlite://{}", damaged.display());
    let said = run(folder.path(), &["backup", "other", "--database-url", &url], &[]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(!folder.path().join("other").exists());
}
