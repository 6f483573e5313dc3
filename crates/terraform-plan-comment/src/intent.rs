//! What a plan was made for: Terraform says other words under `-refresh-only` and `-destroy`, and the JSON does not name them.

use std::collections::BTreeSet;

use crate::json::Json;

/// What the plan was made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Intent {
    /// To make the objects fit the configuration.
    #[default]
    Normal,
    /// To record in the state what changed outside of Terraform (`-refresh-only`).
    RefreshOnly,
    /// To destroy everything (`-destroy`).
    Destroy,
}

impl Intent {
    /// Tells the intent from what the plan leaves out: a normal plan has an entry for each resource of the configuration.
    /// Where that is not enough it is a normal one.
    pub(crate) fn of(plan: &Json) -> Self {
        let is_applyable = plan.get("applyable") == Some(&Json::Bool(true));
        let changes = plan.get("resource_changes").map(Json::items).unwrap_or_default();
        if leaves_out_a_resource(plan, changes) {
            let is_refresh = changes.is_empty() && (is_applyable || has_managed_resources(plan));
            return if is_refresh { Self::RefreshOnly } else { Self::Destroy };
        }
        if is_applyable && !changes_anything(plan, changes) { Self::RefreshOnly } else { Self::Normal }
    }
}

/// Whether a resource of the root module that has one instance for certain is in no change of a complete plan.
fn leaves_out_a_resource(plan: &Json, changes: &[Json]) -> bool {
    let is_whole = plan.get("complete") == Some(&Json::Bool(true)) && plan.get("errored") != Some(&Json::Bool(true));
    let addresses: BTreeSet<&str> = changes.iter().filter_map(|change| change.text_of("address")).collect();
    let resources = plan.at(&["configuration", "root_module", "resources"]).map(Json::items).unwrap_or_default();
    let has_one_instance = |resource: &&Json| {
        resource.text_of("mode") == Some("managed")
            && resource.get("count_expression").is_none()
            && resource.get("for_each_expression").is_none()
    };
    let mut certain = resources.iter().filter(has_one_instance).filter_map(|resource| resource.text_of("address"));
    is_whole && certain.any(|address| !addresses.contains(address))
}

fn has_managed_resources(plan: &Json) -> bool {
    fn has_one(module: &Json) -> bool {
        let list = |name: &str| module.get(name).map(Json::items).unwrap_or_default();
        list("resources").iter().any(|resource| resource.text_of("mode") == Some("managed"))
            || list("child_modules").iter().any(has_one)
    }
    plan.at(&["prior_state", "values", "root_module"]).is_some_and(has_one)
}

fn changes_anything(plan: &Json, changes: &[Json]) -> bool {
    let is_idle = |change: &Json| {
        let actions = change.get("actions").map(Json::items).unwrap_or_default();
        matches!(actions, [Json::Text(action)] if action == "no-op") && change.get("importing").is_none()
    };
    let outputs = plan.get("output_changes").into_iter().flat_map(Json::entries);
    let moved = |entry: &&Json| entry.get("previous_address").is_some();
    let lists = ["deferred_changes", "action_invocations"].map(|name| plan.get(name).map(Json::items));
    changes.iter().any(|entry| moved(&entry) || entry.get("change").is_some_and(|change| !is_idle(change)))
        || outputs.into_iter().any(|(_, output)| !is_idle(output))
        || lists.into_iter().flatten().any(|list| !list.is_empty())
}

#[cfg(test)]
mod tests;
