//! The workflows that the guides show, as a team would copy them: all of them in one repository, rehearsed one after another.

use std::path::Path;

use crate::checks::{Checked, failed};
use crate::program::{find, root};
use crate::rehearsals::{committed, copy, rehearse};
use crate::report::{Ended, Summary};
use crate::test::Context;

/// The repository around the workflows.
const SAMPLE: &str = "xtask/src/rehearsals/guides";

/// The plan that is shown where Terraform makes none.
const PLAN: &str = "infrastructure/recorded/plan.json";

/// The repository around the workflow of many services.
const SERVICES: &str = "xtask/src/rehearsals/services";

/// That workflow, and the one that it calls for each service.
const OF_SERVICES: [&str; 2] = ["monorepo.yml", "monorepo-service.yml"];

/// Workflows that are linted and not rehearsed, each with its reason.
const NOT_REHEARSED: [(&str, &str); 3] = [
    ("deploy-release.yml", "it is started by a dispatch, and a rehearsal sends pushes and pull requests"),
    ("release.yml", "it starts a workflow, and the repository on the stand-in has none"),
    ("release-and-bump.yml", "it reads the branch of snapshots, and the repository on the stand-in has one branch"),
];

/// What each rehearsed workflow leaves, as clients that are not ours read it.
const SEEN: [&str; 6] = [
    "registry has acme/shop:1.1.0-SNAPSHOT,develop,latest = ",
    "registry has acme/shop:1.1.0 = ",
    "GitHub has tag v1.1.0 at ",
    "registry has acme/shop:1.1.1 = ",
    "acme-shop-site has 4 objects, CloudFront has 1 invalidation(s)",
    "pull request #1 has one comment of ",
];

/// What the workflow of many services leaves. GitHub knows no earlier run there, so every service is built each time, and only what is
/// new is tagged.
const SEEN_OF_SERVICES: [&str; 9] = [
    "3 of 3 components are to be built",
    "registry has services/orders:1.1.0-SNAPSHOT,develop,latest = ",
    "registry has services/orders:1.1.0 = ",
    "registry has services/web:3.1.1 = ",
    "GitHub has tag orders-v1.1.0 at ",
    "GitHub has tag events-v2.1.0 at ",
    "GitHub has tag web-v3.1.0 at ",
    "GitHub has tag web-v3.1.1 at ",
    "1 of 3 components are to be built",
];

/// Rehearses every workflow of `docs/examples` but those of [`NOT_REHEARSED`], with a SHA of forty zeros in place of `<full sha>`.
pub(crate) fn check(_: &Context, summary: &mut Summary) -> Checked {
    if find("npm").is_none() {
        summary.skip("rehearsal of the guides' workflows: npm is not installed".to_owned());
        return Ok(Ended::Passed(0));
    }
    crate::program::build_with_tests()?;
    let parent = root().join("target/rehearsed-guides");
    let shop = parent.join("shop");
    let _ = std::fs::remove_dir_all(&parent);
    let services = parent.join("services");
    let unwritable = |error| format!("the sample cannot be written: {error}");
    let workflows = written(&shop).map_err(unwritable)? + services_written(&services).map_err(unwritable)?;
    if let Err(ended) = actions_alone(&parent.join("slipway"))?.and(committed(&shop)?).and(committed(&services)?) {
        return Ok(ended);
    }
    let flags = ["--no-terraform", "--no-docker"];
    for (folder, seen) in [(&shop, SEEN.as_slice()), (&services, SEEN_OF_SERVICES.as_slice())] {
        let output = match rehearse(Some(folder), &flags, 0, "Rehearsed:")? {
            Ok(output) => output,
            Err(ended) => return Ok(ended),
        };
        if let Some(words) = seen.iter().find(|words| !output.contains(**words)) {
            return Ok(failed(format!("the guides' workflows: \"{words}\" was not seen\n{output}")));
        }
    }
    Ok(Ended::Passed(workflows))
}

/// Writes the repository of many services; how many workflow files it has.
fn services_written(services: &Path) -> std::io::Result<usize> {
    copy(&root().join(SERVICES), services)?;
    let folder = services.join(".github/workflows");
    std::fs::create_dir_all(&folder)?;
    for name in OF_SERVICES {
        let text = std::fs::read_to_string(root().join("docs/examples").join(name))?;
        std::fs::write(folder.join(name), at_zeros(&text))?;
    }
    Ok(OF_SERVICES.len())
}

/// A workflow as a team has it, whose actions are at a commit.
fn at_zeros(text: &str) -> String {
    text.replace("<full sha>", &"0".repeat(40))
}

/// Makes a repository of the actions, without the sources that they are built from: the runner copies the whole repository for
/// each step that uses one, and with the sources that took longer than all steps together. The inner error is what Git said.
fn actions_alone(folder: &Path) -> Result<Result<(), Ended>, String> {
    let wrong = |error| format!("the actions cannot be copied: {error}");
    for part in ["actions", "scripts", "tools/stand-ins"] {
        copy(&root().join(part), &folder.join(part)).map_err(wrong)?;
    }
    for file in ["action.yml", "release.lock"] {
        std::fs::copy(root().join(file), folder.join(file)).map_err(wrong)?;
    }
    committed(folder)
}

/// Writes the repository; how many workflows it has.
fn written(shop: &Path) -> std::io::Result<usize> {
    copy(&root().join(SAMPLE), shop)?;
    std::fs::copy(root().join(PLAN), shop.join("infrastructure/recorded.json"))?;
    let folder = shop.join(".github/workflows");
    std::fs::create_dir_all(&folder)?;
    let mut workflows = 0;
    for entry in std::fs::read_dir(root().join("docs/examples"))? {
        let entry = entry?;
        if entry.path().extension().is_none_or(|extension| extension != "yml") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path())?;
        let mut left_out = OF_SERVICES.iter().chain(NOT_REHEARSED.iter().map(|(name, _)| name));
        let is_left_out = left_out.any(|name| entry.file_name() == *name);
        // What is no workflow configures a bot.
        if !is_left_out && text.contains("\njobs:\n") {
            std::fs::write(folder.join(entry.file_name()), at_zeros(&text))?;
            workflows += 1;
        }
    }
    Ok(workflows)
}

#[cfg(test)]
mod tests {
    use super::{NOT_REHEARSED, OF_SERVICES, SAMPLE, SERVICES, services_written, written};
    use crate::program::root;

    #[test]
    fn every_workflow_of_the_guides_is_rehearsed() {
        let shop = tempfile::tempdir().unwrap();
        let workflows = written(shop.path()).unwrap();
        let configuration = std::fs::read_to_string(root().join(SAMPLE).join("rehearsal.toml")).unwrap();
        let mut found = 0;
        for entry in std::fs::read_dir(shop.path().join(".github/workflows")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(configuration.contains(&format!("workflow = \"{name}\"")), "{name} is not rehearsed");
            found += 1;
        }
        assert_eq!(found, workflows);
        let services = tempfile::tempdir().unwrap();
        assert_eq!(services_written(services.path()).unwrap(), 2);
        let configuration = std::fs::read_to_string(root().join(SERVICES).join("rehearsal.toml")).unwrap();
        assert!(configuration.contains(&format!("workflow = \"{}\"", OF_SERVICES[0])));
        let caller = std::fs::read_to_string(services.path().join(".github/workflows").join(OF_SERVICES[0])).unwrap();
        assert!(caller.contains(&format!("uses: ./.github/workflows/{}\n", OF_SERVICES[1])));
        assert!(workflows >= 4, "{workflows}");
        for (name, reason) in NOT_REHEARSED {
            assert!(root().join("docs/examples").join(name).is_file(), "{name} is gone: {reason}");
        }
    }
}
