//! Variables and secrets of a container. ECS refuses a name that is both ("The secret name must be unique and not shared with any new or
//! existing environment variables", <https://github.com/dagster-io/dagster/issues/11622>), so one that is set as the one is removed as
//! the other.

use serde_json::{Value, json};

use super::{ContainerEdits, EditError, Editable, Edits, Pair};
use crate::service::list;
use crate::task_definition::{TaskDefinition, text};

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

/// What the edits remove and no container that is edited has, in words: a name that is misspelled removes nothing.
pub(crate) fn absent(definition: &TaskDefinition, edits: &Edits) -> Vec<String> {
    let body = definition.body();
    let is_edited =
        |own: &&Value| edits.containers.is_empty() || edits.containers.iter().any(|name| text(own, "name") == name);
    let containers: Vec<&Value> = list(&body, "containerDefinitions").filter(is_edited).collect();
    let has =
        |field: &str, name: &str| containers.iter().any(|own| list(own, field).any(|item| text(item, "name") == name));
    let missing = |(input, field): (&str, &str), (other, elsewhere): (&str, &str), names: &[String]| {
        let lines = names.iter().filter(|name| !has(field, name)).map(|name| {
            let way = if has(elsewhere, name) { format!("; `{other}` would remove it") } else { String::new() };
            format!("`{input}` names `{name}`, which is not there{way}")
        });
        lines.collect::<Vec<String>>()
    };
    let [variables, secrets] = [("remove-environment-variables", "environment"), ("remove-secrets", "secrets")];
    let own = &edits.container;
    [missing(variables, secrets, &own.remove_environment), missing(secrets, variables, &own.remove_secrets)].concat()
}
