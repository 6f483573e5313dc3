//! What a plan was made for: Terraform says other words under `-refresh-only` and `-destroy`, and the JSON does not name them.

use crate::json::Json;

/// What the plan was made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Intent {
    /// To make the objects fit the configuration.
    #[default]
    Normal,
    /// To record in the state what changed outside of Terraform (`-refresh-only`).
    RefreshOnly,
    /// To destroy everything (`-destroy`), though there is nothing.
    Destroy,
    /// There is nothing, and whether the configuration wants anything cannot be told.
    Unclear,
}

/// How many instances something in the configuration has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Instances {
    Nothing,
    Unclear,
    AtLeastOne,
}

impl Intent {
    /// Tells the intent from what the plan leaves out. Unless it only refreshes, a plan has an entry for each managed object
    /// of the state and for each that is to be created.
    pub(crate) fn of(plan: &Json) -> Self {
        if plan.get("errored") == Some(&Json::Bool(true)) {
            return Self::Normal;
        }
        let is_applyable = plan.get("applyable") == Some(&Json::Bool(true));
        let is_managed = |change: &&Json| change.text_of("mode").unwrap_or("managed") == "managed";
        if list(plan, "resource_changes").iter().any(|change| is_managed(&change)) {
            return if is_applyable && !changes_anything(plan) { Self::RefreshOnly } else { Self::Normal };
        }
        let has_drift = !list(plan, "resource_drift").is_empty();
        if has_managed_resources(plan) || (has_drift && is_applyable) {
            return Self::RefreshOnly;
        }
        let is_whole = plan.get("complete") != Some(&Json::Bool(false));
        let configured = plan.at(&["configuration", "root_module"]).filter(|_| is_whole).map(instances);
        match configured {
            Some(Instances::AtLeastOne) => Self::Destroy,
            Some(Instances::Unclear) => Self::Unclear,
            Some(Instances::Nothing) | None => Self::Normal,
        }
    }
}

/// How many managed objects a module wants, with the modules in it.
fn instances(module: &Json) -> Instances {
    let resources = list(module, "resources").iter();
    let managed = resources.filter(|resource| resource.text_of("mode") == Some("managed")).map(repetition);
    let calls = module.get("module_calls").into_iter().flat_map(Json::entries);
    let called = calls.map(|(_, call)| repetition(call).min(call.get("module").map_or(Instances::Nothing, instances)));
    managed.chain(called).max().unwrap_or(Instances::Nothing)
}

/// How many instances `count` and `for_each` give; only a constant tells.
fn repetition(block: &Json) -> Instances {
    let expression = ["count_expression", "for_each_expression"].iter().find_map(|name| block.get(name));
    let Some(expression) = expression else { return Instances::AtLeastOne };
    let is_nothing = match expression.get("constant_value") {
        Some(Json::Number(count)) => count.parse() == Ok(0),
        Some(Json::Map(entries)) => entries.is_empty(),
        _ => return Instances::Unclear,
    };
    if is_nothing { Instances::Nothing } else { Instances::AtLeastOne }
}

fn has_managed_resources(plan: &Json) -> bool {
    fn has_one(module: &Json) -> bool {
        list(module, "resources").iter().any(|resource| resource.text_of("mode") == Some("managed"))
            || list(module, "child_modules").iter().any(has_one)
    }
    plan.at(&["prior_state", "values", "root_module"]).is_some_and(has_one)
}

fn changes_anything(plan: &Json) -> bool {
    let is_idle = |change: &Json| {
        matches!(list(change, "actions"), [Json::Text(action)] if action == "no-op")
            && change.get("importing").is_none()
    };
    let moves = |entry: &Json| entry.get("previous_address").is_some();
    let outputs = plan.get("output_changes").into_iter().flat_map(Json::entries);
    list(plan, "resource_changes")
        .iter()
        .any(|entry| moves(entry) || entry.get("change").is_some_and(|change| !is_idle(change)))
        || outputs.into_iter().any(|(_, output)| !is_idle(output))
        || ["deferred_changes", "action_invocations"].iter().any(|name| !list(plan, name).is_empty())
}

fn list<'a>(value: &'a Json, name: &str) -> &'a [Json] {
    value.get(name).map(Json::items).unwrap_or_default()
}

#[cfg(test)]
mod tests;
