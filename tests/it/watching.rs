//! What operators watch: the metrics and the log lines.

#![expect(clippy::float_cmp, reason = "what is counted are whole numbers")]

mod counting;
mod logging;
mod looking;

use crate::support::app::App;
use reqwest::{Method, StatusCode};
use std::collections::BTreeMap;

/// What `/metrics` tells: each sample's value under its name and labels, as they are written.
struct Told(BTreeMap<String, f64>);

impl Told {
    /// The sample's value; 0 if it is not told.
    fn of(&self, sample: &str) -> f64 {
        self.0.get(sample).copied().unwrap_or(0.0)
    }
}

async fn text_of(app: &App) -> String {
    let answer = app.request(Method::GET, "/metrics").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.headers()["content-type"], kind);
    answer.text().await.expect("a text")
}

async fn told(app: &App) -> Told {
    let text = text_of(app).await;
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let samples = samples.map(|line| line.rsplit_once(' ').expect("a name and a value"));
    Told(samples.map(|(name, value)| (name.to_owned(), value.parse().expect("a number"))).collect())
}
