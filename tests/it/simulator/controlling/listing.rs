//! What was taken, what was sent and what was answered: found by call, number and time, a page at a time.

use super::World;
use crate::support::both_databases;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

both_databases!(
    a_call_is_listed_with_what_will_happen_next,
    every_sending_is_listed_with_its_headers_and_its_answer,
    what_is_lost_is_listed_too,
    lists_are_narrowed_by_call_number_and_time,
    lists_are_read_a_page_at_a_time,
    calls_can_be_forgotten,
    it_says_how_it_is_set_and_what_its_numbers_do,
    it_describes_itself,
);

async fn a_call_is_listed_with_what_will_happen_next(world: World) {
    let id = world.place("a1", "+14155550101").await;
    world.send_at(2_500).await;
    let call = world.look(&format!("/calls/{id}")).await;
    let expected = json!({
        "provider_call_id": id, "attempt_id": "a1", "to": "+14155550101", "customer_name": "Ada Lovelace",
        "workflow": "support", "callback_url": format!("{}/hook/a1", world.receiver.url), "nth": 1,
        "scenario": "completed", "faults": [], "speed": 1.0, "placed_at": "2026-11-21T09:00:00.000Z",
        "status": "ringing", "sequence": 2, "ended_reason": null, "hangup_requested_at": null,
        "next": {"status": "in_progress", "at": "2026-11-21T09:00:05.000Z"},
    });
    assert_eq!(call, expected);
    assert_eq!(world.look("/calls").await, json!({"calls": [expected], "next_cursor": null}));
    world.hang_up(&id).await;
    let call = world.look(&format!("/calls/{id}")).await;
    assert_eq!(
        (&call["status"], &call["ended_reason"], &call["next"]),
        (&json!("canceled"), &json!("hung_up"), &json!(null))
    );
    let (status, problem) = world.control(Method::GET, "/calls/sim_1", None).await;
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("unknown_call")));
}

async fn every_sending_is_listed_with_its_headers_and_its_answer(world: World) {
    let id = world.place("a1", "+14155550102").await;
    world.receiver.answer_next(&[StatusCode::INTERNAL_SERVER_ERROR]);
    world.send_at(0).await;
    let listed = world.look("/callbacks").await;
    let states: Vec<_> =
        listed["callbacks"].as_array().expect("a list").iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["waiting", "failing"], "newest first, by when they are due");
    world.send_at(1_500).await;

    let came = world.receiver.callbacks();
    let told = world.look(&format!("/callbacks/{}", came[0].id)).await;
    assert_eq!(
        (&told["provider_call_id"], &told["attempt_id"], &told["state"]),
        (&json!(id), &json!("a1"), &json!("delivered"))
    );
    assert_eq!(told["body"], came[0].raw, "exactly as it was sent");
    assert_eq!((&told["due_at"], &told["copies"]), (&json!("2026-11-21T09:00:00.000Z"), &json!(1)));
    assert_eq!(
        (&told["delivered_at"], &told["next_try_at"]),
        (&json!("2026-11-21T09:00:01.500Z"), &Value::Null)
    );
    let tries = told["tries"].as_array().expect("a list");
    let answers: Vec<_> =
        tries.iter().map(|it| (it["status"].as_u64(), it["answer"].as_str().expect("words"))).collect();
    assert_eq!(answers, [(Some(500), "500 Internal Server Error"), (Some(204), "204 No Content")]);
    assert_eq!(tries[1]["at"], "2026-11-21T09:00:01.500Z");
    let headers = &tries[1]["headers"];
    assert_eq!(headers["webhook-id"], came[1].id);
    assert_eq!(headers["webhook-timestamp"], came[1].timestamp.to_string());
    let secret = super::super::SECRETS.split(' ').next().expect("one");
    let oracle = standardwebhooks::Webhook::new(secret).expect("a secret");
    let signature = oracle.sign(&came[1].id, came[1].timestamp, came[1].raw.as_bytes()).expect("a signature");
    assert!(
        headers["webhook-signature"].as_str().is_some_and(|all| all.split(' ').any(|one| one == signature))
    );
    let (answered, problem) = world.control(Method::GET, "/callbacks/msg_1", None).await;
    assert_eq!((answered, &problem["code"]), (StatusCode::NOT_FOUND, &json!("unknown_callback")));
}

async fn what_is_lost_is_listed_too(world: World) {
    world.place("a1", "+14155550107").await;
    world.send_all().await;
    let listed = world.look("/callbacks").await;
    let states: Vec<_> =
        listed["callbacks"].as_array().expect("a list").iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["lost", "lost", "lost", "delivered"]);
}

async fn lists_are_narrowed_by_call_number_and_time(world: World) {
    let first = world.place("a1", "+14155550101").await;
    world.send_at(60_000).await;
    world.place("a2", "+14155550102").await;
    world.send_at(120_000).await;
    let count = async |path: &str, list: &str| world.look(path).await[list].as_array().map(Vec::len);
    for (query, calls, callbacks) in [
        ("", 2, 6),
        ("?to=%2B14155550102", 1, 2),
        ("?to=%2B1%20(415)%20555-0102", 1, 2),
        ("?attempt_id=a1", 1, 4),
        ("?since=2026-11-21T09:01:00Z", 1, 2),
        ("?until=2026-11-21T09:00:59Z", 1, 4),
        ("?since=2026-11-21T09:00:05Z&until=2026-11-21T09:01:00Z", 1, 3),
        ("?to=%2B4930123456", 0, 0),
    ] {
        assert_eq!(count(&format!("/calls{query}"), "calls").await, Some(calls), "calls {query}");
        assert_eq!(
            count(&format!("/callbacks{query}"), "callbacks").await,
            Some(callbacks),
            "callbacks {query}"
        );
    }
    assert_eq!(count(&format!("/callbacks?call={first}"), "callbacks").await, Some(4));
    assert_eq!(count(&format!("/calls?call={first}"), "calls").await, Some(1));
}

async fn lists_are_read_a_page_at_a_time(world: World) {
    for n in 0..7 {
        world.place(&format!("a{n}"), "+14155550102").await;
    }
    for (list, id, all) in [("calls", "provider_call_id", 7), ("callbacks", "webhook_id", 14)] {
        let mut found = Vec::new();
        let mut path = format!("/{list}?limit=3");
        loop {
            let page = world.look(&path).await;
            let rows = page[list].as_array().expect("a list");
            assert!((1..=3).contains(&rows.len()));
            found.extend(rows.iter().map(|row| row[id].as_str().expect("an id").to_owned()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/{list}?limit=3&cursor={cursor}");
        }
        assert_eq!(found.len(), all, "{list}");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), all, "{list}: none twice");
    }
    for wrong in ["?limit=0", "?limit=201", "?limit=x", "?cursor=x", "?cursor=x-y", "?color=red"] {
        assert_eq!(
            world.control(Method::GET, &format!("/calls{wrong}"), None).await.0,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    assert_eq!(world.control(Method::GET, "/calls?since=noon", None).await.1["code"], "invalid_instant");
    assert_eq!(world.control(Method::GET, "/calls?to=12", None).await.1["code"], "invalid_number");
}

async fn calls_can_be_forgotten(world: World) {
    world.fault(json!({"kind": "callbacks_twice"})).await;
    world.place("a1", "+15551234567").await;
    assert_eq!(world.control(Method::DELETE, "/calls", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.look("/callbacks").await, json!({"callbacks": [], "next_cursor": null}));
    world.send_at(60_000).await;
    assert!(world.receiver.statuses().is_empty(), "nothing more is sent");
    assert_eq!(world.look("/faults").await["faults"].as_array().map(Vec::len), Some(1), "the rest stays");
    world.place("a1", "+15551234567").await;
    assert_eq!(world.look("/calls").await["calls"][0]["nth"], 2);
}

async fn it_says_how_it_is_set_and_what_its_numbers_do(world: World) {
    let overview = world.look("").await;
    assert_eq!(
        (&overview["speed"], &overview["seed"], &overview["fail_rate"]),
        (&json!(1.0), &json!(1), &json!(0.15))
    );
    assert_eq!(
        overview["clock"],
        json!({"now": "2026-11-21T09:00:00.000Z", "held": false, "can_be_held": true})
    );
    let scenarios = overview["scenarios"].as_array().expect("a list");
    assert_eq!(scenarios.len(), 11);
    let busy = json!({"scenario": "busy", "last_digits": "02", "number": "+14155550102", "does": "is busy"});
    assert_eq!(scenarios[1], busy);
    assert_eq!(overview["faults"].as_array().map(Vec::len), Some(10));
    assert_eq!((&overview["due"], &overview["next_at"]), (&json!(0), &Value::Null));
    world.place("a1", "+14155550101").await;
    let overview = world.look("").await;
    assert_eq!((&overview["due"], &overview["next_at"]), (&json!(1), &json!("2026-11-21T09:00:00.000Z")));
}

async fn it_describes_itself(world: World) {
    let document = world.look("/openapi.json").await;
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let paths = document["paths"].as_object().expect("paths");
    for path in paths.keys().filter(|path| !path.contains('{')) {
        let known = path.strip_prefix("/control").expect("under its address");
        let (status, _) = world.control(Method::OPTIONS, known, None).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path} is there");
    }
    let fault = &document["components"]["schemas"]["NewFault"];
    assert!(fault["properties"]["kind"].is_object() && fault["properties"]["next"].is_object(), "{fault}");
    assert_eq!(document["security"], json!([{"token": []}]));
}
