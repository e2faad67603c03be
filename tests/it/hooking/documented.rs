//! What docs/API.md tells integrators to do works as it is written there, in every language that is installed.

use std::{
    env, fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};
use switchboard::server::signing::{Secrets, new_secret};

/// A language: the name of its fence, the file that the snippet is put into, and a program that calls it.
struct Language {
    fence: &'static str,
    file: &'static str,
    command: &'static [&'static str],
}

const PYTHON: Language = Language {
    fence: "python",
    file: "verifying.py",
    command: &[
        "python3",
        "-c",
        "import os, sys; from verifying import verify; e = os.environ; h = {'webhook-id': e['ID'], \
         'webhook-timestamp': e['AT'], 'webhook-signature': e['SIGNATURES']}; \
         print(verify(e['SECRET'], h, sys.stdin.buffer.read()))",
    ],
};
const NODE: Language = Language {
    fence: "javascript",
    file: "verifying.js",
    command: &[
        "node",
        "-e",
        "const { verify } = require('./verifying.js'); const e = process.env; const h = {'webhook-id': e.ID, \
         'webhook-timestamp': e.AT, 'webhook-signature': e.SIGNATURES}; \
         console.log(verify(e.SECRET, h, require('node:fs').readFileSync(0)));",
    ],
};
const BASH: Language = Language {
    fence: "bash",
    file: "verifying.sh",
    command: &[
        "bash",
        "-euc",
        "source ./verifying.sh; cat >body; \
         if verify \"$SECRET\" \"$ID\" \"$AT\" \"$SIGNATURES\" body; then echo true; else echo false; fi",
    ],
};

/// The snippet under the heading `Verify them` that is written in a language.
fn snippet(language: &Language) -> String {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/API.md");
    let document = fs::read_to_string(document).expect("docs/API.md");
    let section = document.split("### Verify them").nth(1).expect("the section");
    let fence = format!("\n```{}\n", language.fence);
    let rest = section.split(&fence).nth(1).unwrap_or_else(|| panic!("a snippet in {}", language.fence));
    rest.split("\n```").next().expect("its end").to_owned()
}

fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// What the snippet says to one message.
fn verifies(language: &Language, folder: &Path, message: &Message) -> bool {
    let [program, arguments @ ..] = language.command else { panic!("a command") };
    let mut running = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("ID", &message.id)
        .env("AT", message.at.to_string())
        .env("SIGNATURES", &message.signatures)
        .env("SECRET", &message.secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    running.stdin.take().expect("its input").write_all(&message.body).expect("it reads");
    let said = running.wait_with_output().expect("it ends");
    match String::from_utf8_lossy(&said.stdout).trim().to_lowercase().as_str() {
        "true" => true,
        "false" => false,
        other => panic!("{program} said {other}"),
    }
}

#[derive(Clone)]
struct Message {
    secret: String,
    id: String,
    at: i64,
    signatures: String,
    body: Vec<u8>,
}

/// A message of now, as the snippets compare with the machine's clock.
fn message() -> Message {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs().cast_signed();
    let (secret, id, body) = (new_secret(), "0193501d".to_owned(), "{\"name\":\"Zoë\\n\"}\n\n".as_bytes());
    signed(Message { secret, id, at: now, signatures: String::new(), body: body.to_vec() })
}

fn signed(message: Message) -> Message {
    let secrets = Secrets::parse(&message.secret).expect("a secret");
    Message { signatures: secrets.sign(&message.id, message.at, &message.body), ..message }
}

/// Tries the snippet on what is ours and on what is not.
fn try_out(language: &Language, needs: &[&str]) {
    if let Some(missing) = needs.iter().find(|program| !is_installed(program)) {
        println!("skipped: {missing} is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(language.file), snippet(language)).expect("a file");
    let good = message();
    let other = new_secret();
    let both = Secrets::parse(&format!("{other} {}", good.secret)).expect("secrets");
    let rotating = both.sign(&good.id, good.at, &good.body);
    let ours = [
        good.clone(),
        Message { signatures: rotating, ..good.clone() },
        signed(Message { at: good.at - 200, ..good.clone() }),
    ];
    for message in ours {
        assert!(verifies(language, folder.path(), &message), "{}: {}", language.fence, message.signatures);
    }
    let foreign = [
        ("another body", Message { body: b"{}".to_vec(), ..good.clone() }),
        ("another id", Message { id: "0193501e".to_owned(), ..good.clone() }),
        ("another time", Message { at: good.at - 1, ..good.clone() }),
        ("another secret", Message { secret: other, ..good.clone() }),
        ("no signature", Message { signatures: String::new(), ..good.clone() }),
        ("another version", Message { signatures: good.signatures.replace("v1,", "v2,"), ..good.clone() }),
        ("too old", signed(Message { at: good.at - 400, ..good.clone() })),
        ("from the future", signed(Message { at: good.at + 400, ..good.clone() })),
    ];
    for (what, message) in foreign {
        assert!(!verifies(language, folder.path(), &message), "{} believes {what}", language.fence);
    }
}

#[test]
fn the_python_of_the_document_verifies() {
    try_out(&PYTHON, &["python3"]);
}

#[test]
fn the_javascript_of_the_document_verifies() {
    try_out(&NODE, &["node"]);
}

#[test]
fn the_bash_of_the_document_verifies() {
    try_out(&BASH, &["bash", "openssl"]);
}
