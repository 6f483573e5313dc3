use super::*;

fn plan() -> &'static str {
    r#"{"format_version":"1.2","configuration":{}}"#
}

#[track_caller]
fn is_plan_in(text: &str) {
    assert!(matches!(read(text.as_bytes()), Ok(Content::Plan(_))), "{:?}", read(text.as_bytes()));
}

#[test]
fn noise_around_a_plan_is_skipped() {
    is_plan_in(plan());
    is_plan_in(&format!("[command]/bin/terraform show -json\n{}\n\n::debug::exit 0\n", plan()));
    is_plan_in(&format!("{{\"noise\": 1}}\n  {}", plan()));
    is_plan_in(&plan().replace('{', "{\n  "));
    is_plan_in(&format!("{{\"applyable\":true,{}", &plan()[1..]));
}

#[test]
fn a_plan_that_brings_its_schemas_is_a_plan() {
    is_plan_in(&plan().replacen('{', "{\"provider_schemas\":{},", 1));
}

#[test]
fn binary_plans_are_told_by_their_first_bytes() {
    assert_eq!(read(b"PK\x03\x04..."), Ok(Content::Binary));
}

#[test]
fn errors_are_placed_behind_the_noise() {
    let text = "noise\n{\"format_version\":\"1.2\",\n\"configuration\":}";
    let Err(Refusal::Json(error)) = read(text.as_bytes()) else { panic!("{:?}", read(text.as_bytes())) };
    assert_eq!((error.place.line, error.place.column), (3, 17));
}
