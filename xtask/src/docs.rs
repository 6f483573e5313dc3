//! Generates documentation: `actions/<name>/action.yml`, `README.md` and the policies from the binaries' own words, the catalogue of
//! errors from the sources, the page of faults from its tables, and the examples within the guides from their files.

use std::path::{Path, PathBuf};

use actions_core::markdown::{Cell, details, table};
use actions_core::{ActionMetadata, InputMetadata};

use crate::errors::{Catalogue, PAGE};
use crate::examples;
use crate::faults;
use crate::metadata;
use crate::policies;
use crate::program::{self, COMMANDS, action_names, root};
use crate::report;
use crate::yaml::scalar;

/// What is generated.
const PARTS: [&str; 5] = ["actions", "policies", "errors", "faults", "examples"];

/// The heading of an `intro.md` before which the tables of inputs and outputs stand.
const TABLES_BEFORE: &str = "## Permissions\n";

/// What a reader must know of commits without a release.
const UNRELEASED: &str = "Pin the commit of a release: its binary is downloaded and its sha256 is checked. A commit without a release builds from
source, which takes minutes and needs Rust (rustup) on the runner.";

/// Writes the files, or with `check` fails when one is out of date or cannot be complete. `words` choose among [`PARTS`]; none is all.
pub(crate) fn run(check: bool, words: &[String]) -> Result<(), String> {
    if let Some(unknown) = words.iter().find(|word| !PARTS.contains(&word.as_str())) {
        return Err(format!("`{unknown}` is not generated; {} are", PARTS.join(", ")));
    }
    if words.is_empty() || words.iter().any(|word| ["actions", "policies"].contains(&word.as_str())) {
        program::build()?;
    }
    let Found { stale, mut problems } = look(words)?;
    if check {
        let names = stale.iter().map(|(path, _)| format!("out of date, run `cargo xtask docs`: {}", path.display()));
        problems.extend(names);
    } else {
        for (path, text) in stale {
            write(&path, &text)?;
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// What `cargo xtask docs --check` would find; the binaries have to be built.
pub(crate) fn problems() -> Result<Vec<String>, String> {
    let Found { stale, problems } = look(&[])?;
    let stale = stale.iter().map(|(path, _)| format!("run `cargo xtask docs`: {}", path.display()));
    Ok(problems.into_iter().chain(stale).collect())
}

/// What is wrong with the generated files.
#[derive(Debug, Default)]
struct Found {
    /// Those that are out of date, with their right text.
    stale: Vec<(PathBuf, String)>,
    /// What keeps one from being complete.
    problems: Vec<String>,
}

/// Looks at the parts that `words` name; none is all.
fn look(words: &[String]) -> Result<Found, String> {
    let wanted = |part: &str| words.is_empty() || words.iter().any(|word| word == part);
    let Found { mut stale, mut problems } = Found::default();
    if wanted("actions") {
        stale.extend(of_actions()?);
    }
    if wanted("policies") {
        stale.extend(policies::stale()?);
    }
    if wanted("errors") {
        let catalogue = Catalogue::read()?;
        stale.extend(changed(PathBuf::from(PAGE), catalogue.page()));
        problems.extend(catalogue.problems);
    }
    if wanted("faults") {
        stale.extend(changed(PathBuf::from(faults::PAGE), faults::page()?));
    }
    if wanted("examples") {
        stale.extend(examples::stale()?);
    }
    Ok(Found { stale, problems })
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let file = root().join(path);
    let folder = file.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder.and_then(|()| std::fs::write(&file, text)).map_err(|error| format!("{}: {error}", path.display()))?;
    report::line(&format!("wrote {}", path.display()));
    Ok(())
}

/// The file with its right text, when it differs from what is on disk.
pub(crate) fn changed(path: PathBuf, text: String) -> Option<(PathBuf, String)> {
    (std::fs::read_to_string(root().join(&path)).ok().as_ref() != Some(&text)).then_some((path, text))
}

/// The files of the actions that are out of date.
fn of_actions() -> Result<Vec<(PathBuf, String)>, String> {
    let mut stale = Vec::new();
    for name in action_names() {
        let metadata = metadata::of(name)?;
        all_commands_are_actions(&metadata)?;
        let folder = PathBuf::from("actions").join(name);
        let intro = std::fs::read_to_string(root().join(&folder).join("intro.md"))
            .map_err(|error| format!("actions/{name}/intro.md: {error}"))?;
        stale.extend(changed(folder.join("action.yml"), action_yml(&metadata)));
        let intro = policies::in_place(name, &intro)?;
        stale.extend(changed(folder.join("README.md"), readme(&metadata, &intro)));
    }
    Ok(stale)
}

/// A command of a binary that is no action would have no README, no policy and no place among the errors.
fn all_commands_are_actions(metadata: &ActionMetadata) -> Result<(), String> {
    let is_none = |command: &&ActionMetadata| !COMMANDS.contains(&(command.name.as_str(), command.invocation.as_str()));
    match metadata.commands.iter().find(is_none) {
        Some(command) => Err(format!("`{}` is not among COMMANDS of xtask/src/program.rs", command.invocation)),
        None => Ok(()),
    }
}

/// The composite action: one step, every input mapped by hand, no expression in `run`.
fn action_yml(metadata: &ActionMetadata) -> String {
    let mut text = format!(
        "# Generated from the binary by `cargo xtask docs`; change the source of {} instead.\nname: {}\ndescription: {}\nauthor: Slipway\n",
        metadata.name,
        scalar(&metadata.title),
        scalar(&metadata.description)
    );
    text.push_str("inputs:\n");
    for input in &metadata.inputs {
        // What can be given under another name cannot be required under this one.
        let has_alias = metadata.inputs.iter().any(|other| other.alias_of.as_ref() == Some(&input.name));
        text.push_str(&format!(
            "  {}:\n    description: {}\n    required: {}\n",
            input.name,
            scalar(&input.help),
            input.required && !has_alias
        ));
        if !input.default.is_empty() {
            text.push_str(&format!("    default: {}\n", scalar(&input.default)));
        }
    }
    text.push_str("outputs:\n");
    for output in &metadata.outputs {
        let name = &output.name;
        text.push_str(&format!(
            "  {name}:\n    description: {}\n    value: ${{{{ steps.run.outputs.{name} }}}}\n",
            scalar(&output.help)
        ));
    }
    text.push_str("runs:\n  using: composite\n  steps:\n    - id: run\n      shell: bash\n      env:\n");
    for input in &metadata.inputs {
        let variable = input.name.replace('-', "_").to_uppercase();
        text.push_str(&format!("        INPUT_{variable}: ${{{{ inputs.{} }}}}\n", input.name));
    }
    text.push_str(&format!(
        "      run: bash --noprofile --norc \"${{GITHUB_ACTION_PATH}}/../../scripts/run-action.sh\" {}\n",
        metadata.invocation
    ));
    text
}

/// The columns of a table of inputs.
const INPUT_COLUMNS: [&str; 3] = ["input", "default", "meaning"];

/// How the help of an input begins that is known from another action, and refused.
const REFUSED: &str = "Not supported, refused when given";

fn readme(metadata: &ActionMetadata, intro: &str) -> String {
    let row = |input: &InputMetadata| {
        let default = if input.required { Cell::text("(required)") } else { Cell::code(input.default.clone()) };
        vec![Cell::code(input.name.clone()), default, Cell::Markdown(input.help.clone())]
    };
    let folded = |title: String, inputs: &[&InputMetadata]| {
        let rows: Vec<_> = inputs.iter().copied().map(row).collect();
        if rows.is_empty() { String::new() } else { format!("\n{}", details(&title, &table(&INPUT_COLUMNS, &rows))) }
    };
    let (aliases, own): (Vec<_>, Vec<_>) = metadata.inputs.iter().partition(|input| input.alias_of.is_some());
    let (refused, taken): (Vec<_>, Vec<_>) = own.into_iter().partition(|input| input.help.starts_with(REFUSED));
    let inputs = [
        table(&INPUT_COLUMNS, &taken.into_iter().map(row).collect::<Vec<_>>()),
        folded(format!("{} names of other actions for these inputs", aliases.len()), &aliases),
        folded(format!("{} inputs of other actions that are known and refused", refused.len()), &refused),
    ]
    .concat();
    let outputs: Vec<Vec<Cell>> = metadata
        .outputs
        .iter()
        .map(|output| vec![Cell::code(output.name.clone()), Cell::Markdown(output.help.clone())])
        .collect();
    let name = &metadata.name;
    let (before, behind) = intro.split_once(TABLES_BEFORE).unwrap_or((intro, ""));
    format!(
        "# {name}\n\n{}\n\n{UNRELEASED}\n\n## Inputs\n\nEvery input that is not a secret is also a flag of the same name: `{} --help`. The tables are generated from the\nbinary.\n\n{}\n## Outputs\n\n{}\n{TABLES_BEFORE}{}\n",
        before.trim_end(),
        metadata.invocation,
        inputs.trim_end().to_owned() + "\n",
        table(&["output", "meaning"], &outputs),
        behind.trim_end(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The headings of every `intro.md`; the tables of inputs and outputs stand before the third one.
    const HEADINGS: [&str; 8] = [
        "## What it does",
        "## Quick start",
        "## Permissions",
        "### GitHub",
        "### AWS",
        "## Errors and exit codes",
        "## How it compares",
        "## Details",
    ];

    fn intro(name: &str) -> String {
        std::fs::read_to_string(root().join("actions").join(name).join("intro.md")).unwrap()
    }

    #[test]
    fn every_intro_has_the_same_headings_in_the_same_order() {
        for name in action_names() {
            let text = intro(name);
            let own = |line: &&str| line.starts_with("## ") || ["### GitHub", "### AWS"].contains(line);
            assert_eq!(text.lines().filter(own).collect::<Vec<_>>(), HEADINGS, "{name}");
            assert_eq!(text.matches(TABLES_BEFORE).count(), 1, "{name}");
        }
    }

    #[test]
    fn every_intro_that_checks_out_pins_what_our_workflows_use() {
        let pins = |text: &str| -> std::collections::BTreeSet<String> {
            let lines = text.lines().filter_map(|line| line.split_once("actions/checkout@"));
            lines.map(|(_, pin)| pin.trim().to_owned()).collect()
        };
        let ours = pins(&std::fs::read_to_string(root().join(".github/workflows/ci.yml")).unwrap());
        assert_eq!(ours.len(), 1, "{ours:?}");
        for name in action_names() {
            assert!(pins(&intro(name)).is_subset(&ours), "{name}");
        }
    }
}
