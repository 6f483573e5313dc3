//! Generates `actions/<name>/action.yml` and `README.md`: the binary's own words are the only source.

use std::path::PathBuf;

use actions_core::ActionMetadata;
use actions_core::markdown::{Cell, table};

use crate::metadata;
use crate::program::{self, ACTIONS, root};
use crate::report;
use crate::yaml::scalar;

/// Writes the files, or with `check` fails when one is out of date.
pub(crate) fn run(check: bool) -> Result<(), String> {
    program::build()?;
    let stale = stale()?;
    if check {
        let names: Vec<String> = stale.iter().map(|(path, _)| path.display().to_string()).collect();
        return if names.is_empty() {
            Ok(())
        } else {
            Err(format!("out of date, run `cargo xtask docs`: {}", names.join(", ")))
        };
    }
    for (path, text) in stale {
        let file = root().join(&path);
        std::fs::write(&file, text).map_err(|error| format!("{}: {error}", path.display()))?;
        report::line(&format!("wrote {}", path.display()));
    }
    Ok(())
}

/// The generated files that differ from what is on disk, with their right text.
pub(crate) fn stale() -> Result<Vec<(PathBuf, String)>, String> {
    let mut stale = Vec::new();
    for name in ACTIONS {
        let metadata = metadata::of(name)?;
        let folder = PathBuf::from("actions").join(name);
        let intro = std::fs::read_to_string(root().join(&folder).join("intro.md"))
            .map_err(|error| format!("actions/{name}/intro.md: {error}"))?;
        for (file, text) in [("action.yml", action_yml(&metadata)), ("README.md", readme(&metadata, &intro))] {
            let path = folder.join(file);
            if std::fs::read_to_string(root().join(&path)).ok().as_ref() != Some(&text) {
                stale.push((path, text));
            }
        }
    }
    Ok(stale)
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
        text.push_str(&format!(
            "  {}:\n    description: {}\n    required: {}\n",
            input.name,
            scalar(&input.help),
            input.required
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
        metadata.name
    ));
    text
}

fn readme(metadata: &ActionMetadata, intro: &str) -> String {
    let inputs: Vec<Vec<Cell>> = metadata
        .inputs
        .iter()
        .map(|input| {
            let default = if input.required { Cell::text("(required)") } else { Cell::code(input.default.clone()) };
            vec![Cell::code(input.name.clone()), default, Cell::Markdown(input.help.clone())]
        })
        .collect();
    let outputs: Vec<Vec<Cell>> = metadata
        .outputs
        .iter()
        .map(|output| vec![Cell::code(output.name.clone()), Cell::Markdown(output.help.clone())])
        .collect();
    let name = &metadata.name;
    format!(
        "# {name}\n\n{}\n\n## Inputs\n\nEvery input that is not a secret is also a flag of the same name: `{name} --help`. The tables are generated from the\nbinary.\n\n{}\n## Outputs\n\n{}",
        intro.trim_end(),
        table(&["input", "default", "meaning"], &inputs),
        table(&["output", "meaning"], &outputs),
    )
}
