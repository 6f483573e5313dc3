//! One permission that a request needs.

use std::collections::BTreeMap;
use std::fmt;

/// An IAM action on a resource, with what conditions can ask about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The action, such as `ecs:UpdateService`.
    pub action: String,
    /// The resource's ARN, or `*` for an action that knows none.
    pub resource: String,
    /// The condition keys of the request and their values.
    pub context: BTreeMap<&'static str, String>,
}

impl Need {
    pub(super) fn new(action: &str, resource: impl Into<String>) -> Self {
        Self { action: action.to_owned(), resource: resource.into(), context: BTreeMap::new() }
    }

    /// The same with other names of things.
    pub(crate) fn renamed(mut self, rename: impl Fn(&str) -> String) -> Self {
        self.resource = rename(&self.resource);
        self.context.values_mut().for_each(|value| *value = rename(value));
        self
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.context.insert(key, value.into());
        self
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)
    }
}
