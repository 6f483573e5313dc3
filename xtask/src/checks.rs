//! The checks of `cargo xtask test`, one function each.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::docs;
use crate::errors::Catalogue;
use crate::program::{Output, Preparation, Program, cargo, find, root, target_folder};
use crate::report::{Ended, Summary};
use crate::test::Context;

pub(crate) type Checked = Result<Ended, String>;

/// One passed, or one failed with what it printed.
fn pass_or_fail(output: &Output) -> Ended {
    if output.status == 0 { Ended::Passed(1) } else { failed(output.text()) }
}

pub(crate) fn failed(output: String) -> Ended {
    Ended::Failed { passed: 0, failed: 1, output }
}

/// rustfmt on the workspace and on the example.
pub(crate) fn format(_: &Context, _: &mut Summary) -> Checked {
    let workspace = Program::new(cargo()).args(["fmt", "--all", "--check"]).output()?;
    let example = Program::new(cargo()).within("examples/backend").args(["fmt", "--check"]).output()?;
    Ok(if workspace.status == 0 { pass_or_fail(&example) } else { pass_or_fail(&workspace) })
}

/// clippy with denied warnings.
pub(crate) fn clippy(_: &Context, _: &mut Summary) -> Checked {
    let arguments = ["clippy", "--quiet", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"];
    Ok(pass_or_fail(&Program::new(cargo()).args(arguments).output()?))
}

/// Unit, snapshot, property and integration tests; the binaries against the emulator and the stand-ins.
pub(crate) fn cargo_test(_: &Context, summary: &mut Summary) -> Checked {
    crate::program::build_with_tests()?;
    let preparation = Preparation::start()?;
    let provoked = target_folder().join("provoked");
    empty(&provoked).map_err(|error| format!("{}: {error}", provoked.display()))?;
    let output = Program::new(cargo())
        .args(["test", "--workspace", "--locked", "--no-fail-fast", "--", "--show-output"])
        .env("CARGO_TERM_COLOR", "never")
        .env(testkit::provoked::FOLDER, &provoked)
        .output()?;
    preparation.finish();
    let count = |word: &str| -> usize {
        let results = output.stdout.lines().filter(|line| line.starts_with("test result: "));
        results
            .filter_map(|line| {
                line.split(word).next()?.rsplit([' ', ';']).find(|text| !text.is_empty())?.parse::<usize>().ok()
            })
            .sum()
    };
    for line in output.text().lines().filter_map(|line| line.trim().strip_prefix("SKIPPED ")) {
        summary.skip(line.to_owned());
    }
    let (passed, failures) = (count(" passed"), count(" failed"));
    if output.status != 0 {
        return Ok(Ended::Failed { passed, failed: failures.max(1), output: failures_of(&output) });
    }
    let start = Instant::now();
    let unproven = Catalogue::read()?.unproven(&provoked)?;
    let ended = if unproven.is_empty() { Ended::Passed(1) } else { failed(unproven.join("\n")) };
    summary.note("provoked errors", ended, start.elapsed());
    Ok(Ended::Passed(passed))
}

/// Makes the folder new.
fn empty(folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)
}

/// The part of cargo's output that says what failed.
fn failures_of(output: &Output) -> String {
    let mut text: Vec<&str> = Vec::new();
    let mut within = false;
    for line in output.stdout.lines() {
        within = (within || line == "failures:") && !line.starts_with("test result:");
        if within || line.contains("FAILED") {
            text.push(line);
        }
    }
    let build: Vec<&str> = output.stderr.lines().filter(|line| line.starts_with("error")).collect();
    text.extend(build);
    text.join("\n")
}

/// The generated files are what binaries, sources and examples say; each error has its paragraph and its test.
pub(crate) fn docs(_: &Context, _: &mut Summary) -> Checked {
    crate::program::build_with_tests()?;
    let problems = docs::problems()?;
    Ok(if problems.is_empty() { Ended::Passed(1) } else { failed(problems.join("\n")) })
}

/// The example service's own tests.
pub(crate) fn example_backend(_: &Context, _: &mut Summary) -> Checked {
    let output = Program::new(cargo())
        .within("examples/backend")
        .without(&["CARGO_TARGET_DIR"])
        .args(["test", "--quiet", "--locked"])
        .output()?;
    Ok(pass_or_fail(&output))
}

/// The example site's own tests.
pub(crate) fn example_frontend(_: &Context, _: &mut Summary) -> Checked {
    if find("node").is_none() {
        return Ok(Ended::Skipped("Node.js is not installed".to_owned()));
    }
    let build = Program::new("node").within("examples/frontend").args(["build.mjs"]).output()?;
    if build.status != 0 {
        return Ok(failed(build.text()));
    }
    Ok(pass_or_fail(&Program::new("node").within("examples/frontend").args(["--test"]).output()?))
}

/// The workflows, by actionlint, and their shell, by the pinned shellcheck.
pub(crate) fn actionlint(context: &Context, _: &mut Summary) -> Checked {
    let shellcheck = format!("-shellcheck={}", context.tools.shellcheck().display());
    let arguments = ["-no-color", &shellcheck, "-pyflakes="];
    let own = Program::new(context.tools.actionlint()).args(arguments).output()?;
    if own.status != 0 {
        return Ok(failed(own.text()));
    }
    let examples = Program::new("git").args(["ls-files", "docs/examples/*/.github/workflows/*"]).output()?;
    if examples.stdout.trim().is_empty() {
        return Err("no example repository has a workflow: `git ls-files docs/examples` is wrong".to_owned());
    }
    Ok(pass_or_fail(&Program::new(context.tools.actionlint()).args(arguments).args(examples.stdout.lines()).output()?))
}

/// Workflows and actions, by zizmor with its strictest persona.
pub(crate) fn zizmor(context: &Context, _: &mut Summary) -> Checked {
    let output = Program::new(context.tools.zizmor())
        .without(&["GH_TOKEN", "GITHUB_TOKEN"])
        .args(["--offline", "--no-progress", "--color", "never", "--persona", "auditor"])
        .args([".github", "actions", "action.yml", "tools/stand-ins", "docs/examples"])
        .output()?;
    Ok(pass_or_fail(&output))
}

/// The shell scripts.
pub(crate) fn shellcheck(context: &Context, _: &mut Summary) -> Checked {
    let scripts = ["scripts/run-action.sh", ".ci/run", "tools/update.sh"];
    Ok(pass_or_fail(&Program::new(context.tools.shellcheck()).args(scripts).output()?))
}

/// Where Terraform works.
const TERRAFORM: &str = "target/terraform";

/// The configuration that Terraform needs here; the inner error says why it cannot be used.
pub(crate) fn terraform_config() -> Result<Result<PathBuf, String>, String> {
    let folder = root().join(TERRAFORM);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(rehearsal::terraform_config(&folder))
}

/// Format and tests of the infrastructure, with mocked providers.
pub(crate) fn terraform(_: &Context, _: &mut Summary) -> Checked {
    let config = match terraform_config()? {
        Ok(config) => config,
        Err(reason) => return Ok(Ended::Skipped(reason)),
    };
    let format = Program::new("terraform").args(["fmt", "-check", "-recursive", "-diff", "infrastructure"]).output()?;
    if format.status != 0 {
        return Ok(failed(format.text()));
    }
    let run = |arguments: &[&str]| {
        Program::new("terraform")
            .within("infrastructure")
            .env("TF_CLI_CONFIG_FILE", &config)
            .env("TF_DATA_DIR", root().join(TERRAFORM).join("data"))
            .env("CHECKPOINT_DISABLE", "1")
            .args(arguments)
            .output()
    };
    for arguments in
        [["init", "-no-color", "-backend=false", "-lockfile=readonly"].as_slice(), &["validate", "-no-color"]]
    {
        let output = run(arguments)?;
        if output.status != 0 {
            return Ok(failed(output.text()));
        }
    }
    let output = run(&["test", "-no-color"])?;
    let passed =
        output.stdout.lines().filter(|line| line.trim_end().ends_with("... pass") && line.starts_with("  run")).count();
    Ok(if output.status == 0 && passed > 0 { Ended::Passed(passed) } else { failed(output.text()) })
}
