use serde_json::json;

use super::*;

fn needs(definition: &Value) -> Needs {
    let mut needs = Needs::default();
    needs.add(definition);
    needs
}

fn commands(needs: &Needs) -> Vec<String> {
    needs.commands().map(|arguments| arguments.join(" ")).collect()
}

fn with_secrets(from: &[&str]) -> Value {
    let secrets: Vec<Value> = from.iter().map(|from| json!({ "name": "X", "valueFrom": from })).collect();
    json!({ "containerDefinitions": [{ "name": "app", "secrets": secrets }] })
}

#[test]
fn a_task_definition_names_what_its_tasks_need() {
    let logs =
        json!({ "logDriver": "awslogs", "options": { "awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1" } });
    let definition = json!({
        "taskRoleArn": "arn:aws:iam::000000000000:role/teams/shop/shop-task", "executionRoleArn": "shop-execution",
        "containerDefinitions": [
            { "logConfiguration": logs, "repositoryCredentials": {
                "credentialsParameter": "arn:aws:secretsmanager:eu-west-1:000000000000:secret:hub" } },
            { "logConfiguration": logs },
        ],
    });
    let needs = needs(&definition);
    assert_eq!(
        needs.words(),
        ", and for the tasks role shop-execution, role shop-task, log group /ecs/shop, secret hub"
    );
    let trust = tasks_trust();
    assert_eq!(
        commands(&needs),
        [
            format!("iam create-role --role-name shop-execution --path / --assume-role-policy-document {trust}"),
            format!("iam create-role --role-name shop-task --path /teams/shop/ --assume-role-policy-document {trust}"),
            "logs create-log-group --log-group-name /ecs/shop --region eu-west-1".to_owned(),
            "secretsmanager create-secret --name hub --secret-string made-up --region eu-west-1".to_owned(),
        ]
    );
    let mut described = Needs::default();
    described.add(&json!({ "taskDefinition": definition }));
    assert_eq!(described, needs);
}

#[test]
fn a_secret_has_every_key_that_is_read_from_it() {
    let arn = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:shop/db-AbCdEf";
    let needs = needs(&with_secrets(&[&format!("{arn}:user::"), &format!("{arn}:password:AWSCURRENT:"), arn]));
    let made = "secretsmanager create-secret --name shop/db-AbCdEf --secret-string \
                {\"password\":\"made-up\",\"user\":\"made-up\"} --region eu-west-1";
    assert_eq!(commands(&needs), [made]);
}

#[test]
fn a_parameter_is_named_or_has_an_arn() {
    let needs =
        needs(&with_secrets(&["/shop/key", "arn:aws:ssm:eu-central-1:000000000000:parameter/shop/other", "plain"]));
    assert_eq!(needs.words(), ", and for the tasks parameter /shop/key, parameter /shop/other, parameter plain");
    let put = "ssm put-parameter --type String --value made-up --name";
    let expected =
        [format!("{put} /shop/key"), format!("{put} /shop/other --region eu-central-1"), format!("{put} plain")];
    assert_eq!(commands(&needs), expected);
}

#[test]
fn what_is_of_another_account_or_of_a_template_is_not_made() {
    let mut definition =
        with_secrets(&["arn:aws:secretsmanager:eu-west-1:123456789012:secret:db", "/shop/${STAGE}/key"]);
    definition["executionRoleArn"] = json!("arn:aws:iam::123456789012:role/run");
    definition["taskRoleArn"] = json!("arn:aws:iam::${ACCOUNT}:role/run");
    let needs = needs(&definition);
    assert_eq!(commands(&needs), Vec::<String>::new());
    assert_eq!(
        needs.words(),
        "; not of the account 000000000000, so not made: role run (123456789012), secret db (123456789012)"
    );
}

#[test]
fn log_groups_that_ecs_makes_and_roles_of_workflows_are_left_out() {
    let logs = |driver: &str| {
        json!({ "logConfiguration": { "logDriver": driver, "options": {
            "awslogs-group": "/ecs/shop", "awslogs-create-group": "true" } } })
    };
    let definition = json!({ "executionRoleArn": "deploy", "containerDefinitions": [logs("awslogs"), logs("splunk")] });
    assert_eq!(needs(&definition).without_roles(&BTreeSet::from(["deploy"])), Needs::default());
    assert_eq!(Needs::default().words(), "");
}

#[test]
fn a_workflow_names_the_files_that_it_deploys() {
    let workflow = "jobs:\n  a:\n    steps:\n      - uses: x/y@z\n        with:\n          task-definition: deploy/td.yml\n      - run: x\n  b:\n    uses: ./w.yml\n";
    assert_eq!(task_definitions(workflow), BTreeSet::from(["deploy/td.yml".to_owned()]));
    assert_eq!(task_definitions("["), BTreeSet::new());
}
