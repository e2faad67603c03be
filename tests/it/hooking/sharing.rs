//! Sharing: several nodes send each delivery once; a crash loses none; one slow endpoint holds up nobody.

use crate::support::{
    Backend, OnDatabase,
    app::{COMPLETES, node, text},
    both_databases,
    receiver::{Told, deliver_all},
    speaker::{Speaks, speaker},
};
use std::collections::BTreeSet;
use switchboard::{
    domain::id::EndpointId,
    server::{Running, dispatcher::deliver, hooks::claim::claim, state::AppState},
};
use tokio::task::JoinSet;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

both_databases!(
    four_nodes_send_each_delivery_once,
    what_a_node_had_in_hand_when_it_died_is_sent_again_under_the_same_id,
    an_answer_that_comes_after_the_lease_is_not_counted,
    a_slow_endpoint_holds_up_nobody,
    events_of_one_call_do_not_overtake_each_other,
    a_deleted_endpoint_is_sent_nothing_more,
);

/// Four nodes and somebody who listens. On SQLite they share the one process that may write.
struct FourNodes {
    told: Told,
    nodes: Vec<AppState>,
    _running: Vec<Running>,
}

impl OnDatabase for FourNodes {
    async fn on(backend: Backend) -> Self {
        let told = Told::on(backend).await;
        let (mut nodes, mut running) = (Vec::new(), Vec::new());
        for _ in 0..4 {
            if backend == Backend::Sqlite {
                nodes.push(told.app.state().clone());
                continue;
            }
            let other =
                node(&told.app.test_db.url, &["--webhook-allow-private"], told.app.clock.clone()).await;
            nodes.push(other.state.clone());
            running.push(other);
        }
        Self { told, nodes, _running: running }
    }
}

async fn four_nodes_send_each_delivery_once(world: FourNodes) {
    let FourNodes { told, nodes, .. } = world;
    for _ in 0..2 {
        told.endpoint(&["call.created"]).await;
    }
    for _ in 0..30 {
        told.app.create(COMPLETES).await;
    }
    let mut sending = JoinSet::new();
    for node in nodes {
        sending.spawn(async move { deliver_all(&node).await });
    }
    let sent: usize = sending.join_all().await.into_iter().sum();
    assert_eq!(sent, 60);
    let ids: BTreeSet<_> = told.receiver.received().await.into_iter().map(|it| it.id).collect();
    assert_eq!((ids.len(), told.receiver.received().await.len()), (60, 60));
}

/// A node takes what is due for the endpoint, and nothing more is heard of it.
async fn claim_and_die(
    world: &Told,
    endpoint: &serde_json::Value,
) -> Vec<switchboard::server::hooks::claim::Claimed> {
    let (id, now) = (text(&endpoint["id"]).parse::<EndpointId>().expect("an id"), world.app.now());
    world.app.state().db.write(async move |tx| claim(&tx, id, 64, now).await).await.expect("a claim")
}

async fn what_a_node_had_in_hand_when_it_died_is_sent_again_under_the_same_id(world: Told) {
    let endpoint = world.endpoint(&["call.created"]).await;
    world.app.create(COMPLETES).await;
    let [claimed] = &claim_and_die(&world, &endpoint).await[..] else { panic!("one delivery") };
    // The endpoint may have heard it; nobody knows.
    assert_eq!(world.app.deliver().await, 0, "while the lease lasts it is somebody else's");
    world.app.pass_secs(61);
    assert_eq!(world.app.deliver().await, 1);
    let told = world.receiver.received().await.remove(0);
    assert_eq!(told.id, claimed.id.to_string());
    let delivery = world.app.deliveries(&endpoint).await.remove(0);
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&"delivered".into(), &2.into()));
}

async fn an_answer_that_comes_after_the_lease_is_not_counted(world: Told) {
    use switchboard::{
        domain::webhook::schedule::Said,
        server::hooks::{send::Reply, settle::settle},
    };
    let endpoint = world.endpoint(&["call.created"]).await;
    world.app.create(COMPLETES).await;
    let late = claim_and_die(&world, &endpoint).await.remove(0);
    world.app.pass_secs(61);
    world.app.deliver().await;
    let reply = Reply { said: Said::Status(410, None), answer: None, error: None, duration_ms: 61_000 };
    let now = world.app.now();
    let settled =
        world.app.state().db.write(async move |tx| settle(&tx, &late, &reply, 0.0, now).await).await;
    assert_eq!(settled, Ok(None));
    let delivery = world.app.deliveries(&endpoint).await.remove(0);
    assert_eq!(delivery["status"], "delivered");
    assert_eq!(world.app.endpoint_now(&endpoint).await["enabled"], true);
}

async fn a_slow_endpoint_holds_up_nobody(world: Told) {
    let (url, speaking) = speaker(Speaks::Nothing).await;
    let slow = world.app.endpoint(&url, &["call.created"]).await;
    for _ in 0..40 {
        world.app.create(COMPLETES).await;
    }
    world.endpoint(&["call.created"]).await;
    let mut heard = world.receiver.listen();
    let (stop, sending) = (CancellationToken::new(), TaskTracker::new());
    let looping = tokio::spawn(deliver::run(world.app.state().clone(), stop.clone(), sending));
    for _ in 0..20 {
        world.app.create(COMPLETES).await;
        heard.recv().await.expect("it arrives, though nobody answers elsewhere");
    }
    let under_way =
        "SELECT count(*) FROM webhook_deliveries WHERE lease_until IS NOT NULL AND status = 'pending'
        AND answer_status IS NULL AND attempts = 1";
    let at_the_slow_one = world.app.count(under_way).await;
    assert!((8..=9).contains(&at_the_slow_one), "{at_the_slow_one} are under way");
    assert_eq!(world.app.deliveries(&slow).await.len(), 60);
    stop.cancel();
    looping.await.expect("the loop ends");
    speaking.abort();
}

async fn events_of_one_call_do_not_overtake_each_other(world: Told) {
    let endpoint = world.endpoint(&["call.created", "call.ended"]).await;
    let call = world.app.create(COMPLETES).await;
    world.app.command(&call["id"], "cancel").await;
    let [first] = &claim_and_die(&world, &endpoint).await[..] else { panic!("only the first of the two") };
    assert!(first.body.contains("call.created"));
    assert!(claim_and_die(&world, &endpoint).await.is_empty(), "the second waits for the first");
    let other = world.app.create(COMPLETES).await;
    let [free] = &claim_and_die(&world, &endpoint).await[..] else { panic!("another call's") };
    assert!(free.body.contains(&text(&other["id"])));
}

async fn a_deleted_endpoint_is_sent_nothing_more(world: Told) {
    let endpoint = world.endpoint(&["call.created"]).await;
    world.app.create(COMPLETES).await;
    let path = format!("/api/webhook-endpoints/{}", text(&endpoint["id"]));
    let deleted = world.app.request(reqwest::Method::DELETE, &path).send().await.expect("an answer");
    assert_eq!(deleted.status(), 204);
    world.app.create(COMPLETES).await;
    assert_eq!(world.app.deliver_all().await, 0);
    assert!(world.receiver.received().await.is_empty());
    assert_eq!(world.app.count("SELECT count(*) FROM webhook_deliveries").await, 0);
}
