//! What each setting was given, kept beside the settings themselves so that a page can list them: a setting that is
//! added to [`Config`] is in the list by itself. What is secret never gets here.

use super::config::Config;
use crate::domain::installation::Setting;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, parser::ValueSource};

/// Every setting with its value, in the order of their declaration.
#[derive(Clone, Debug, Default)]
pub struct Given(Vec<Setting>);

impl Given {
    /// Every setting with its value.
    pub fn settings(&self) -> &[Setting] {
        &self.0
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let known = <Config as Args>::augment_args(Command::new("settings"));
        Ok(Self(known.get_arguments().filter_map(|arg| setting(arg, matches)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// No settings of its own: it only looks at the others.
impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}

fn setting(arg: &Arg, matches: &ArgMatches) -> Option<Setting> {
    let name = arg.get_env()?.to_string_lossy().into_owned();
    let id = arg.get_id().as_str();
    let raw = matches.try_get_raw(id).ok().flatten();
    let values: Vec<String> =
        raw.into_iter().flatten().map(|value| value.to_string_lossy().into_owned()).collect();
    let value = values.join(",").trim().to_owned();
    let is_default = value.is_empty() || matches.value_source(id) == Some(ValueSource::DefaultValue);
    let meaning = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let value = if arg.is_hide_env_values_set() {
        if is_default { "not set" } else { "set" }.to_owned()
    } else if value.is_empty() {
        "not set".to_owned()
    } else {
        without_credentials(&value)
    };
    Some(Setting { name, value, is_default, meaning: one_line(&meaning) })
}

/// A URL may carry a name and a password before its host; nobody needs to read them.
fn without_credentials(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, ""), |at| rest.split_at(at));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}{path}"),
        None => value.to_owned(),
    }
}

/// The marks of a document have no meaning on a page.
fn one_line(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use rstest::rstest;

    #[derive(Parser)]
    struct Settings {
        #[command(flatten)]
        config: Config,
    }

    fn given(arguments: &[&str]) -> Vec<Setting> {
        let config = Settings::parse_from([&["switchboard"], arguments].concat()).config;
        config.given.settings().to_vec()
    }

    fn named<'a>(settings: &'a [Setting], name: &str) -> &'a Setting {
        settings.iter().find(|setting| setting.name == name).unwrap_or_else(|| panic!("no {name}"))
    }

    #[test]
    fn each_setting_is_told_with_its_value_and_its_meaning() {
        let settings = given(&["--calls-per-second", "7", "--roles", "web,dispatcher"]);
        let rate = named(&settings, "CALLS_PER_SECOND");
        assert_eq!((rate.value.as_str(), rate.is_default), ("7", false));
        assert!(rate.meaning.starts_with("Calls placed per second"), "{}", rate.meaning);
        let flight = named(&settings, "MAX_CALLS_IN_FLIGHT");
        assert_eq!((flight.value.as_str(), flight.is_default), ("100", true));
        assert_eq!(named(&settings, "DEFAULT_COUNTRY").value, "not set");
        assert!(settings.iter().all(|setting| !setting.meaning.is_empty()));
    }

    #[test]
    fn every_setting_that_could_be_a_secret_is_kept_secret() {
        for setting in given(&[]) {
            let parts = ["TOKEN", "SECRET", "PASSWORD", "KEY", "DATABASE_URL"];
            if parts.iter().any(|part| setting.name.contains(part)) {
                assert_eq!(setting.value, "not set", "{} shows its value", setting.name);
            }
        }
    }

    #[test]
    fn of_a_secret_only_that_it_is_set_is_told() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let url = "postgres://me:hunter2@host/db";
        let settings =
            given(&["--webhook-secret", secret, "--database-url", url, "--api-token", "a long token"]);
        for name in ["WEBHOOK_SECRET", "DATABASE_URL", "API_TOKEN"] {
            assert_eq!(named(&settings, name).value, "set");
        }
        let told = format!("{settings:?}");
        assert!(!told.contains("MfKQ") && !told.contains("hunter2") && !told.contains("long token"));
    }

    #[rstest]
    #[case("https://me:word@example.org/path?x=@", "https://…@example.org/path?x=@")]
    #[case("https://example.org/a@b", "https://example.org/a@b")]
    #[case("127.0.0.1:3000", "127.0.0.1:3000")]
    fn a_url_is_told_without_its_password(#[case] value: &str, #[case] told: &str) {
        assert_eq!(without_credentials(value), told);
    }
}
