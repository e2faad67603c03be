//! The process of a throw-away PostgreSQL server. It is stopped and removed when this process ends however it ends
//! (`postgres.sh` sees to that). The crash harness in `tests/torture` starts its own with it too.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// What the server keeps when it crashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Survives {
    /// Whatever: it is fast, and nothing has to outlive the tests.
    #[allow(dead_code, reason = "the crash harness wants more")]
    Nothing,
    /// Every commit.
    #[allow(dead_code, reason = "only the crash harness crashes its server")]
    EveryCommit,
}

/// A PostgreSQL server that nobody else uses.
pub struct Process {
    /// Where its socket is.
    pub folder: String,
    /// The pipe whose end stops the server, and by which it is told to start anew.
    orders: ChildStdin,
    answers: ChildStdout,
    _watchdog: Child,
}

impl Process {
    /// Starts one.
    pub fn start(max_connections: usize, survives: Survives) -> Result<Self, String> {
        let mut command = Command::new("sh");
        command.args(["-c", include_str!("postgres.sh"), "postgres.sh"]);
        command.arg(max_connections.to_string());
        command.args((survives == Survives::EveryCommit).then_some("durable"));
        // The caller's PGHOST and the like must not lead elsewhere, nor its language into the messages.
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C");
        // A group of its own: what is sent to end the tests must not end the one who tidies up after them.
        command.current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some((user, group)) = unprivileged() {
            command.uid(user).gid(group);
        }
        let mut watchdog = command.spawn().map_err(|why| format!("sh can't be started: {why}"))?;
        let orders = watchdog.stdin.take().ok_or("there is no pipe to it")?;
        let mut answers = watchdog.stdout.take().ok_or("there is no pipe from it")?;
        let mut said = said_until(&mut answers, "ready ");
        let Some(folder) = said.strip_prefix("ready ") else {
            if said.is_empty() {
                let _ = write!(said, "It said nothing at all: {:?}.", watchdog.wait());
            }
            return Err(said);
        };
        Ok(Self { folder: folder.trim().to_owned(), orders, answers, _watchdog: watchdog })
    }

    /// Where to reach a database.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://switchboard@localhost/{name}?host={}", self.folder)
    }

    /// Lets it crash and starts it anew: everybody who was connected is cut off.
    #[allow(dead_code, reason = "only the crash harness crashes its server")]
    pub fn crash(&mut self) -> Result<(), String> {
        self.orders.write_all(b"crash\n").map_err(|why| format!("it can't be told: {why}"))?;
        let said = said_until(&mut self.answers, "started ");
        if said.starts_with("started ") { Ok(()) } else { Err(said) }
    }
}

/// The line that begins with `word`, or everything that was said instead.
fn said_until(out: &mut ChildStdout, word: &str) -> String {
    let mut said = String::new();
    let mut byte = [0];
    while matches!(out.read(&mut byte), Ok(1)) {
        said.push(char::from(byte[0]));
        if said.starts_with(word) && said.ends_with('\n') {
            return said;
        }
    }
    said
}

/// PostgreSQL refuses to run as root: whom to run it as then.
fn unprivileged() -> Option<(u32, u32)> {
    if ask_id(&["-u"])? != 0 {
        return None;
    }
    ["postgres", "nobody"].into_iter().find_map(|name| Some((ask_id(&["-u", name])?, ask_id(&["-g", name])?)))
}

fn ask_id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}
