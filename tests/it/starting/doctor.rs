//! The doctor looks at everything, says how to mend what is wrong, and touches nothing.

use super::{Said, Serving, run, switchboard};
use crate::support::{
    Backend, OnDatabase, TestDb,
    app::App,
    both_databases,
    company::{World, problem},
};
use std::{net::TcpListener, path::Path};
use wiremock::ResponseTemplate;

both_databases!(
    a_good_installation_is_well,
    a_running_server_is_asked_how_it_is,
    a_provider_that_lets_us_in_is_well,
    a_provider_that_does_not_is_not,
    what_a_newer_version_left_is_told,
);

/// Whatever port is free: nobody else's server is looked at.
const ANY_PORT: (&str, &str) = ("LEPTOS_SITE_ADDR", "127.0.0.1:0");

#[track_caller]
fn says(said: &Said, line: &str) {
    assert!(said.out.lines().any(|found| found.starts_with(line)), "{line}: {said:?}");
}

async fn a_good_installation_is_well(test: TestDb) {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["doctor", "--database-url", &test.url], &[ANY_PORT]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    for line in [
        "ok    settings make sense",
        "ok    access is open to everybody on this machine",
        &format!("ok    database answers ({:?})", test.db.backend()),
        "ok    migrations are all applied",
        "ok    clock shows 20",
        "ok    secrets are there: PROVIDER_TOKEN is made at the first start",
        "ok    port is any free one",
        "ok    callbacks come to http://127.0.0.1:0, which is tried while the server runs",
        "ok    provider is the built-in simulator",
    ] {
        says(&said, line);
    }
    assert_eq!(said.out.contains("disk has "), test.file().is_some());
    assert_eq!(said.out.contains("write-ahead log has 0 MB"), test.file().is_some());
    assert_eq!(said.out.lines().filter(|line| line.starts_with("WRONG")).count(), 0);
}

/// What a doctor says who is told where `app` serves.
fn examine(app: &App, settings: &[(&str, &str)]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let address = app.running.address.to_string();
    let mut all = vec![("LEPTOS_SITE_ADDR", address.as_str()), ("DATABASE_URL", &app.test_db.url)];
    all.extend(settings);
    run(folder.path(), &["doctor"], &all)
}

async fn a_running_server_is_asked_how_it_is(app: App) {
    let before = examine(&app, &[]);
    assert_eq!(before.code, Some(1), "{before:?}");
    says(
        &before,
        &format!("WRONG port: the Switchboard at {} is not ready: dispatcher.", app.running.address),
    );

    app.dispatch().await;
    let calls = app.count("SELECT count(*) FROM calls").await;
    let said = examine(&app, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for line in [
        &format!("ok    port {} is served by a Switchboard that is ready", app.running.address),
        &format!("ok    callbacks come to {}, where a Switchboard answers", app.base),
        "ok    provider is the built-in simulator, and answers us",
        "ok    secrets are there: PROVIDER_TOKEN was made here, WEBHOOK_SECRET was made here",
    ] {
        says(&said, line);
    }
    assert_eq!(app.count("SELECT count(*) FROM calls").await, calls);
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 0);

    let said = examine(&app, &[("PUBLIC_URL", "http://127.0.0.1:9")]);
    says(&said, "WRONG callbacks: no Switchboard answers at http://127.0.0.1:9. Set PUBLIC_URL");
    let said = examine(&app, &[("PROVIDER_TOKEN", "another-token-than-that")]);
    says(&said, "WRONG provider: is the built-in simulator: The provider answered 401");
    assert_eq!(said.code, Some(1));
}

async fn a_provider_that_lets_us_in_is_well(world: World) {
    let url = world.company.url();
    let settings = [ANY_PORT, ("DATABASE_URL", world.app.test_db.url.as_str()), ("PROVIDER_URL", &url)];
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["doctor"], &settings);
    assert_eq!(said.code, Some(0), "{said:?}");
    says(&said, "ok    provider is the one at 127.0.0.1, and answers us");
    assert_eq!((world.company.questions().await, world.company.placings().await.len()), (1, 0));

    let settings = [ANY_PORT, ("PROVIDER_KIND", "call_api"), ("PROVIDER_URL", &url)];
    let said = run(folder.path(), &["doctor"], &settings);
    says(&said, "WRONG provider: is the one at 127.0.0.1, which speaks the Call API: ");
}

async fn a_provider_that_does_not_is_not(world: World) {
    world.company.answers_questions(problem(401, "no", "Who are you?"));
    let url = world.company.url();
    let settings = [ANY_PORT, ("DATABASE_URL", world.app.test_db.url.as_str()), ("PROVIDER_URL", &url)];
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["doctor"], &settings);
    assert_eq!(said.code, Some(1), "{said:?}");
    says(
        &said,
        "WRONG provider: is the one at 127.0.0.1: The provider answered 401 Unauthorized. Check PROVIDER_URL",
    );
    world.company.answers_questions(ResponseTemplate::new(200).set_body_string("<html>"));
    says(&run(folder.path(), &["doctor"], &settings), "WRONG provider: ");
}

/// A database that a version to come has been at.
struct Newer(TestDb);

impl OnDatabase for Newer {
    async fn on(backend: Backend) -> Self {
        let test = TestDb::new(backend).await;
        let work = test.db.write(async move |tx| {
            let sql =
                "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_later', 0)";
            sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), sql).await?;
            Ok(switchboard::server::db::Written::new(()))
        });
        work.await.expect("a row");
        Self(test)
    }
}

async fn what_a_newer_version_left_is_told(Newer(test): Newer) {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["doctor", "--database-url", &test.url], &[ANY_PORT]);
    assert_eq!(said.code, Some(1), "{said:?}");
    says(&said, "WRONG migrations: ");
}

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("a folder").count()
}

#[test]
fn a_new_database_is_looked_for_and_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = run(folder.path(), &["doctor"], &[ANY_PORT]);
    assert_eq!(before.code, Some(0), "{before:?}");
    says(&before, "ok    database is not there yet: the first start makes data/switchboard.db");
    assert_eq!(files_in(folder.path()), 0, "nothing was made");
    for _ in 0..2 {
        let said = run(folder.path(), &["migrate"], &[]);
        assert_eq!((said.code, said.out.as_str()), (Some(0), "The database is up to date.\n"), "{said:?}");
    }
    assert!(folder.path().join("data/switchboard.db").is_file());
    let after = run(folder.path(), &["doctor"], &[ANY_PORT]);
    says(&after, "ok    migrations are all applied");
}

#[test]
fn what_is_wrong_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("API_TOKEN", "short"), ("DATABASE_URL", "mysql://x"), ANY_PORT];
    let said = run(folder.path(), &["doctor"], &settings);
    assert_eq!(said.code, Some(1), "{said:?}");
    says(&said, "WRONG settings: API_TOKEN is too short");
    says(&said, "WRONG database: DATABASE_URL begins with");
    says(&said, "ok    provider is the built-in simulator");

    let settings = [("PROVIDER_URL", "http://calls.example:5000"), ANY_PORT];
    let said = run(folder.path(), &["doctor"], &settings);
    says(&said, "WRONG callbacks: calls.example can't call back at http://127.0.0.1:0. Set PUBLIC_URL");
}

#[test]
fn a_strangers_port_is_told_from_our_own() {
    let stranger = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = stranger.local_addr().expect("an address").to_string();
    std::thread::spawn(move || stranger.incoming().for_each(drop));
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["doctor"], &[("LEPTOS_SITE_ADDR", &address)]);
    assert_eq!(said.code, Some(1), "{said:?}");
    says(&said, &format!("WRONG port: another program listens on {address}. Stop it"));
}

/// It would fill the disk in the end.
#[tokio::test]
async fn a_log_that_only_grows_is_wrong() {
    let test = TestDb::new(Backend::Sqlite).await;
    test.db.close().await;
    let log = test.file().expect("a file").with_extension("db-wal");
    std::fs::File::create(log).expect("a log").set_len(300_000_000).expect("its size");
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["doctor", "--database-url", &test.url], &[ANY_PORT]);
    assert_eq!(said.code, Some(1), "{said:?}");
    says(&said, "WRONG write-ahead log: has 300 MB and is not moved into the database. Another program");
}

/// As `switchboard doctor | head -1` does.
#[test]
fn who_has_read_enough_may_go() {
    let folder = tempfile::tempdir().expect("a folder");
    for command in ["doctor", "openapi"] {
        let mut child = switchboard(folder.path(), &[command], &[ANY_PORT]).spawn().expect("a process");
        drop(child.stdout.take());
        let said = child.wait_with_output().expect("it ends");
        let err = String::from_utf8_lossy(&said.stderr);
        assert_eq!((said.status.code(), &*err), (Some(0), ""), "{command}");
    }
}

#[test]
fn what_was_killed_can_be_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Serving::start(folder.path(), &[ANY_PORT]));
    let data = folder.path().join("data");
    assert!(data.join("switchboard.db-wal").exists(), "it was killed");
    let said = run(folder.path(), &["doctor"], &[ANY_PORT]);
    assert_eq!(said.code, Some(0), "{said:?}");
    says(&said, "ok    migrations are all applied");
}
