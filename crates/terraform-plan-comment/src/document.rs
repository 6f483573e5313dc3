//! A plan as it was read, sealed: every text and value of the JSON that anything is made of, and no secret.
//!
//! The format is Terraform's (<https://developer.hashicorp.com/terraform/internals/json-format>) and OpenTofu's; members
//! that neither documents are ignored, actions and reasons that neither documents are kept as they are.

mod configuration;
mod parts;
pub(crate) mod several;

use std::collections::{BTreeMap, BTreeSet};

use configuration::Source;
pub(crate) use configuration::{Configuration, Setup, Wiring};
use parts::{
    Masks, Reading, checks, entries, invocations, list, relevant, rule_name, says_sensitive, says_what_is_relevant,
    shaped, subjects, time,
};

use crate::canonical::Canonical;
use crate::change_set::{SetChange, Stack};
use crate::diagnostic::Log;
use crate::guard::{FailOn, Guard};
use crate::intent::Intent;
use crate::json::Json;
use crate::provenance::Provenance;
use crate::rules::Rules;
use crate::schema::{SchemaFile, Schemas};
use crate::sealed::{Sealed, Sealer};
use crate::source::{PlanJson, Strays};
use crate::stream::SealedLog;

/// The actions that either tool knows.
const ACTIONS: [&str; 9] = ["no-op", "create", "read", "update", "delete", "forget", "open", "renew", "close"];

/// The results of checks.
const STATUSES: [&str; 4] = ["pass", "fail", "error", "unknown"];

/// The modes of resources.
const MODES: [&str; 3] = ["managed", "data", "ephemeral"];

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) terraform_version: Option<String>,
    /// When the plan was made, as the plan's values spell it.
    pub(crate) timestamp: Option<String>,
    pub(crate) changes: Vec<Change>,
    pub(crate) drift: Vec<Change>,
    pub(crate) deferred: Vec<(String, Change)>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) checks: Vec<Check>,
    pub(crate) invocations: Vec<Invocation>,
    /// What the plan depends on, by the address of a resource; `None` where the plan does not say.
    pub(crate) relevant: Option<BTreeMap<String, Vec<Vec<Step>>>>,
    pub(crate) applyable: Option<bool>,
    pub(crate) complete: Option<bool>,
    pub(crate) errored: bool,
    /// What the plan was made for, as far as it can be told.
    pub(crate) intent: Intent,
    /// How providers are set up, and with what variables.
    pub(crate) configuration: Configuration,
    /// What providers say of the types in the plan; empty where nobody asked them.
    pub(crate) schemas: Schemas,
    /// The types that the given schemas do not describe.
    pub(crate) undescribed: BTreeSet<String>,
    /// Whether the plan says which values are sensitive; Terraform before 0.15 does not.
    pub(crate) says_sensitive: bool,
    /// Secrets found where Terraform does not mark them.
    pub(crate) unmarked_secrets: usize,
    /// Marked values that are too short, or no texts, to be looked for anywhere else.
    pub(crate) masked_only: usize,
    /// Why changes are refused.
    pub(crate) fail_on: FailOn,
    /// What every resource should be like.
    pub(crate) rules: Rules,
    /// How many plans were in the file, where it was not one.
    pub(crate) plans: Option<usize>,
    /// What stands beside the plan in its file.
    pub(crate) strays: Strays,
    /// What its log says.
    pub(crate) log: Log,
    /// Whether OpenTofu made it, as far as it can be told.
    pub(crate) is_of_opentofu: bool,
    /// What the plan is known by.
    pub(crate) provenance: Provenance,
    /// The stack, where it is a change set of CloudFormation's.
    pub(crate) stack: Option<Stack>,
}

/// One entry of `resource_changes`, `resource_drift` or `deferred_changes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) address: String,
    pub(crate) deposed: Option<String>,
    pub(crate) previous_address: Option<String>,
    pub(crate) mode: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) provider: String,
    pub(crate) module: Option<String>,
    pub(crate) index: Option<Step>,
    pub(crate) actions: Vec<String>,
    pub(crate) reason: Option<String>,
    pub(crate) import: Option<String>,
    /// The id of the object that is imported, where it has one.
    pub(crate) imported_id: Option<String>,
    pub(crate) generates_configuration: bool,
    pub(crate) before: Option<Sealed>,
    pub(crate) after: Option<Sealed>,
    pub(crate) replace_paths: Vec<Vec<Step>>,
    /// The identity that the provider gives the object before the change (Terraform 1.12).
    pub(crate) identity: Option<Sealed>,
    /// What the configuration says of how it is made.
    pub(crate) wiring: Wiring,
    /// The type, where something is known of it; never hidden, whatever a secret is spelled like.
    pub(crate) known_kind: Option<&'static str>,
    /// Whether the guard names it. Found here, where addresses are still whole: a hidden part must not hide an object.
    pub(crate) guarded: bool,
    /// Whether `allow` names it; found here for the same reason.
    pub(crate) allowed: bool,
    /// The places of the rules about its type; found here for the same reason.
    pub(crate) ruled_by: Vec<usize>,
    /// What a change set of CloudFormation's says of it besides.
    pub(crate) set: Option<SetChange>,
}

/// An entry of `output_changes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) actions: Vec<String>,
    pub(crate) before: Option<Sealed>,
    pub(crate) after: Option<Sealed>,
}

/// An entry of `checks`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) address: String,
    pub(crate) status: String,
    pub(crate) problems: Vec<String>,
}

/// An entry of `action_invocations` (Terraform 1.14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub(crate) address: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) provider: String,
    pub(crate) trigger: Option<String>,
    pub(crate) event: Option<String>,
    /// Its place among those of the same resource: the block's index, then the index in the block.
    pub(crate) place: (u64, u64),
    pub(crate) configuration: Option<Sealed>,
    pub(crate) deferred: bool,
}

/// One step of an attribute's path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// A member that must be there and is not: its path in backticks, and what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) String);

impl Document {
    /// Seals `plan`.
    fn seal(plan: &Json, guard: &Guard, schemas: &SchemaFile, sealer: &mut Sealer) -> Result<Self, Missing> {
        shaped(plan)?;
        let says_sensitive = says_sensitive(plan);
        let source = Source::of(plan);
        let masks = if says_sensitive { Masks::Given } else { Masks::Missing };
        let reading = Reading { masks, guard, source: &source };
        let [changes, drift] = ["resource_changes", "resource_drift"].map(|name| {
            let entries: Vec<(usize, &Json)> = list(plan, name).enumerate().collect();
            let all = sealer.each(&entries, |(index, change), sealer| {
                Change::seal(change, sealer, reading, &format!("{name}[{index}]"))
            });
            all.into_iter().collect::<Result<Vec<Change>, Missing>>()
        });
        let (changes, drift) = (changes?, drift?);
        let mut deferred = Vec::new();
        for (index, entry) in list(plan, "deferred_changes").enumerate() {
            let place = format!("deferred_changes[{index}].resource_change");
            let change = entry.get("resource_change").ok_or_else(|| Missing(format!("`{place}`")))?;
            let reason = sealer.text(entry.text_of("reason").unwrap_or("unknown"));
            deferred.push((reason, Change::seal(change, sealer, reading, &place)?));
        }
        let subjects = if schemas.is_empty() { Vec::new() } else { subjects(plan) };
        let (schemas, undescribed) = sealer.repeated(|sealer| schemas.of(&subjects, &mut |name| sealer.key(name)));
        Ok(Self {
            terraform_version: plan.text_of("terraform_version").map(|version| sealer.text(version)),
            timestamp: plan.text_of("timestamp").filter(|text| time(text)).map(str::to_owned),
            outputs: entries(plan, "output_changes")
                .map(|(name, change)| Output::seal(name, change, sealer, reading.masks))
                .collect(),
            checks: checks(plan, sealer),
            invocations: invocations(plan, sealer),
            relevant: match plan.get("relevant_attributes") {
                Some(all) => Some(relevant(all, sealer)),
                None => says_what_is_relevant(plan).then(BTreeMap::new),
            },
            applyable: plan.get("applyable").and_then(Json::boolean),
            complete: plan.get("complete").and_then(Json::boolean),
            errored: plan.get("errored").and_then(Json::boolean).unwrap_or(false),
            intent: Intent::of(plan),
            configuration: sealer.repeated(|sealer| source.configuration(sealer)),
            schemas,
            undescribed,
            says_sensitive,
            unmarked_secrets: sealer.unmarked,
            masked_only: sealer.masked_only(),
            fail_on: guard.fail_on().clone(),
            rules: sealer.repeated(|sealer| guard.rules().sealed(|name| rule_name(name, sealer))),
            stack: None,
            plans: None,
            strays: Strays::default(),
            log: Log::default(),
            is_of_opentofu: changes.iter().chain(&drift).any(Change::is_of_opentofu) || configures_for_opentofu(plan),
            changes,
            drift,
            deferred,
            provenance: Provenance::default(),
        })
    }

    /// The digest of what the plan does.
    pub(crate) fn digest(&self) -> String {
        Canonical::digest_of(self)
    }

    /// The same, known by its digest.
    pub(crate) fn with_digest(mut self, digest: String) -> Self {
        self.provenance.digest = digest;
        self
    }

    /// The same with what its log says.
    pub(crate) fn with_log(self, sealed: SealedLog, is_of_opentofu: bool) -> Self {
        Self {
            unmarked_secrets: self.unmarked_secrets + sealed.unmarked,
            log: sealed.log,
            is_of_opentofu: self.is_of_opentofu || is_of_opentofu,
            ..self
        }
    }

    /// Seals `plan` without schemas.
    #[cfg(test)]
    pub(crate) fn of(plan: &str, guard: &Guard) -> Result<Self, SealError> {
        let document = Self::with_schemas(&PlanJson::of(plan), guard, &SchemaFile::default())?;
        let digest = document.digest();
        Ok(document.with_digest(digest))
    }

    /// Seals `plan` against its own secrets, notes what `guard` names, and takes from `schemas` what the plan's types need.
    pub(crate) fn with_schemas(plan: &PlanJson, guard: &Guard, schemas: &SchemaFile) -> Result<Self, SealError> {
        let mut sealer = Sealer::new(&plan.secrets)?;
        Self::seal(&plan.json, guard, schemas, &mut sealer).map_err(SealError::Missing)
    }

    /// The same, with lists of texts that belong to the plan and have no place in it, sealed as all of it is.
    pub(crate) fn with_texts(
        plan: &PlanJson,
        guard: &Guard,
        texts: impl Iterator<Item = Json>,
    ) -> Result<(Self, Vec<Vec<String>>), SealError> {
        let mut sealer = Sealer::new(&plan.secrets)?;
        let texts: Vec<Vec<String>> = sealer.repeated(|sealer| {
            let seal = |list: Json| list.items().iter().filter_map(Json::text).map(|text| sealer.key(text)).collect();
            texts.map(seal).collect()
        });
        Ok((Self::seal(&plan.json, guard, &SchemaFile::default(), &mut sealer).map_err(SealError::Missing)?, texts))
    }
}

impl Change {
    /// Whether only OpenTofu writes this: its registry, or one of its own reasons.
    fn is_of_opentofu(&self) -> bool {
        const REASONS: [&str; 2] = ["delete_because_enabled_false", "forgot_because_lifecycle_destroy_in_state"];
        self.provider.starts_with(OPENTOFU_REGISTRY) || self.reason.as_deref().is_some_and(|why| REASONS.contains(&why))
    }
}

/// The registry that only OpenTofu asks by itself (<https://opentofu.org/docs/language/providers/requirements/#source-addresses>).
const OPENTOFU_REGISTRY: &str = "registry.opentofu.org/";

/// Whether the configuration, which a plan without changes has too, names a provider of OpenTofu's registry.
fn configures_for_opentofu(plan: &Json) -> bool {
    let providers = plan.at(&["configuration", "provider_config"]).into_iter().flat_map(Json::entries);
    providers
        .into_iter()
        .any(|(_, provider)| provider.text_of("full_name").is_some_and(|name| name.starts_with(OPENTOFU_REGISTRY)))
}

/// Why a plan cannot be sealed.
#[derive(Debug)]
pub(crate) enum SealError {
    Missing(Missing),
    /// The secrets are too many or too long to search for.
    Secrets(aho_corasick::BuildError),
}

impl From<aho_corasick::BuildError> for SealError {
    fn from(error: aho_corasick::BuildError) -> Self {
        Self::Secrets(error)
    }
}
