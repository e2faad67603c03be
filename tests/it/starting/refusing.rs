//! Refusing to start: one sentence, exit code 1, nothing half-written.

use super::{Said, run};
use crate::support::{Backend, OnDatabase, app::App};
use rstest::rstest;
use std::{fs, path::Path};

/// What it said is one sentence for people, and how it ended tells scripts.
fn refusal(said: &Said) -> &str {
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    let line = said.err.strip_suffix('\n').unwrap_or_else(|| panic!("no line: {said:?}"));
    assert!(!line.contains('\n') && !line.contains("panicked"), "{said:?}");
    assert!(line.ends_with('.') && !line.ends_with(".."), "{line}");
    line.strip_prefix("switchboard: ").unwrap_or_else(|| panic!("who says it? {line}"))
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("a folder").next().is_none()
}

#[rstest]
#[case::no_address("LEPTOS_SITE_ADDR", "3000", "LEPTOS_SITE_ADDR")]
#[case::open_to_all("LEPTOS_SITE_ADDR", "0.0.0.0:0", "set API_TOKEN, or ALLOW_OPEN=true if whoever reaches")]
#[case::open_to_all_of_six("LEPTOS_SITE_ADDR", "[::]:0", "set API_TOKEN, or ALLOW_OPEN=true")]
#[case::a_short_token("API_TOKEN", "secret", "API_TOKEN is too short: use at least 16 characters")]
#[case::no_url("PUBLIC_URL", "calls.example", "PUBLIC_URL")]
#[case::another_scheme("PUBLIC_URL", "ftp://calls.example", "not an http or https URL")]
#[case::no_provider("PROVIDER_URL", "nowhere", "PROVIDER_URL")]
#[case::no_kind("PROVIDER_KIND", "carrier_pigeon", "http, call_api")]
#[case::a_call_api_that_is_nowhere(
    "PROVIDER_KIND",
    "call_api",
    "PROVIDER_KIND=call_api needs PROVIDER_URL: "
)]
#[case::no_secret("WEBHOOK_SECRET", "secret", "WEBHOOK_SECRET: a secret must begin with whsec_")]
#[case::a_short_secret("WEBHOOK_SECRET", "whsec_c2VjcmV0", "24 to 64 bytes")]
#[case::one_bad_of_two(
    "WEBHOOK_SECRET",
    "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= secret",
    "WEBHOOK_SECRET"
)]
#[case::no_zone("DEFAULT_TIME_ZONE", "Europe/Atlantis", "there is no zone \"Europe/Atlantis\"")]
#[case::no_country("DEFAULT_COUNTRY", "Germany", "DEFAULT_COUNTRY is two letters")]
#[case::no_check("NUMBER_CHECK", "strict", "shape, possible, valid")]
#[case::no_speed("SIMULATOR_SPEED", "0", "SIMULATOR_SPEED")]
#[case::no_share("SIMULATOR_FAIL_RATE", "2", "a number from 0 to 1")]
#[case::no_list("SIMULATOR_CALLBACK_ALLOW", "ftp://x", "SIMULATOR_CALLBACK_ALLOW")]
#[case::a_short_lease("LEASE_SECS", "1", "LEASE_SECS")]
#[case::less_than_none("MAX_CALLS_IN_FLIGHT", "-1", "MAX_CALLS_IN_FLIGHT")]
#[case::no_number("CALLS_PER_SECOND", "many", "CALLS_PER_SECOND")]
#[case::no_part("ROLES", "web,kitchen", "web, dispatcher")]
#[case::a_lonely_dispatcher("ROLES", "dispatcher", "wants PROVIDER_URL")]
#[case::no_format("LOG_FORMAT", "xml", "pretty, json")]
#[case::another_database("DATABASE_URL", "mysql://localhost/calls", "DATABASE_URL begins with sqlite://")]
#[case::in_memory("DATABASE_URL", "sqlite::memory:", "would lose every call")]
#[case::no_server("DATABASE_URL", "postgres://ada:secret@localhost/calls?host=/nowhere", "can't be reached")]
fn a_bad_setting_is_named_and_nothing_is_made(#[case] name: &str, #[case] value: &str, #[case] words: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &[], &[("LEPTOS_SITE_ADDR", "127.0.0.1:0"), (name, value)]);
    let line = refusal(&said);
    assert!(line.contains(words), "{line}");
    assert!(!line.contains("\"secret") && !line.contains(":secret"), "no secret is repeated: {line}");
    assert!(is_empty(folder.path()), "nothing was made");
}

#[rstest]
#[case::an_option(&["--colour", "red"], "'--colour'")]
#[case::a_command(&["dance"], "'dance'")]
fn what_it_does_not_know_is_named(#[case] arguments: &[&str], #[case] words: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), arguments, &[]);
    assert!(refusal(&said).contains(words), "{said:?}");
    assert!(is_empty(folder.path()), "nothing was made");
}

#[test]
fn a_settings_file_is_read_and_its_secrets_are_not_repeated() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(".env"), "API_TOKEN=short\n").expect("a file");
    let said = run(folder.path(), &[], &[]);
    assert!(refusal(&said).contains("API_TOKEN is too short"), "{said:?}");

    fs::write(folder.path().join(".env"), "# Mine\nAPI_TOKEN=very secret words\n").expect("a file");
    let said = run(folder.path(), &[], &[]);
    let line = refusal(&said);
    assert!(line.contains(".env") && !line.contains("secret"), "{line}");
}

#[test]
fn a_database_that_can_not_be_opened_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("letter.txt");
    fs::write(&file, "Dear Ada, this is a letter and not a database.").expect("a file");
    let said = run(folder.path(), &[], &[("DATABASE_URL", "sqlite://letter.txt")]);
    assert!(refusal(&said).contains("letter.txt can't be opened: "), "{said:?}");
    assert!(fs::read_to_string(&file).expect("the letter").starts_with("Dear Ada"));

    let said = run(folder.path(), &[], &[("DATABASE_URL", "sqlite://letter.txt/calls.db")]);
    assert!(refusal(&said).contains("The folder letter.txt can't be made"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_named_and_the_database_is_whole() {
    let other = App::on(Backend::Sqlite).await;
    let address = other.running.address.to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &[], &[("LEPTOS_SITE_ADDR", &address)]);
    let line = refusal(&said);
    assert!(
        line.contains(&format!("Can't listen on {address}.")) && line.contains("LEPTOS_SITE_ADDR"),
        "{line}"
    );

    let doctor = run(folder.path(), &["doctor"], &[]);
    assert!(doctor.out.contains("migrations are all applied"), "{doctor:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_served_by_one_process() {
    let app = App::on(Backend::Sqlite).await;
    let url = &app.state().config.database_url;
    let environment = [("DATABASE_URL", url.as_str()), ("LEPTOS_SITE_ADDR", "127.0.0.1:0")];
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &[], &environment);
    assert!(refusal(&said).contains("Another Switchboard already serves "), "{said:?}");
    assert_eq!(run(folder.path(), &["migrate"], &environment).code, Some(0), "commands go on working");
}
