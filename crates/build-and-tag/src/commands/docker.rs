//! Classic `docker build`.

use super::{Commands, Details, IMAGE_ID, common, running, shown};
use crate::inputs::Inputs;
use crate::process::{Invocation, WORK};

/// `docker build`, without BuildKit's plugins: every daemon and client has it.
pub(crate) fn docker(inputs: &Inputs, details: &Details<'_>) -> Commands {
    let mut args = vec!["build".to_owned()];
    args.extend(common(inputs, details));
    args.extend(running(inputs, "--pull"));
    args.extend(super::each("--platform", &inputs.platforms));
    args.extend(["--iidfile".to_owned(), format!("{WORK}/{IMAGE_ID}")]);
    args.extend(["--".to_owned(), shown(&inputs.context)]);
    let take = Invocation::new("docker", ["image", "inspect", "--format", "{{json .Config.Labels}}"]);
    Commands { build: Invocation::new("docker", args), take: Some(take) }
}
