//! Why something happens to a resource, in words.

use crate::diff::shown;
use crate::document::Change;
use crate::verb::Verb;

/// Terraform's and OpenTofu's reasons, in words.
pub(crate) const REASONS: [(&str, &str); 15] = [
    ("replace_because_cannot_update", "cannot be updated in place"),
    ("replace_because_tainted", "is tainted: its creation failed or someone marked it"),
    ("replace_by_request", "replacement was asked for with `-replace`"),
    ("replace_by_triggers", "`replace_triggered_by` names something that changes"),
    ("delete_because_no_resource_config", "is not in the configuration any more"),
    ("delete_because_no_module", "its module is not in the configuration any more"),
    ("delete_because_wrong_repetition", "its instance key fits neither `count` nor `for_each`"),
    ("delete_because_count_index", "its index is out of range for `count`"),
    ("delete_because_each_key", "its key is not in `for_each` any more"),
    ("delete_because_no_move_target", "it was moved to an address that is not in the configuration"),
    ("delete_because_enabled_false", "`enabled` is false"),
    ("read_because_config_unknown", "its configuration is not known yet"),
    ("read_because_dependency_pending", "something it depends on changes first"),
    ("read_because_check_nested", "a check needs its newest value"),
    ("forgot_because_lifecycle_destroy_in_config", "`destroy = false` is set in the configuration"),
];

/// The reason that Terraform gives, or that the change shows itself.
pub(super) fn reason(change: &Change, verb: &Verb) -> Option<String> {
    if change.deposed.is_some() {
        return Some("is left over from a replacement that did not finish".to_owned());
    }
    let reason = change.reason.as_deref()?;
    if *verb == Verb::Forget && reason == "delete_because_no_resource_config" {
        return Some("a `removed` block takes it out of the state".to_owned());
    }
    let words = REASONS.iter().find(|(known, _)| *known == reason).map(|(_, words)| (*words).to_owned());
    words.or_else(|| Some(shown(reason).replace('_', " ")))
}
