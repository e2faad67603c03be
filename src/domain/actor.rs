//! Who does something. Every verb and every finder is told, so that nothing happens without a name and a team.

use super::{
    id::{HOME_TEAM, TeamId},
    words::words,
};

words! {
    /// What kind of somebody.
    ActorKind {
        /// Somebody with an account.
        Person = "person",
        /// A program with a key of its own.
        ApiKey = "api_key",
        /// Whoever holds the installation's token, on the page or as a program.
        Token = "token",
        /// Whoever reaches an open installation.
        Anonymous = "anonymous",
        /// Whoever works on the machine itself, by the command line.
        Operator = "operator",
        /// The company that dials, through its signed reports and its answers.
        Provider = "provider",
        /// Switchboard itself: its loops.
        System = "system",
    }
}

/// Who asks, and for which team.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What kind of somebody.
    pub kind: ActorKind,
    /// Which one, where there are several: a person's or a key's id.
    pub id: Option<String>,
    /// Whose calls this somebody may see and change.
    pub team_id: TeamId,
    /// The id of the request by which they ask, where there is one: what they do is written down with it.
    pub request_id: Option<String>,
}

impl Actor {
    /// Switchboard's own loops.
    pub fn system() -> Self {
        Self::of(ActorKind::System)
    }

    /// The company that dials.
    pub fn provider() -> Self {
        Self::of(ActorKind::Provider)
    }

    /// Whoever holds the installation's token.
    pub fn token() -> Self {
        Self::of(ActorKind::Token)
    }

    /// Whoever reaches an open installation.
    pub fn anonymous() -> Self {
        Self::of(ActorKind::Anonymous)
    }

    /// Whoever works on the machine itself.
    pub fn operator() -> Self {
        Self::of(ActorKind::Operator)
    }

    /// The same, asking by the request of this id.
    #[must_use]
    pub fn by_request(mut self, id: Option<&str>) -> Self {
        self.request_id = id.map(str::to_owned);
        self
    }

    /// Whether `other` is the same somebody, by whichever request.
    pub fn is_same_as(&self, other: &Self) -> bool {
        (self.kind, &self.id, self.team_id) == (other.kind, &other.id, other.team_id)
    }

    /// The name under which deeds are written down: `token`, `person:0193…`.
    pub fn name(&self) -> String {
        match &self.id {
            Some(id) => format!("{}:{id}", self.kind),
            None => self.kind.to_string(),
        }
    }

    fn of(kind: ActorKind) -> Self {
        Self { kind, id: None, team_id: HOME_TEAM, request_id: None }
    }
}

/// The somebody whose deeds stand under `name`, as people call them.
pub fn in_words(name: &str) -> String {
    let kind = name.split(':').next().unwrap_or(name);
    match kind.parse() {
        Ok(ActorKind::Person) => "Person".to_owned(),
        Ok(ActorKind::ApiKey) => "API key".to_owned(),
        Ok(ActorKind::Token) => "Holder of the token".to_owned(),
        Ok(ActorKind::Anonymous) => "Somebody".to_owned(),
        Ok(ActorKind::Provider) => "Provider".to_owned(),
        Ok(ActorKind::Operator) => "Operator".to_owned(),
        Ok(ActorKind::System) => "Switchboard".to_owned(),
        Err(_) => name.to_owned(),
    }
}
