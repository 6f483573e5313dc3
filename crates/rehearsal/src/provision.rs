//! Creating what the deployment needs: with the repository's own Terraform where it can be had, else through the API.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::applied::Applied;
use crate::check::WORKFLOWS;
use crate::command::find;
use crate::config::{Config, Service, Terraform};
use crate::error::Error;
use crate::needs::{Needs, task_definitions};
use crate::stack::{ACCOUNT, Stack};

/// The provider that the examples need, as a path below a mirror folder.
const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

/// How Terraform is run here.
#[derive(Debug, Clone)]
pub(crate) struct TerraformTool {
    /// The binary.
    pub(crate) program: PathBuf,
    /// The generated CLI configuration, which names the provider mirror.
    pub(crate) config: PathBuf,
}

impl TerraformTool {
    /// Finds Terraform and the provider's mirror; the error says which of them is missing.
    pub(crate) fn find(folder: &Path) -> Result<Self, String> {
        let program = find("terraform").ok_or("Terraform is not installed")?;
        let mirror = mirror().ok_or("the AWS provider is in no local mirror")?;
        let config = folder.join("terraform.rc");
        let text = format!(
            "disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            mirror.display()
        );
        std::fs::write(&config, text).map_err(|error| format!("`{}` cannot be written: {error}", config.display()))?;
        Ok(Self { program, config })
    }

    /// The environment that Terraform needs.
    pub(crate) fn env(&self, terraform: &Terraform) -> Vec<(String, String)> {
        let variables = terraform.variables.iter().map(|(name, value)| (format!("TF_VAR_{name}"), value.clone()));
        [
            ("TF_CLI_CONFIG_FILE".to_owned(), self.config.display().to_string()),
            ("TF_IN_AUTOMATION".to_owned(), "true".to_owned()),
            ("TF_INPUT".to_owned(), "0".to_owned()),
            ("CHECKPOINT_DISABLE".to_owned(), "1".to_owned()),
        ]
        .into_iter()
        .chain(variables)
        .collect()
    }
}

/// The folder that mirrors the AWS provider: one that `TF_PLUGIN_MIRROR` names, else a usual or a system folder.
fn mirror() -> Option<PathBuf> {
    let named = std::env::var_os("TF_PLUGIN_MIRROR").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let usual =
        home.iter().flat_map(|home| [home.join(".terraform.d/plugins"), home.join(".local/share/terraform/plugins")]);
    let below_opt = std::fs::read_dir("/opt").into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let system = ["/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins"].map(PathBuf::from);
    named.into_iter().chain(usual).chain(system).chain(below_opt).find(|folder| folder.join(PROVIDER).is_dir())
}

/// What was made: repository variables, and how.
#[derive(Debug)]
pub(crate) struct Provisioned {
    /// `vars.NAME` for the workflows.
    pub(crate) vars: BTreeMap<String, String>,
    /// How it was made, in a sentence.
    pub(crate) how: String,
}

/// Reads the outputs of the Terraform that was applied before the stack started, and proves that it still fits.
pub(crate) fn with_terraform(
    config: &Config,
    applied: &Applied,
    stack: &Stack,
    clone: &Path,
) -> Result<Provisioned, Error> {
    let run = |arguments: &[&str]| applied.command(clone, &stack.emulator.env()).args(arguments);
    let state = applied.state_argument();
    run(&["plan", "-no-color", "-lock=false", "-detailed-exitcode", &state]).output()?;
    let outputs = run(&["output", &state, "-json"]).json()?;
    let mut vars = config.vars.clone();
    for (var, output) in &applied.terraform.outputs {
        let value = &outputs[output]["value"];
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        vars.insert(var.clone(), text);
    }
    let how = format!("with the Terraform of `{}` ({})", applied.terraform.directory, applied.origin);
    Ok(Provisioned { vars, how })
}

/// Makes what the deployment needs with the AWS command line; `why` says why not with Terraform.
pub(crate) fn through_api(config: &Config, stack: &Stack, clone: &Path, why: &str) -> Result<Provisioned, Error> {
    let mut vars = config.vars.clone();
    let needs = needs(config, clone);
    for arguments in needs.commands() {
        stack.aws(clone).args(arguments).json()?;
    }
    vars.extend(create(config, stack, clone)?);
    Ok(Provisioned { vars, how: format!("through the API ({why}){}", needs.words()) })
}

/// What the tasks need of the services that are made, and of the task definitions that workflows deploy. A file that cannot be read is
/// told elsewhere.
fn needs(config: &Config, clone: &Path) -> Needs {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let workflows = std::fs::read_dir(clone.join(WORKFLOWS)).into_iter().flatten().filter_map(Result::ok);
    let deployed = workflows.filter_map(|entry| read(&entry.path())).flat_map(|text| task_definitions(&text));
    let first = config.resources.services.iter().map(|service| service.task_definition.clone());
    let files: BTreeSet<String> = first.chain(deployed).collect();
    let mut needs = Needs::default();
    // YAML takes JSON as well.
    for definition in files.iter().filter_map(|file| yaml_serde::from_str(&read(&clone.join(file))?).ok()) {
        needs.add(&definition);
    }
    needs.without_roles(&config.resources.roles.values().map(String::as_str).collect())
}

/// Makes the resources with the AWS command line.
fn create(config: &Config, stack: &Stack, clone: &Path) -> Result<BTreeMap<String, String>, Error> {
    let resources = &config.resources;
    let aws = |arguments: &[&str]| stack.aws(clone).args(arguments).json();
    let mut vars = BTreeMap::new();
    for repository in &resources.ecr_repositories {
        let filters = ["*-SNAPSHOT", "develop", "latest"].map(|filter| format!("filterType=WILDCARD,filter={filter}"));
        let [first, second, third] = &filters;
        aws(&[
            "ecr",
            "create-repository",
            "--repository-name",
            repository,
            "--image-tag-mutability",
            "IMMUTABLE_WITH_EXCLUSION",
            "--image-tag-mutability-exclusion-filters",
            first,
            second,
            third,
        ])?;
    }
    for bucket in &resources.buckets {
        let place = format!("LocationConstraint={}", stack.region);
        // S3 takes no constraint for its first region.
        let elsewhere = ["--create-bucket-configuration", &place];
        let elsewhere = if stack.region == "us-east-1" { &[] } else { elsewhere.as_slice() };
        aws(&[&["s3api", "create-bucket", "--bucket", bucket], elsewhere].concat())?;
    }
    if let (Some(var), Some(bucket)) = (&resources.distribution_var, resources.buckets.first()) {
        let origin = format!("{bucket}.s3.{}.amazonaws.com", stack.region);
        let made = aws(&[
            "cloudfront",
            "create-distribution",
            "--origin-domain-name",
            &origin,
            "--default-root-object",
            "index.html",
        ])?;
        vars.insert(var.clone(), text(&made, "/Distribution/Id"));
    }
    for service in &resources.services {
        create_service(service, &aws, clone)?;
    }
    for (var, role) in &resources.roles {
        let trust = match resources.trust_policies.get(var) {
            Some(file) => {
                let path = clone.join(file);
                let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
                in_our_account(&text, resources.trust_policies_account.as_deref())
            }
            None => trust_policy(config),
        };
        let made = aws(&["iam", "create-role", "--role-name", role, "--assume-role-policy-document", &trust])?;
        vars.insert(var.clone(), text(&made, "/Role/Arn"));
    }
    Ok(vars)
}

fn create_service(
    service: &Service,
    aws: &impl Fn(&[&str]) -> Result<Value, Error>,
    clone: &Path,
) -> Result<(), Error> {
    let file = format!("file://{}", clone.join(&service.task_definition).display());
    aws(&["ecs", "create-cluster", "--cluster-name", &service.cluster])?;
    let registered = aws(&["ecs", "register-task-definition", "--cli-input-json", &file])?;
    let definition = text(&registered, "/taskDefinition/taskDefinitionArn");
    aws(&[
        "ecs",
        "create-service",
        "--cluster",
        &service.cluster,
        "--service-name",
        &service.name,
        "--task-definition",
        &definition,
        "--desired-count",
        "1",
        "--launch-type",
        "FARGATE",
        "--network-configuration",
        "awsvpcConfiguration={subnets=[subnet-00000000]}",
        "--deployment-configuration",
        "deploymentCircuitBreaker={enable=true,rollback=true},maximumPercent=200,minimumHealthyPercent=100",
    ])?;
    Ok(())
}

/// A trust policy that is written for `account`, as it would be for the emulator's.
fn in_our_account(policy: &str, account: Option<&str>) -> String {
    match account.filter(|account| !account.is_empty()) {
        Some(account) => policy.replace(&format!(":{account}:"), &format!(":{ACCOUNT}:")),
        None => policy.to_owned(),
    }
}

/// The trust policy of a role of which only the name is known: every job of the repository may have it.
fn trust_policy(config: &Config) -> String {
    let host = "token.actions.githubusercontent.com";
    let repository = match (config.repository.split_once('/'), config.oidc.ids()) {
        (Some((owner, name)), Some((owner_id, id))) => format!("{owner}@{owner_id}/{name}@{id}"),
        _ => config.repository.clone(),
    };
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": { "Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{host}") },
            "Condition": {
                "StringEquals": { format!("{host}:aud"): config.oidc.client_ids },
                "StringLike": { format!("{host}:sub"): format!("repo:{repository}:*") },
            },
        }],
    })
    .to_string()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::in_our_account;

    #[test]
    fn the_emulators_account_takes_the_place_of_the_one_that_is_named() {
        let policy = r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/x", "sub": "repo:a/b:111122223333"}"#;
        let ours = in_our_account(policy, Some("111122223333"));
        assert_eq!(ours, policy.replace("::111122223333:", "::000000000000:"));
        assert_eq!(in_our_account(policy, Some("444455556666")), policy);
        assert_eq!(in_our_account(policy, None), policy);
    }
}
