//! `switchboard simulator`: one command, a company of its own; and what docs/SIMULATOR.md tells strangers to do.

use super::{PATIENCE, Serving, restarting::until_all_ended, run};
use crate::support::{TestDb, app::COMPLETES};
use crate::support::{
    app::{client, read},
    both_databases,
};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};
use switchboard::server::db::Db;

both_databases!(what_was_ordered_outlives_a_restart);

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A simulator that serves, with what it has said.
struct Alone {
    serving: Serving,
    http: Client,
    token: String,
    secret: String,
}

impl Alone {
    fn start(folder: &Path, more: &[(&str, &str)]) -> Self {
        let environment: Vec<_> = [("LEPTOS_SITE_ADDR", "127.0.0.1:0")].iter().chain(more).copied().collect();
        let mut serving = Serving::start_as(folder, &["simulator"], &environment);
        let control = format!("Control API:    {}/control", serving.base());
        assert_eq!(serving.line(), control);
        let mut said = |name: &str| {
            let line = serving.line();
            line.strip_prefix(&format!("{name}: ")).unwrap_or_else(|| panic!("no {name}: {line}")).to_owned()
        };
        let (token, secret) = (said("PROVIDER_TOKEN"), said("WEBHOOK_SECRET"));
        Self { serving, http: client(), token, secret }
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.serving.base());
        let request = self.http.request(method, url).bearer_auth(&self.token).json(body);
        read(request.send().await.expect("an answer")).await
    }

    async fn look(&self, path: &str) -> Value {
        let (status, found) = self.ask(Method::GET, path, &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        found
    }
}

async fn what_was_ordered_outlives_a_restart(test: TestDb) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = [("DATABASE_URL", test.url.as_str()), ("SIMULATOR_SPEED", "3")];
    let first = Alone::start(folder.path(), &database);
    first.ask(Method::POST, "/control/faults", &json!({"kind": "callbacks_twice"})).await;
    first.ask(Method::POST, "/control/outcomes", &json!({"scenario": "busy", "next": 2})).await;
    first.ask(Method::PUT, "/control/speed", &json!({"speed": 50})).await;
    first.ask(Method::PUT, "/control/clock", &json!({"held": true})).await;
    first.ask(Method::POST, "/control/clock/advance", &json!({"by_ms": 86_400_000})).await;
    let paths = ["/control/faults", "/control/outcomes", "/control/speed", "/control/clock"];
    let mut before = Vec::new();
    for path in paths {
        before.push(first.look(path).await);
    }
    let (token, secret) = (first.token.clone(), first.secret.clone());
    drop(first);

    let second = Alone::start(folder.path(), &database);
    assert_eq!((&second.token, &second.secret), (&token, &secret), "made once, and kept");
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(second.look(path).await, before, "{path}");
    }
    let (status, _) = second.ask(Method::POST, "/control/reset", &json!({})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(second.look("/control/speed").await["speed"], 3.0, "what it was started with");
    assert_eq!(second.look("/control/clock").await["held"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_has_data_of_its_own_and_takes_what_it_is_given() {
    let folder = tempfile::tempdir().expect("a folder");
    let ours = Serving::start(folder.path(), &[("LEPTOS_SITE_ADDR", "127.0.0.1:0")]);
    let made = Alone::start(folder.path(), &[]);
    assert!(made.token.len() >= 32 && made.secret.starts_with("whsec_"), "{} {}", made.token, made.secret);
    assert!(
        folder.path().join("data/simulator.db").is_file()
            && folder.path().join("data/switchboard.db").is_file()
    );
    drop((ours, made));

    let given = [("PROVIDER_TOKEN", "a-token-of-24-characters"), ("WEBHOOK_SECRET", SECRET)];
    let given = Alone::start(folder.path(), &given);
    assert_eq!((given.token.as_str(), given.secret.as_str()), ("a-token-of-24-characters", SECRET));
    assert_eq!(given.look("/control/clock").await["can_be_held"], true);
}

#[test]
fn what_is_wrong_with_its_settings_is_said_and_nothing_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, value, words) in [
        ("WEBHOOK_SECRET", "secret", "WEBHOOK_SECRET: a secret must begin with whsec_"),
        ("SIMULATOR_CALLBACK_ALLOW", "ftp://x", "SIMULATOR_CALLBACK_ALLOW: "),
        ("SIMULATOR_SPEED", "0", "SIMULATOR_SPEED"),
    ] {
        let said = run(folder.path(), &["simulator"], &[("LEPTOS_SITE_ADDR", "127.0.0.1:0"), (name, value)]);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains(words), "{said:?}");
        assert!(fs::read_dir(folder.path()).expect("a folder").next().is_none(), "nothing was made");
    }
}

/// Two processes that know each other by their settings alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_switchboard_has_it_as_its_provider() {
    let (company, ours) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let company = Alone::start(company.path(), &[("SIMULATOR_SPEED", "50")]);
    company.ask(Method::POST, "/control/faults", &json!({"kind": "callbacks_twice"})).await;
    let settings = [
        ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
        ("PROVIDER_URL", &company.serving.base()),
        ("PROVIDER_TOKEN", &company.token),
        ("WEBHOOK_SECRET", &company.secret),
        ("NUMBER_CHECK", "shape"),
    ];
    let switchboard = Serving::start(ours.path(), &settings);
    let body = json!({"customer_name": "Ada Lovelace", "phone_number": COMPLETES, "workflow": "support"});
    let made = client().post(format!("{}/api/calls", switchboard.base())).json(&body).send().await;
    assert_eq!(made.expect("an answer").status(), StatusCode::CREATED);
    let url = format!("sqlite://{}", ours.path().join("data/switchboard.db").display());
    until_all_ended(&Db::connect(&url).await.expect("its database")).await;
    let sent = company.look("/control/callbacks").await;
    let states: Vec<_> =
        sent["callbacks"].as_array().expect("a list").iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["delivered"; 4]);
}

/// The blocks of docs/SIMULATOR.md in one language.
fn blocks(fence: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SIMULATOR.md");
    let text = fs::read_to_string(path).expect("a document");
    let begins = format!("```{fence}\n");
    let blocks = text.split(&begins).skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    blocks.collect()
}

/// Runs an example of the document against a simulator of its own, and answers what it said.
async fn run_example(
    program: &str,
    arguments: &[&str],
    file: &str,
    text: &str,
) -> Option<(String, Alone, tempfile::TempDir)> {
    let path = env::var_os("PATH").unwrap_or_default();
    if !env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
        println!("skipped: {program} is not installed");
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(file), text).expect("a file");
    let simulator = Alone::start(folder.path(), &[]);
    let mut command = Command::new(program);
    command.args(arguments).arg(file).current_dir(folder.path()).stdin(Stdio::null());
    command
        .env("SIMULATOR", simulator.serving.base())
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1");
    command.env("PROVIDER_TOKEN", &simulator.token).env("WEBHOOK_SECRET", &simulator.secret);
    let running = tokio::task::spawn_blocking(move || command.output());
    let ran =
        tokio::time::timeout(PATIENCE, running).await.expect("in time").expect("it ends").expect("a process");
    let (said, complained) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{program}: {complained}\n{said}");
    Some((said.into_owned(), simulator, folder))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shell_of_the_document_runs_as_it_is_written() {
    let text = format!("set -euo pipefail\n{}", blocks("sh"));
    let Some((said, simulator, _folder)) = run_example("bash", &[], "example.sh", &text).await else {
        return;
    };
    assert!(said.contains("\"state\":\"failing\"") && said.contains("\"status\":\"busy\""), "{said}");
    let sent = simulator.look("/control/callbacks").await;
    let sent = sent["callbacks"].as_array().expect("a list");
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|it| it["tries"][0]["headers"]["webhook-signature"].is_string()), "{sent:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_of_the_document_runs_as_it_is_written() {
    let Some((said, ..)) = run_example("python3", &[], "example.py", &blocks("python")).await else { return };
    assert_eq!(said, "The simulator did what it was told.\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_javascript_of_the_document_runs_as_it_is_written() {
    let Some((said, ..)) = run_example("node", &[], "example.mjs", &blocks("javascript")).await else {
        return;
    };
    assert_eq!(said, "The simulator did what it was told.\n");
}

/// The document tells of each fault and each scenario that there is, by its word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_names_everything_that_there_is() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SIMULATOR.md"))
        .expect("a document");
    let folder = tempfile::tempdir().expect("a folder");
    let simulator = Alone::start(folder.path(), &[]);
    let overview = simulator.look("/control").await;
    for (list, word) in [("faults", "kind"), ("scenarios", "scenario")] {
        for it in overview[list].as_array().expect("a list") {
            let word = it[word].as_str().expect("a word");
            assert!(document.contains(&format!("| `{word}` |")), "{word}");
        }
    }
    let paths = simulator.look("/control/openapi.json").await["paths"].clone();
    for path in paths.as_object().expect("paths").keys() {
        assert!(document.contains(&format!("{path}`")), "{path}");
    }
}
