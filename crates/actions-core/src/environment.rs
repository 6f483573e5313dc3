//! The process environment as a value, so that everything above it can be tested without touching the real one.

use std::collections::BTreeMap;

/// A snapshot of environment variables.
///
/// An empty value counts as unset, because GitHub passes an unset input to a composite step as `""`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

/// Shows the names only: the values hold tokens and passwords.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// Takes a snapshot of this process's environment. Variables that are not UTF-8 are left out.
    pub fn from_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of `name`, or `None` when it is unset or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of the input `name` (kebab-case), read from `INPUT_<NAME>` with `-` and spaces as `_`.
    pub fn input(&self, name: &str) -> Option<&str> {
        self.get(&input_variable(name))
    }

    /// The same without the variables `names`.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let mut rest = self.clone();
        rest.0.retain(|name, _| !names.contains(&name.as_str()));
        rest
    }

    /// Whether `name` is `true` or `1`.
    pub fn is_on(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1"))
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// The variable that carries the input `name` into a composite step: `wait-timeout` is `INPUT_WAIT_TIMEOUT`.
pub(crate) fn input_variable(name: &str) -> String {
    format!("INPUT_{}", name.replace(['-', ' '], "_").to_uppercase())
}
