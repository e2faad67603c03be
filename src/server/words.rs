//! The domain's words as the OpenAPI document lists them. Each list is made from the enum itself.

use crate::domain::{
    call::Workflow,
    event::{EventKind, Verdict},
    filter::Sort,
    insights::{Figure, Preset},
    status::{AttemptStatus, CallStatus, EndedReason, Phase},
    webhook::{DeliveryStatus, DisabledReason, WebhookEvent},
};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// Names a type whose schema is a list of words.
macro_rules! listed {
    ($($name:ident ($schema:literal) lists $words:ident $(where $allowed:expr)?; $text:literal)+) => {$(
        #[doc = $text]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = $words::ALL.iter().copied()$(.filter($allowed))?.map($words::as_str);
                let list = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
                list.description(Some($text)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                $schema.into()
            }
        }
    )+};
}

listed! {
    WorkflowWord ("Workflow") lists Workflow;
        "Why the customer is phoned. Requests may write it in any case."
    CallStatusWord ("CallStatus") lists CallStatus;
        "Where a call stands: `pending` while it waits, then as its open attempt, then how it ended."
    PhaseWord ("Phase") lists Phase;
        "Statuses in groups: pending (pending, dispatching), active (initiated, ringing, in_progress), completed, failed (busy, no_answer, failed), canceled."
    AttemptStatusWord ("AttemptStatus") lists AttemptStatus;
        "Where one attempt stands. Statuses never go back; an ended attempt stays ended."
    ReportedWord ("ReportedStatus") lists AttemptStatus where |status| *status != AttemptStatus::Dispatching;
        "Where an attempt stands at the provider."
    EndingWord ("Ending") lists AttemptStatus where |status| status.is_ended();
        "How a call may be ended by hand."
    EndedReasonWord ("EndedReason") lists EndedReason;
        "Why a call or an attempt ended."
    EventKindWord ("EventKind") lists EventKind;
        "What happened."
    VerdictWord ("Verdict") lists Verdict;
        "What became of a report of the provider."
    SortWord ("Sort") lists Sort;
        "The order of a list: `created` newest first, `due` what goes out next first, `ended` what ended last first."
    RangeWord ("InsightsRange") lists Preset;
        "Days up to today: today alone, or with the 6, 29 or 89 days before it."
    FigureWord ("InsightsTable") lists Figure;
        "One of the tables behind the charts: calls by outcome over time; answer rates by hour of the day and by workflow; how times are spread."
    WebhookEventWord ("WebhookEvent") lists WebhookEvent;
        "What an endpoint can ask to be told of. An end is told whether the call was ever connected or not; a planned retry is one by itself or by hand."
    DeliveryStatusWord ("WebhookDeliveryStatus") lists DeliveryStatus;
        "Where a delivery stands: `pending` while it is sent or waits to be sent again."
    DisabledReasonWord ("WebhookDisabledReason") lists DisabledReason;
        "Why nothing is sent to an endpoint: by hand, because it answered 410, or because it took nothing for five days."
}
