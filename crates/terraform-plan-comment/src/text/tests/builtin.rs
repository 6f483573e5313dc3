//! Plans that Terraform makes while the test runs, with the resource that is part of it.

use std::sync::OnceLock;

use super::workspace::{Planned, Workspace};
use crate::schema::SchemaFile;

/// What the provider that is part of Terraform says of its types, and nothing, as without `provider-schemas`.
fn schemas(workspace: &Workspace) -> [SchemaFile; 2] {
    static BUILTIN: OnceLock<SchemaFile> = OnceLock::new();
    let builtin = BUILTIN.get_or_init(|| SchemaFile::new(workspace.schemas().as_bytes()).unwrap());
    [builtin.clone(), SchemaFile::default()]
}

/// Plans `after` on top of `before` and compares, with schemas and without.
#[track_caller]
fn check(what: &str, before: &str, after: &str, arguments: &[&str]) {
    let Some(workspace) = Workspace::new() else { return };
    if !before.is_empty() {
        workspace.apply(before);
    }
    compare(what, &workspace, &workspace.plan(after, arguments));
}

#[track_caller]
fn compare(what: &str, workspace: &Workspace, planned: &Planned) {
    for schemas in schemas(workspace) {
        let comparison = planned.compare(&schemas);
        println!("{what}: {}", comparison.percentage());
        assert!(comparison.different.is_empty(), "{what}:\n{comparison}");
    }
}

/// One resource for each pair of values, before and after.
fn values(pairs: &[(&str, &str)]) -> [String; 2] {
    let resource =
        |index: usize, value: &str| format!("resource \"terraform_data\" \"v{index}\" {{\n  input = {value}\n}}\n");
    let all = |side: fn(&(&str, &str)) -> String| {
        pairs.iter().enumerate().map(|(index, pair)| resource(index, &side(pair))).collect::<String>()
    };
    [all(|pair| pair.0.to_owned()), all(|pair| pair.1.to_owned())]
}

#[test]
fn generated_values_are_shown_as_terraform_shows_them() {
    let [before, after] = values(&[
        // Lists.
        ("[1, 2, 3]", "[1, 2, 4]"),
        (
            "[\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"]",
            "[\"a\", \"x\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\"]",
        ),
        ("[\"a\", \"b\", \"c\", \"d\"]", "[\"d\", \"c\", \"b\", \"a\"]"),
        ("[1, 1, 2, 1, 2, 2, 1]", "[2, 1, 1, 2, 1, 1]"),
        ("[{ a = 1, b = 2 }, { a = 2 }, \"x\"]", "[{ a = 1, b = 3 }, { a = 2 }, \"y\", null]"),
        ("[{ a = 1 }, { a = 2 }, { a = 3 }]", "[{ a = 2 }, { a = 4, id = 7 }]"),
        ("[[1, 2], [3], []]", "[[1, 2, 3], [], [3]]"),
        ("[null, 1]", "[1, null, null]"),
        ("[]", "[1]"),
        ("[1]", "[]"),
        ("toset([\"a\", \"b\", \"c\"])", "toset([\"b\", \"c\", \"d\", \"e\"])"),
        // Maps and objects.
        ("{}", "{ a = {} }"),
        (
            "{ a = 1, name = \"n\", tags = { x = 1, y = 2 }, long_name = true }",
            "{ a = 2, name = \"n\", tags = { x = 1, y = 2 } }",
        ),
        ("{ \"a b\" = 1, é = 2, \"ключ\" = 3, x = 4 }", "{ \"a b\" = 2, é = 3, \"ключ\" = 4, \"\" = 5 }"),
        ("tomap({ a = \"1\", b = null })", "tomap({ a = null, b = \"2\" })"),
        ("{ a = { b = { c = { d = 1, e = 2 }, f = 3 } } }", "{ a = { b = { c = { d = 2, e = 2 }, f = 3 } } }"),
        // Numbers, booleans, types.
        ("12345678901234567890123", "12345678901234567890124"),
        ("0.1", "0.10000000000000001"),
        ("1e100", "-1e-7"),
        ("true", "false"),
        ("\"1\"", "1"),
        ("\"true\"", "true"),
        ("[1]", "{ a = 1 }"),
        ("{ a = [1, { b = 2 }] }", "\"text\""),
        // Texts.
        ("\"a\"", "\"tab\\t quote\\\" back\\\\ dollar $${x} percent %%{y}\""),
        ("\"\"", "\"x\""),
        ("\"x\"", "\"\""),
        ("\"one\\ntwo\\nthree\\n\"", "\"one\\n2\\nthree\\nfour\\n\""),
        ("\"one\\ntwo\\n\"", "\"one\""),
        ("\"one\"", "\"one\\ntwo\\n\""),
        ("\"a\\nb\\nc\\nd\\ne\\nf\"", "\"b\\na\\nd\\nc\\nf\\ne\""),
        ("\"\\n\\n  indented\\n\\nmore\\n\\n\"", "\"\\n\\n  indented\\n\\nless\\n\\n\""),
        (
            "<<-EOT\n  - a: 1\n    b: [x, y]\n  # comment\n  EOT\n",
            "<<-EOT\n  - a: 1\n    b: [x, z]\n  - c: 2\n  # comment\n  EOT\n",
        ),
        ("yamlencode({ a = [1, 2], b = \"x\" })", "yamlencode({ a = [1, 3], b = \"x\" })"),
        // JSON in texts.
        ("jsonencode({ a = 1, b = [1, 2, { c = null }] })", "jsonencode({ a = 2, b = [1, { c = true }], d = \"x\" })"),
        ("\"{\\\"a\\\":1}\"", "\"{ \\\"a\\\": 1 }\""),
        ("jsonencode([])", "jsonencode({})"),
        ("jsonencode({ a = 1 })", "\"text\""),
        ("\"text\"", "jsonencode({ a = [1] })"),
        ("\"a\\nb\"", "jsonencode([1, 2])"),
        ("jsonencode({ a = jsonencode({ b = 1 }) })", "jsonencode({ a = jsonencode({ b = 2 }) })"),
        ("jsonencode({ a = \"x\\ny\" })", "jsonencode({ a = \"x\\nz\" })"),
        ("{ policy = jsonencode({ a = [1, 2] }), x = 1 }", "{ policy = jsonencode({ a = [1, 3] }), x = 1 }"),
        ("[jsonencode({ a = 1 }), \"x\"]", "[jsonencode({ a = 2 }), \"x\"]"),
        ("\"{not json\"", "\"[neither\""),
        ("\" {\\\"a\\\":1}\"", "\" {\\\"a\\\":2}\""),
        // Null.
        ("null", "1"),
        ("{ a = null }", "{ a = \"x\\ny\" }"),
        ("{ a = 1, b = null }", "null"),
    ]);
    check("values", &before, &after, &[]);
}

#[test]
fn generated_creations_and_deletions_are_shown_as_terraform_shows_them() {
    let [all, _] = values(&[
        ("[1, [2, {}], []]", ""),
        ("{ a = { b = null }, c = [null], name = \"x\", \"d e\" = true }", ""),
        ("\"one\\n  two\\n\"", ""),
        ("jsonencode({ a = [1, { b = \"c\" }], d = {} })", ""),
        ("jsonencode([])", ""),
        ("toset([\"b\", \"a\"])", ""),
        ("tomap({ x = [1, 2] })", ""),
        ("\"\"", ""),
    ]);
    let outputs = "output \"a\" { value = [1, { b = 2 }] }\noutput \"text\" { value = \"x\\ny\" }\n";
    check("creations", "", &format!("{all}{outputs}"), &[]);
    check("deletions", &format!("{all}{outputs}"), "", &[]);
    check("destruction", &format!("{all}{outputs}"), &format!("{all}{outputs}"), &["-destroy"]);
}

#[test]
fn generated_unknown_and_sensitive_values_are_shown_as_terraform_shows_them() {
    let before = r#"
variable "s" {
  sensitive = true
  default   = "s3cret-one-value"
}
resource "terraform_data" "source" { input = "x" }
resource "terraform_data" "unknown" { input = { a = [1, 2], b = { c = 1 }, d = "x", policy = jsonencode({ x = 1 }) } }
resource "terraform_data" "whole" { input = [1, 2, 3] }
resource "terraform_data" "marked" { input = { plain = 1, secret = var.s, list = ["a", var.s] } }
resource "terraform_data" "stays" { input = sensitive({ user = "someone", count = 12 }) }
resource "terraform_data" "opens" { input = { pin = sensitive("1234-open-me"), other = sensitive(true) } }
resource "terraform_data" "closes" { input = { pin = "5678-close-me", flag = true, list = [1, 2] } }
output "marked" {
  value     = var.s
  sensitive = true
}
output "plain" { value = terraform_data.source.output }
"#;
    let after = r#"
variable "s" {
  sensitive = true
  default   = "s3cret-two-value"
}
resource "terraform_data" "source" { input = "y" }
resource "terraform_data" "unknown" {
  input = { a = [1, terraform_data.source.output], b = { c = terraform_data.source.output }, d = terraform_data.source.output, policy = terraform_data.source.output, e = terraform_data.source.output }
}
resource "terraform_data" "whole" { input = terraform_data.source.output }
resource "terraform_data" "new" { input = { a = [terraform_data.source.output, 1], s = var.s, t = { u = terraform_data.source.output } } }
resource "terraform_data" "marked" { input = { plain = 2, secret = var.s, list = ["b", var.s, "c"] } }
resource "terraform_data" "stays" { input = sensitive({ user = "someone", count = 13 }) }
resource "terraform_data" "opens" { input = { pin = "1234-open-me", other = true } }
resource "terraform_data" "closes" { input = { pin = sensitive("5678-close-me"), flag = sensitive(true), list = sensitive([1, 2]) } }
output "marked" {
  value     = var.s
  sensitive = true
}
output "plain" { value = terraform_data.source.output }
output "all" { value = { a = terraform_data.source.output, b = [1, terraform_data.source.id] } }
"#;
    let Some(workspace) = Workspace::new() else { return };
    workspace.apply(before);
    let planned = workspace.plan(after, &[]);
    // `output` of the resource repeats `input` without its marks, and there Terraform prints what we hide.
    let secrets = ["s3cret-one-value", "1234-open-me", "someone", "5678-close-me"];
    for schemas in schemas(&workspace) {
        let comparison = planned.compare(&schemas).without_copies_of(&secrets);
        println!("unknown and sensitive values: {}", comparison.percentage());
        assert!(comparison.different.is_empty(), "{comparison}");
    }
}

#[test]
fn generated_addresses_are_shown_as_terraform_shows_them() {
    let Some(workspace) = Workspace::new() else { return };
    workspace.write("child/main.tf", "resource \"terraform_data\" \"inner\" { input = \"x\" }\noutput \"o\" { value = terraform_data.inner.output }\n");
    workspace.apply(
        r#"
module "gone" { source = "./child" }
module "many" {
  source   = "./child"
  for_each = toset(["a", "b"])
}
resource "terraform_data" "count" { count = 3 }
resource "terraform_data" "each" { for_each = toset(["a", "b c", "d\"e"]) }
resource "terraform_data" "single" { input = 1 }
resource "terraform_data" "counted" { count = 2 }
resource "terraform_data" "keyed" { for_each = toset(["x"]) }
resource "terraform_data" "moves" { input = 1 }
resource "terraform_data" "moves_and_changes" { input = 1 }
resource "terraform_data" "leaves" { input = 1 }
resource "terraform_data" "replaced" { triggers_replace = [1, 2] }
resource "terraform_data" "first" {
  triggers_replace = { a = 1 }
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "follows" {
  lifecycle {
    replace_triggered_by = [terraform_data.single]
  }
}
"#,
    );
    let planned = workspace.plan(
        r#"
module "many" {
  source   = "./child"
  for_each = toset(["a", "c"])
}
resource "terraform_data" "count" { count = 1 }
resource "terraform_data" "each" { for_each = toset(["a", "z"]) }
resource "terraform_data" "single" { input = 2 }
resource "terraform_data" "counted" { for_each = toset(["y"]) }
resource "terraform_data" "keyed" { count = 1 }
moved {
  from = terraform_data.moves
  to   = terraform_data.moved
}
moved {
  from = terraform_data.moves_and_changes
  to   = terraform_data.moved_and_changed
}
resource "terraform_data" "moved" { input = 1 }
resource "terraform_data" "moved_and_changed" { input = 2 }
removed {
  from = terraform_data.leaves
  lifecycle { destroy = false }
}
import {
  to = terraform_data.imported
  id = "an-id"
}
import {
  to = terraform_data.imported_and_changed
  id = "other-id"
}
resource "terraform_data" "imported" {}
resource "terraform_data" "imported_and_changed" { input = { a = 1 } }
resource "terraform_data" "replaced" { triggers_replace = [1, 3] }
resource "terraform_data" "first" {
  triggers_replace = { a = 2 }
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "follows" {
  lifecycle {
    replace_triggered_by = [terraform_data.single]
  }
}
check "fails" {
  assert {
    condition     = terraform_data.single.input == 3
    error_message = "not 3"
  }
}
"#,
        &["-replace=terraform_data.imported_and_changed"],
    );
    compare("addresses", &workspace, &planned);
    let modules = "module \"many\" {\n  source = \"./child\"\n  for_each = toset([\"a\", \"b\"])\n}\n";
    let planned = workspace.plan(&format!("{modules}output \"o\" {{ value = \"x\" }}\n"), &["-refresh-only"]);
    compare("refresh of modules with an output", &workspace, &planned);
}

#[test]
fn generated_modes_are_shown_as_terraform_shows_them() {
    let one = "resource \"terraform_data\" \"a\" { input = 1 }\n";
    let two = "resource \"terraform_data\" \"a\" { input = 2 }\nresource \"terraform_data\" \"b\" { input = terraform_data.a.output }\n";
    check("target", one, two, &["-target=terraform_data.a"]);
    check("no changes", one, one, &[]);
    check("nothing to destroy", "", one, &["-destroy"]);
    check("nothing to refresh", one, one, &["-refresh-only"]);
    let counted = "resource \"terraform_data\" \"a\" { count = 1 }\n";
    let output = |value: &str| format!("{counted}output \"o\" {{ value = {value} }}\n");
    check("refresh of a counted resource with an output", counted, &output("\"x\""), &["-refresh-only"]);
    let target = ["-refresh-only", "-target=terraform_data.a"];
    check("refresh of a target", &output("terraform_data.a[0].id"), &output("\"x\""), &target);
    check("no instance", "", "resource \"terraform_data\" \"a\" { count = 0 }\n", &[]);
    check("nothing to destroy of a counted resource", "", counted, &["-destroy"]);
    let moved = "resource \"terraform_data\" \"z\" { input = 1 }\nmoved {\n  from = terraform_data.a\n  to = terraform_data.z\n}\n";
    check("refresh of a move", one, moved, &["-refresh-only"]);
    check("move", one, moved, &[]);
    check(
        "output",
        one,
        &format!("{one}output \"o\" {{ value = \"x\" }}\noutput \"longer_name\" {{ value = null }}\n"),
        &[],
    );
    check("refresh of an output", one, &format!("{one}output \"o\" {{ value = \"x\" }}\n"), &["-refresh-only"]);
    let fails = "resource \"terraform_data\" \"a\" {\n  input = 2\n}\nresource \"terraform_data\" \"b\" {\n  input = 1\n  lifecycle {\n    precondition {\n      condition = terraform_data.a.input == 3\n      error_message = \"no\"\n    }\n  }\n}\n";
    check("error", one, fails, &[]);
    let alone = "variable \"n\" { default = 1 }\nresource \"terraform_data\" \"b\" {\n  input = 1\n  lifecycle {\n    precondition {\n      condition = var.n == 2\n      error_message = \"no\"\n    }\n  }\n}\n";
    check("error alone", "", alone, &[]);
}
