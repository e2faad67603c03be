//! Dispatching: what is due goes out once, and comes back.

mod clock;
mod lateness;
mod limits;
mod order;
mod retrying;
mod scenarios;
mod waiting;

use crate::support::{
    app::{App, COMPLETES},
    both_databases,
};

both_databases!(a_call_goes_out_comes_back_and_tells_its_story);

async fn a_call_goes_out_comes_back_and_tells_its_story(app: App) {
    let call = app.create(COMPLETES).await;
    assert_eq!(call["status"], "pending");

    assert_eq!(app.dispatch().await, 1);
    assert_eq!(app.call(&call["id"]).await["status"], "initiated");
    for (secs, status) in [(2, "ringing"), (3, "in_progress"), (5, "completed")] {
        app.pass_secs(secs);
        app.report().await;
        assert_eq!(app.call(&call["id"]).await["status"], status);
    }

    let ended = app.call(&call["id"]).await;
    assert_eq!((&ended["ended_reason"], &ended["attempts_made"]), (&"answered".into(), &1.into()));
    assert_eq!(
        app.timeline(&call["id"]).await,
        ["created", "claimed", "placed", "report", "report", "report", "report"]
    );
}
