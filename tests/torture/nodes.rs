//! The nodes: real processes of the real binary, started again whenever they have died.

use crate::{
    base::{Outcome, free_listener, held, now_ms},
    chance::Chance,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::File,
    net::SocketAddr,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// How long a node may take to answer before it is started once more.
const START_WITHIN: Duration = Duration::from_secs(20);

/// All nodes. Clones share them.
#[derive(Clone)]
pub struct Nodes {
    nodes: Arc<Vec<Node>>,
    http: reqwest::Client,
}

struct Node {
    name: String,
    environment: Vec<(String, String)>,
    folder: PathBuf,
    group: Pid,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    child: Option<Child>,
    address: Option<SocketAddr>,
    frozen: bool,
    answers: bool,
}

/// Ends every process of its group as soon as this process has ended, however it ends.
pub struct Watchdog {
    child: Child,
}

impl Watchdog {
    /// Starts it.
    pub fn start() -> Outcome<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' HUP INT TERM PIPE; cat >/dev/null; kill -KILL 0"]).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|why| format!("sh can't be started: {why}"))?;
        Ok(Self { child })
    }

    fn group(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Nodes {
    /// So many nodes with these settings, not started yet.
    pub fn new(
        count: u32,
        environment: &[(String, String)],
        folder: &std::path::Path,
        watchdog: &Watchdog,
    ) -> Outcome<Self> {
        let node = |number: u32| Node {
            name: format!("node-{number}"),
            environment: environment.to_vec(),
            folder: folder.to_owned(),
            group: watchdog.group(),
            state: Mutex::default(),
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(2))
            .build()
            .map_err(|why| why.to_string())?;
        Ok(Self { nodes: Arc::new((1..=count).map(node).collect()), http })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// Starts node `index` as often as it takes until it answers; answers how often it did not.
    pub async fn start(&self, index: usize) -> Outcome<u32> {
        for failures in 0..30 {
            let address = free_listener().await?.local_addr().map_err(|why| why.to_string())?;
            self.nodes[index].spawn(address)?;
            if self.comes_up(index, address).await {
                held(&self.nodes[index].state).answers = true;
                return Ok(failures);
            }
            self.kill(index);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(format!("{} does not start; see its log", self.nodes[index].name))
    }

    /// Waits until node `index` answers; false if it ends, or takes too long.
    async fn comes_up(&self, index: usize, address: SocketAddr) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < START_WITHIN && !self.nodes[index].has_ended() {
            let answer = self.http.get(format!("http://{address}/livez")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        false
    }

    /// Ends a node without a word.
    pub fn kill(&self, index: usize) {
        let mut state = held(&self.nodes[index].state);
        state.answers = false;
        state.address = None;
        state.frozen = false;
        if let Some(mut child) = state.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops a node where it stands; false if it is not running.
    pub fn freeze(&self, index: usize) -> bool {
        let mut state = held(&self.nodes[index].state);
        let sent = state.send(Signal::STOP);
        state.frozen = sent;
        sent
    }

    /// Lets a frozen node go on.
    pub fn thaw(&self, index: usize) {
        let mut state = held(&self.nodes[index].state);
        state.send(Signal::CONT);
        state.frozen = false;
    }

    /// From now on no file of node `index` may be written at or behind this place; none if all is well again. False if
    /// it is not running.
    #[cfg(target_os = "linux")]
    pub fn limit_files(&self, index: usize, bytes: Option<u64>) -> bool {
        use rustix::process::{Resource, Rlimit, prlimit};
        let state = held(&self.nodes[index].state);
        let limit = |child| {
            prlimit(Some(Pid::from_child(child)), Resource::Fsize, Rlimit { current: bytes, maximum: None })
        };
        state.child.as_ref().is_some_and(|child| limit(child).is_ok())
    }

    /// Elsewhere nobody can limit another process.
    #[cfg(not(target_os = "linux"))]
    pub fn limit_files(&self, _: usize, _: Option<u64>) -> bool {
        false
    }

    /// Lets every frozen node go on.
    pub fn thaw_all(&self) {
        (0..self.count()).for_each(|index| self.thaw(index));
    }

    /// Whether there is a process, whether or not it answers.
    pub fn runs(&self, index: usize) -> bool {
        held(&self.nodes[index].state).child.is_some()
    }

    /// Whether a node answers, as far as is known.
    pub fn answers(&self, index: usize) -> bool {
        held(&self.nodes[index].state).answers
    }

    /// The address of some node that has been started, frozen or not: what a client knows.
    pub fn any(&self, chance: &mut Chance) -> Option<(String, SocketAddr)> {
        let node = &self.nodes[chance.index(self.nodes.len())];
        held(&node.state).address.map(|address| (node.name.clone(), address))
    }

    /// The address of some node that answers and is not frozen: what a load balancer finds.
    pub fn living(&self) -> Option<SocketAddr> {
        let turn = usize::try_from(now_ms()).unwrap_or(0);
        (0..self.count()).find_map(|step| {
            let state = held(&self.nodes[(turn + step) % self.count()].state);
            state.address.filter(|_| state.answers && !state.frozen)
        })
    }

    /// Ends all.
    pub fn kill_all(&self) {
        (0..self.count()).for_each(|index| self.kill(index));
    }
}

impl Node {
    fn spawn(&self, address: SocketAddr) -> Outcome<()> {
        let log =
            File::options().create(true).append(true).open(self.folder.join(format!("{}.log", self.name)));
        let log = log.map_err(|why| why.to_string())?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.arg("serve").current_dir(&self.folder).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("LEPTOS_SITE_ADDR", address.to_string()).env("NODE_NAME", &self.name);
        command.process_group(self.group.as_raw_nonzero().get());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().map_err(|why| format!("{} can't be started: {why}", self.name))?;
        let mut state = held(&self.state);
        *state = State { child: Some(child), address: Some(address), frozen: false, answers: false };
        Ok(())
    }

    fn has_ended(&self) -> bool {
        let mut state = held(&self.state);
        state.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }
}

impl State {
    fn send(&self, signal: Signal) -> bool {
        self.child.as_ref().is_some_and(|child| kill_process(Pid::from_child(child), signal).is_ok())
    }
}
