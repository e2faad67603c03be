//! What the forms of `/lab` do. The simulator judges what it is told, and its words come back.

use super::{
    Lab,
    orders::{faults, stories},
};
use crate::{
    domain::{actor::Actor, form::CallForm},
    error::AppError,
    server::{page, state::AppState},
    server_fns::{LabDeed, LabForm},
};
use reqwest::Method;
use serde_json::{Value, json};

/// Does what a button says, then goes to the call that was made, or back to the page.
///
/// # Errors
/// The simulator's refusal in its own words, or that it does not answer.
pub async fn act(state: &AppState, actor: Actor, form: LabForm) -> Result<(), AppError> {
    let Some(lab) = &state.lab else {
        let why = "Another company is the provider: there is no simulator here to be told anything.";
        return Err(AppError::Refused { code: "no_simulator".to_owned(), why: why.to_owned() });
    };
    if form.deed == LabDeed::Call {
        return call(state, lab, actor, form).await;
    }
    tell(lab, &form).await?;
    page::go("/lab");
    Ok(())
}

async fn tell(lab: &Lab, form: &LabForm) -> Result<Value, AppError> {
    let what = form.what.as_str();
    match form.deed {
        LabDeed::SwitchOn => {
            let known = faults().into_iter().find(|(word, ..)| *word == what);
            let (_, _, fault) = known.ok_or_else(|| unknown("fault"))?;
            lab.tell(Method::POST, &["faults"], Some(&order(form, fault)?)).await
        }
        LabDeed::SwitchOff => lab.tell(Method::DELETE, &["faults", what], None).await,
        LabDeed::SwitchAllOff => lab.tell(Method::DELETE, &["faults"], None).await,
        LabDeed::SetOutcome => {
            let story = stories().into_iter().find(|(word, ..)| *word == what);
            let outcome =
                story.map_or_else(|| json!({"scenario": what}), |(_, _, story)| json!({"story": story}));
            lab.tell(Method::POST, &["outcomes"], Some(&order(form, outcome)?)).await
        }
        LabDeed::Forget => lab.tell(Method::DELETE, &["outcomes", what], None).await,
        LabDeed::ForgetAll => lab.tell(Method::DELETE, &["outcomes"], None).await,
        LabDeed::SetSpeed => {
            let speed: f64 = what.trim().parse().map_err(|_| wrong("Write the speed as a number, as 10."))?;
            lab.tell(Method::PUT, &["speed"], Some(&json!({"speed": speed}))).await
        }
        LabDeed::Call => Err(unknown("deed")),
    }
}

/// An order with the number and the count that were typed.
fn order(form: &LabForm, mut order: Value) -> Result<Value, AppError> {
    let (to, next) = (form.to.trim(), form.next.trim());
    if !to.is_empty() {
        order["to"] = json!(to);
    }
    if !next.is_empty() {
        let next: i64 =
            next.parse().map_err(|_| wrong("Write for how many calls as a whole number, as 1."))?;
        order["next"] = json!(next);
    }
    Ok(order)
}

/// Makes a call to one of the simulator's numbers. A second press of the same button finds the first one's call.
async fn call(state: &AppState, lab: &Lab, actor: Actor, form: LabForm) -> Result<(), AppError> {
    let overview = lab.get(&[], &[]).await?;
    let scenarios = overview["scenarios"].as_array();
    let known = scenarios.into_iter().flatten().find(|it| it["number"] == form.what.as_str());
    let known = known.ok_or_else(|| unknown("number of the simulator's"))?;
    let (digits, does) = (known["last_digits"].as_str(), known["does"].as_str());
    let form = CallForm {
        form_key: form.form_key,
        customer_name: format!("Lab {}: {}", digits.unwrap_or_default(), does.unwrap_or_default()),
        phone_number: form.what,
        workflow: "support".to_owned(),
        when: "now".to_owned(),
        ..CallForm::default()
    };
    let id = page::create(state, actor, &form).await?;
    page::go(&format!("/calls/{id}"));
    Ok(())
}

fn unknown(what: &str) -> AppError {
    AppError::NotFound(what.to_owned())
}

fn wrong(why: &str) -> AppError {
    AppError::BadRequest(why.to_owned())
}
