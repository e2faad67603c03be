//! Streaming from a process that is killed: whoever follows it comes back and finds every event, each once.

use super::{
    Serving,
    restarting::{create, until_all_ended},
};
use crate::support::{
    TestDb,
    app::client,
    both_databases,
    stream::{Block, Stream, kept},
};

both_databases!(every_event_is_told_once_through_kills);

/// How much is read before each kill.
const PIECES: [usize; 3] = [5, 9, 13];

/// A server that is killed when it is dropped.
fn serve(folder: &std::path::Path, test: &TestDb, address: &str) -> Serving {
    let settings = [
        ("DATABASE_URL", test.url.as_str()),
        ("LEPTOS_SITE_ADDR", address),
        ("SIMULATOR_SPEED", "10"),
        ("LEASE_SECS", "3"),
        ("REPORT_OVERDUE_SECS", "2"),
    ];
    Serving::start(folder, &settings)
}

async fn every_event_is_told_once_through_kills(test: TestDb) {
    let http = client();
    let folder = tempfile::tempdir().expect("a folder");
    let mut serving = serve(folder.path(), &test, "127.0.0.1:0");
    let base = serving.base();
    let address = base.strip_prefix("http://").expect("an address");
    let mut stream = Stream::open(&http, &base, "").await;
    let mut last = stream.block().await.expect("a beginning").id();

    let mut seen = Vec::new();
    for piece in PIECES {
        // However fast the calls of the last round were, there is something to tell.
        create(&http, &base, 2).await;
        seen.extend(stream.events(piece).await.iter().map(Block::id));
        drop(serving);
        // What had been sent by then is still on its way.
        while let Some(block) = stream.block().await {
            seen.extend(block.data.is_some().then(|| block.id()));
        }
        last = seen.last().cloned().unwrap_or(last);
        serving = serve(folder.path(), &test, address);
        stream = Stream::again(&http, &base, "", &last).await;
    }

    until_all_ended(&test.db).await;
    let all = kept(&test.db).await;
    let rest = stream.events(all.len() - seen.len()).await;
    seen.extend(rest.iter().map(Block::id));
    assert_eq!(seen, all);
}
