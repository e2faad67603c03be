//! The database, its clock, and the secrets in it.

use super::Findings;
use crate::server::{
    clock::Clock,
    config::Config,
    db::{Db, settings},
};
use secrecy::SecretString;

/// A machine that is this far from the database's clock, in milliseconds, is far from its provider's too, whose
/// callbacks are believed for five minutes.
const CLOCKS_APART: i64 = 60_000;

/// What else is needed to look further.
pub struct Data {
    /// What the provider wants to be shown; none where no server has started yet.
    pub provider_token: Option<SecretString>,
}

/// Looks into the database, if there is one.
pub async fn look(config: &Config, findings: &mut Findings) -> Option<Data> {
    match Db::missing_file(&config.database_url) {
        Ok(Some(file)) => {
            let what = format!("is not there yet: the first start makes {}", file.display());
            findings.add("database", Ok(what));
            return Some(Data { provider_token: config.provider_token.clone() });
        }
        Ok(None) => {}
        Err(error) => {
            findings.add("database", Err(error.to_string()));
            return None;
        }
    }
    let db = match Db::look_at(&config.database_url).await {
        Ok(db) => db,
        Err(error) => {
            findings.add("database", Err(error.to_string()));
            return None;
        }
    };
    findings.add("database", Ok(format!("answers ({:?})", db.backend())));
    let pending = db.pending_migrations().await;
    let up_to_date = matches!(pending, Ok(0));
    findings.add(
        "migrations",
        match pending {
            Ok(0) => Ok("are all applied".to_owned()),
            Ok(count) => Ok(format!("{count} will be applied at the next start")),
            Err(why) => Err(format!("{why}. A newer Switchboard may have been here: run that one.")),
        },
    );
    clock(&db, findings).await;
    if !up_to_date {
        return Some(Data { provider_token: config.provider_token.clone() });
    }
    Some(Data { provider_token: secrets(config, &db, findings).await })
}

async fn clock(db: &Db, findings: &mut Findings) {
    let shows = format!("shows {}", Clock::system().now().to_rfc3339());
    let found = match db.clock_offset_millis().await {
        Ok(0) => Ok(shows),
        Ok(apart) if apart.abs() < CLOCKS_APART => {
            Ok(format!("{shows}; the database's is {apart} ms ahead, and the nodes follow that one"))
        }
        Ok(apart) => Err(format!(
            "this machine's and the database's are {} seconds apart. Set them by NTP.",
            apart.abs() / 1_000
        )),
        Err(why) => Err(format!("the database does not tell its time: {why}.")),
    };
    findings.add("clock", found);
}

/// Which secrets are set, which were made here, and which will be. Answers the provider's token.
async fn secrets(config: &Config, db: &Db, findings: &mut Findings) -> Option<SecretString> {
    let mut words = Vec::new();
    let mut token = None;
    for (name, variable, set) in [
        ("provider_token", "PROVIDER_TOKEN", config.provider_token.as_ref()),
        ("webhook_secret", "WEBHOOK_SECRET", config.webhook_secret.as_ref()),
    ] {
        let kept = match settings::get(db, name).await {
            Ok(kept) => kept.map(SecretString::from),
            Err(error) => return say_unreadable(findings, &error.to_string()),
        };
        words.push(match (set, &kept) {
            (Some(_), _) => format!("{variable} is set"),
            (None, Some(_)) => format!("{variable} was made here"),
            (None, None) => format!("{variable} is made at the first start"),
        });
        if name == "provider_token" {
            token = set.cloned().or(kept);
        }
    }
    findings.add("secrets", Ok(format!("are there: {}", words.join(", "))));
    token
}

fn say_unreadable(findings: &mut Findings, why: &str) -> Option<SecretString> {
    findings.add("secrets", Err(why.to_owned()));
    None
}
