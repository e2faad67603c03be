//! The simulator answers the Call API: to this machine, and to whoever has the token.

use crate::support::{
    Backend, OnDatabase,
    app::{App, START, read, text},
    both_databases,
    call_api::{Elsewhere, TOKEN},
};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use switchboard::{domain::timestamp::Timestamp, server::clock::Clock};
use tokio::net::TcpListener;

both_databases!(
    a_number_is_dialed_and_tells_where_it_stands,
    each_request_is_a_call_of_its_own,
    what_is_no_call_is_refused_in_its_envelope,
    only_this_machine_may_ask_without_a_token,
    the_built_in_simulator_answers_it_too,
);

/// A simulator that is served by itself.
struct Door {
    company: Elsewhere,
    clock: Clock,
    http: Client,
}

impl OnDatabase for Door {
    async fn on(backend: Backend) -> Self {
        let clock = Clock::manual(Timestamp::from_millis(START));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let company = Elsewhere::open(backend, listener, clock.clone()).await;
        Self { company, clock, http: Client::builder().no_proxy().build().expect("a client") }
    }
}

impl Door {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.company.address))
    }

    async fn dial(&self, number: &str) -> (StatusCode, Value) {
        send(self.request(Method::POST, "/api/call").json(&json!({"phone_number": number}))).await
    }

    async fn ask(&self, id: &str) -> (StatusCode, Value) {
        send(self.request(Method::GET, &format!("/api/call/{id}"))).await
    }
}

async fn send(request: RequestBuilder) -> (StatusCode, Value) {
    read(request.send().await.expect("an answer")).await
}

async fn a_number_is_dialed_and_tells_where_it_stands(door: Door) {
    let (status, taken) = door.dial("+1 (415) 555-0101").await;
    let id = text(&taken["call"]["id"]);
    let expected = |status: &str, updated_at: &str, duration: Value| {
        json!({"success": true, "call": {
            "id": id, "phone_number": "+14155550101", "status": status, "duration": duration,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": updated_at,
        }})
    };
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(taken, expected("initiated", "2026-11-21T09:00:00.000Z", Value::Null));
    for (secs, status, updated_at, duration) in [
        (2, "ringing", "2026-11-21T09:00:02.000Z", Value::Null),
        (3, "connected", "2026-11-21T09:00:05.000Z", Value::Null),
        (5, "completed", "2026-11-21T09:00:10.000Z", json!(5)),
    ] {
        door.clock.advance_ms(secs * 1_000);
        assert_eq!(door.ask(&id).await, (StatusCode::OK, expected(status, updated_at, duration)));
    }
}

async fn each_request_is_a_call_of_its_own(door: Door) {
    let (one, other) = (door.dial("+1234567890").await.1, door.dial("+1234567890").await.1);
    assert_ne!(one["call"]["id"], other["call"]["id"]);
    assert_eq!(door.company.dials().await, 2);
}

async fn what_is_no_call_is_refused_in_its_envelope(door: Door) {
    let post = |body: &'static str, kind: &str| {
        door.request(Method::POST, "/api/call").header("content-type", kind.to_owned()).body(body)
    };
    let json = "application/json";
    for (request, status, code) in [
        (post("{\"phone_number\": \"+14155550101\"}", "text/plain"), 400, "not_json"),
        (post("{", json), 400, "malformed_json"),
        (post("{}", json), 400, "invalid_number"),
        (post("{\"phone_number\": 14155550101}", json), 400, "invalid_number"),
        (post("{\"phone_number\": \"4155550101\"}", json), 400, "invalid_number"),
        (post("{\"phone_number\": \"+14155550106\"}", json), 422, "provider_refused"),
        (door.request(Method::GET, "/api/call"), 405, "method_not_allowed"),
        (door.request(Method::GET, "/api/call/nobody"), 404, "unknown_call"),
    ] {
        let (found, body) = send(request).await;
        assert_eq!((found.as_u16(), &body["code"]), (status, &json!(code)), "{body}");
        assert_eq!(body["success"], false);
        assert!(text(&body["error"]).ends_with(['.', ')']) || code == "malformed_json", "{body}");
    }
    assert_eq!(door.company.dials().await, 0);
}

async fn only_this_machine_may_ask_without_a_token(door: Door) {
    let ask = || door.request(Method::GET, "/api/call/nobody");
    assert_eq!(send(ask()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(ask().bearer_auth(TOKEN)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(ask().bearer_auth("wrong")).await.0, StatusCode::UNAUTHORIZED);
    for name in ["forwarded", "x-forwarded-for", "x-real-ip", "via"] {
        let (status, body) = send(ask().header(name, "somebody")).await;
        assert_eq!((status, &body["success"]), (StatusCode::UNAUTHORIZED, &json!(false)), "{name}");
        assert_eq!(send(ask().header(name, "somebody").bearer_auth(TOKEN)).await.0, StatusCode::NOT_FOUND);
    }
}

async fn the_built_in_simulator_answers_it_too(app: App) {
    let (status, taken) = app.post("/api/call", &json!({"phone_number": "+14155550102"})).await;
    assert_eq!((status, &taken["call"]["status"]), (StatusCode::CREATED, &json!("initiated")), "{taken}");
    app.pass_secs(2);
    let (status, told) = app.get(&format!("/api/call/{}", text(&taken["call"]["id"]))).await;
    assert_eq!((status, &told["call"]["status"]), (StatusCode::OK, &json!("busy")));
    app.report().await;
    assert!(app.ids("").await.is_empty(), "it is no call of ours");
}
