use super::*;
use proptest::prelude::*;
use rstest::rstest;

const NOW: Timestamp = Timestamp::MAX;

struct Plain(Timestamp);

impl Reading for Plain {
    fn number(&self, typed: &str, _: &str) -> Result<(PhoneNumber, Vec<Warning>), FieldError> {
        PhoneNumber::parse(typed).map(|number| (number, Vec::new())).map_err(number_error)
    }

    fn instant(&self, _: &str, _: &str) -> Result<Timestamp, FieldError> {
        Ok(self.0)
    }

    fn tomorrow_at_nine(&self, _: &str, now: Timestamp) -> Result<Timestamp, FieldError> {
        Ok(now.plus_secs(86_400))
    }
}

fn ada() -> CallForm {
    CallForm {
        customer_name: " Ada Lovelace ".to_owned(),
        phone_number: "+1 415 555 0101".to_owned(),
        workflow: "Support".to_owned(),
        when: "now".to_owned(),
        ..CallForm::default()
    }
}

#[test]
fn a_complete_form_asks_for_a_call() {
    let call = ada().read(&Plain(NOW), NOW).expect("a call");
    assert_eq!(call.customer_name, "Ada Lovelace");
    assert_eq!(call.phone_number.as_str(), "+14155550101");
    assert_eq!(call.workflow, Workflow::Support);
    assert_eq!(call.scheduled_at, None);
}

#[rstest]
#[case(CallForm { customer_name: "  ".to_owned(), ..ada() }, "customer_name", "required")]
#[case(CallForm { customer_name: "x".repeat(201), ..ada() }, "customer_name", "too_long")]
#[case(CallForm { customer_name: "a\nb".to_owned(), ..ada() }, "customer_name", "control_characters")]
#[case(CallForm { phone_number: "12".to_owned(), ..ada() }, "phone_number", "no_country")]
#[case(CallForm { workflow: "spam".to_owned(), ..ada() }, "workflow", "unknown")]
#[case(CallForm { when: "later".to_owned(), ..ada() }, "wall_time", "required")]
#[case(CallForm { when: "never".to_owned(), ..ada() }, "when", "unknown")]
fn each_field_has_its_own_message(#[case] form: CallForm, #[case] field: &str, #[case] code: &str) {
    let found = form.read(&Plain(NOW), NOW).expect_err("an error");
    assert_eq!(
        found.iter().map(|e| (e.field.as_str(), e.code.as_str())).collect::<Vec<_>>(),
        [(field, code)]
    );
    assert_eq!(form.check(), found, "the browser sees what the server sees");
}

#[rstest]
#[case("", None)]
#[case("in_15_minutes", Some(900))]
#[case("in_1_hour", Some(3_600))]
#[case("tomorrow", Some(86_400))]
fn a_choice_needs_no_typing(#[case] when: &str, #[case] secs: Option<i64>) {
    let now = Timestamp::from_millis(1_795_251_600_000);
    let form = CallForm { when: when.to_owned(), ..ada() };
    assert_eq!(form.wish(&Plain(NOW), now), Ok(secs.map(|secs| now.plus_secs(secs))));
    assert!(form.check().is_empty());
}

#[test]
fn an_empty_form_names_every_field_in_the_forms_order() {
    let fields: Vec<_> = CallForm::default().check().into_iter().map(|error| error.field).collect();
    assert_eq!(fields, ["customer_name", "phone_number", "workflow"]);
}

#[rstest]
#[case(0, Ok(None))]
#[case(-60, Ok(None))]
#[case(-61, Err("in_the_past"))]
#[case(1, Ok(Some(1)))]
#[case(60 * 86_400, Ok(Some(60 * 86_400)))]
#[case(MAX_AHEAD_SECS + 1, Err("too_far"))]
fn a_wish_lies_between_a_minute_ago_and_five_years_ahead(
    #[case] secs: i64,
    #[case] expected: Result<Option<i64>, &str>,
) {
    let now = Timestamp::from_millis(1_795_251_600_000);
    let read = scheduled_at("scheduled_at", now.plus_secs(secs), now);
    let expected = expected.map(|at| at.map(|secs| now.plus_secs(secs))).map_err(str::to_owned);
    assert_eq!(read.map_err(|error| error.code), expected);
}

proptest! {
    #[test]
    fn any_typing_is_read_or_explained(name in ".{0,300}", number in ".{0,30}", workflow in ".{0,12}", when in "(now|later|)") {
        let form = CallForm { customer_name: name, phone_number: number, workflow, when, ..CallForm::default() };
        match form.read(&Plain(NOW), NOW) {
            Ok(_) => prop_assert!(form.check().is_empty()),
            Err(errors) => prop_assert!(!errors.is_empty() && errors.iter().all(|error| !error.detail.is_empty())),
        }
    }
}
