//! Several actions in one binary.

use serde_json::Value;
use testkit::FakeRunner;

use crate::SAMPLE;

#[test]
fn the_first_word_selects_an_action_with_inputs_of_its_own() {
    let runner = FakeRunner::new().input("from", "the inputs").input("words", "not mine");
    let output = runner.run(SAMPLE, ["part"]);
    assert_eq!(output.assert_code(0).outputs["parted"], "the inputs");
    assert!(!output.outputs.contains_key("words"), "{:?}", output.outputs);
    let typed = runner.run(SAMPLE, ["part", "--from=the flag"]);
    assert_eq!(typed.assert_code(0).outputs["parted"], "the flag");
    let without = FakeRunner::new().run(SAMPLE, ["--words=part"]);
    assert_eq!(without.assert_code(0).outputs["words"], "part");
}

#[test]
fn a_command_refuses_bad_input_under_its_own_name() {
    let missing = FakeRunner::new().run(SAMPLE, ["part"]);
    missing.assert_code(2);
    assert!(missing.stdout.contains("::error title=core-parting/invalid-input::"), "{}", missing.stdout);
    let unknown = FakeRunner::new().run(SAMPLE, ["prat"]);
    unknown.assert_code(2);
    assert!(unknown.stdout.contains("`prat` is no command"), "{}", unknown.stdout);
}

#[test]
fn help_and_description_name_the_commands() {
    let help = FakeRunner::new().run(SAMPLE, ["--help"]);
    assert!(help.assert_code(0).stdout.contains("part  Takes leave."), "{}", help.stdout);
    let of_command = FakeRunner::new().run(SAMPLE, ["part", "--help"]);
    assert!(of_command.assert_code(0).stdout.contains("Usage: core-sample part"), "{}", of_command.stdout);
    let described = FakeRunner::new().run(SAMPLE, ["--describe"]);
    let described: Value = serde_json::from_str(&described.assert_code(0).stdout).unwrap();
    assert_eq!(described["commands"][0]["name"], "core-parting");
    assert_eq!(described["commands"][0]["invocation"], "core-sample part");
    assert_eq!(described["commands"][0]["inputs"][0]["name"], "from");
}
