//! The loop around it all: woken by placings, and it stops when told to.

use super::World;
use crate::support::both_databases;
use switchboard::server::provider::simulator::deliver;
use tokio_util::sync::CancellationToken;

both_databases!(a_placing_wakes_the_sender, stopping_lets_go_of_held_answers,);

async fn a_placing_wakes_the_sender(world: World) {
    let stop = CancellationToken::new();
    let sender = tokio::spawn(deliver::run(world.sim.clone(), stop.clone()));

    let id = world.place("a1", "+14155550101").await;
    world.receiver.wait_for(1).await;
    world.hang_up(&id).await;
    world.receiver.wait_for(2).await;
    assert_eq!(world.receiver.statuses(), ["initiated", "canceled"]);

    stop.cancel();
    sender.await.expect("it stops");
}

async fn stopping_lets_go_of_held_answers(world: World) {
    let stop = CancellationToken::new();
    let sender = tokio::spawn(deliver::run(world.sim.clone(), stop.clone()));
    let placing = tokio::spawn(world.placing(&world.body("a1", "+14155550110")).send());
    world.receiver.wait_for(1).await;

    stop.cancel();
    sender.await.expect("it stops");
    assert_eq!(placing.await.expect("no panic").expect("an answer").status(), 504);
}
