//! The words for where a call and its attempts stand, with the rank and finality of each.
//! How one follows another is decided in [`super::transition`] alone.

use super::words::words;

words! {
    /// Where one attempt stands. Rank only rises; an ended attempt stays ended.
    AttemptStatus {
        /// Claimed under a lease; the provider is being asked.
        Dispatching = "dispatching",
        /// The provider has taken it.
        Initiated = "initiated",
        /// The customer's phone rings.
        Ringing = "ringing",
        /// Somebody or something has answered.
        InProgress = "in_progress" | "connected",
        /// Ended after it was answered.
        Completed = "completed",
        /// The line was busy.
        Busy = "busy",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// It could not be put through, or what became of it is unknown.
        Failed = "failed",
        /// Hung up before it was answered.
        Canceled = "canceled" | "cancelled",
    }
}

words! {
    /// Where a call stands: `pending` while it waits, then as its open attempt, then how it ended.
    CallStatus {
        /// It waits: for its time, a retry delay, a free slot.
        Pending = "pending",
        /// Claimed under a lease; the provider is being asked.
        Dispatching = "dispatching",
        /// The provider has taken it.
        Initiated = "initiated",
        /// The customer's phone rings.
        Ringing = "ringing",
        /// Somebody or something has answered.
        InProgress = "in_progress" | "connected",
        /// Ended after it was answered.
        Completed = "completed",
        /// Ended: the line was busy.
        Busy = "busy",
        /// Ended: nobody answered.
        NoAnswer = "no_answer",
        /// Ended: it could not be put through.
        Failed = "failed",
        /// Ended: somebody took the wish back.
        Canceled = "canceled" | "cancelled",
    }
}

words! {
    /// Statuses grouped for filters and people.
    Phase {
        /// pending, dispatching
        Pending = "pending",
        /// initiated, ringing, `in_progress`
        Active = "active" | "in_progress",
        /// completed
        Completed = "completed",
        /// busy, `no_answer`, failed
        Failed = "failed",
        /// canceled
        Canceled = "canceled" | "cancelled",
    }
}

words! {
    /// Why an attempt or a call ended.
    EndedReason {
        /// Somebody answered, and the conversation came to its end.
        Answered = "answered",
        /// The line was busy.
        Busy = "busy",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// The customer declined it.
        Declined = "declined",
        /// The provider says that the number can't be dialed.
        InvalidNumber = "invalid_number",
        /// The provider refused to place it.
        ProviderRefused = "provider_refused",
        /// The provider took it and then failed.
        ProviderFailed = "provider_failed",
        /// Taken back before it was placed.
        Canceled = "canceled",
        /// Hung up because we asked for it.
        HungUp = "hung_up",
        /// A person set its end by hand.
        EndedByHand = "ended_by_hand",
        /// It waited past its latest instant.
        Missed = "missed",
        /// The provider no longer knows of it, or does not answer; a late report may correct it.
        LostContact = "lost_contact",
        /// Nobody knows whether it went out, and the provider can't be asked; a person decides.
        Unknown = "unknown",
    }
}

impl AttemptStatus {
    /// How far along it is. Reports only ever raise it.
    pub fn rank(self) -> u8 {
        match self {
            Self::Dispatching => 10,
            Self::Initiated => 20,
            Self::Ringing => 30,
            Self::InProgress => 40,
            Self::Completed | Self::Busy | Self::NoAnswer | Self::Failed | Self::Canceled => 100,
        }
    }

    /// Whether nothing can follow.
    pub fn is_ended(self) -> bool {
        self.rank() == 100
    }

    /// The reason that goes with an ending when the provider names none.
    pub fn usual_reason(self) -> Option<EndedReason> {
        match self {
            Self::Completed => Some(EndedReason::Answered),
            Self::Busy => Some(EndedReason::Busy),
            Self::NoAnswer => Some(EndedReason::NoAnswer),
            Self::Failed => Some(EndedReason::ProviderFailed),
            Self::Canceled => Some(EndedReason::HungUp),
            _ => None,
        }
    }
}

impl CallStatus {
    /// The phase it belongs to.
    pub fn phase(self) -> Phase {
        match self {
            Self::Pending | Self::Dispatching => Phase::Pending,
            Self::Initiated | Self::Ringing | Self::InProgress => Phase::Active,
            Self::Completed => Phase::Completed,
            Self::Busy | Self::NoAnswer | Self::Failed => Phase::Failed,
            Self::Canceled => Phase::Canceled,
        }
    }

    /// Whether the call has come to its end; only a retry opens it again.
    pub fn is_ended(self) -> bool {
        !self.is_open()
    }

    /// Pending or active.
    pub fn is_open(self) -> bool {
        matches!(self.phase(), Phase::Pending | Phase::Active)
    }

    /// The word as people read it: `in progress`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Dispatching => "Dispatching",
            Self::Initiated => "Initiated",
            Self::Ringing => "Ringing",
            Self::InProgress => "In progress",
            Self::Completed => "Completed",
            Self::Busy => "Busy",
            Self::NoAnswer => "No answer",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
        }
    }
}

impl From<AttemptStatus> for CallStatus {
    fn from(status: AttemptStatus) -> Self {
        match status {
            AttemptStatus::Dispatching => Self::Dispatching,
            AttemptStatus::Initiated => Self::Initiated,
            AttemptStatus::Ringing => Self::Ringing,
            AttemptStatus::InProgress => Self::InProgress,
            AttemptStatus::Completed => Self::Completed,
            AttemptStatus::Busy => Self::Busy,
            AttemptStatus::NoAnswer => Self::NoAnswer,
            AttemptStatus::Failed => Self::Failed,
            AttemptStatus::Canceled => Self::Canceled,
        }
    }
}

impl Phase {
    /// The statuses it groups.
    pub fn statuses(self) -> impl Iterator<Item = CallStatus> {
        CallStatus::ALL.iter().copied().filter(move |status| status.phase() == self)
    }

    /// The word as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Active => "In progress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
        }
    }
}

impl EndedReason {
    /// The word as people read it: `nobody answered`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Busy => "the line was busy",
            Self::NoAnswer => "nobody answered",
            Self::Declined => "the customer declined",
            Self::InvalidNumber => "the number can't be dialed",
            Self::ProviderRefused => "the provider refused it",
            Self::ProviderFailed => "the provider failed",
            Self::Canceled => "canceled before it went out",
            Self::HungUp => "hung up on request",
            Self::EndedByHand => "ended by hand",
            Self::Missed => "missed its time",
            Self::LostContact => "contact with the provider was lost",
            Self::Unknown => "unknown whether it went out",
        }
    }

    /// Whether a person should have a look: the wish was not met, and not by the customer's doing.
    pub fn needs_attention(self) -> bool {
        matches!(self, Self::InvalidNumber | Self::ProviderRefused | Self::Missed) || self.is_guess()
    }

    /// Whether we end something so because we could not find out; what the provider says later is better.
    pub fn is_guess(self) -> bool {
        matches!(self, Self::LostContact | Self::Unknown)
    }
}
