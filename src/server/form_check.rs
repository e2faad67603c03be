//! What a form is told while it is being filled in: whose number that is, when the call would go out, who may be
//! meant, and what is worth knowing before it is sent. Nothing is written, and nothing is looked up that can't be.

use super::{
    calls::{
        customers::{self, Start},
        dispatch_state,
    },
    phone,
    reading::Reader,
    state::AppState,
};
use crate::{
    domain::{
        actor::Actor,
        call::{Call, Warning},
        call_check::{CallCheck, Customer, Remark, Wait},
        form::{CallForm, MAX_NAME, Reading, When},
        id::CallId,
        phone_number::{PhoneNumber, compact},
        timestamp::Timestamp,
    },
    error::AppError,
};

/// The longest number or time that is looked at, in bytes.
const LONGEST: usize = 100;
/// The fewest letters or digits that may name a customer.
const FEWEST: usize = 2;
/// How many customers are suggested for a name, and for a number.
const SUGGESTED: u8 = 5;
/// How many open calls are told of.
const OPEN: u64 = 3;
/// How many calls to a number are looked through for one that was just made.
const NEWEST: u64 = 5;
/// For how long a call counts as just made, in seconds.
const JUST_MADE_SECS: i64 = 30 * 60;

/// What the server can tell of `form`, which changes the call `except` if there is one.
///
/// # Errors
/// What the database says.
pub async fn check(
    state: &AppState,
    actor: &Actor,
    form: &CallForm,
    except: Option<CallId>,
) -> Result<CallCheck, AppError> {
    let now = state.clock.now();
    let reader = Reader(&state.config);
    let mut check = CallCheck { customers: customers_of(state, actor, form).await?, ..CallCheck::default() };
    if let Some(number) = number_of(&reader, form, &mut check) {
        check.remarks.extend(remarks_on(state, actor, &number, except, now).await?);
    }
    wait_of(&reader, form, now, &mut check);
    if check.wait.is_none() && form.when.parse() == Ok(When::Now) {
        let dispatch = dispatch_state::read(state.db.read(), state.config.limits()).await?;
        let stops = dispatch.stops(now).into_iter();
        check.remarks.extend(
            stops.map(|stop| Remark { words: format!("It will wait. {}.", stop.detail), call: None }),
        );
    }
    Ok(check)
}

/// The number, if the shape is right: whether it exists and whose it is goes into the check.
fn number_of(reader: &Reader<'_>, form: &CallForm, check: &mut CallCheck) -> Option<PhoneNumber> {
    let is_wrong = form.check().iter().any(|error| error.field == "phone_number");
    if is_wrong || form.phone_number.len() > LONGEST {
        return None;
    }
    match reader.number(&form.phone_number, &form.country) {
        Ok((number, warnings)) => {
            check.number = phone::in_words(&number);
            let odd = |Warning { detail, .. }| Remark { words: detail, call: None };
            check.remarks.extend(warnings.into_iter().map(odd));
            Some(number)
        }
        Err(error) => {
            check.errors.push(error);
            None
        }
    }
}

fn wait_of(reader: &Reader<'_>, form: &CallForm, now: Timestamp, check: &mut CallCheck) {
    let has_no_time = form.when.parse() == Ok(When::Later) && form.wall_time.trim().is_empty();
    if has_no_time || form.wall_time.len() > LONGEST || form.time_zone.len() > LONGEST {
        return;
    }
    let at = match form.wish(reader, now) {
        Ok(Some(at)) => at,
        Ok(None) => return,
        Err(error) => return check.errors.push(error),
    };
    let twice = form.when.parse() == Ok(When::Later) && reader.comes_twice(&form.wall_time, &form.time_zone);
    let remark = twice.then(|| {
        "The clocks go back over this time, so it comes twice that day. The first of the two is meant."
            .to_owned()
    });
    let words = reader.in_words(at, &form.time_zone).unwrap_or_else(|| at.to_utc_words());
    check.wait = Some(Wait { at, words, remark });
}

/// Who may be meant by the name or the number as far as it is typed.
async fn customers_of(state: &AppState, actor: &Actor, form: &CallForm) -> Result<Vec<Customer>, AppError> {
    let name = form.customer_name.trim();
    let mut found = Vec::new();
    if (FEWEST..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        let start = Start::Name(name.to_owned());
        found.extend(customers::suggest(&state.db, actor, &start, SUGGESTED).await?);
    }
    let number = compact(&form.phone_number);
    let digits = number.strip_prefix('+').unwrap_or_default();
    if (FEWEST..=LONGEST).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit()) {
        for customer in customers::suggest(&state.db, actor, &Start::Number(number), SUGGESTED).await? {
            if !found.contains(&customer) {
                found.push(customer);
            }
        }
    }
    Ok(found)
}

async fn remarks_on(
    state: &AppState,
    actor: &Actor,
    number: &PhoneNumber,
    except: Option<CallId>,
    now: Timestamp,
) -> Result<Vec<Remark>, AppError> {
    let open = customers::open_to(&state.db, actor, number, except, OPEN).await?;
    let mut remarks: Vec<Remark> = open.iter().map(|call| on_open(call, now)).collect();
    if remarks.is_empty() {
        let newest = customers::newest_to(&state.db, actor, number, NEWEST).await?;
        remarks.extend(newest.iter().find_map(|call| on_just_made(call, now)));
    }
    Ok(remarks)
}

fn on_open(call: &Call, now: Timestamp) -> Remark {
    let name = &call.customer_name;
    let words = if call.due_at > now {
        format!("A call to this number already waits: {name}, {}.", call.due_at.to_utc_words())
    } else {
        format!("A call to this number is already open: {name}, {}.", call.status.label().to_lowercase())
    };
    Remark { words, call: Some(call.id) }
}

fn on_just_made(call: &Call, now: Timestamp) -> Option<Remark> {
    let ended_at = call.ended_at.filter(|at| at.plus_secs(JUST_MADE_SECS) > now && call.attempts_made > 0)?;
    let ago = match now.millis_since(ended_at) / 60_000 {
        ..1 => "less than a minute ago".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes => format!("{minutes} minutes ago"),
    };
    let (name, status) = (&call.customer_name, call.status.label().to_lowercase());
    Some(Remark { words: format!("This number was called {ago}: {name}, {status}."), call: Some(call.id) })
}
