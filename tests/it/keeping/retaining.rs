//! What the settings say goes by itself, and nothing else.

use crate::support::{
    Backend,
    app::{App, COMPLETES, text},
    both_databases,
    receiver::Told,
};
use reqwest::StatusCode;
use switchboard::{
    domain::timestamp::Timestamp,
    server::{
        insights::follow,
        provider::simulator,
        retention::{self, Pace, Strays},
    },
};

both_databases!(
    nothing_of_ours_goes_unless_it_is_said,
    what_is_older_than_its_setting_goes,
    the_simulator_gives_up_what_nobody_takes,
);

const DAY: i64 = 86_400;

/// Settings under which everything goes after a while, each after another one.
struct Tidy(Told);

impl crate::support::OnDatabase for Tidy {
    async fn on(backend: Backend) -> Self {
        let settings = ["--keep-calls", "30d", "--keep-deliveries", "20d", "--keep-stray-events", "10d"];
        Self(Told::with(backend, &settings).await)
    }
}

async fn tidy(app: &App) {
    let pace = Pace::brisk().with_steps_of(2);
    follow::catch_up(&app.state().db, app.now())
        .await
        .expect("the insights, which a loop of their own counts");
    retention::run_once(app.state(), app.now(), &pace, Strays::Removed).await;
}

async fn rows(app: &App, table: &str) -> i64 {
    app.count(&format!("SELECT COUNT(*) FROM {table}")).await
}

async fn history(world: &Told) -> String {
    let app = &world.app;
    world.endpoint(&["call.ended"]).await;
    let call = app.create(COMPLETES).await;
    app.live(12).await;
    assert_eq!(app.deliver_all().await, 1);
    let unknown = serde_json::json!({
        "provider_call_id": "sim_nobody", "attempt_id": "01a1fd56-0000-7000-8000-000000000000",
        "status": "ringing", "sequence": 1, "occurred_at": app.now().to_rfc3339(),
    });
    app.hear("of-nobody", &unknown).await;
    text(&call["id"])
}

async fn nothing_of_ours_goes_unless_it_is_said(world: Told) {
    let app = &world.app;
    let id = history(&world).await;
    app.pass_secs(10_000 * DAY);
    let before = [rows(app, "call_events").await, rows(app, "webhook_deliveries").await];
    tidy(app).await;
    assert_eq!([rows(app, "call_events").await, rows(app, "webhook_deliveries").await], before);
    assert_eq!(app.get(&format!("/api/calls/{id}")).await.0, StatusCode::OK);
    assert_eq!(
        app.state().config.keep_simulated.to_string(),
        "168h",
        "the simulator's own goes after a week"
    );
}

async fn what_is_older_than_its_setting_goes(Tidy(world): Tidy) {
    let app = &world.app;
    let id = history(&world).await;
    let strays = "call_events WHERE call_id IS NULL";
    let left =
        async || [rows(app, strays).await, rows(app, "webhook_deliveries").await, rows(app, "calls").await];
    let all = left().await;
    assert!(all.iter().all(|rows| *rows == 1), "{all:?}");
    for (days, expected) in [(9, [1, 1, 1]), (2, [0, 1, 1]), (10, [0, 0, 1]), (10, [0, 0, 0])] {
        app.pass_secs(days * DAY);
        tidy(app).await;
        let kept = [rows(app, strays).await, rows(app, "webhook_deliveries").await];
        assert_eq!(kept, expected[..2], "after {days} more days");
        assert_eq!(rows(app, &format!("calls WHERE phone_number = '{COMPLETES}'")).await, expected[2]);
    }
    assert_eq!(app.get(&format!("/api/calls/{id}")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(rows(app, "call_attempts").await, 0);
    assert_eq!(app.count("SELECT SUM(completed) FROM insight_calls").await, 1, "the insights remember it");
}

/// The receiver is gone for good, and the simulator has tried again and again.
async fn the_simulator_gives_up_what_nobody_takes(app: App) {
    app.create(COMPLETES).await;
    app.live(12).await;
    let nobody = "UPDATE sim_callbacks SET delivered_at = NULL, next_try_at = due_at, tries = 5";
    let work = async move |tx: switchboard::server::db::Tx| {
        sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), nobody).await?;
        Ok(switchboard::server::db::Written::new(()))
    };
    app.state().db.write(work).await.expect("nobody takes them");
    let prune = async |at: Timestamp| {
        simulator::prune(&app.state().db, at.as_millis(), &Pace::brisk()).await.expect("a round")
    };
    assert_eq!(prune(app.now().plus_secs(-DAY)).await, 0, "they are tried for as long as the setting says");
    app.pass_secs(2 * DAY);
    assert_eq!(prune(app.now().plus_secs(-DAY)).await, 1);
    assert_eq!(rows(&app, "sim_callbacks").await, 0);
}
