//! The simulator's tables. All instants are milliseconds since the Unix epoch.

/// `sim_calls`: the calls it has taken.
pub mod call {
    use sea_orm::entity::prelude::*;

    /// One call that was taken.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sim_calls")]
    pub struct Model {
        /// `sim_` and a `UUIDv7`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub provider_call_id: String,
        /// The caller's `Idempotency-Key`: one key, one call.
        #[sea_orm(unique)]
        pub attempt_id: String,
        /// Whom to call, as E.164.
        pub to_number: String,
        /// The customer's name.
        #[sea_orm(column_type = "Text")]
        pub customer_name: String,
        /// Why they are called.
        #[sea_orm(column_type = "Text")]
        pub workflow: String,
        /// Where the callbacks go; empty for a caller who wants none.
        #[sea_orm(column_type = "Text")]
        pub callback_url: String,
        /// The how-manieth placing of this number it is, from 1.
        pub nth: i64,
        /// What was decided for it: a [`Script`](super::super::scenario::Script) in JSON.
        #[sea_orm(column_type = "Text")]
        pub script: String,
        /// By how much its times were divided.
        pub speed: f64,
        /// When it was taken.
        pub placed_at: i64,
        /// When the caller first asked to hang up.
        pub hangup_requested_at: Option<i64>,
        /// The caller's own id for it in JSON, if it came through `/send`: its callbacks say it.
        #[sea_orm(column_type = "Text", nullable)]
        pub callers_id: Option<String>,
    }

    /// None: the simulator reads its tables one by one.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `sim_callbacks`: what happens to the calls, and what is and was told about it.
pub mod callback {
    use sea_orm::entity::prelude::*;

    /// One thing that happens to a call. It is true from `occurred_at` on, whether it is reported or not.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sim_callbacks")]
    pub struct Model {
        /// The `webhook-id`, the same each time it is sent.
        #[sea_orm(primary_key, auto_increment = false)]
        pub webhook_id: String,
        /// The call it belongs to.
        pub provider_call_id: String,
        /// Its place in what happens to the call, from 1.
        pub sequence: i64,
        /// The call's status from then on.
        pub status: String,
        /// The body, exactly as it is signed and sent.
        #[sea_orm(column_type = "Text")]
        pub payload: String,
        /// When it happens.
        pub occurred_at: i64,
        /// When it is to be sent for the first time.
        pub due_at: i64,
        /// How often it is sent; 0 if it is lost.
        pub copies: i16,
        /// How often it was claimed for sending. Only the newest claim may write down what came of it.
        pub tries: i64,
        /// When it is sent next; nothing if it never is. A claim moves it on by the length of a lease, so
        /// that a crash in the middle only delays it.
        pub next_try_at: Option<i64>,
        /// When the receiver first said 2xx.
        pub delivered_at: Option<i64>,
        /// What the receiver last answered, in words.
        #[sea_orm(column_type = "Text", nullable)]
        pub last_answer: Option<String>,
        /// Its newest sendings, oldest first: a list of [`Posted`](super::super::post::Posted) in JSON.
        #[sea_orm(column_type = "Text", nullable)]
        pub posts: Option<String>,
    }

    /// None: the simulator reads its tables one by one.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `sim_placings`: how often each number was placed.
pub mod placing {
    use sea_orm::entity::prelude::*;

    /// One number. The count outlives the calls, so that pruning them changes no later draw.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sim_placings")]
    pub struct Model {
        /// The number, as E.164.
        #[sea_orm(primary_key, auto_increment = false)]
        pub to_number: String,
        /// How many of its placings were taken.
        pub placings: i64,
    }

    /// None: the simulator reads its tables one by one.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `sim_orders`: what the control API has told the simulator to do: faults and outcomes.
pub mod order {
    use sea_orm::entity::prelude::*;

    /// One order. It is gone when it is used up.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sim_orders")]
    pub struct Model {
        /// `ord_` and a `UUIDv7`, so that later ones sort behind.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// `fault` or `outcome`.
        pub kind: String,
        /// The number that it is for, as E.164; nothing = every number.
        pub to_number: Option<String>,
        /// For how many more placings it holds; nothing = until it is taken back.
        pub remaining: Option<i64>,
        /// What to do, in JSON.
        #[sea_orm(column_type = "Text")]
        pub what: String,
        /// When it was made, by the simulator's clock.
        pub made_at: i64,
    }

    /// None: the simulator reads its tables one by one.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `sim_settings`: how it was set while it ran.
pub mod setting {
    use sea_orm::entity::prelude::*;

    /// One setting.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sim_settings")]
    pub struct Model {
        /// `speed` or `clock`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        /// Its value, in JSON.
        #[sea_orm(column_type = "Text")]
        pub value: String,
    }

    /// None: the simulator reads its tables one by one.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
