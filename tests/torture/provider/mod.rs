//! A provider of its own: another company, which shares no code with the product. It keeps a durable log of every
//! dial, and it is as unreliable as providers are: it refuses, fails, forgets to report, and reports in disorder.

mod call_api;
mod callbacks;
mod fate;
mod log;
mod protocol;

pub use log::{Dial, read_dials};

use crate::{
    base::{Outcome, free_listener, held, now_ms},
    chance::Chance,
    options::Face,
};
use axum::Router;
use fate::{Phone, Step};
use log::DialLog;
use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
};

/// The bearer token that it wants.
pub const TOKEN: &str = "the-provider-of-the-torture";
/// What it signs its callbacks with.
pub const SECRET: &str = "whsec_dGhlIHRvcnR1cmUgc2lnbnMgaXRzIG93biByZXBvcnRz";

/// The company. Clones share it.
#[derive(Clone)]
pub struct Company {
    /// Where it really listens.
    pub address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    seed: u64,
    book: Mutex<Book>,
    log: DialLog,
    http: reqwest::Client,
}

#[derive(Default)]
struct Book {
    phones: Vec<Phone>,
    /// Which phone rang for an attempt.
    by_attempt: HashMap<String, usize>,
    /// How often each number was asked for.
    asked: HashMap<String, u64>,
}

impl Company {
    /// Opens it; every dial is written into `log`.
    pub async fn open(seed: u64, face: Face, log: &Path) -> Outcome<Self> {
        let listener = free_listener().await?;
        let address = listener.local_addr().map_err(|why| why.to_string())?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(std::time::Duration::from_secs(3))
            .build()
            .map_err(|why| why.to_string())?;
        let inner = Inner { seed, book: Mutex::default(), log: DialLog::create(log)?, http };
        let company = Self { address, inner: Arc::new(inner) };
        let router: Router = match face {
            Face::Protocol => protocol::router(company.clone()),
            Face::CallApi => call_api::router(company.clone()),
        };
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(company)
    }

    /// Asks for a number once more: chance decides anew each time, in the same way under the same seed.
    fn chance_for(&self, number: &str) -> Chance {
        let mut book = held(&self.inner.book);
        let asked = book.asked.entry(number.to_owned()).or_default();
        *asked += 1;
        Chance::of(self.inner.seed, &format!("{number} asked {asked}"))
    }

    /// Dials, unless this attempt was dialed before. The line in the log is on the disk before anybody hears of it.
    /// Answers the phone, and whether it rings because of this.
    fn dial(&self, wanted: Phone, latest: i64) -> Option<(Phone, bool)> {
        tokio::task::block_in_place(|| {
            let mut book = held(&self.inner.book);
            if let Some(known) = wanted.attempt_id.as_ref().and_then(|id| book.by_attempt.get(id)) {
                return Some((book.phones[*known].clone(), false));
            }
            let now = now_ms();
            if now > latest {
                return None;
            }
            let id = format!("ring-{}", book.phones.len() + 1);
            let phone = Phone { provider_call_id: id, dialed_at: now, ..wanted }.begun();
            self.inner.log.dialed(&phone);
            let place = book.phones.len();
            if let Some(attempt) = &phone.attempt_id {
                book.by_attempt.insert(attempt.clone(), place);
            }
            book.phones.push(phone.clone());
            Some((phone, true))
        })
    }

    /// The phone by the company's own id.
    fn phone(&self, id: &str) -> Option<Phone> {
        held(&self.inner.book).phones.iter().find(|phone| phone.provider_call_id == id).cloned()
    }

    /// The phone that rang for an attempt.
    fn phone_of(&self, attempt: &str) -> Option<Phone> {
        let book = held(&self.inner.book);
        book.by_attempt.get(attempt).map(|place| book.phones[*place].clone())
    }

    /// Ends what is still going on. None if there is no such phone.
    fn hang_up(&self, id: &str) -> Option<()> {
        tokio::task::block_in_place(|| {
            let mut book = held(&self.inner.book);
            let phone = book.phones.iter_mut().find(|phone| phone.provider_call_id == id)?;
            let now = now_ms();
            if phone.ends_at() > now {
                phone.cut(now);
                self.inner.log.hung_up(phone);
            }
            Some(())
        })
    }

    /// What happens next to a phone: its steps, as they stand.
    fn steps(&self, id: &str) -> Vec<Step> {
        self.phone(id).map(|phone| phone.steps).unwrap_or_default()
    }
}
