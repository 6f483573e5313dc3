//! What is wrong between the tool and ECS.

/// One trouble, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The role may not call the operation.
    Denied(&'static str),
    /// After the start, the next so many calls of the operation are throttled.
    Throttled(&'static str, u32),
    /// From so many seconds after the start on, the session's token has expired.
    ExpiredFrom(u64),
    /// The nth call of the operation after the start is never answered.
    Silent(&'static str, u32),
}

/// How often each operation was called since the start, and what that means.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    all: Vec<Trouble>,
    calls: std::collections::BTreeMap<String, u32>,
}

/// What happens to a call instead of the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Denied,
    Throttled,
    Expired,
}

impl Troubles {
    pub(super) fn new(all: &[Trouble]) -> Self {
        Self { all: all.to_vec(), calls: std::collections::BTreeMap::new() }
    }

    /// Takes note of a call, `now` seconds after the start, or before it.
    pub(super) fn of(&mut self, operation: &str, now: Option<u64>) -> Option<Refusal> {
        if now.is_some() {
            *self.calls.entry(operation.to_owned()).or_default() += 1;
        }
        let calls = self.calls.get(operation).copied().unwrap_or_default();
        self.all.iter().find_map(|trouble| match *trouble {
            Trouble::Denied(denied) if denied == operation => Some(Refusal::Denied),
            Trouble::Throttled(throttled, times) if throttled == operation && (1..=times).contains(&calls) => {
                Some(Refusal::Throttled)
            }
            Trouble::ExpiredFrom(from) if now.is_some_and(|now| now >= from) => Some(Refusal::Expired),
            _ => None,
        })
    }
}

impl Refusal {
    /// The error's code.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Denied => "AccessDeniedException",
            Self::Throttled => "ThrottlingException",
            Self::Expired => "ExpiredTokenException",
        }
    }

    /// The error's words.
    pub(super) fn words(self, operation: &str) -> String {
        match self {
            Self::Denied => format!(
                "User: arn:aws:sts::{}:assumed-role/deploy/run is not authorized to perform: ecs:{operation} on resource: * because no \
                 identity-based policy allows the ecs:{operation} action",
                super::role::ACCOUNT
            ),
            Self::Throttled => "Rate exceeded".to_owned(),
            Self::Expired => "The security token included in the request is expired".to_owned(),
        }
    }
}
