//! The people and programs: several at once, each asking any node for whatever comes to mind.

use crate::{
    base::now_ms,
    chance::Chance,
    history::{Answer, Ask, History, request},
    nodes::Nodes,
};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// How many ask at once.
const PEOPLE: u64 = 6;
/// How long one waits for an answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often a form is sent again while nobody answers.
const RESENDS: u32 = 12;

/// Those who ask, until they are told to stop.
pub struct Driver {
    stop: Arc<AtomicBool>,
    people: JoinSet<()>,
}

impl Driver {
    /// They begin.
    pub fn start(seed: u64, nodes: &Nodes, history: &History) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut people = JoinSet::new();
        for number in 0..PEOPLE {
            let http = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
            let mut person = Person {
                chance: Chance::of(seed, &format!("person {number}")),
                nodes: nodes.clone(),
                history: history.clone(),
                http,
            };
            let stop = Arc::clone(&stop);
            people.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    person.ask_something().await;
                    let pause = person.chance.millis(20, 300);
                    tokio::time::sleep(pause).await;
                }
            });
        }
        Self { stop, people }
    }

    /// They finish what they are at, and stop.
    pub async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.people.join_all().await;
    }
}

struct Person {
    chance: Chance,
    nodes: Nodes,
    history: History,
    http: Client,
}

impl Person {
    async fn ask_something(&mut self) {
        let ask = self.chance.weighted(&[
            (40, Ask::Create),
            (14, Ask::CreateWithKey),
            (16, Ask::Cancel),
            (10, Ask::Edit),
            (15, Ask::Retry),
            (5, Ask::EndByHand),
        ]);
        match ask {
            Ask::Create => self.create().await,
            Ask::CreateWithKey => self.create_with_key().await,
            other => self.command(other).await,
        }
    }

    async fn create(&mut self) {
        let (wish, number) = self.history.wish(false);
        let mut body = json!({
            "customer_name": format!("Wish {wish}"),
            "phone_number": number,
            "workflow": self.chance.pick(&["support", "sales", "reminder"]),
            "max_attempts": self.chance.between(1, 3),
        });
        if self.chance.percent(30) {
            body["delay_secs"] = json!(self.chance.between(1, 2));
        }
        let answer = self
            .send(Ask::Create, wish, |http, base| http.post(format!("{base}/api/calls")).json(&body))
            .await;
        if let (true, Some(id)) = (answer.is_done(), answer.field("id").as_str()) {
            self.history.is_call(wish, id);
        }
    }

    /// The page's form, with its hidden key: whoever gets no answer sends it again.
    async fn create_with_key(&mut self) {
        let (wish, number) = self.history.wish(true);
        let fields = [
            ("form[form_key]", format!("key-{wish}")),
            ("form[customer_name]", format!("Wish {wish}")),
            ("form[phone_number]", number),
            ("form[workflow]", "sales".to_owned()),
            ("form[when]", "now".to_owned()),
        ];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let double_click = self.chance.percent(30);
        for sent in 0..RESENDS {
            let answer = self
                .send(Ask::CreateWithKey, wish, |http, base| {
                    http.post(format!("{base}/fn/create_call"))
                        .header("content-type", "application/x-www-form-urlencoded")
                        .header("accept", "application/json")
                        .body(body.clone())
                })
                .await;
            if let (true, Answer::Status(_, Value::String(id))) = (answer.is_done(), &answer) {
                self.history.is_call(wish, id);
                if !double_click || sent > 0 {
                    return;
                }
            }
            let pause = self.chance.millis(50, 600);
            tokio::time::sleep(pause).await;
        }
    }

    async fn command(&mut self, ask: Ask) {
        // Fresh calls are where commands meet the dispatcher; older ones have ended and can be retried.
        let among = if ask == Ask::Retry { 200 } else { 4 };
        let known = self.history.recent(among);
        if known.is_empty() {
            return;
        }
        let (wish, id) = known[self.chance.index(known.len())].clone();
        let path = format!("/api/calls/{id}");
        match ask {
            Ask::Edit => {
                let number = self.history.another_number(wish);
                let body = json!({"phone_number": number, "max_attempts": self.chance.between(1, 3)});
                self.send(ask, wish, |http, base| http.patch(format!("{base}{path}")).json(&body)).await;
            }
            Ask::EndByHand => {
                let body = json!({"status": self.chance.pick(&["completed", "failed", "canceled"])});
                self.send(ask, wish, |http, base| http.patch(format!("{base}{path}")).json(&body)).await;
            }
            _ => {
                let command = if ask == Ask::Retry { "retry" } else { "cancel" };
                let body = json!({});
                self.send(ask, wish, |http, base| http.post(format!("{base}{path}/{command}")).json(&body))
                    .await;
            }
        }
    }

    /// Asks any node, and keeps what was asked and answered.
    async fn send(
        &mut self,
        ask: Ask,
        wish: usize,
        make: impl Fn(&Client, &str) -> RequestBuilder,
    ) -> Answer {
        let Some((node, address)) = self.nodes.any(&mut self.chance) else {
            return Answer::NotSent;
        };
        let begin = now_ms();
        let sent = make(&self.http, &format!("http://{address}")).send().await;
        let answer = match sent {
            Err(why) if why.is_connect() && !why.is_timeout() => Answer::NotSent,
            Err(why) => Answer::None(why.to_string()),
            Ok(answer) => {
                let status = answer.status().as_u16();
                match answer.bytes().await {
                    Ok(body) => Answer::read(ask, status, body),
                    Err(why) => Answer::None(why.to_string()),
                }
            }
        };
        self.history.keep(request(ask, wish, node, begin, answer.clone()));
        answer
    }
}
