//! How far the database's clock is from ours: nodes that share a database share its clock.

use super::Db;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The quickest of so many answers is the most exact.
const TRIES: usize = 3;
const TELL: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros";
/// A millisecond in microseconds, which both clocks are read in: in whole milliseconds nearness could not be told.
const MILLI: i64 = 1_000;

impl Db {
    /// How many milliseconds the database's clock is ahead of this machine's, for
    /// [`Clock::set_offset_millis`](crate::server::clock::Clock::set_offset_millis). 0 on SQLite, which has no
    /// clock of its own, and where the difference is too small to be told from the time the answer took.
    ///
    /// # Errors
    /// What the database says.
    pub async fn clock_offset_millis(&self) -> Result<i64, DbErr> {
        if self.backend() != DbBackend::Postgres {
            return Ok(0);
        }
        let mut best = self.measure().await?;
        for _ in 1..TRIES {
            let next = self.measure().await?;
            if next.round_trip < best.round_trip {
                best = next;
            }
        }
        Ok(best.offset_millis())
    }

    async fn measure(&self) -> Result<Measured, DbErr> {
        let (asked, watch) = (machine_micros(), Instant::now());
        let row = self.read().query_one_raw(Statement::from_string(DbBackend::Postgres, TELL)).await?;
        let round_trip = i64::try_from(watch.elapsed().as_micros()).unwrap_or(i64::MAX);
        let theirs = row.ok_or(DbErr::RecordNotFound(TELL.to_owned()))?.try_get("", "micros")?;
        Ok(Measured { asked, theirs, round_trip })
    }
}

/// One question for the time, in microseconds.
struct Measured {
    asked: i64,
    theirs: i64,
    round_trip: i64,
}

impl Measured {
    /// The answer is taken to have been given halfway; it may have been at any instant in between.
    fn offset_millis(&self) -> i64 {
        let half = self.round_trip / 2;
        let offset = self.theirs - (self.asked + half);
        if offset.abs() <= half + MILLI { 0 } else { offset / MILLI }
    }
}

fn machine_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::the_same_clock(1_000_000, 1_000_400, 800, 0)]
    #[case::too_close_to_tell(1_000_000, 1_008_900, 8_000, 0)]
    #[case::a_minute_ahead(1_000_000, 61_004_000, 8_000, 60_000)]
    #[case::a_second_behind(5_000_000, 4_004_000, 8_000, -1_000)]
    fn half_of_the_round_trip_is_taken_off(
        #[case] asked: i64,
        #[case] theirs: i64,
        #[case] round_trip: i64,
        #[case] millis: i64,
    ) {
        assert_eq!(Measured { asked, theirs, round_trip }.offset_millis(), millis);
    }
}
