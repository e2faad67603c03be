//! One configuration from its beginning to its end: everything is started, harmed, healed, awaited and checked.

use crate::{
    base::{Outcome, wait_for},
    chance::Chance,
    checker::{self, Evidence, Rules, Violation, gather},
    driver::Driver,
    history::History,
    killer::{self, Harm, LEASE_SECS, Victims},
    nodes::{Nodes, Watchdog},
    options::{Configuration, Database, Face},
    postgres_process::{Process, Survives},
    provider::{Company, SECRET, TOKEN, read_dials},
    proxy::{Proxy, Upstream},
    table::Row,
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Calls under way at once, for all nodes together: few enough that the limit is reached after a few crashes.
pub const MAX_IN_FLIGHT: usize = 40;
/// How long everything may take to come to rest once nothing goes wrong any more. An attempt that was asked about in
/// vain is asked about again after at most a minute.
const SETTLES_WITHIN: Duration = Duration::from_secs(150);
/// What a node's pool may hold, thrice: connections that the network has silenced stay open at the server.
const CONNECTIONS_PER_NODE: usize = 200;

/// What came of a configuration.
pub struct Result {
    /// Its line in the table.
    pub row: Row,
    /// Which rules were broken.
    pub violations: Vec<Violation>,
    /// What is known of it all.
    pub evidence: Evidence,
}

/// Everything that was started.
struct World {
    victims: Victims,
    company_log: std::path::PathBuf,
    history: History,
    /// Where the harness itself reads: past the proxy.
    database_url: String,
    _watchdog: Watchdog,
}

/// Runs one configuration in `folder`.
pub async fn run(configuration: Configuration, seed: u64, folder: &Path) -> Outcome<Result> {
    let world = World::start(configuration, seed, folder).await?;
    let nodes = &world.victims.nodes;
    let driver = Driver::start(seed, nodes, &world.history);
    let harmed = killer::harm(seed, configuration.kills, &world.victims).await;
    nodes.thaw_all();
    driver.stop().await;
    let harm = harmed?;
    println!("torture: {}", in_words(&harm));
    let settled = world.settle().await;
    let evidence = world.evidence(configuration.face, settled).await;
    let faults = world.faults();
    nodes.kill_all();
    let evidence = evidence?;
    let violations = checker::check(&evidence);
    let row = Row::of(configuration, seed, &harm, faults, &evidence, &violations);
    Ok(Result { row, violations, evidence })
}

impl World {
    async fn start(configuration: Configuration, seed: u64, folder: &Path) -> Outcome<Self> {
        let company_log = folder.join("dials.jsonl");
        let company = Company::open(seed, configuration.face, &company_log).await?;
        let provider = Proxy::open(Upstream::Tcp(company.address), Chance::of(seed, "to provider")).await?;
        let (server, database, log, for_nodes, database_url) = match configuration.database {
            Database::Sqlite => {
                let file = folder.join("switchboard.db");
                (
                    None,
                    None,
                    Some(folder.join("switchboard.db-wal")),
                    format!("sqlite://{}?mode=rwc", file.display()),
                    format!("sqlite://{}?mode=ro", file.display()),
                )
            }
            Database::Postgres => {
                let connections = CONNECTIONS_PER_NODE * usize::try_from(configuration.nodes).unwrap_or(1);
                let server = Process::start(connections, Survives::EveryCommit)?;
                let socket = Path::new(&server.folder).join(".s.PGSQL.5432");
                let proxy = Proxy::open(Upstream::Unix(socket), Chance::of(seed, "to database")).await?;
                let for_nodes = format!("postgres://switchboard@{}/postgres?sslmode=disable", proxy.address);
                let url = server.url("postgres");
                (Some(Arc::new(Mutex::new(server))), Some(proxy), None, for_nodes, url)
            }
        };
        let watchdog = Watchdog::start()?;
        // The provider reaches some living node by one address; which one it is, is known when there are nodes.
        let living: Arc<std::sync::OnceLock<Nodes>> = Arc::default();
        let find = Arc::clone(&living);
        let balancer = Upstream::Living(Arc::new(move || find.get().and_then(Nodes::living)));
        let balancer = Proxy::open(balancer, Chance::of(seed, "balancer")).await?;
        let environment = environment(configuration.face, &for_nodes, &provider, &balancer);
        let nodes = Nodes::new(configuration.nodes, &environment, folder, &watchdog)?;
        let _ = living.set(nodes.clone());
        for index in 0..nodes.count() {
            nodes.start(index).await?;
        }
        Ok(Self {
            victims: Victims { nodes, provider, database, server, log },
            company_log,
            history: History::create(&folder.join("requests.jsonl"))?,
            database_url,
            _watchdog: watchdog,
        })
    }

    /// Waits until nothing is open but what says why it waits. False when that does not come.
    async fn settle(&self) -> bool {
        let nodes = &self.victims.nodes;
        let rest = wait_for(SETTLES_WITHIN, async || {
            let base = format!("http://{}", nodes.living()?);
            let at_rest = gather::is_at_rest(&base, &self.database_url).await.unwrap_or(false);
            at_rest.then_some(())
        });
        rest.await.is_some()
    }

    async fn evidence(&self, face: Face, settled: bool) -> Outcome<Evidence> {
        let address = self.victims.nodes.living().ok_or("no node is left to ask")?;
        let calls = gather::calls(&format!("http://{address}")).await?;
        let facts = gather::facts(&self.database_url).await?;
        Ok(Evidence {
            calls,
            facts,
            dials: read_dials(&self.company_log)?,
            wishes: self.history.wishes(),
            requests: self.history.requests(),
            rules: Rules { face, settled, max_in_flight: MAX_IN_FLIGHT },
        })
    }

    fn faults(&self) -> u64 {
        self.victims.provider.faults() + self.victims.database.as_ref().map_or(0, Proxy::faults)
    }
}

/// The settings of a node.
fn environment(face: Face, database_url: &str, provider: &Proxy, balancer: &Proxy) -> Vec<(String, String)> {
    let mut settings = vec![
        ("DATABASE_URL", database_url.to_owned()),
        ("PUBLIC_URL", format!("http://{}", balancer.address)),
        ("PROVIDER_TOKEN", TOKEN.to_owned()),
        ("WEBHOOK_SECRET", SECRET.to_owned()),
        ("LEASE_SECS", LEASE_SECS.to_string()),
        ("PROVIDER_TIMEOUT_SECS", "2".to_owned()),
        ("REPORT_OVERDUE_SECS", "2".to_owned()),
        ("MAX_CALLS_IN_FLIGHT", MAX_IN_FLIGHT.to_string()),
        ("CALLS_PER_SECOND", "30".to_owned()),
        ("RATE_LIMIT_PER_MINUTE", "0".to_owned()),
        ("NUMBER_CHECK", "shape".to_owned()),
        ("LOG_FORMAT", "json".to_owned()),
        ("RUST_LOG", "info,switchboard=debug,sqlx=warn,tower_http=warn".to_owned()),
    ];
    match face {
        Face::Protocol => settings.push(("PROVIDER_URL", format!("http://{}/provider", provider.address))),
        Face::CallApi => {
            settings.push(("PROVIDER_URL", format!("http://{}", provider.address)));
            settings.push(("PROVIDER_KIND", "call_api".to_owned()));
        }
    }
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What was done.
fn in_words(harm: &Harm) -> String {
    format!(
        "{} kills, {} freezes, {} full disks, {} crashes of the database, {} starts that failed",
        harm.killed_at.len(),
        harm.freezes,
        harm.full_disks,
        harm.database_crashes,
        harm.failed_starts
    )
}
