//! The union of all calls of a table, against the policy that the action prints.

use std::collections::BTreeSet;

use super::{Iam, Scenario, World};
use crate::iam::{Need, Policy};

/// What the calls of a table needed beyond the printed policy, or nobody knows what they need.
pub(super) fn surplus<S: Scenario>(scenario: &S, iam: &Iam, needed: &BTreeSet<Result<Need, String>>) -> Vec<String> {
    let world = scenario.world(0);
    let mut arguments = scenario.arguments();
    arguments.push("--print-iam-policy".to_owned());
    arguments.extend(iam.flags.iter().cloned());
    let out = world.stage().runner.run(scenario.program(), arguments);
    out.assert_code(0);
    let policy = Policy::parse(&world.erase(&out.stdout));
    println!("{}: {} permissions needed", scenario.name(), needed.len());
    if needed.is_empty() {
        return vec!["no call of the table needs a permission".to_owned()];
    }
    let is_courtesy = |need: &Need| iam.courtesies.contains(&need.action.as_str());
    let surplus = needed.iter().filter_map(|need| match need {
        Ok(need) if policy.allows(need) || is_courtesy(need) => None,
        Ok(need) => Some(format!("the printed policy does not allow {need}")),
        Err(call) => Some(format!("nobody wrote down what permission `{call}` needs")),
    });
    surplus.collect()
}
