use super::*;

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/site/*"},
    {"Effect": "Allow", "Action": "iam:PassRole", "Resource": ["arn:aws:iam::1:role/x", "arn:aws:iam::1:role/y"],
     "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}},
    {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/a${*}b"},
    {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"},
    {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}
]}"#;

fn allows(action: &str, resource: &str) -> bool {
    Policy::parse(POLICY).allows(&Need::new(action, resource))
}

#[test]
fn a_policy_allows_what_it_names_and_nothing_else() {
    assert!(allows("s3:GetObject", "arn:aws:s3:::b/site/a/b"));
    assert!(!allows("s3:GetObject", "arn:aws:s3:::b/site2/a"));
    assert!(!allows("s3:ListBucket", "arn:aws:s3:::b"));
    assert!(allows("s3:DeleteObject", "arn:aws:s3:::b/a*b") && !allows("s3:DeleteObject", "arn:aws:s3:::b/axb"));
    assert!(!allows("ecs:UpdateService", "*"), "an action with a wildcard counts for nothing");
}

#[test]
fn a_condition_must_hold() {
    let need = Need::new("iam:PassRole", "arn:aws:iam::1:role/x");
    let policy = Policy::parse(POLICY);
    assert!(!policy.allows(&need));
    assert!(policy.allows(&need.clone().with("iam:PassedToService", "ecs-tasks.amazonaws.com")));
    assert!(!policy.allows(&need.with("iam:PassedToService", "lambda.amazonaws.com")));
}

#[test]
fn a_policy_lacks_one_part_at_a_time() {
    let policy = Policy::parse(POLICY);
    assert_eq!(policy.parts().len(), 6);
    for (index, (_, part)) in policy.parts().iter().enumerate() {
        let reduced = policy.without(index);
        assert_eq!(reduced.parts().len(), 5);
        assert!(!reduced.parts().iter().any(|(_, other)| other == part), "{part}");
    }
}

#[test]
fn the_independent_list_knows_actions_and_their_resources() {
    let definitions = Definitions::locate().unwrap();
    let problems = |action: &str, resource: &str| {
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": resource}
        ]});
        definitions.problems(&Policy::parse(&policy.to_string())).len()
    };
    assert_eq!(problems("ecs:UpdateService", "arn:aws:ecs:eu-west-1:123456789012:service/prod/web"), 0);
    assert_eq!(problems("ecs:UpdateServices", "arn:aws:ecs:eu-west-1:123456789012:service/prod/web"), 1);
    assert_eq!(problems("ecs:UpdateService", "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"), 1);
    assert_eq!(problems("ecs:UpdateService", "*"), 1);
    assert_eq!(problems("ecr:GetAuthorizationToken", "*"), 0);
    assert_eq!(problems("s3:PutObject", "arn:aws:s3:::site/*"), 0);
    assert_eq!(problems("s3:ListBucket", "arn:aws:s3:::site"), 0);
}

#[test]
fn an_action_that_needs_two_resources_has_both_in_the_policy() {
    let definitions = Definitions::locate().unwrap();
    let own = |kind: &str| format!("arn:aws:ecs:eu-west-1:123456789012:{kind}");
    let problems = |resources: &[String]| {
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "ecs:StopServiceDeployment", "Resource": resources}
        ]});
        definitions.problems(&Policy::parse(&policy.to_string()))
    };
    let (service, deployments) = (own("service/prod/web"), own("service-deployment/prod/web/*"));
    assert_eq!(problems(&[service.clone(), deployments.clone()]), Vec::<String>::new());
    let lacks = |kind: &str| vec![format!("ecs:StopServiceDeployment: it needs a resource of the kind {kind:?} too")];
    assert_eq!(problems(&[deployments]), lacks("service"));
    assert_eq!(problems(&[service]), lacks("service-deployment"));
}
