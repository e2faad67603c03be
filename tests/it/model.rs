//! Random stories: people, nodes that die and come back, a company that is asked, answers and reports in any
//! order. After each step the real verbs, on a real database, must have done what a small model says.

mod agreeing;
mod commands;
mod company;
mod following;
mod rules;
mod settling;
mod steps;
mod world;

use crate::support::both_databases;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use proptest_state_machine::ReferenceStateMachine;
use rules::Model;
use std::{
    fmt::Write,
    sync::atomic::{AtomicUsize, Ordering},
};
use steps::{Step, Story};
use tokio::{runtime::Handle, sync::Mutex, task::block_in_place};
use world::World;

both_databases!(whatever_happens_switchboard_does_what_the_model_says);

const LONGEST_STORY: usize = 60;

async fn whatever_happens_switchboard_does_what_the_model_says(world: World) {
    let mut runner = TestRunner::new(config(&world));
    let world = Mutex::new(world);
    let stories = Story::sequential_strategy(20..=LONGEST_STORY);
    block_in_place(|| {
        let result = runner.run(&stories, |(model, steps, seen)| {
            let told = async { tell(&mut *world.lock().await, model, &steps, seen.as_deref()).await };
            Handle::current().block_on(told).map_err(TestCaseError::fail)
        });
        match result {
            Ok(()) => {}
            Err(TestError::Fail(why, (_, steps, _))) => panic!("{}\n{}", why.message(), as_lines(&steps)),
            Err(TestError::Abort(why)) => panic!("no stories: {why}"),
        }
    });
}

/// `PROPTEST_CASES` asks for more stories, or fewer.
fn config(world: &World) -> Config {
    let few = if world.app.test_db.file().is_some() { 24 } else { 8 };
    let usual = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { usual.cases } else { few };
    Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..usual }
}

/// Tells one story to its end. `seen` counts its steps, so that a failure is cut short behind the last one.
async fn tell(
    world: &mut World,
    mut model: Model,
    steps: &[Step],
    seen: Option<&AtomicUsize>,
) -> Result<(), String> {
    world.begin().await;
    for step in steps {
        if let Some(seen) = seen {
            seen.fetch_add(1, Ordering::SeqCst);
        }
        model.apply(*step);
        let refused = world.apply(*step, &model).await;
        world.agree(&model, refused).await.map_err(|why| format!("After {step:?}: {why}"))?;
    }
    // Half of the stories have a bad end first.
    if model.temper >> 63 == 1 {
        world.lose_contact().await;
    }
    world.settle().await.map_err(|why| format!("In the end: {why}"))
}

fn as_lines(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |mut lines, step| {
        let _ = writeln!(lines, "  {step:?}");
        lines
    })
}
