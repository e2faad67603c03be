//! Starting and stopping: the real binary, in a folder of its own.

mod commands;
mod doctor;
#[cfg(target_os = "linux")]
mod failing_writes;
mod polling;
mod refusing;
mod restarting;
mod simulating;
mod streaming;

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

/// However slow the machine: who has not stopped by then serves.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a process that ended said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Switchboard in `folder`, with these arguments and nothing in its environment but these.
fn switchboard(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.current_dir(folder).env_clear().envs(environment.iter().copied()).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end.
pub fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let mut child = switchboard(folder, arguments, environment).spawn().expect("a process");
    let (out, err) = (listen(child.stdout.take()), listen(child.stderr.take()));
    let Ok(out) = out.recv_timeout(PATIENCE) else {
        child.kill().expect("it stops");
        panic!("it did not stop by itself: {arguments:?} {environment:?}");
    };
    let err = err.recv_timeout(PATIENCE).expect("it closes both");
    Said { code: child.wait().expect("it has ended").code(), out, err }
}

/// Everything that is said until the pipe closes.
fn listen(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (all, heard) = mpsc::channel();
    let mut pipe = pipe.expect("a pipe");
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let read = pipe.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned());
        all.send(read.expect("what it says")).ok();
    });
    heard
}

/// A process that serves; it is killed when this is dropped.
pub struct Serving {
    child: Child,
    /// The line that it says once it serves.
    hello: String,
    /// Held open: a process that can't write its lines would stop.
    out: BufReader<ChildStdout>,
}

impl Serving {
    pub fn start(folder: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start_as(folder, &[], environment)
    }

    /// One that is told more than its settings.
    fn start_as(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = switchboard(folder, arguments, environment);
        Self::hear(command.stderr(Stdio::null()).spawn().expect("a process"))
    }

    /// One whose log lines are kept, to be received when it has ended.
    pub fn logging(folder: &Path, environment: &[(&str, &str)]) -> (Self, mpsc::Receiver<String>) {
        let mut child = switchboard(folder, &[], environment).spawn().expect("a process");
        let lines = listen(child.stderr.take());
        (Self::hear(child), lines)
    }

    /// One whose log lines go into this file.
    pub fn logging_to(folder: &Path, environment: &[(&str, &str)], log: File) -> Self {
        let mut command = switchboard(folder, &[], environment);
        Self::hear(command.stderr(log).spawn().expect("a process"))
    }

    fn hear(mut child: Child) -> Self {
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let mut hello = String::new();
            said.send(out.read_line(&mut hello).map(|_| (hello, out))).ok();
        });
        let Ok(hello) = heard.recv_timeout(PATIENCE) else {
            child.kill().expect("it stops");
            panic!("it did not say that it serves");
        };
        let (hello, out) = hello.expect("a line");
        Self { child, hello, out }
    }

    /// The next line that it says.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    /// The code with which it ends by itself.
    fn end(&mut self) -> Option<i32> {
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a process") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it did not stop");
    }

    /// Where it serves: `http://127.0.0.1:3000`.
    pub fn base(&self) -> String {
        let rest = self.hello.split(" serves ").nth(1).unwrap_or_else(|| panic!("no hello: {}", self.hello));
        rest.split(' ').next().expect("a URL").to_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
