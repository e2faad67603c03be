//! The log of every dial, on the disk before the caller hears of it.

use super::fate::Phone;
use crate::base::{Outcome, held};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Write},
    path::Path,
    sync::Mutex,
};

/// One dial, as the log has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dial {
    /// The company's id.
    pub provider_call_id: String,
    /// The caller's id, if its protocol has one.
    pub attempt_id: Option<String>,
    /// Whom it called.
    pub to: String,
    /// When it was dialed, in milliseconds since the epoch.
    pub dialed_at: i64,
    /// When the phone stopped ringing and talking.
    pub ends_at: i64,
    /// How it ended.
    pub ends_as: String,
}

/// The file.
pub struct DialLog(Mutex<File>);

impl DialLog {
    /// A new one.
    pub fn create(path: &Path) -> Outcome<Self> {
        let file = File::create(path).map_err(|why| format!("{}: {why}", path.display()))?;
        Ok(Self(Mutex::new(file)))
    }

    /// A phone rings.
    pub fn dialed(&self, phone: &Phone) {
        self.append(phone);
    }

    /// A phone has stopped earlier than was planned; of several lines about one dial the last one counts.
    pub fn hung_up(&self, phone: &Phone) {
        self.append(phone);
    }

    fn append(&self, phone: &Phone) {
        let dial = Dial {
            provider_call_id: phone.provider_call_id.clone(),
            attempt_id: phone.attempt_id.clone(),
            to: phone.to.clone(),
            dialed_at: phone.dialed_at,
            ends_at: phone.ends_at(),
            ends_as: phone.ends_as().to_owned(),
        };
        let line = serde_json::to_string(&dial).expect("a dial is JSON");
        let mut file = held(&self.0);
        writeln!(file, "{line}").and_then(|()| file.sync_data()).expect("the log of dials can be written");
    }
}

/// Every dial in the log, in order.
pub fn read_dials(path: &Path) -> Outcome<Vec<Dial>> {
    let file = File::open(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let mut order = Vec::new();
    let mut dials: BTreeMap<String, Dial> = BTreeMap::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|why| why.to_string())?;
        let dial: Dial = serde_json::from_str(&line).map_err(|why| why.to_string())?;
        if !dials.contains_key(&dial.provider_call_id) {
            order.push(dial.provider_call_id.clone());
        }
        dials.insert(dial.provider_call_id.clone(), dial);
    }
    Ok(order.into_iter().filter_map(|id| dials.remove(&id)).collect())
}
