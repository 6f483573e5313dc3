use super::{Answer, Finding, NotLooked, lines};

#[test]
fn a_missing_permission_is_told_once_with_all_that_it_hides() {
    let denied = || Answer::NotLooked(NotLooked::Permission("iam:GetRole".to_owned()));
    let findings = [
        Finding::new("role a", denied()),
        Finding::new("image x", Answer::Failed("it is not there".to_owned())),
        Finding::new("role b", denied()),
        Finding::new("log group g", Answer::Passed("it is there".to_owned())),
        Finding::new("image y", Answer::because("it is elsewhere")),
    ];
    let expected = [
        "failed: image x: it is not there",
        "passed: log group g: it is there",
        "not known: image y: it is elsewhere",
        "not known: grant `iam:GetRole` to look at role a, role b",
    ];
    assert_eq!(lines(&findings), expected);
    assert_eq!(findings[1].problem().as_deref(), Some("image x: it is not there"));
    assert_eq!(findings[0].problem(), None);
}
