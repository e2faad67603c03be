//! What can befall a connection.

use super::{Line, Upstream};
use crate::chance::Chance;
use std::{future::pending, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

/// A silent connection is held so long: longer than any run waits for it.
const FOR_EVER: Duration = Duration::from_hours(1);
/// How long a held request waits for its client to go away.
const LATE_AT_MOST: Duration = Duration::from_secs(10);
/// What a request to commit contains.
const COMMIT: &[u8] = b"COMMIT";
/// How long the work whose answer is lost may take.
const WORK_AT_MOST: Duration = Duration::from_secs(5);

/// One way to fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Everything takes its time.
    Latency,
    /// Both sides are cut off.
    Reset,
    /// From some moment on nothing comes through in one direction, and nobody is told, not even of the end.
    HalfOpen,
    /// It is accepted, and nothing ever comes.
    BlackHole,
    /// The request arrives when its client has gone.
    LateRequest,
    /// The request arrives, the work is done, and the answer is lost.
    LostAnswer,
    /// The same, of a request to commit.
    LostCommit,
}

/// Which faults there are, and how often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mix {
    /// How many of a hundred connections have one.
    pub percent: u64,
    /// Which, each with its weight.
    pub faults: &'static [(u64, Fault)],
    /// Until when it strikes, in milliseconds after the connection was made.
    pub within_ms: u64,
}

impl Mix {
    /// None.
    pub const HARMLESS: Self = Self { percent: 0, faults: &[], within_ms: 0 };
}

/// What will be done to one connection.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    fault: Fault,
    after: Duration,
    delay: Duration,
    /// How long after its client has gone a request arrives.
    late: Duration,
    /// Which direction a half-open connection loses: what the client says, or what it is told.
    deaf: bool,
}

impl Plan {
    /// Draws one, or none.
    pub fn draw(mix: Mix, chance: &mut Chance) -> Option<Self> {
        if mix.faults.is_empty() || !chance.percent(mix.percent) {
            return None;
        }
        Some(Self {
            fault: chance.weighted(mix.faults),
            after: chance.millis(0, mix.within_ms),
            delay: chance.millis(30, 700),
            late: chance.millis(0, 1_800),
            deaf: chance.percent(50),
        })
    }
}

/// Carries one connection to its end.
pub async fn carry(client: TcpStream, to: &Upstream, plan: Option<Plan>, shaken: watch::Receiver<u64>) {
    match plan {
        Some(Plan { fault: Fault::BlackHole, .. }) => swallow(client).await,
        Some(Plan { fault: Fault::LateRequest, late, .. }) => deliver_late(client, to, late).await,
        plan => {
            let Ok(line) = to.connect().await else {
                let _ = client.set_zero_linger();
                return;
            };
            Carrier { client, line, plan, struck: false }.run(shaken).await;
        }
    }
}

/// Accepts everything and never answers.
async fn swallow(mut client: TcpStream) {
    let mut buffer = [0; 4_096];
    let _ = timeout(FOR_EVER, async { while matches!(client.read(&mut buffer).await, Ok(1..)) {} }).await;
}

/// Holds what the client says until it has gone, and delivers it some time after that.
async fn deliver_late(mut client: TcpStream, to: &Upstream, late: Duration) {
    let mut said = Vec::new();
    let mut buffer = [0; 4_096];
    let _ = timeout(LATE_AT_MOST, async {
        while let Ok(count @ 1..) = client.read(&mut buffer).await {
            said.extend_from_slice(&buffer[..count]);
        }
    })
    .await;
    sleep(late).await;
    let Ok(mut line) = to.connect().await else { return };
    if line.write_all(&said).await.is_ok() {
        let _ = timeout(WORK_AT_MOST, line.read(&mut buffer)).await;
    }
}

struct Carrier {
    client: TcpStream,
    line: Line,
    plan: Option<Plan>,
    struck: bool,
}

/// What to do after a piece was carried.
enum Then {
    GoOn,
    Close,
    Cut,
    FallSilent,
}

impl Carrier {
    async fn run(mut self, mut shaken: watch::Receiver<u64>) {
        let strikes_at = self.plan.map(|plan| Instant::now() + plan.after);
        let (mut asked, mut told) = (vec![0; 16_384], vec![0; 16_384]);
        loop {
            let waits = strikes_at.filter(|_| !self.struck);
            let strike = async {
                match waits {
                    Some(at) => sleep_until(at).await,
                    None => pending().await,
                }
            };
            let then = tokio::select! {
                count = self.client.read(&mut asked) => self.forth(&asked[..count.unwrap_or(0)]).await,
                count = self.line.read(&mut told) => self.back(&told[..count.unwrap_or(0)]).await,
                () = strike => self.strike(),
                _ = shaken.changed() => Then::Cut,
            };
            match then {
                Then::GoOn => {}
                Then::Close => return,
                Then::Cut => {
                    let _ = self.client.set_zero_linger();
                    return;
                }
                Then::FallSilent => return self.silence().await,
            }
        }
    }

    fn strike(&mut self) -> Then {
        self.struck = true;
        if self.fault() == Some(Fault::Reset) { Then::Cut } else { Then::GoOn }
    }

    /// What has befallen this connection by now.
    fn fault(&self) -> Option<Fault> {
        self.plan.filter(|_| self.struck).map(|plan| plan.fault)
    }

    async fn forth(&mut self, piece: &[u8]) -> Then {
        let deaf = self.plan.is_some_and(|plan| plan.deaf);
        match self.fault() {
            Some(Fault::HalfOpen) if deaf || piece.is_empty() => return Then::FallSilent,
            Some(Fault::Latency) => self.dawdle().await,
            _ => {}
        }
        if piece.is_empty() || self.line.write_all(piece).await.is_err() {
            return Then::Close;
        }
        let is_lost = match self.fault() {
            Some(Fault::LostAnswer) => true,
            Some(Fault::LostCommit) => piece.windows(COMMIT.len()).any(|word| word == COMMIT),
            _ => false,
        };
        if is_lost {
            let mut answer = [0; 1_024];
            let _ = timeout(WORK_AT_MOST, self.line.read(&mut answer)).await;
            return Then::Cut;
        }
        Then::GoOn
    }

    async fn back(&mut self, piece: &[u8]) -> Then {
        let mute = self.plan.is_some_and(|plan| !plan.deaf);
        match self.fault() {
            Some(Fault::HalfOpen) if mute || piece.is_empty() => return Then::FallSilent,
            Some(Fault::Latency) => self.dawdle().await,
            _ => {}
        }
        if piece.is_empty() || self.client.write_all(piece).await.is_err() { Then::Close } else { Then::GoOn }
    }

    async fn dawdle(&self) {
        sleep(self.plan.map(|plan| plan.delay).unwrap_or_default()).await;
    }

    /// Neither side hears anything more, not even that the other has gone.
    async fn silence(self) {
        sleep(FOR_EVER).await;
    }
}
