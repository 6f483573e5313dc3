//! Several plans in one file, one after the other, as `terragrunt run --all show -json` prints them: one document, in which every address,
//! output and check has the plan that it is of in front. The JSON names no root, so a plan is named by its place: "plan 2: t.a".
//!
//! The secrets of each are hidden in all. What guards name is judged by the addresses as the plans have them.

use super::{Change, Configuration, Document, Missing, SealError, Setup, subjects};
use crate::guard::Guard;
use crate::intent::Intent;
use crate::likely::Detector;
use crate::schema::SchemaFile;
use crate::sealed::Sealer;
use crate::secrets::Secrets;
use crate::source::PlanJson;

impl Document {
    /// Seals `plans` as [`Document::with_schemas`] seals one.
    pub(crate) fn of_several(
        plans: &[PlanJson],
        guard: &Guard,
        schemas: &SchemaFile,
        detector: &Detector,
    ) -> Result<Self, SealError> {
        let mut sealer = Sealer::new(&Secrets::of_all(plans.iter().map(|plan| &plan.secrets), detector))?;
        let mut documents = Vec::new();
        for (index, plan) in plans.iter().enumerate() {
            let one = Self::seal(&plan.json, guard, &SchemaFile::default(), &mut sealer);
            let named =
                |Missing(member): Missing| SealError::Missing(Missing(format!("{member} (plan {})", index + 1)));
            documents.push(one.map_err(named)?.of_place(index + 1));
        }
        let mut documents = documents.into_iter();
        let first = documents.next().ok_or_else(|| SealError::Missing(Missing("plan in it".to_owned())))?;
        let mut all = documents.fold(first, Self::with);
        let subjects: Vec<_> = plans.iter().flat_map(|plan| subjects(&plan.json)).collect();
        (all.schemas, all.undescribed) = sealer.repeated(|sealer| schemas.of(&subjects, &mut |name| sealer.key(name)));
        all.unmarked_secrets = sealer.unmarked;
        all.masked_only = sealer.masked_only();
        all.plans = Some(plans.len());
        Ok(all)
    }

    /// The document as that of the plan at `place`, from 1.
    fn of_place(mut self, place: usize) -> Self {
        let prefix = format!("plan {place}: ");
        let name = |text: &mut String| text.insert_str(0, &prefix);
        let deferred = self.deferred.iter_mut().map(|(_, change)| change);
        for change in self.changes.iter_mut().chain(&mut self.drift).chain(deferred) {
            let Change { address, previous_address, wiring, .. } = change;
            name(address);
            previous_address.as_mut().map(name);
            wiring.providers.iter_mut().chain(&mut wiring.uses).for_each(name);
        }
        let Configuration { providers, variables } = &mut self.configuration;
        for setups in [providers, variables] {
            let named = |(key, mut setup): (String, Setup)| {
                setup.uses.iter_mut().for_each(name);
                (format!("{prefix}{key}"), setup)
            };
            *setups = std::mem::take(setups).into_iter().map(named).collect();
        }
        self.outputs.iter_mut().for_each(|output| name(&mut output.name));
        self.checks.iter_mut().for_each(|check| name(&mut check.address));
        for invocation in &mut self.invocations {
            name(&mut invocation.address);
            invocation.trigger.as_mut().map(name);
        }
        let named = |(mut resource, paths): (String, Vec<_>)| {
            // What names no resource is about all of them.
            if !resource.is_empty() {
                name(&mut resource);
            }
            (resource, paths)
        };
        self.relevant = self.relevant.map(|relevant| relevant.into_iter().map(named).collect());
        self
    }

    /// This plan, and then another one. What only some of them say is taken from the one that is less sure.
    fn with(mut self, other: Self) -> Self {
        let both = |one: Option<bool>, other: Option<bool>| match (one, other) {
            (Some(one), Some(other)) => Some(one && other),
            (one, other) => one.or(other),
        };
        self.terraform_version =
            self.terraform_version.filter(|version| Some(version) == other.terraform_version.as_ref());
        self.timestamp = self.timestamp.filter(|time| Some(time) == other.timestamp.as_ref());
        self.changes.extend(other.changes);
        self.configuration.providers.extend(other.configuration.providers);
        self.configuration.variables.extend(other.configuration.variables);
        self.drift.extend(other.drift);
        self.deferred.extend(other.deferred);
        self.outputs.extend(other.outputs);
        self.checks.extend(other.checks);
        self.invocations.extend(other.invocations);
        // Where one plan does not say what it depends on, it depends on all.
        self.relevant = self.relevant.zip(other.relevant).map(|(mut one, other)| {
            // What names no resource is about all of them, whichever plan it is of.
            for (resource, paths) in other {
                one.entry(resource).or_default().extend(paths);
            }
            one
        });
        self.complete = both(self.complete, other.complete);
        self.applyable = match (self.applyable, other.applyable) {
            (Some(one), Some(other)) => Some(one || other),
            (one, other) => one.or(other),
        };
        self.errored |= other.errored;
        self.is_of_opentofu |= other.is_of_opentofu;
        self.intent = if self.intent == other.intent { self.intent } else { Intent::Normal };
        self.says_sensitive &= other.says_sensitive;
        self
    }
}

/// What stands in front of an address of several plans, such as `plan 2: `; nothing in front of that of one plan.
pub(crate) fn prefix(address: &str) -> &str {
    let place = address.strip_prefix("plan ").and_then(|rest| rest.split_once(": ")).map(|(place, _)| place);
    let place = place.filter(|place| !place.is_empty() && place.chars().all(|c| c.is_ascii_digit()));
    place.map_or("", |place| &address[.."plan ".len() + place.len() + ": ".len()])
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn only_what_is_put_in_front_is_a_prefix() {
        assert_eq!(prefix("plan 12: module.a.t.n"), "plan 12: ");
        for address in ["t.n", "plan.n", "plan x: t.n", "plan : t.n", "t.n[\"plan 1: \"]"] {
            assert_eq!(prefix(address), "", "{address}");
        }
    }
}
