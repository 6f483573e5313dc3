//! Whether secrets and parameters are there. Their values are never asked for.

use aws_client::{ApiErrorKind, call};
use serde_json::{Value, json};

use crate::ecs::Ecs;
use crate::preflight::Answer;
use crate::service::{list, owned};
use crate::task_definition::text;

/// How many pages of parameters are read: a filter may leave some of them empty.
const PAGES: usize = 10;

/// What a container gets a value from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// A secret of Secrets Manager, by its ARN.
    Secret { arn: String, region: String },
    /// A parameter of Systems Manager.
    Parameter {
        name: String,
        /// The region; `None` is the service's.
        region: Option<String>,
        /// The account; `None` is the service's.
        account: Option<String>,
    },
}

impl Source {
    /// Reads `valueFrom`: the ARN of a secret, with or without `:json-key:stage:version`, or the ARN or the name of a parameter
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html>).
    pub(super) fn parse(from: &str) -> Option<Self> {
        let parts: Vec<&str> = from.split(':').collect();
        match parts.as_slice() {
            ["arn", _, "secretsmanager", region, _, "secret", _, ..] => {
                Some(Self::Secret { arn: parts[..7].join(":"), region: (*region).to_owned() })
            }
            ["arn", _, "ssm", region, account, resource, ..] => {
                let path = resource.strip_prefix("parameter/")?;
                let name = if path.contains('/') { format!("/{path}") } else { path.to_owned() };
                Some(Self::Parameter { name, region: Some((*region).to_owned()), account: Some((*account).to_owned()) })
            }
            ["arn", ..] | [""] => None,
            [name, ..] if is_name(name) => {
                Some(Self::Parameter { name: (*name).to_owned(), region: None, account: None })
            }
            _ => None,
        }
    }

    /// How it is called in messages: a bare name could be a secret that was written where its name belongs, so it is never shown, and
    /// `whose` stands in its place.
    pub(super) fn subject(&self, whose: String) -> String {
        match self {
            Self::Secret { arn, .. } => format!("secret {}", arn.rsplit(':').next().unwrap_or(arn)),
            Self::Parameter { region: None, name, .. } if !name.starts_with('/') => whose,
            Self::Parameter { name, .. } => format!("parameter {name}"),
        }
    }
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-/".contains(c))
}

/// What the containers' `secrets`, their log drivers' `secretOptions` and their registries' credentials come from, each with what it is
/// of: `secret DB_PASSWORD of app`.
pub(crate) fn of_container(container: &Value) -> Vec<(String, Source)> {
    let own = text(container, "name");
    let variables = list(container, "secrets").chain(list(&container["logConfiguration"], "secretOptions"));
    let named =
        variables.map(|secret| (format!("secret {} of {own}", text(secret, "name")), text(secret, "valueFrom")));
    let credentials = text(&container["repositoryCredentials"], "credentialsParameter");
    let all = named.chain([(format!("credentialsParameter of {own}"), credentials)]);
    all.filter_map(|(whose, from)| Some((whose, Source::parse(from)?))).collect()
}

pub(super) async fn check(ecs: &Ecs, source: &Source) -> Answer {
    match source {
        Source::Secret { arn, region } => secret(ecs, arn, region).await,
        Source::Parameter { name, region, account } => {
            parameter(ecs, name, region.as_deref(), account.as_deref()).await
        }
    }
}

async fn secret(ecs: &Ecs, arn: &str, region: &str) -> Answer {
    let there = ecs.aws_in(Some(region));
    match call::SECRETS_MANAGER.call(&there, "DescribeSecret", &json!({"SecretId": arn})).await {
        Ok(answer) if answer.get("DeletedDate").is_some_and(|date| !date.is_null()) => {
            Answer::Failed("it is marked for deletion: restore it with `aws secretsmanager restore-secret`".to_owned())
        }
        Ok(_) => Answer::Passed("it is there".to_owned()),
        Err(error) if error.kind == ApiErrorKind::NotFound => Answer::Failed(format!("it is not in {region}")),
        Err(error) => Answer::unknown(&error),
    }
}

/// Only the parameters of one's own account are listed, and not those that AWS publishes
/// (<https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-finding-public-parameters.html>).
async fn parameter(ecs: &Ecs, name: &str, region: Option<&str>, account: Option<&str>) -> Answer {
    if name.starts_with("/aws/") {
        return Answer::because("it is one of AWS's own, which are not listed");
    }
    let is_ours = account.is_none_or(|account| ecs.account() == Some(account));
    let there = ecs.aws_in(region);
    let filters = json!([{"Key": "Name", "Option": "Equals", "Values": [name]}]);
    let mut body = json!({"ParameterFilters": filters, "MaxResults": 50});
    for _ in 0..PAGES {
        let answer = match call::SSM.call(&there, "DescribeParameters", &body).await {
            Ok(answer) => answer,
            Err(error) => return Answer::unknown(&error),
        };
        if list(&answer, "Parameters").any(|other| bare(text(other, "Name")) == bare(name)) {
            return Answer::Passed("it is there".to_owned());
        }
        let next = owned(&answer, "NextToken");
        if next.is_empty() {
            return missing(is_ours, name, region.unwrap_or(&ecs.region));
        }
        body["NextToken"] = json!(next);
    }
    Answer::because("Systems Manager lists too many parameters")
}

fn missing(is_ours: bool, name: &str, region: &str) -> Answer {
    match (is_ours, name.starts_with('/')) {
        (true, true) => Answer::Failed(format!("it is not in {region}")),
        (true, false) => Answer::Failed(format!("its `valueFrom` is the name of no parameter in {region}")),
        (false, _) => Answer::because("it may be of another account, whose parameters are not listed"),
    }
}

/// `/name` and `name` are one parameter.
fn bare(name: &str) -> &str {
    name.strip_prefix('/').filter(|rest| !rest.contains('/')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Source, bare};

    #[track_caller]
    fn check(from: &str, expected: &str) {
        assert_eq!(Source::parse(from).map(|source| format!("{source:?}")).unwrap_or_default(), expected);
    }

    #[test]
    fn a_secret_loses_what_stands_behind_its_name() {
        let secret = |arn: &str| Source::Secret { arn: arn.to_owned(), region: "eu-west-1".to_owned() };
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf";
        for behind in ["", ":password::", ":password:AWSCURRENT:", ":::1234"] {
            assert_eq!(Source::parse(&format!("{arn}{behind}")), Some(secret(arn)), "{behind}");
        }
        assert_eq!(secret(arn).subject(String::new()), "secret shop/db-AbCdEf");
    }

    #[test]
    fn a_parameter_is_named_or_has_an_arn() {
        check("shop", r#"Parameter { name: "shop", region: None, account: None }"#);
        check("/shop/db", r#"Parameter { name: "/shop/db", region: None, account: None }"#);
        let place = r#"region: Some("eu-west-1"), account: Some("1")"#;
        check("arn:aws:ssm:eu-west-1:1:parameter/shop/db", &format!(r#"Parameter {{ name: "/shop/db", {place} }}"#));
        check("arn:aws:ssm:eu-west-1:1:parameter/shop", &format!(r#"Parameter {{ name: "shop", {place} }}"#));
        assert_eq!((bare("/shop"), bare("shop"), bare("/shop/db")), ("shop", "shop", "/shop/db"));
    }

    #[test]
    fn what_may_be_a_secret_itself_is_called_by_its_variable() {
        let container = json!({"name": "app", "secrets": [
            {"name": "A", "valueFrom": "hunter2"}, {"name": "B", "valueFrom": "hunter2:x"}, {"name": "C", "valueFrom": "hunter 2!"},
            {"name": "D", "valueFrom": "/shop/db"}
        ], "repositoryCredentials": {"credentialsParameter": "hunter3"}});
        let called: Vec<String> =
            super::of_container(&container).into_iter().map(|(whose, source)| source.subject(whose)).collect();
        let expected = ["secret A of app", "secret B of app", "parameter /shop/db", "credentialsParameter of app"];
        assert_eq!(called, expected);
    }

    #[test]
    fn what_is_neither_is_left_alone() {
        for from in ["", "arn:aws:s3:::bucket", "arn:aws:ssm:eu-west-1:1:document/x", "arn:"] {
            check(from, "");
        }
    }
}
