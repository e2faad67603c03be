//! What people, programs and the loops ask of a call, asked of the product's verbs.

use super::{
    steps::{Edit, Step},
    world::World,
};
use crate::support::{app::App, dispatcher::new_call};
use switchboard::{
    domain::{
        actor::Actor,
        call::{CallEdit, NewCall},
        phone_number::PhoneNumber,
        timestamp::Timestamp,
    },
    error::AppError,
    server::calls::{cancel, claim::renew, create, delete, edit, end_by_hand, miss, note, retry},
};

impl World {
    /// What people, programs and the loops ask of a call.
    pub async fn command(&mut self, step: Step) -> Result<(), AppError> {
        let (actor, now, db) = (Actor::token(), self.app.now(), self.db().clone());
        let id = |call: usize| self.calls[call];
        match step {
            Step::Create(secs, max_attempts) => {
                let number = format!("+1415555010{}", self.calls.len());
                let scheduled_at = (secs > 0).then(|| now.plus_secs(secs));
                let phone_number = PhoneNumber::parse(&number).expect("a number");
                let new = NewCall { phone_number, max_attempts, scheduled_at, ..new_call() };
                let clock = self.app.clock.clone();
                let work = async move |tx| create::create(&tx, &actor, new, None, &clock).await;
                let created = db.write(work).await?;
                self.calls.push(created.id);
            }
            Step::Edit(call, what) => {
                let (id, what) = (id(call), edit_of(what, now, &self.app));
                db.write(async move |tx| edit::edit(&tx, &actor, id, what, None, now).await).await?;
            }
            Step::Cancel(call) => {
                let id = id(call);
                db.write(async move |tx| cancel::cancel(&tx, &actor, id, now).await).await?;
            }
            Step::EndByHand(call, ending) => {
                let id = id(call);
                let work = async move |tx| end_by_hand::end_by_hand(&tx, &actor, id, ending, None, now).await;
                db.write(work).await?;
            }
            Step::Retry(call) => {
                let id = id(call);
                db.write(async move |tx| retry::retry(&tx, &actor, id, now).await).await?;
            }
            Step::Delete(call) => {
                let id = id(call);
                db.write(async move |tx| delete::delete(&tx, &actor, id, None, now).await).await?;
            }
            Step::Note(call) => {
                let id = id(call);
                db.write(async move |tx| note::note(&tx, &actor, id, "Hm.", now).await).await?;
            }
            Step::Miss => {
                let secs = self.state.config.max_lateness_secs;
                for late in miss::too_late(&db, secs, now, 100).await? {
                    db.write(async move |tx| miss::miss(&tx, late, secs, now).await).await?;
                }
            }
            Step::Renew(hand) => {
                let held = self.hands[&hand].0.clone();
                let holds = db.write(async move |tx| renew(&tx, &held, 15, now).await).await?;
                if !holds {
                    return Err(AppError::refused("gone", "Another node has taken the call over."));
                }
            }
            other => unreachable!("{other:?} is no command"),
        }
        Ok(())
    }
}

fn edit_of(what: Edit, now: Timestamp, app: &App) -> CallEdit {
    let nothing = CallEdit::default();
    match what {
        Edit::Name => CallEdit { customer_name: Some(app.clock.new_id().to_string()), ..nothing },
        Edit::Attempts(max) => CallEdit { max_attempts: Some(max), ..nothing },
        Edit::InSecs(secs) => CallEdit { scheduled_at: Some(Some(now.plus_secs(secs))), ..nothing },
        Edit::AtOnce => CallEdit { scheduled_at: Some(None), ..nothing },
    }
}

/// The word with which a verb refused.
pub fn code(error: AppError) -> String {
    match error {
        AppError::Refused { code, .. } => code,
        AppError::NotFound(_) => "not_found".to_owned(),
        other => format!("{other:?}"),
    }
}
