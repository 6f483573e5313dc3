//! Classic `docker build`.

use super::{Commands, Details, common, running, shown};
use crate::inputs::Inputs;
use crate::process::Invocation;

/// `docker build`, without BuildKit's plugins: every daemon and client has it.
pub(crate) fn docker(inputs: &Inputs, details: &Details<'_>) -> Commands {
    let mut args = vec!["build".to_owned()];
    args.extend(common(inputs, details));
    args.extend(running(inputs, "--pull"));
    args.extend(super::each("--platform", &inputs.platforms));
    args.extend(["--".to_owned(), shown(&inputs.context)]);
    let first = details.references.first().cloned().unwrap_or_default();
    let take = Invocation::new("docker", ["image", "inspect", "--format", "{{.Id}}", first.as_str()]);
    Commands { build: Invocation::new("docker", args), take: Some(take) }
}
