//! Every story that touches the database is told twice.

use super::{Backend, OnDatabase};
use std::time::Duration;

/// However slow the machine: a story that has not ended by then waits for what never comes.
const PATIENCE: Duration = Duration::from_mins(5);

/// Makes two tests of each named function, `name::sqlite` and `name::postgres`. The function takes what it
/// needs as its one argument: a `TestDb`, or any world that stands on one (`OnDatabase`). A function that is
/// forgotten here is dead code, which the compiler reports.
macro_rules! both_databases {
    ($($story:ident),+ $(,)?) => {
        $(mod $story {
            use $crate::support::{Backend, tell};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                tell(Backend::Sqlite, super::$story).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                tell(Backend::Postgres, super::$story).await;
            }
        })+
    };
}
pub(crate) use both_databases;

/// Tells one story on one database.
pub async fn tell<W: OnDatabase>(backend: Backend, story: impl AsyncFnOnce(W)) {
    let told = async { story(W::on(backend).await).await };
    tokio::time::timeout(PATIENCE, told).await.expect("the story ends");
}
