//! Secrets that are made once: whoever comes first makes them, and all others get the same.

use super::read;
use crate::support::{TestDb, both_databases};
use std::collections::HashSet;
use switchboard::server::db::settings::get_or_create;
use tokio::task::JoinSet;

both_databases!(a_secret_is_made_once, nodes_that_start_together_agree_on_one_secret);

async fn a_secret_is_made_once(test: TestDb) {
    let first = get_or_create(&test.db, "webhook_secret", "made first".to_owned(), 1).await;
    let second = get_or_create(&test.db, "webhook_secret", "made second".to_owned(), 2).await;
    let other = get_or_create(&test.db, "provider_token", "another".to_owned(), 3).await;
    assert_eq!((first, second), (Ok("made first".to_owned()), Ok("made first".to_owned())));
    assert_eq!(other, Ok("another".to_owned()));
}

async fn nodes_that_start_together_agree_on_one_secret(test: TestDb) {
    let second = test.another_node().await;
    let mut starting = JoinSet::new();
    for at in 0..16 {
        let node = if at % 2 == 0 { test.db.clone() } else { second.clone() };
        starting
            .spawn(async move { get_or_create(&node, "webhook_secret", format!("made by {at}"), at).await });
    }
    let secrets: HashSet<_> = starting.join_all().await.into_iter().map(|secret| secret.unwrap()).collect();
    assert_eq!(secrets.len(), 1, "{secrets:?}");
    assert_eq!(read::<i64>(&test.db, "SELECT count(*) FROM settings").await, 1);
}
