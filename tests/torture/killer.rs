//! What goes wrong: nodes die and freeze, disks are full, PostgreSQL crashes, the network comes and goes.

use crate::{
    base::{Outcome, held, now_ms},
    chance::Chance,
    nodes::Nodes,
    postgres_process::Process,
    proxy::{Fault, Mix, Proxy},
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::task::JoinSet;

/// How long a node's claim holds without a sign of life, in seconds: the least that it takes.
pub const LEASE_SECS: u64 = 3;

/// How long all is well at first, so that there is something to harm.
const AT_PEACE: Duration = Duration::from_secs(1);

/// What befalls connections to the provider.
const PROVIDER_MIXES: [Mix; 2] = [
    Mix {
        percent: 45,
        faults: &[
            (3, Fault::Latency),
            (3, Fault::Reset),
            (1, Fault::HalfOpen),
            (1, Fault::BlackHole),
            (5, Fault::LateRequest),
            (4, Fault::LostAnswer),
        ],
        within_ms: 150,
    },
    Mix {
        percent: 90,
        faults: &[(2, Fault::BlackHole), (1, Fault::Reset), (3, Fault::LateRequest)],
        within_ms: 50,
    },
];

/// What befalls connections to PostgreSQL.
const DATABASE_MIXES: [Mix; 2] = [
    Mix {
        percent: 40,
        faults: &[
            (3, Fault::Latency),
            (3, Fault::Reset),
            (1, Fault::HalfOpen),
            (2, Fault::LostAnswer),
            (4, Fault::LostCommit),
        ],
        within_ms: 2_500,
    },
    Mix {
        percent: 70,
        faults: &[
            (1, Fault::BlackHole),
            (2, Fault::HalfOpen),
            (1, Fault::LostAnswer),
            (2, Fault::LostCommit),
        ],
        within_ms: 800,
    },
];

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Harm {
    /// When each node was killed, in milliseconds since the epoch.
    pub killed_at: Vec<i64>,
    /// How often a node was frozen past its lease.
    pub freezes: u32,
    /// How often the disk of a SQLite file took nothing for a while.
    pub full_disks: u32,
    /// How often PostgreSQL crashed.
    pub database_crashes: u32,
    /// How often a node had to be started once more, as while its database was away.
    pub failed_starts: u32,
}

/// What the killer can reach.
#[derive(Clone)]
pub struct Victims {
    /// The nodes.
    pub nodes: Nodes,
    /// Before the provider.
    pub provider: Proxy,
    /// Before PostgreSQL.
    pub database: Option<Proxy>,
    /// PostgreSQL itself.
    pub server: Option<Arc<Mutex<Process>>>,
    /// The write-ahead log of the SQLite file.
    pub log: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Kill,
    Freeze,
    FillDisk,
    CrashDatabase,
    Provider,
    Network,
    Shake,
}

/// Does harm until so many nodes were killed, and mends it all.
pub async fn harm(seed: u64, kills: u32, victims: &Victims) -> Outcome<Harm> {
    let mut killer = Killer {
        chance: Chance::of(seed, "killer"),
        harm: Harm::default(),
        victims: victims.clone(),
        busy: vec![false; victims.nodes.count()],
        healing: JoinSet::new(),
        storms: JoinSet::new(),
    };
    tokio::time::sleep(AT_PEACE).await;
    while killer.harm.killed_at.len() < usize::try_from(kills).unwrap_or(0) {
        let pause = killer.chance.millis(40, 900);
        tokio::time::sleep(pause).await;
        killer.gather(false).await?;
        killer.act().await?;
    }
    while killer.storms.join_next().await.is_some() {}
    killer.gather(true).await?;
    Ok(killer.harm)
}

struct Killer {
    chance: Chance,
    harm: Harm,
    victims: Victims,
    /// Which nodes are being started or are frozen.
    busy: Vec<bool>,
    healing: JoinSet<Outcome<(usize, u32)>>,
    storms: JoinSet<()>,
}

impl Killer {
    async fn act(&mut self) -> Outcome<()> {
        let on_a_server = u64::from(self.victims.server.is_some());
        let on_a_file = u64::from(self.victims.log.is_some());
        let act = self.chance.weighted(&[
            (60, Act::Kill),
            (7, Act::Freeze),
            (25 * on_a_file, Act::FillDisk),
            (6 * on_a_server, Act::CrashDatabase),
            (14, Act::Provider),
            (12 * on_a_server, Act::Network),
            (5, Act::Shake),
        ]);
        match act {
            Act::Kill => self.kill(),
            Act::Freeze => self.freeze(),
            Act::FillDisk => self.fill_disk(),
            Act::CrashDatabase => self.crash_database().await?,
            Act::Provider => {
                let mix = self.chance.pick(&PROVIDER_MIXES);
                self.storm(Some(self.victims.provider.clone()), mix);
            }
            Act::Network => {
                let mix = self.chance.pick(&DATABASE_MIXES);
                self.storm(self.victims.database.clone(), mix);
            }
            Act::Shake => {
                self.victims.provider.shake();
                if let Some(database) = &self.victims.database {
                    database.shake();
                }
            }
        }
        Ok(())
    }

    /// Kills any node that serves, and starts it again after a while.
    fn kill(&mut self) {
        if let Some(starting) = self.starting_node() {
            // Whoever is starting it, or will let it go on, starts it once more.
            self.victims.nodes.kill(starting);
            self.harm.killed_at.push(now_ms());
            return;
        }
        let Some(index) = self.free_node() else { return };
        self.victims.nodes.kill(index);
        self.harm.killed_at.push(now_ms());
        let (pause, nodes) = (self.chance.millis(0, 700), self.victims.nodes.clone());
        self.busy[index] = true;
        self.healing.spawn(async move {
            tokio::time::sleep(pause).await;
            Ok((index, nodes.start(index).await?))
        });
    }

    /// Freezes a node until its lease is over, and lets it go on where it stood.
    fn freeze(&mut self) {
        let Some(index) = self.free_node() else { return };
        if !self.victims.nodes.freeze(index) {
            return;
        }
        self.harm.freezes += 1;
        let past = Duration::from_secs(LEASE_SECS) + self.chance.millis(300, 2_500);
        let nodes = self.victims.nodes.clone();
        self.busy[index] = true;
        self.healing.spawn(async move {
            tokio::time::sleep(past).await;
            nodes.thaw(index);
            let died = !nodes.answers(index);
            Ok((index, if died { nodes.start(index).await? } else { 0 }))
        });
    }

    /// A few times in a row nothing can be written for a moment, or nothing behind some place in the write-ahead log: any
    /// part of any transaction may be the one that meets it. The node may be killed meanwhile, and starts with room again.
    fn fill_disk(&mut self) {
        let Some(log) = &self.victims.log else { return };
        let index = self.chance.index(self.busy.len());
        let used = log.metadata().map_or(0, |about| about.len());
        let mut times = Vec::new();
        for _ in 0..self.chance.between(1, 5) {
            let limit = if self.chance.percent(60) { 0 } else { self.chance.between(0, used + 80_000) };
            times.push((limit, self.chance.millis(50, 500), self.chance.millis(20, 300)));
        }
        self.harm.full_disks += u32::try_from(times.len()).unwrap_or(0);
        let nodes = self.victims.nodes.clone();
        self.storms.spawn(async move {
            for (limit, full, free) in times {
                nodes.limit_files(index, Some(limit));
                tokio::time::sleep(full).await;
                nodes.limit_files(index, None);
                tokio::time::sleep(free).await;
            }
        });
    }

    /// For a while connections fare so, then well again.
    fn storm(&mut self, before: Option<Proxy>, mix: Mix) {
        let Some(proxy) = before else { return };
        let lasts = self.chance.millis(500, 4_000);
        proxy.mix(mix);
        self.storms.spawn(async move {
            tokio::time::sleep(lasts).await;
            proxy.mix(Mix::HARMLESS);
        });
    }

    async fn crash_database(&mut self) -> Outcome<()> {
        let Some(server) = self.victims.server.clone() else { return Ok(()) };
        self.harm.database_crashes += 1;
        let crash = tokio::task::spawn_blocking(move || held(&server).crash());
        crash.await.map_err(|why| why.to_string())?
    }

    /// Now and then a node that is just being started, or is frozen.
    fn starting_node(&mut self) -> Option<usize> {
        if !self.chance.percent(12) {
            return None;
        }
        let index = self.chance.index(self.busy.len());
        (self.busy[index] && self.victims.nodes.runs(index)).then_some(index)
    }

    fn free_node(&mut self) -> Option<usize> {
        let free: Vec<usize> = (0..self.busy.len()).filter(|index| !self.busy[*index]).collect();
        if free.is_empty() { None } else { Some(self.chance.pick(&free)) }
    }

    /// Takes note of the nodes that are well again; at the end it waits for all of them.
    async fn gather(&mut self, all: bool) -> Outcome<()> {
        loop {
            let healed = if all { self.healing.join_next().await } else { self.healing.try_join_next() };
            let Some(healed) = healed else { return Ok(()) };
            let (index, failed) = healed.map_err(|why| why.to_string())??;
            self.busy[index] = false;
            self.harm.failed_starts += failed;
        }
    }
}
