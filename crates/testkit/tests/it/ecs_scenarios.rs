//! The reference of scenarios, with the table as the scenarios themselves give it. `BLESS=1` writes it.

use std::path::Path;

use testkit::ecs::{markdown, scenarios};

#[test]
fn the_reference_has_the_table_of_all_scenarios() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/ecs-scenarios.md");
    let text = std::fs::read_to_string(&path).expect("the reference is there");
    let (start, end) = ("<!-- scenarios -->\n", "<!-- end of scenarios -->");
    let (before, rest) = text.split_once(start).expect("the table has a beginning");
    let (_, after) = rest.split_once(end).expect("the table has an end");
    let wanted = format!("{before}{start}\n{}\n{end}{after}", markdown(&scenarios()));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &wanted).expect("the reference can be written");
    }
    let now = std::fs::read_to_string(&path).expect("the reference is there");
    assert!(now == wanted, "run `BLESS=1 cargo test -p testkit --test it the_reference_has` to write the table anew");
}
