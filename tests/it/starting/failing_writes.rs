//! A disk that takes nothing more, under the real binary, with a provider that counts what it is asked to dial. The
//! limit on the size of files makes every write fail, or every one from some place on, and is lifted again.

use super::{Serving, run};
use crate::support::{
    Backend, TestDb,
    app::{client, read, text},
    company::Company,
};
use reqwest::{Client, StatusCode};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// However slow the machine: by then it has come, or never will.
const PATIENCE: Duration = Duration::from_mins(2);
const ALL_IS_WELL: Option<u64> = None;

/// Switchboard as a process of its own on a SQLite file, and a provider in this one.
struct World {
    test: TestDb,
    company: Company,
    folder: TempDir,
    http: Client,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            test: TestDb::new(Backend::Sqlite).await,
            company: Company::open().await,
            folder,
            http: client(),
        }
    }

    fn start(&self) -> Serving {
        self.start_on(&self.test.url)
    }

    fn start_on(&self, url: &str) -> Serving {
        let provider = self.company.url();
        let settings = [
            ("DATABASE_URL", url),
            ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
            ("PROVIDER_URL", &provider),
            ("PROVIDER_TOKEN", "secret"),
            ("NUMBER_CHECK", "shape"),
            ("RATE_LIMIT_PER_MINUTE", "0"),
            ("CALLS_PER_SECOND", "0"),
            ("LEASE_SECS", "3"),
            ("PROVIDER_TIMEOUT_SECS", "2"),
        ];
        Serving::start(self.folder.path(), &settings)
    }

    async fn post(&self, base: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let sent = self.http.post(format!("{base}{path}")).json(body).send();
        read(sent.await.expect("an answer, also while nothing can be written")).await
    }

    async fn create(&self, base: &str, nth: usize, delay_secs: u32) -> (StatusCode, Value) {
        let body = json!({
            "customer_name": format!("Caller {nth}"), "phone_number": number(nth), "workflow": "reminder",
            "delay_secs": delay_secs,
        });
        self.post(base, "/api/calls", &body).await
    }

    async fn get(&self, base: &str, path: &str) -> (StatusCode, Value) {
        read(self.http.get(format!("{base}{path}")).send().await.expect("an answer")).await
    }

    /// Waits until the server says whether it is ready.
    async fn until_ready(&self, base: &str, is_ready: bool) -> Value {
        let asked = async {
            loop {
                let (status, body) = self.get(base, "/readyz").await;
                if (status == StatusCode::OK) == is_ready {
                    return body;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.expect("readiness tells the truth")
    }

    /// Every call that the server knows, by its number.
    async fn calls(&self, base: &str) -> HashMap<String, Value> {
        let mut found = HashMap::new();
        let mut path = "/api/calls?limit=200".to_owned();
        loop {
            let (status, page) = self.get(base, &path).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            for call in page["calls"].as_array().expect("a list") {
                let twice = found.insert(text(&call["phone_number"]), call.clone());
                assert_eq!(twice, None, "each is there once");
            }
            let Some(cursor) = page["next_cursor"].as_str() else { return found };
            path = format!("/api/calls?limit=200&cursor={cursor}");
        }
    }

    /// Waits until the provider has taken every one of so many calls.
    async fn until_all_are_placed(&self, base: &str, count: usize) {
        let placed = async {
            loop {
                let calls = self.calls(base).await;
                let taken = calls.values().filter(|call| call["status"] == "initiated").count();
                if taken == count {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, placed).await.expect("every call goes out");
    }

    /// The attempts that the provider was asked to dial, by number. (The same one twice is one phone that rings.)
    async fn dials(&self) -> HashMap<String, HashSet<String>> {
        let mut dials: HashMap<String, HashSet<String>> = HashMap::new();
        for placing in self.company.placings().await {
            dials.entry(text(&placing["to"])).or_default().insert(text(&placing["attempt_id"]));
        }
        dials
    }

    /// Nobody was dialed twice, nobody without a record, and everybody who has one.
    async fn each_was_dialed_once(&self, base: &str) {
        let (calls, dials) = (self.calls(base).await, self.dials().await);
        for (number, attempts) in &dials {
            assert_eq!(attempts.len(), 1, "{number} was dialed twice: {attempts:?}");
            assert!(calls.contains_key(number), "{number} was dialed and nobody knows of it");
        }
        assert_eq!(dials.len(), calls.len(), "everybody was dialed");
    }
}

fn number(nth: usize) -> String {
    format!("+1415{:07}", 5_550_000 + nth)
}

/// From now on no file of the process may be written at or behind this place.
fn limit(serving: &Serving, bytes: Option<u64>) {
    limit_process(Pid::from_child(&serving.child), bytes);
}

fn limit_process(process: Pid, bytes: Option<u64>) {
    let limit = Rlimit { current: bytes, maximum: None };
    prlimit(Some(process), Resource::Fsize, limit).expect("a limit");
}

fn wal_bytes(file: &Path) -> u64 {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    Path::new(&name).metadata().map_or(0, |about| about.len())
}

/// Once, twice, three times and many times in a row: whatever is answered is true, and afterwards it works again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_t_be_written_is_not_acknowledged_and_recovers_by_itself() {
    let world = World::new().await;
    let serving = world.start();
    let base = serving.base();
    world.until_ready(&base, true).await;
    let (_, waits) = world.create(&base, 0, 3_600).await;
    let cancel = format!("/api/calls/{}/cancel", text(&waits["id"]));
    let mut nth = 1;
    for failures in [1, 2, 3, 25] {
        limit(&serving, Some(0));
        for _ in 0..failures {
            let (status, problem) = world.create(&base, nth, 3_600).await;
            assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("not_writable")), "{problem}");
            nth += 1;
        }
        let (status, problem) = world.post(&base, &cancel, &json!({})).await;
        assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("not_writable")), "{problem}");
        let body = world.until_ready(&base, false).await;
        assert_eq!(body["checks"]["writes"], "failing", "{body}");
        // Over some of its own tries.
        for _ in 0..30 {
            assert_eq!(world.get(&base, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE, "it stays so");
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        assert_eq!(world.get(&base, "/livez").await.0, StatusCode::OK);
        assert_eq!(world.get(&base, "/api/calls").await.0, StatusCode::OK, "it can be read");

        limit(&serving, ALL_IS_WELL);
        world.until_ready(&base, true).await;
        let (status, call) = world.create(&base, nth, 3_600).await;
        assert_eq!(status, StatusCode::CREATED, "{call}");
        nth += 1;
    }
    assert_eq!(world.post(&base, &cancel, &json!({})).await.0, StatusCode::OK);
    let before = world.calls(&base).await;
    assert_eq!(before.len(), 5, "what was acknowledged, and nothing else");
    drop(serving);
    let again = world.start();
    let after = world.calls(&again.base()).await;
    assert_eq!(after.keys().collect::<HashSet<_>>(), before.keys().collect::<HashSet<_>>());
    assert_eq!(after[&number(0)]["status"], "canceled");
    assert!(world.dials().await.is_empty(), "none of them was due");
}

/// What was acknowledged while something is broken, and after it was mended, is there after a crash, and nothing else.
async fn answers_are_true(url: &str, breaks: impl Fn(), mends: impl Fn(), refuses: bool) {
    let world = World::new().await;
    let mut serving = world.start_on(url);
    let base = serving.base();
    world.until_ready(&base, true).await;
    let mut acknowledged = HashSet::new();
    breaks();
    for nth in 0..40 {
        let (status, body) = world.create(&base, nth, 3_600).await;
        match status.as_u16() {
            201 => drop(acknowledged.insert(number(nth))),
            503 => assert!(refuses && body["code"] == "not_writable", "{body}"),
            _ => panic!("{status} {body}"),
        }
    }
    assert_eq!(world.get(&base, "/readyz").await.0 == StatusCode::OK, !refuses);
    mends();
    world.until_ready(&base, true).await;
    assert_eq!(world.create(&base, 40, 3_600).await.0, StatusCode::CREATED);
    acknowledged.insert(number(40));
    serving.child.kill().expect("it dies");
    serving.end();
    let again = world.start_on(url);
    assert_eq!(world.calls(&again.base()).await.into_keys().collect::<HashSet<_>>(), acknowledged);
}

fn does(program: &str, arguments: &[&str]) -> bool {
    let done = Command::new(program).args(arguments).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}

/// A disk of its own, of 3 MB. Only who may mount has one.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_str().expect("a text").to_owned();
        does("mount", &["-t", "tmpfs", "-o", "size=3m", "tmpfs", &path]).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        does("umount", &["--lazy", self.0.path().to_str().unwrap_or_default()]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_without_room_is_told_from_one_that_has_some_again() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("no disk can be mounted here; the limit on the size of files stands in for it");
        return;
    };
    let (database, filling) = (disk.0.path().join("calls.db"), disk.0.path().join("filling"));
    let fill = || drop(std::fs::write(&filling, vec![0_u8; 4_000_000]));
    let empty = || std::fs::remove_file(&filling).expect("room");
    answers_are_true(&format!("sqlite://{}?mode=rwc", database.display()), fill, empty, true).await;
}

/// The log takes nothing; or it goes on taking everything, and only can't be moved into the file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_made_immutable_loses_nothing() {
    for (ending, refuses) in [("-wal", true), ("", false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("calls.db").display().to_string();
        let fixed = format!("{database}{ending}");
        let set = |flag: &'static str| does("chattr", &[flag, &fixed]);
        std::fs::write(&fixed, "").expect("a file");
        if !(set("+i") && set("-i")) {
            eprintln!("no file can be made immutable here; the limit on the size of files stands in for it");
            return;
        }
        std::fs::remove_file(&fixed).expect("it is no database yet");
        let url = format!("sqlite://{database}?mode=rwc");
        let (breaks, mends) = (|| assert!(set("+i")), || assert!(set("-i")));
        answers_are_true(&url, breaks, mends, refuses).await;
    }
}

/// A hundred calls fall due while the disk is full, comes back, and is full again, at whatever stage they are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_calls_that_fall_due_on_a_full_disk_are_dialed_once_each() {
    let world = World::new().await;
    let mut serving = world.start();
    let base = serving.base();
    for nth in 0..100 {
        assert_eq!(world.create(&base, nth, 2).await.0, StatusCode::CREATED);
    }
    let file = world.test.file().expect("a file");
    for round in 0..12_u64 {
        // At once, somewhere in the log, or behind its end: in the middle of a claim, of an answer, or of nothing.
        let at = match round % 3 {
            0 => 0,
            1 => round * 30_000,
            _ => wal_bytes(&file) + round * 4_000,
        };
        limit(&serving, Some(at));
        tokio::time::sleep(Duration::from_millis(250)).await;
        limit(&serving, ALL_IS_WELL);
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    limit(&serving, Some(0));
    tokio::time::sleep(Duration::from_millis(500)).await;
    serving.child.kill().expect("it dies while nothing can be written");
    serving.end();

    let again = world.start();
    world.until_all_are_placed(&again.base(), 100).await;
    world.each_was_dialed_once(&again.base()).await;
}

/// What the provider has taken is known there and nowhere else, until it can be written down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_can_t_be_written_is_written_when_it_can() {
    let world = World::new().await;
    let serving = world.start();
    let base = serving.base();
    let process = Pid::from_child(&serving.child);
    world.company.when_asked_to_dial(move || limit_process(process, Some(0)));
    assert_eq!(world.create(&base, 0, 0).await.0, StatusCode::CREATED);
    let asked = async {
        while world.dials().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.expect("it is asked");
    // The answer comes, and the lease runs out, while nothing can be written.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(world.calls(&base).await[&number(0)]["status"], "dispatching");

    world.company.when_asked_to_dial(|| {});
    limit(&serving, ALL_IS_WELL);
    world.until_all_are_placed(&base, 1).await;
    world.each_was_dialed_once(&base).await;
}

/// Whoever starts it is told what is wrong, in one line.
#[tokio::test]
async fn a_disk_that_is_full_at_the_start_is_said_in_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "ulimit -f 0; exec \"$0\" serve";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_switchboard")]).current_dir(folder.path()).env_clear();
    command.env("LEPTOS_SITE_ADDR", "127.0.0.1:0").stdin(Stdio::null());
    let said = command.output().expect("a process");
    let err = String::from_utf8_lossy(&said.stderr).into_owned();
    assert_eq!((said.status.code(), said.stdout.as_slice()), (Some(1), &b""[..]), "{err}");
    let line = err.lines().last().unwrap_or_default();
    assert!(line.starts_with("switchboard: ") && line.contains("data/switchboard.db"), "{err}");
    assert!(!err.contains("panicked"), "{err}");
}

#[tokio::test]
async fn a_file_that_may_only_be_read_is_said_at_the_start() {
    let test = TestDb::new(Backend::Sqlite).await;
    test.db.close().await;
    let url = test.url.replace("mode=rwc", "mode=ro");
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("DATABASE_URL", url.as_str()), ("LEPTOS_SITE_ADDR", "127.0.0.1:0")];
    let said = run(folder.path(), &["serve"], &settings);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("readonly") || said.err.contains("read-only"), "{said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
}

/// Lines that can't be written are lost, and nothing else is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_on_a_full_disk_breaks_nothing() {
    let world = World::new().await;
    let settings = [
        ("DATABASE_URL", world.test.url.as_str()),
        ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
        ("RUST_LOG", "debug"),
        ("RATE_LIMIT_PER_MINUTE", "0"),
    ];
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a disk that is always full");
    let serving = Serving::logging_to(world.folder.path(), &settings, full);
    let base = serving.base();
    for nth in 0..10 {
        assert_eq!(world.create(&base, nth, 3_600).await.0, StatusCode::CREATED);
        assert_eq!(world.get(&base, "/api/calls?phase=nonsense").await.0, StatusCode::BAD_REQUEST);
    }
    assert_eq!(world.calls(&base).await.len(), 10);
}
