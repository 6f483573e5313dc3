//! Plans with what Terraform prints of them.

use testkit::FakeRunner;

use super::compare::Comparison;
use crate::{plan, plans, run};

/// A line that differs from Terraform's on purpose.
struct Deviation {
    name: &'static str,
    plan: &'static str,
    ours: &'static str,
    terraform: &'static str,
    why: &'static str,
}

const UNMARKED: &str =
    "a value that is sensitive in one place is hidden in every place; Terraform prints it where a provider copies it";
const INVISIBLE: &str = "a reader must see what a line holds, and a terminal must not obey it";

const DEVIATIONS: [Deviation; 6] = [
    Deviation {
        name: "a copy of a secret in a list",
        plan: "sensitive_nested",
        ours: "              - (sensitive value),",
        terraform: r#"              - "hunter2-TOP-SECRET","#,
        why: UNMARKED,
    },
    Deviation {
        name: "a copy of a secret in an object in an object",
        plan: "sensitive_nested",
        ours: "                  - k = (sensitive value)",
        terraform: r#"                  - k = "hunter2-TOP-SECRET""#,
        why: UNMARKED,
    },
    Deviation {
        name: "a copy of a secret in an object",
        plan: "sensitive_nested",
        ours: "          - p = (sensitive value)",
        terraform: r#"          - p = "hunter2-TOP-SECRET""#,
        why: UNMARKED,
    },
    Deviation {
        name: "characters that turn or hide text",
        plan: "adversarial_markdown",
        ours: r"          + \u202e bidi \u{202e}evil\u{202c} \u{2066}x\u{2069} zero\u{200b}width \u{a0}nbsp 😀 你好",
        terraform: "          + \\u202e bidi \u{202e}evil\u{202c} \u{2066}x\u{2069} zero\u{200b}width \u{a0}nbsp 😀 你好",
        why: INVISIBLE,
    },
    Deviation {
        name: "a carriage return",
        plan: "adversarial_markdown",
        ours: r"            v\u{d}",
        terraform: "            v\r",
        why: INVISIBLE,
    },
    Deviation {
        name: "a sequence that colors a terminal",
        plan: "adversarial_markdown",
        ours: "            \tANSI \\u{1b}[31mred",
        terraform: "            \tANSI \u{1b}[31mred",
        why: INVISIBLE,
    },
];

#[test]
fn the_text_of_every_plan_is_what_terraform_prints() {
    let mut all = Comparison::default();
    let mut expected: Vec<&Deviation> = DEVIATIONS.iter().collect();
    for name in with_text() {
        let out = run(&FakeRunner::new(), &["--plan", &plan(&name), "--format", "text"]);
        out.assert_code(0);
        let theirs = std::fs::read_to_string(plans().join(format!("{name}.show.txt"))).unwrap();
        let mut comparison = Comparison::of(&out.stdout, &theirs);
        comparison.different.retain(|(ours, terraform)| {
            let is_it = |one: &&Deviation| one.plan == name && one.ours == ours && one.terraform == terraform;
            let found = expected.iter().position(is_it);
            found.map(|place| expected.remove(place)).is_none()
        });
        assert!(comparison.different.is_empty(), "{name}:\n{comparison}");
        all.add(comparison);
    }
    let left: Vec<&str> = expected.iter().map(|one| one.name).collect();
    assert!(left.is_empty(), "deviations that are none any more: {left:?}");
    println!("{}, and {} lines differ on purpose", all.percentage(), DEVIATIONS.len());
    for Deviation { name, why, .. } in DEVIATIONS {
        println!("  {name}: {why}");
    }
    assert_eq!(all.equal + DEVIATIONS.len(), all.lines);
}

/// The names of the plans whose text is known.
fn with_text() -> Vec<String> {
    let files = std::fs::read_dir(plans()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter_map(|file| Some(file.strip_suffix(".show.txt")?.to_owned())).collect();
    names.sort();
    assert!(names.len() >= 32, "{names:?}");
    names
}
