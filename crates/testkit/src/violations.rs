//! What was broken of an agreement that somebody else wrote down.

use std::sync::{Mutex, PoisonError};

/// How our clients introduce themselves to GitHub and to registries.
pub(crate) const OUR_AGENT: &str = "slipway/";

/// Everything that was broken so far, in order.
#[derive(Debug, Default)]
pub(crate) struct Violations(Mutex<Vec<String>>);

impl Violations {
    pub(crate) fn note(&self, violations: impl IntoIterator<Item = String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(violations);
    }

    /// Returns and forgets what was broken.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fails the test when something of `agreement` was broken. A test that fails already is told all the same: that may well be the reason.
    #[expect(clippy::print_stderr, reason = "the output of a failing test is where its reasons are looked for")]
    pub(crate) fn assert_none(&self, agreement: &str) {
        let broken = self.take();
        if std::thread::panicking() {
            for violation in &broken {
                eprintln!("breaks {agreement}: {violation}");
            }
            return;
        }
        assert!(broken.is_empty(), "requests or answers break {agreement}: {broken:#?}");
    }
}

#[cfg(test)]
mod tests {
    use super::Violations;

    #[test]
    fn what_was_broken_fails_the_test_once() {
        let violations = Violations::default();
        violations.assert_none("the agreement");
        violations.note(["a".to_owned(), "b".to_owned()]);
        let checked = std::panic::catch_unwind(|| violations.assert_none("the agreement"));
        let message = *checked.unwrap_err().downcast::<String>().unwrap();
        assert!(message.starts_with("requests or answers break the agreement: [\n    \"a\",\n    \"b\""), "{message}");
        violations.assert_none("the agreement");
    }
}
