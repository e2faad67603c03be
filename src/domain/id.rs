//! Ids are UUIDv7, made on the server. Each noun has a type of its own, so that none is taken for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// One call.
    CallId
}
id! {
    /// One attempt of a call; the `Idempotency-Key` of every placing of it.
    AttemptId
}
id! {
    /// The team that something belongs to.
    TeamId
}

id! {
    /// An address that wants to be told what happens.
    EndpointId
}
id! {
    /// One telling of one event to one endpoint; its `webhook-id`, however often it is sent.
    DeliveryId
}

/// The team that the first migration makes; everything belongs to it until there are more.
pub const HOME_TEAM: TeamId = TeamId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001));
