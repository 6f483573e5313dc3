use super::*;

fn plan() -> &'static str {
    r#"{"format_version":"1.2","configuration":{}}"#
}

#[track_caller]
fn is_plan_in(text: &str) {
    let read = read(text, &Detector::default());
    assert!(matches!(&read, Ok(Content::Plans(plans, _)) if plans.len() == 1), "{read:?}");
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
fn no_plan_is_lost_among_noise() {
    let sorted = |address: &str| {
        format!(r#"{{"errored":false,"format_version":"1.2","resource_changes":[{{"address":"{address}"}}]}}"#)
    };
    for between in ["\n12:00:01 STDOUT terraform: ", "\nError: one unit failed {\n", "\n{\"diagnostics\":[]}\n", "\n"] {
        for pretty in [false, true] {
            let other = if pretty { sorted("a.c").replace('{', "{\n  ") } else { sorted("a.c") };
            let text = format!("{}{between}{other}", sorted("a.b"));
            let read = read(text.as_str(), &Detector::default());
            let are_both = matches!(&read, Ok(Content::Plans(plans, _)) if plans.len() == 2);
            // What begins with a brace may be a plan that is broken.
            let is_refused = between.contains("failed {") && matches!(read, Err(Refusal::Json(_)));
            assert!(are_both || is_refused, "{text}: {read:?}");
        }
    }
    let cut = format!("{}\nnoise\n{}", sorted("a.b"), sorted("a.c").replace("]}", ""));
    assert!(matches!(read(cut.as_str(), &Detector::default()), Err(Refusal::Json(_))), "{cut}");
}

#[test]
fn binary_plans_are_told_by_their_first_bytes() {
    assert!(matches!(read(*b"PK\x03\x04...", &Detector::default()), Ok(Content::Binary)));
}

#[test]
fn errors_are_placed_behind_the_noise() {
    let text = "noise\n{\"format_version\":\"1.2\",\n\"configuration\":}";
    let Err(Refusal::Json(error)) = read(text, &Detector::default()) else { panic!("{text}") };
    assert_eq!((error.place.line, error.place.column), (3, 17));
}

#[test]
fn errors_beside_plans_are_counted_with_their_first_line() {
    let strays = |text: &str| match read(text, &Detector::default()) {
        Ok(Content::Plans(_, strays)) => (strays.errors, strays.first),
        other => panic!("{text}: {other:?}"),
    };
    let sorted = r#"{"errored":false,"format_version":"1.2"}"#;
    for plan in [plan(), sorted] {
        assert_eq!(strays(&format!("{plan}\n{plan}\n")), (0, 0));
        assert_eq!(strays(&format!("one\n[net] error.log: {plan}\n{plan}\nterrors, 2 errors\n")), (0, 0));
        assert_eq!(strays(&format!("{plan}\nError: one unit failed\n{plan}\n")), (1, 2));
        assert_eq!(strays(&format!("{plan}\n{plan}\n\nlevel=error msg=x\nerror\n")), (2, 4));
        for told in [
            "\u{1b}[31mERROR\u{1b}[0m unit net failed",
            "\u{1b}[1m\u{1b}[31mError: \u{1b}[0mno credentials",
            r#"{"msg":"\u001b[31merror: x"}"#,
            "2 errors occurred:",
            "10 errors occurred: x",
        ] {
            assert_eq!(strays(&format!("{plan}\n{told}\n")), (1, 2), "{told}");
        }
        for silent in [
            "[command]/bin/terraform -chdir=roots/error show -json",
            "wrote error-pages/index.html and /error/x",
            "0 error(s), no errors occurred, 0 errors occurred",
            r#"{"error":null,"error": "","x":false}"#,
        ] {
            assert_eq!(strays(&format!("{silent}\n{plan}\n{silent}\n")), (0, 0), "{silent}");
        }
        assert_eq!(strays(&format!("noise\n{{\"error\":\"no credentials\"}}\n{plan} ERROR")), (2, 2));
    }
}
