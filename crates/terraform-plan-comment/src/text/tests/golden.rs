//! Plans with what Terraform prints of them.

use std::path::{Path, PathBuf};

use super::compare::Comparison;
use super::text_of;
use crate::schema::SchemaFile;

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

/// The plan in which Terraform prints a secret in most of the lines: as a key, in texts, in JSON, in base64.
const COPIES: &str = "sensitive_copies";

const DEVIATIONS: [Deviation; 9] = [
    Deviation {
        name: "a copy of an old secret in a map",
        plan: "aws/destruction",
        ours: r#"              - "TOKEN" = (sensitive value)"#,
        terraform: r#"              - "TOKEN" = "correct-horse-battery""#,
        why: UNMARKED,
    },
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
        name: "a carriage return",
        plan: "exact_values",
        ours: r"              - a\u{d}",
        terraform: "              - a\r",
        why: INVISIBLE,
    },
    Deviation {
        name: "a carriage return",
        plan: "exact_values",
        ours: r"                a\u{d}",
        terraform: "                a\r",
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
    let mut wrong = Vec::new();
    for name in names().into_iter().filter(|name| name != COPIES) {
        let mut comparison = Comparison::of(&text_of(&read(&name, "json"), &schemas(&name)), &show(&name));
        comparison.different.retain(|(ours, terraform)| {
            let is_it = |one: &&Deviation| one.plan == name && one.ours == ours && one.terraform == terraform;
            let found = expected.iter().position(is_it);
            found.map(|place| expected.remove(place)).is_none()
        });
        if !comparison.different.is_empty() {
            wrong.push(format!("{name}:\n{comparison}"));
        }
        all.add(comparison);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let left: Vec<&str> = expected.iter().map(|one| one.name).collect();
    assert!(left.is_empty(), "deviations that are none any more: {left:?}");
    println!("{}, and {} lines differ on purpose", all.percentage(), DEVIATIONS.len());
    for Deviation { name, why, .. } in DEVIATIONS {
        println!("  {name}: {why}");
    }
    assert_eq!(all.equal + DEVIATIONS.len(), all.lines);
}

#[test]
fn where_terraform_prints_a_secret_the_text_does_not() {
    let text = text_of(&read(COPIES, "json"), &schemas(COPIES));
    let copies = ["hunter2-TOP-SECRET", "hunter3-TOP-SECRET", "aHVudGVyMy1UT1AtU0VDUkVU"];
    for copy in copies {
        assert!(show(COPIES).contains(copy) && !text.contains(copy), "{copy}: {text}");
    }
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("(sensitive value)")).map(str::trim).collect();
    let expected = [
        "~ json                = (sensitive value)",
        "~ url                 = (sensitive value)",
        "- \"(sensitive value)\" = \"key\"",
        "+ \"(sensitive value)\" = \"key\"",
        "- json                = (sensitive value)",
        "- url                 = (sensitive value)",
        "- \"(sensitive value)\" = \"key\"",
        "password=(sensitive value)",
        "encoded=(sensitive value)",
        "+ sec = (sensitive value)",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_documentation_names_every_deviation() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../actions/terraform-plan-comment/intro.md");
    let guide = std::fs::read_to_string(guide).unwrap().to_lowercase();
    for Deviation { name, .. } in DEVIATIONS {
        assert!(guide.contains(&name.to_lowercase()), "{name}");
    }
}

/// The folder of the plans.
pub(super) fn plans() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans")
}

fn read(name: &str, extension: &str) -> Vec<u8> {
    let path = plans().join(format!("{name}.{extension}"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn show(name: &str) -> String {
    String::from_utf8(read(name, "show.txt")).unwrap()
}

/// The schemas beside a plan: those of the AWS provider, or none.
fn schemas(name: &str) -> SchemaFile {
    if name.starts_with("aws/") {
        SchemaFile::new(&read("aws/schemas", "json")).unwrap()
    } else {
        SchemaFile::default()
    }
}

/// The names of all plans.
fn names() -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["", "aws/"] {
        for entry in std::fs::read_dir(plans().join(folder)).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let name = file.strip_suffix(".json").filter(|name| *name != "schemas");
            names.extend(name.map(|name| format!("{folder}{name}")));
        }
    }
    names.sort();
    assert!(names.len() >= 40, "{names:?}");
    names
}
