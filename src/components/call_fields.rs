//! The fields of a call, for a new one and for one that is changed.

use super::{
    choice_field::ChoiceField,
    compact::{Erase, Memo, RwSignal, Signal, StoredValue, changing, effect},
    customer_choice::{Customers, choose},
    draft,
    field_errors::FieldErrors,
    form_help::Help,
    form_values::{form_around, is_untouched, read, target, write},
    number_typing::regroup,
    press::Press,
    sample_numbers::SampleNumbers,
    text_field::{TextField, Typing},
    time_fields::{TimeFields, suggest_local_zone},
};
use crate::domain::{
    call::Workflow,
    country::Country,
    form::{CallForm, FieldError},
};
use leptos::{ev, html, prelude::*};

const NAME: Typing =
    Typing { kind: "text", inputmode: "text", autocomplete: "off", placeholder: "Ada Lovelace…" };
const NUMBER: Typing =
    Typing { kind: "tel", inputmode: "tel", autocomplete: "off", placeholder: "+1 415 555 0101…" };
const NUMBER_HINT: &str = "With + and the country code, or as people dial it in the country below.";

/// What there is to choose from in a form.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The countries of national numbers.
    pub countries: Vec<Country>,
    /// The time zones.
    pub time_zones: Vec<String>,
    /// Whether to show the simulator's numbers.
    pub sample_numbers: bool,
    /// Whether to suggest the browser's own zone.
    pub suggest_zone: bool,
}

/// What becomes of a form that is left before it is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Draft {
    /// Nothing: it changes what is kept elsewhere.
    None,
    /// It is kept; this one begins with what it is given.
    Kept,
    /// It is kept, and this one begins with what was kept before.
    Resumed,
}

/// The fields, each with its message. What was typed stays typed.
#[component]
pub fn CallFields(
    /// What the fields hold at first.
    form: CallForm,
    /// What there is to choose from.
    choices: Choices,
    /// The server's complaints about what was sent.
    #[prop(into)]
    sent_errors: Signal<Vec<FieldError>>,
    /// What the server says of what is being typed.
    help: Help,
    /// What becomes of it when it is left.
    draft: Draft,
) -> impl IntoView {
    let errors = FieldErrors::new(sent_errors, help);
    // To press a button is to leave the field before it, whose message comes or goes above the button.
    let press = Press::watch();
    let node = NodeRef::<html::Div>::new();
    let number = StoredValue::new(form.phone_number.clone());
    let resumed = RwSignal::new(false);
    begin(node, choices.suggest_zone, draft, (help, number, resumed));
    let on_input = move |event: ev::Event| {
        choose(&event, help);
        regroup(&event, number);
        let Some(form) = target(&event).and_then(|input| form_around(&input)).and_then(|form| read(&form))
        else {
            return;
        };
        // A choice of a customer writes a number too.
        number.set_value(form.phone_number.clone());
        errors.retype(&field_of(&event), &form);
        if draft != Draft::None {
            draft::keep(&form);
        }
        help.retype(form);
    };
    let start_over = Callback::new(move |()| {
        draft::forget();
        resumed.set(false);
        errors.clear();
        if let Some(form) = node.get_untracked().and_then(|node| form_around(&node)) {
            form.reset();
            if choices.suggest_zone {
                suggest_local_zone();
            }
            help.retype(read(&form).unwrap_or_default());
        }
    });
    view! {
        <div
            class="call-fields"
            node_ref=node
            on:input=on_input
            on:change=move |event| press.afterwards(move || check(&event, errors, help))
        >
            <input type="hidden" name="form[form_key]" value=form.form_key.clone()/>
            {changing(move || resumed.get().then(|| view! { <Resumed start_over/> }.erase()))}
            <TextField
                name="customer_name"
                label="Customer name"
                value=form.customer_name.clone()
                typing=NAME
                list="customers"
                error=errors.of("customer_name")
            />
            <TextField
                name="phone_number"
                label="Phone number"
                hint=NUMBER_HINT
                told=Signal::derive(move || help.number())
                value=form.phone_number.clone()
                typing=NUMBER
                list="numbers"
                error=errors.of("phone_number")
            />
            <Customers help/>
            <Remarks help/>
            {choices.sample_numbers.then(|| view! { <SampleNumbers/> }.erase())}
            {selects(&form, choices.countries, errors)}
            <TimeFields form time_zones=choices.time_zones errors help/>
        </div>
    }
    .erase()
}

fn selects(form: &CallForm, countries: Vec<Country>, errors: FieldErrors) -> AnyView {
    let mut options = vec![(String::new(), "None: the number begins with +".to_owned())];
    options.extend(countries.into_iter().map(|country| (country.code, country.name)));
    let workflows = Workflow::ALL.iter().map(|w| (w.to_string(), w.label().to_owned()));
    let workflows = [(String::new(), "Choose…".to_owned())].into_iter().chain(workflows).collect();
    let country = form.country.clone();
    let workflow = form.workflow.to_ascii_lowercase();
    view! {
        <div class="field-pair">
            <ChoiceField
                name="country"
                label="Country"
                options
                value=country
                error=errors.of("country")
            />
            <ChoiceField
                name="workflow"
                label="Workflow"
                options=workflows
                value=workflow
                error=errors.of("workflow")
            />
        </div>
    }
    .erase()
}

/// What is worth knowing before the form is sent.
#[component]
fn Remarks(help: Help) -> impl IntoView {
    let remarks = Memo::new(move |_| help.remarks());
    let line = |remark: crate::domain::call_check::Remark| {
        let link = remark.call.map(|call| {
            view! { " "<a href=format!("/calls/{call}") target="_blank">"See it in a new tab"</a> }.erase()
        });
        view! { <li>{remark.words}{link}</li> }.erase()
    };
    view! {
        <ul class="form-remarks" aria-live="polite">
            {changing(move || remarks.get().into_iter().map(line).collect_view())}
        </ul>
    }
    .erase()
}

#[component]
fn Resumed(start_over: Callback<()>) -> impl IntoView {
    view! {
        <p class="draft-note" role="status">
            "This is what you typed before and did not send. "
            <button class="button" data-size="small" type="button" on:click=move |_| start_over.run(())>
                "Start over"
            </button>
        </p>
    }
    .erase()
}

/// In the browser: what was kept before comes back, the zone is suggested, and the server is asked about a form that
/// does not come empty.
fn begin(
    node: NodeRef<html::Div>,
    suggest_zone: bool,
    draft: Draft,
    (help, number, resumed): (Help, StoredValue<String>, RwSignal<bool>),
) {
    let mut begun = false;
    effect(move || {
        let Some(form) = node.get().and_then(|node| form_around(&node)).filter(|_| !begun) else { return };
        begun = true;
        if suggest_zone {
            suggest_local_zone();
        }
        let kept = if draft == Draft::Resumed { draft::read() } else { None };
        if let Some(kept) = kept.filter(|_| is_untouched(&form)) {
            write(&form, &kept);
            number.set_value(kept.phone_number);
            resumed.set(true);
        }
        help.retype(read(&form).unwrap_or_default());
    });
}

/// Looks at the form before it is sent, and keeps it here while anybody can see what is wrong with it. To be
/// called in the capture phase, before the form's own listener. Answers the form that goes out.
pub fn keep_back(event: &ev::SubmitEvent, refused: RwSignal<Vec<FieldError>>) -> Option<CallForm> {
    let form = target(event).and_then(|element| form_around(&element)).and_then(|form| read(&form));
    let errors = form.as_ref().map(CallForm::check).unwrap_or_default();
    let is_wrong = !errors.is_empty();
    if is_wrong {
        event.prevent_default();
        event.stop_propagation();
    }
    refused.set(errors);
    form.filter(|_| !is_wrong)
}

/// The wire name of the field that an event happened to.
fn field_of(event: &ev::Event) -> String {
    let name = target(event).and_then(|input| input.get_attribute("name")).unwrap_or_default();
    name.trim_start_matches("form[").trim_end_matches(']').to_owned()
}

/// Looks at the whole form, and speaks of the field that was left.
fn check(event: &ev::Event, errors: FieldErrors, help: Help) {
    let form = target(event).and_then(|input| form_around(&input)).and_then(|form| read(&form));
    let Some(form) = form else { return };
    let field = field_of(event);
    let field = match field.as_str() {
        // The choice of a country may mend a number, the choice of now an empty time.
        "country" if !form.phone_number.is_empty() => "phone_number",
        // Whoever has just chosen "later" has had no chance yet to say when.
        "when" if form.when == "later" && form.wall_time.is_empty() => "",
        "when" | "time_zone" => "wall_time",
        field => field,
    };
    if !field.is_empty() {
        errors.touch(field, &form);
    }
    help.retype(form);
}
