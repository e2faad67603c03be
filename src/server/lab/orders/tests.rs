//! Orders in words.

use super::*;

#[test]
fn what_was_ordered_is_told_in_words() {
    let possible = json!([{"kind": "callbacks_late", "does": "Callbacks are sent late"}]);
    let late = json!({"id": "ord_1", "kind": "callbacks_late", "by_ms": 1_500, "to": null, "next": 1});
    let told = fault_in_words(&late, &possible);
    assert_eq!(
        (told.words.as_str(), told.whom.as_str()),
        ("Callbacks are sent late, by 1500 ms", "every number, the next call")
    );

    let scenarios = json!([{"scenario": "busy", "does": "is busy"}]);
    let busy = json!({"id": "ord_2", "scenario": "busy", "to": "+14155550101", "next": null});
    let told = outcome_in_words(&busy, &scenarios);
    assert_eq!((told.words.as_str(), told.whom.as_str()), ("A call is busy", "+14155550101"));
    let own = json!({"id": "ord_3", "story": {"ends": "never"}, "to": null, "next": 2});
    assert_eq!(outcome_in_words(&own, &scenarios).words, "A call rings until somebody hangs up");
}

#[test]
fn each_choice_has_a_word_of_its_own() {
    let words: std::collections::BTreeSet<_> = faults().iter().map(|(word, ..)| *word).collect();
    assert_eq!(words.len(), faults().len());
}
