//! The table action x call x fault: what every fault at every call must lead to, and two hundred places to be killed at.
//!
//! A [`Scenario`] says how to run one action and what its calls are for; [`rule`] says how each kind of call must take each
//! kind of fault, without having seen a run. [`every_fault`] runs each cell and demands, besides the promised end, that the
//! fault really happened, that what was left is a legal state, that running again reaches the same end, and that a
//! third run changes nothing. [`every_kill`] does the same for a program that is killed.
//!
//! For tests only: the two functions panic with a list of everything that does not hold.
#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "test-facing: what cannot be set up fails the test")]
#![allow(clippy::print_stdout, reason = "a test says how much it asserted")]

mod arm;
mod baseline;
mod call;
mod cell;
mod kill;
mod mishap;
mod permitted;
mod pool;
mod publish;
mod rule;
mod run;
mod stage;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use call::{Named, Service, aws, github, registry};
pub use cell::every_fault;
pub use kill::every_kill;
pub use mishap::{Mishap, Trouble};
pub use rule::{Class, Expected, Failure, Kind, Left, Place, rule};
pub use stage::Stage;

use crate::http::Request;
use crate::iam;

/// What is there, as names and values, with everything that differs from world to world taken out.
pub type Facts = BTreeMap<String, String>;

/// Names a request; `None` for one that no scenario should send.
pub type Namer = Arc<dyn Fn(&Request) -> Option<Named> + Send + Sync>;

/// How one action is run, and what its calls are for.
pub trait Scenario: Sync {
    /// The surroundings of one run.
    type World: World;

    /// The action.
    fn action(&self) -> &'static str;

    /// The table's name, where the action has more than one.
    fn name(&self) -> &'static str {
        self.action()
    }

    /// The program.
    fn program(&self) -> &str;

    /// Its arguments.
    fn arguments(&self) -> Vec<String> {
        Vec::new()
    }

    /// Makes surroundings that share nothing with any others. Variant 0 is the table's; others differ in size.
    fn world(&self, variant: usize) -> Self::World;

    /// How many variants there are.
    fn variants(&self) -> usize {
        1
    }

    /// What the `nth` call of its name is for; `None` for a call nobody thought of, which fails the test.
    fn class(&self, call: &Named, nth: usize) -> Option<Class>;

    /// The end of a failed call as this action tells it: the code of the error that wraps it.
    fn told(&self, _class: Class, _kind: Kind, failure: Failure) -> Failure {
        failure
    }

    /// The same, where it depends on which of the requests of its name failed.
    fn told_of(&self, _call: &Named, _nth: usize, class: Class, kind: Kind, failure: Failure) -> Failure {
        self.told(class, kind, failure)
    }

    /// The output `verdict` of a run that is cancelled at `call`, where it has one: what is known is not lost.
    fn verdict_when_cancelled(&self, _call: &Named) -> Option<&'static str> {
        None
    }

    /// Whether the `nth` call of its name has cells in this table. The calls of a scenario that fails have theirs in the one that
    /// does not, but for those that only it makes.
    fn covers(&self, _call: &Named, _nth: usize, class: Class) -> bool {
        self.fails().is_none() || class == Class::Hint
    }

    /// Whether each run does its work anew, as it is asked to; else a run finds nothing left to do by the one before.
    fn repeats(&self) -> bool {
        false
    }

    /// The error of a scenario that fails without any fault. Its table is that of the calls which only make the error's text
    /// better: whatever happens to them, the error is told.
    fn fails(&self) -> Option<Failure> {
        None
    }

    /// The policy that must allow every call of the table, for an action of AWS.
    fn iam(&self) -> Option<Iam> {
        None
    }

    /// Where the rule does not hold, and why.
    fn exceptions(&self) -> Vec<Exception> {
        Vec::new()
    }

    /// Whether it writes where none of the servers sees it: files of its own machine.
    fn writes_files(&self) -> bool {
        false
    }

    /// What may go wrong on the program's own machine.
    fn mishaps(&self) -> Vec<Mishap<Self::World>> {
        Vec::new()
    }

    /// How many different states the kill points must reach.
    fn least_states(&self) -> usize {
        3
    }
}

/// The surroundings of one run.
pub trait World: Send + Sync {
    /// What every world has.
    fn stage(&self) -> &Stage;

    /// Reads what is there, without our own clients.
    fn facts(&self) -> Facts;

    /// What happens between two runs: time passes, and what is under way comes to an end by itself.
    fn meanwhile(&self) {}

    /// Whether a run may end well without it: what is tidied up, which the next run brings.
    fn can_wait(&self, _name: &str) -> bool {
        false
    }

    /// Whether something that is there on the way, but neither before nor after, may be there.
    fn is_transient(&self, _name: &str, _value: &str) -> bool {
        false
    }

    /// Names the safety laws that a state breaks.
    fn broken_laws(&self, _now: &Facts, _end: &Facts) -> Vec<String> {
        Vec::new()
    }

    /// Takes what differs from world to world out of a text.
    fn erase(&self, text: &str) -> String {
        text.to_owned()
    }

    /// Outputs that may differ between two runs.
    fn volatile_outputs(&self) -> &'static [&'static str] {
        &[]
    }
}

/// How the policy of a scenario is printed.
#[derive(Debug, Clone)]
pub struct Iam {
    /// Where the resources are.
    pub place: iam::Place,
    /// What the program needs for it besides the scenario's inputs.
    pub flags: Vec<String>,
    /// Actions that are tried for a courtesy in an error's text, and may be refused.
    pub courtesies: &'static [&'static str],
}

impl Iam {
    /// The policy in the emulators' account.
    pub fn emulated() -> Self {
        let flags = ["--aws-region=eu-west-1", "--allowed-account-ids=000000000000"].map(str::to_owned).into();
        Self { place: iam::Place::new("eu-west-1", "000000000000"), flags, courtesies: &[] }
    }
}

/// A cell that ends otherwise than the rule says.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The operation, or `*`.
    pub operation: &'static str,
    /// The target, or `*`.
    pub target: &'static str,
    /// The number of the request among those of its name; 0 is any.
    pub nth: usize,
    /// The faults.
    pub kinds: &'static [Kind],
    /// What happens instead.
    pub expected: Expected,
    /// Why that is right.
    pub reason: &'static str,
}

impl Exception {
    fn concerns(&self, call: &Named, nth: usize, kind: Kind) -> bool {
        (self.operation == "*" || self.operation == call.operation)
            && (self.target == "*" || self.target == call.target)
            && (self.nth == 0 || self.nth == nth)
            && self.kinds.contains(&kind)
    }
}

#[cfg(test)]
mod tests;
