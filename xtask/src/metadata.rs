//! What the built binaries say of themselves.

use actions_core::ActionMetadata;

use crate::program::{Program, binary, invocation};

/// The metadata of the action `name`, from its binary.
pub(crate) fn of(name: &str) -> Result<ActionMetadata, String> {
    let (tool, word) = invocation(name);
    let output = Program::new(binary(tool)).args(word.into_iter().chain(["--describe"])).output()?;
    if output.status != 0 {
        return Err(format!("`{name} --describe` failed: {}", output.text()));
    }
    serde_json::from_str(&output.stdout).map_err(|error| format!("`{name} --describe` is not understood: {error}"))
}
