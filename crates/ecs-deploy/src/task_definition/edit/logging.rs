//! The log driver of a container and its options.

use serde_json::{Map, Value, json};

use super::{ContainerEdits, EditError, Editable, put};

pub(super) fn apply(edits: &ContainerEdits, container: &mut Editable<'_>) -> Result<(), EditError> {
    if edits.log_driver.is_none() && edits.log_options.is_empty() {
        return Ok(());
    }
    let path = container.path("logConfiguration.options");
    let name = container.name.to_owned();
    let Some(logging) = container.map("logConfiguration", true)? else { return Ok(()) };
    if let Some(driver) = &edits.log_driver {
        logging.insert("logDriver".to_owned(), Value::from(driver.as_str()));
    }
    if !logging.contains_key("logDriver") {
        return Err(EditError::NoLogDriver { container: name });
    }
    if !edits.log_options.is_empty() {
        put(options(logging).ok_or(EditError::Unusable { path, wanted: "an object" })?, &edits.log_options);
    }
    Ok(())
}

fn options(logging: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    logging.entry("options").or_insert_with(|| json!({})).as_object_mut()
}
