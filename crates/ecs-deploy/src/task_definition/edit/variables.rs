//! Variables and secrets of a container. ECS refuses a name that is both ("The secret name must be unique and not shared with any new or
//! existing environment variables", <https://github.com/dagster-io/dagster/issues/11622>), so one that is set as the one is removed as
//! the other.

use serde_json::{Value, json};

use super::{ContainerEdits, EditError, Editable, Pair};
use crate::task_definition::text;

pub(super) fn apply(edits: &ContainerEdits, container: &mut Editable<'_>) -> Result<(), EditError> {
    let names = |pairs: &[Pair]| pairs.iter().map(|pair| pair.name.clone()).collect::<Vec<_>>();
    remove(container, "environment", &[edits.remove_environment.clone(), names(&edits.secrets)].concat())?;
    remove(container, "secrets", &[edits.remove_secrets.clone(), names(&edits.environment)].concat())?;
    set(container, "environment", "value", &edits.environment)?;
    set(container, "secrets", "valueFrom", &edits.secrets)
}

/// Removes the items with these names; a list that is then empty goes too, one that was empty stays.
fn remove(container: &mut Editable<'_>, list: &'static str, names: &[String]) -> Result<(), EditError> {
    if names.is_empty() {
        return Ok(());
    }
    let Some(items) = container.list(list, false)? else { return Ok(()) };
    let before = items.len();
    items.retain(|item| !names.iter().any(|name| text(item, "name") == name));
    if items.is_empty() && before > 0 {
        container.fields.shift_remove(list);
    }
    Ok(())
}

fn set(container: &mut Editable<'_>, list: &'static str, member: &str, pairs: &[Pair]) -> Result<(), EditError> {
    let Some(items) = container.list(list, !pairs.is_empty())? else { return Ok(()) };
    for pair in pairs {
        let mut found = false;
        for item in items.iter_mut().filter(|item| text(item, "name") == pair.name) {
            item[member] = Value::from(pair.value.as_str());
            found = true;
        }
        if !found {
            items.push(json!({ "name": pair.name, member: pair.value }));
        }
    }
    Ok(())
}
