//! `buildah bud`.

use super::{Commands, Details, IMAGE_ID, common, each, mounts, running, shown};
use crate::inputs::Inputs;
use crate::options::annotations::Level;
use crate::process::{Invocation, WORK};

/// `buildah bud`: chroot isolation and the vfs driver need neither a daemon nor privileges of the kernel's.
pub(crate) fn buildah(inputs: &Inputs, details: &Details<'_>) -> Commands {
    let mut args: Vec<String> = ["--storage-driver", "vfs", "bud", "--isolation", "chroot"].map(str::to_owned).to_vec();
    // No label with buildah's version: the same image on every machine.
    args.push("--identity-label=false".to_owned());
    args.extend(["--timestamp".to_owned(), details.epoch.to_string()]);
    args.extend(common(inputs, details));
    args.extend(running(inputs, "--pull-always"));
    args.extend(mounts(inputs));
    let annotations = details.annotations.at(Level::Manifest);
    args.extend(each("--annotation", annotations.iter().map(|(name, value)| format!("{name}={value}"))));
    // Several platforms are refused before: a list in its store would keep what an earlier run put into it.
    for platform in inputs.platforms.iter().take(1) {
        args.extend(["--os".to_owned(), platform.os.clone(), "--arch".to_owned(), platform.architecture.clone()]);
        args.extend(each("--variant", &platform.variant));
    }
    args.extend(["--iidfile".to_owned(), format!("{WORK}/{IMAGE_ID}")]);
    args.extend(["--".to_owned(), shown(&inputs.context)]);
    let take = Invocation::new("buildah", ["--storage-driver", "vfs", "push"]);
    Commands { build: Invocation::new("buildah", args), take: Some(take) }
}
