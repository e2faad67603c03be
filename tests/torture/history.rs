//! What was asked of the nodes, when, and what they answered.

use crate::base::{Outcome, held, now_ms};
use axum::body::Bytes;
use leptos::server_fn::error::FromServerFnError;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
};
use switchboard::error::AppError;

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    /// A call, once.
    Create,
    /// A call by the page's form, sent again until it is answered.
    CreateWithKey,
    /// To take the wish back.
    Cancel,
    /// To change something.
    Edit,
    /// One attempt more.
    Retry,
    /// To set its end by hand.
    EndByHand,
}

/// What came back.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// The request never left: nobody listened.
    NotSent,
    /// Nothing, or nothing whole: it may have happened.
    None(String),
    /// A status and a body.
    Status(u16, Value),
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// What it asked for.
    pub ask: Ask,
    /// The wish that it belongs to.
    pub wish: usize,
    /// Which node was asked.
    pub node: String,
    /// When it was sent, in milliseconds since the epoch.
    pub begin: i64,
    /// When the answer was there, or given up.
    pub end: i64,
    /// What came back.
    pub answer: Answer,
}

/// One wish of the driver's for a call.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Every number that it had, or may have had.
    pub numbers: Vec<String>,
    /// The call's id, once it was answered.
    pub call: Option<String>,
    /// Whether it was sent with a key.
    pub keyed: bool,
}

/// Everything that was asked. Clones share it.
#[derive(Clone)]
pub struct History(Arc<Inner>);

struct Inner {
    wishes: Mutex<Vec<Wish>>,
    requests: Mutex<Vec<Request>>,
    file: Mutex<File>,
}

impl Answer {
    /// The status, if there is one.
    pub fn status(&self) -> Option<u16> {
        if let Self::Status(status, _) = self { Some(*status) } else { None }
    }

    /// Whether it was done.
    pub fn is_done(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether it was surely not done: refused, or never sent.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::NotSent) || self.status().is_some_and(|s| (400..500).contains(&s) && s != 408)
    }

    /// What a status and a body say. Errors of the page's form come as the page reads them; of these the code is kept,
    /// which programs are told too.
    pub fn read(ask: Ask, status: u16, body: Bytes) -> Self {
        let is_forms_error = ask == Ask::CreateWithKey && status >= 400;
        let body = if is_forms_error {
            json!({"code": AppError::de(body).code()})
        } else {
            serde_json::from_slice(&body).unwrap_or_default()
        };
        Self::Status(status, body)
    }

    /// Whether the answer leaves no doubt that nothing was done.
    pub fn says_nothing_was_changed(&self) -> bool {
        let code = self.field("code").as_str().unwrap_or_default();
        self.is_refused() || matches!(code, "unavailable" | "not_writable" | "internal")
    }

    /// A field of the body.
    pub fn field(&self, name: &str) -> &Value {
        const NOTHING: &Value = &Value::Null;
        if let Self::Status(_, body) = self { body.get(name).unwrap_or(NOTHING) } else { NOTHING }
    }
}

impl History {
    /// A new one, also written to a file.
    pub fn create(path: &Path) -> Outcome<Self> {
        let file = File::create(path).map_err(|why| format!("{}: {why}", path.display()))?;
        Ok(Self(Arc::new(Inner {
            wishes: Mutex::default(),
            requests: Mutex::default(),
            file: Mutex::new(file),
        })))
    }

    /// A new wish, with a number that no other has; its place.
    pub fn wish(&self, keyed: bool) -> (usize, String) {
        let mut wishes = held(&self.0.wishes);
        let place = wishes.len();
        let number = format!("+1999{place:07}");
        wishes.push(Wish { numbers: vec![number.clone()], keyed, call: None });
        (place, number)
    }

    /// The wish may have another number from now on; which.
    pub fn another_number(&self, wish: usize) -> String {
        let mut wishes = held(&self.0.wishes);
        let numbers = &mut wishes[wish].numbers;
        let number = format!("+1888{:02}{wish:07}", numbers.len());
        numbers.push(number.clone());
        number
    }

    /// The wish's call is known.
    pub fn is_call(&self, wish: usize, call: &str) {
        held(&self.0.wishes)[wish].call = Some(call.to_owned());
    }

    /// Keeps a request.
    pub fn keep(&self, request: Request) {
        let (status, body) = match &request.answer {
            Answer::NotSent => (json!("not sent"), Value::Null),
            Answer::None(why) => (json!(why), Value::Null),
            Answer::Status(status, body) => (json!(status), body.clone()),
        };
        let line = json!({
            "ask": format!("{:?}", request.ask), "wish": request.wish, "node": request.node,
            "begin": request.begin, "took_ms": request.end - request.begin, "answer": status, "body": body,
        });
        writeln!(held(&self.0.file), "{line}").expect("the history can be written");
        held(&self.0.requests).push(request);
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Request> {
        held(&self.0.requests).clone()
    }

    /// Every wish so far.
    pub fn wishes(&self) -> Vec<Wish> {
        held(&self.0.wishes).clone()
    }

    /// The newest `most` wishes whose calls are known, each with the call's id.
    pub fn recent(&self, most: usize) -> Vec<(usize, String)> {
        let wishes = held(&self.0.wishes);
        let known = wishes.iter().enumerate().rev();
        known.filter_map(|(place, wish)| Some((place, wish.call.clone()?))).take(most).collect()
    }
}

/// The begin of a request, so that it can be kept with its end.
pub fn request(ask: Ask, wish: usize, node: String, begin: i64, answer: Answer) -> Request {
    Request { ask, wish, node, begin, end: now_ms(), answer }
}
