//! Asking: what an answer of the provider means, and how it is asked where the answer leaves something open.

mod ambiguity;
mod answers;
mod crashes;
mod lost_contact;
mod not_now;
mod schedule;
mod silence;
mod takeover;

use crate::support::company::World;
use serde_json::Value;
use wiremock::ResponseTemplate;

/// A call whose placing got an answer that leaves it open.
async fn left_open(world: &World) -> Value {
    world.company.answers_placings(ResponseTemplate::new(500));
    let call = world.placed().await;
    assert_eq!(call["status"], "dispatching");
    world.company.takes_calls();
    call
}

/// Lets `secs` pass, second by second, with the provider being asked whenever it is time.
async fn ask_for(world: &World, secs: i64) {
    for _ in 0..secs {
        world.app.pass_secs(1);
        world.app.reconcile().await;
    }
}
