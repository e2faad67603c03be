//! Whatever happens in whatever order, the ledger comes to what a reader of all calls counts.

use super::{catch_up, expect_same};
use crate::{
    reporting::report,
    support::{
        app::{COMPLETES, text},
        both_databases,
        company::World,
    },
};
use reqwest::Method;
use serde_json::json;
use switchboard::server::insights::follow;

both_databases!(
    a_first_random_history_is_counted_right,
    a_second_random_history_is_counted_right,
    a_third_random_history_is_counted_right,
);

/// Chance that is the same each time (Marsaglia's xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("a small number")
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

async fn a_first_random_history_is_counted_right(world: World) {
    live_at_random(world, 0x9e37_79b9_7f4a_7c15).await;
}

async fn a_second_random_history_is_counted_right(world: World) {
    live_at_random(world, 0xdead_beef_cafe_f00d).await;
}

async fn a_third_random_history_is_counted_right(world: World) {
    live_at_random(world, 0x0123_4567_89ab_cdef).await;
}

async fn live_at_random(world: World, seed: u64) {
    let (mut chance, mut calls) = (Chance(seed), Vec::new());
    for step in 0..240 {
        one_step(&world, &mut chance, &mut calls, step).await;
        if step % 12 == 11 {
            catch_up(&world.app).await;
            expect_same(&world.app.state().db, "range=7d", world.app.now()).await;
        }
    }
    let app = &world.app;
    assert!(app.count("SELECT count(*) FROM calls WHERE ended_at IS NOT NULL").await > 20, "much has ended");
    assert!(app.count("SELECT count(*) FROM call_events WHERE kind = 'retried'").await > 0);
    for query in ["range=7d&workflow=sales", "range=7d&time_zone=Asia/Kathmandu", "range=30d"] {
        expect_same(&app.state().db, query, app.now()).await;
    }
    follow::rebuild(&app.state().db, app.now()).await.expect("it is counted anew");
    expect_same(&app.state().db, "range=7d", app.now()).await;
}

/// Something happens: a wish, a command, a report, true or not, a round of a loop, or time passes.
async fn one_step(world: &World, chance: &mut Chance, calls: &mut Vec<serde_json::Value>, step: usize) {
    let app = &world.app;
    let any = (!calls.is_empty()).then(|| calls[chance.below(calls.len())].clone());
    match (chance.below(16), any) {
        (0..3, _) | (_, None) => {
            let workflow = chance.one_of(&["support", "sales", "reminder"]);
            let delay = chance.one_of(&[0, 0, 600, 5_000]);
            let attempts = chance.one_of(&[1, 1, 3]);
            let more = json!({"workflow": workflow, "delay_secs": delay, "max_attempts": attempts});
            calls.push(app.create_with(COMPLETES, more).await["id"].clone());
        }
        (3..5, _) => {
            app.dispatch().await;
        }
        (5, _) => {
            app.reconcile().await;
            app.hang_up().await;
        }
        (6..8, _) => app.pass_secs(chance.one_of(&[1, 30, 100, 900, 2_400])),
        (8, Some(id)) => drop(app.command(&id, chance.one_of(&["cancel", "retry"])).await),
        (9, Some(id)) => {
            let path = format!("/api/calls/{}", text(&id));
            let body = json!({"status": chance.one_of(&["failed", "completed"])});
            if chance.below(2) == 0 {
                app.request(Method::DELETE, &path).send().await.expect("an answer");
            } else {
                app.request(Method::PATCH, &path).json(&body).send().await.expect("an answer");
            }
        }
        (10, Some(id)) => drop(app.command(&id, "retry").await),
        (_, Some(id)) => {
            let (_, call) = app.get(&format!("/api/calls/{}", text(&id))).await;
            let Some(attempt) = call["attempts"]
                .as_array()
                .and_then(|attempts| Some(text(&attempts.get(chance.below(attempts.len().max(1)))?["id"])))
            else {
                return;
            };
            let status =
                chance.one_of(&["ringing", "in_progress", "completed", "busy", "no_answer", "failed"]);
            let ago = chance.one_of(&[0, 5, 60, 1_500]);
            let at = app.now().plus_secs(-ago).to_rfc3339();
            app.hear(&format!("w{step}"), &report(&attempt, status, &at)).await;
        }
    }
}
