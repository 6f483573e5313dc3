//! The page.

use super::entry::{Entry, Origin, fields_named};

/// The sections, in order: the codes' first word, a title, and what the codes have in common.
const SECTIONS: [(&str, &str, &str); 24] = [
    (
        "slipway",
        "Starting an action",
        "Before an action runs, `scripts/run-action.sh` finds and checks its binary. The rest are the codes of what every binary shares.",
    ),
    ("outputs", "Outputs", "Every action."),
    ("context", "The run's event", "Actions that read the event of the run."),
    ("version-detect", "version-detect", "See [the action](../../actions/version-detect/README.md)."),
    (
        "changed-workflows",
        "changed-workflows",
        "See [the action](../../actions/changed-workflows/README.md); its other codes are those of `version-detect`.",
    ),
    ("version-release", "version-release", "See [the action](../../actions/version-release/README.md)."),
    (
        "version-bump",
        "version-bump",
        "See [the action](../../actions/version-bump/README.md); its other codes are those of `version-detect`.",
    ),
    ("build-and-tag", "build-and-tag", "See [the action](../../actions/build-and-tag/README.md)."),
    ("ecr-push", "ecr-push", "See [the action](../../actions/ecr-push/README.md)."),
    (
        "ecr-promote",
        "ecr-promote",
        "See [the action](../../actions/ecr-promote/README.md); its other codes are those of `ecr-push`.",
    ),
    ("ecs-deploy", "ecs-deploy", "See [the action](../../actions/ecs-deploy/README.md)."),
    (
        "ecs-continue",
        "ecs-continue",
        "See [the action](../../actions/ecs-continue/README.md); its verdicts and other codes are those of `ecs-deploy`.",
    ),
    (
        "ecs-rollback",
        "ecs-rollback",
        "See [the action](../../actions/ecs-rollback/README.md); its verdicts and other codes are those of `ecs-deploy`.",
    ),
    (
        "ecs-run-task",
        "ecs-run-task",
        "[The action](../../actions/ecs-run-task/README.md), and `ecs-deploy` with `run-task: true`; its other codes are those of `ecs-deploy`.",
    ),
    ("s3-sync-invalidate", "s3-sync-invalidate", "See [the action](../../actions/s3-sync-invalidate/README.md)."),
    (
        "s3-rollback",
        "s3-rollback",
        "See [the action](../../actions/s3-rollback/README.md); its other codes are those of `s3-sync-invalidate`.",
    ),
    (
        "terraform-plan-comment",
        "terraform-plan-comment",
        "See [the action](../../actions/terraform-plan-comment/README.md), and [terraform-plan-reduce](../../actions/terraform-plan-reduce/README.md), whose codes they are too.",
    ),
    (
        "terraform-plan-reduce",
        "terraform-plan-reduce",
        "See [the action](../../actions/terraform-plan-reduce/README.md); its other codes are those of `terraform-plan-comment`.",
    ),
    (
        "terraform-plan-verify",
        "terraform-plan-verify",
        "See [the action](../../actions/terraform-plan-verify/README.md); its other codes are those of `terraform-plan-comment`.",
    ),
    ("aws", "AWS", "`ecr-push`, `ecs-deploy` and `s3-sync-invalidate`: credentials, and calls that failed."),
    (
        "github",
        "GitHub",
        "`version-detect`, `version-release`, `version-bump` and `terraform-plan-comment`: calls of GitHub's API.",
    ),
    (
        "oci-registry",
        "Container registries",
        "`ecr-push`; `build-and-tag` names these as the reason of `build-and-tag/pull`.",
    ),
    ("oci-image", "Images on disk", "`build-and-tag` and `ecr-push`."),
    ("image-ref", "Tags from versions and branches", "`version-detect` and `build-and-tag`."),
];

/// The last section, for the tool that is no action.
const REHEARSAL: (&str, &str, &str) =
    ("rehearsal", "slipway-rehearse", "See [the guide](../guides/rehearse-a-deployment.md).");

/// The page's text.
pub(crate) fn render(entries: &[Entry]) -> String {
    let mut text = String::from(
        "# Error codes\n\n<!-- Generated from the sources by `cargo xtask docs`; change the doc comment of the error instead. -->\n\n\
         Every code that a Slipway program can print: what it means, why it happens, how to fix it, and the exit code of the process.\n\
         Search this page for the code that stands before the first colon of the message, or in the title of the annotation.\n\
         [Errors and exit codes](../concepts/errors.md) says how errors are built. In messages, `<name>` stands for a value.\n\n",
    );
    let sections: Vec<_> = SECTIONS.iter().chain([&REHEARSAL]).collect();
    for (prefix, title, _) in &sections {
        text.push_str(&format!(
            "- [{title}](#{}): `{prefix}/...`\n",
            title.to_lowercase().replace(' ', "-").replace('\'', "")
        ));
    }
    for (prefix, title, words) in sections {
        let mut own: Vec<&Entry> =
            entries.iter().filter(|entry| entry.code.split('/').next() == Some(prefix)).collect();
        own.sort_by(|a, b| a.code.cmp(&b.code));
        text.push_str(&format!("\n## {title}\n\n{words}\n"));
        for entry in own {
            text.push_str(&section(entry));
        }
    }
    text
}

/// Whether the page has a section for the code.
pub(crate) fn has_place(code: &str) -> bool {
    let prefix = code.split('/').next();
    SECTIONS.iter().chain([&REHEARSAL]).any(|(known, _, _)| prefix == Some(known))
}

fn section(entry: &Entry) -> String {
    let mut text = format!("\n### {}\n\n{}\n", entry.code, escape(entry.meaning()));
    if let Some(message) = entry.message.as_deref().filter(|message| *message != "{problem}") {
        text.push_str(&format!("\n- **Message:** `` {} ``\n", fields_named(message)));
    } else {
        text.push('\n');
    }
    if let Some(why) = entry.why() {
        text.push_str(&format!("- **Why:** {}\n", escape(why)));
    }
    if let Some(fix) = entry.fix() {
        text.push_str(&format!("- **Fix:** {}\n", escape(&fix)));
    }
    if let Some(code) = entry.exit_code() {
        text.push_str(&format!("- **Exit code:** {code}\n"));
    }
    if entry.origin == Origin::Script {
        text.push_str("- **From:** `scripts/run-action.sh`, before the action runs\n");
    }
    text
}

/// Angle brackets outside of code spans would be HTML.
fn escape(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let escaped =
        parts.map(
            |(index, part)| {
                if index % 2 == 0 { part.replace('<', "&lt;").replace('>', "&gt;") } else { part.to_owned() }
            },
        );
    escaped.collect::<Vec<_>>().join("`")
}
