//! What the task definition is made of.

use actions_core::{InputErrors, lines, lines_or_commas};

pub(crate) use crate::args::SecretLint;

use super::pairs::{names, pairs};
use super::source::{self, Source};
use crate::args::DefinitionArgs;
use crate::image_assignment::parse_container;
use crate::task_definition::{ContainerEdits, Edits, Pair, TaskEdits};

/// Where the task definition comes from, and what is changed in it but the images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DefinitionInputs {
    pub(crate) source: Source,
    pub(crate) edits: Edits,
    pub(crate) secret_lint: SecretLint,
    /// Names of fields that are no slips.
    pub(crate) new_fields: Vec<String>,
    /// What the user should know of what was given.
    pub(crate) notes: Vec<String>,
}

/// Parses everything that makes the task definition.
pub(super) fn parse(args: &DefinitionArgs, bad: &mut InputErrors) -> DefinitionInputs {
    let mut notes = Vec::new();
    let source = source::parse(args, &mut notes, bad);
    let containers = bad.list("container-name", &lines_or_commas(&args.container_name), parse_container);
    let container = container(args, bad);
    contradictions(&container, bad);
    let task = TaskEdits {
        cpu: bad.optional("cpu", args.cpu.as_deref(), parse_cpu),
        memory: bad.optional("memory", args.memory.as_deref(), parse_memory),
        task_role: bad.optional("task-role-arn", args.task_role_arn.as_deref(), parse_role),
        execution_role: bad.optional("execution-role-arn", args.execution_role_arn.as_deref(), parse_role),
    };
    DefinitionInputs {
        source,
        edits: Edits { containers, container, task },
        secret_lint: args.secret_lint,
        new_fields: names("new-fields", &args.new_fields, bad),
        notes,
    }
}

fn container(args: &DefinitionArgs, bad: &mut InputErrors) -> ContainerEdits {
    ContainerEdits {
        environment: pairs("environment-variables", &args.environment_variables, bad),
        remove_environment: names("remove-environment-variables", &args.remove_environment_variables, bad),
        secrets: secrets(args, bad),
        remove_secrets: names("remove-secrets", &args.remove_secrets, bad),
        env_files: bad.list("env-files", &lines(&args.env_files), parse_file),
        labels: pairs("docker-labels", &args.docker_labels, bad),
        log_driver: bad.optional(
            "log-configuration-log-driver",
            args.log_configuration_log_driver.as_deref(),
            parse_driver,
        ),
        log_options: pairs("log-configuration-options", &args.log_configuration_options, bad),
        command: command(args.command.as_deref(), bad),
    }
}

/// What is given is an ARN or a parameter's name, and with no value there is nothing to start the task with.
fn secrets(args: &DefinitionArgs, bad: &mut InputErrors) -> Vec<Pair> {
    let secrets = pairs("secrets", &args.secrets, bad);
    if let Some(empty) = secrets.iter().find(|secret| secret.value.is_empty()) {
        let help = "write its ARN behind the `=`, or name it in `remove-secrets`".to_owned();
        bad.add("secrets", format!("gives `{}` no ARN", empty.name), Some(help));
    }
    if let Some(other) = secrets.iter().find(|secret| !names_secret(&secret.value)) {
        let help =
            "write where the value is, not the value: the ARN of a secret or of a parameter, or a parameter's name";
        let problem = format!("gives `{}` what is neither an ARN nor the name of a parameter", other.name);
        bad.add("secrets", problem, Some(help.to_owned()));
    }
    secrets
}

/// Whether it is an ARN, or has the characters of a parameter's name
/// (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>) with or without a version.
fn names_secret(value: &str) -> bool {
    let in_name = |c: char| c.is_ascii_alphanumeric() || "_.-/:".contains(c);
    value.starts_with("arn:") || value.chars().all(in_name)
}

/// A name that is to be two things at once.
fn contradictions(edits: &ContainerEdits, bad: &mut InputErrors) {
    let set = |pairs: &[Pair], name: &str| pairs.iter().any(|pair| pair.name == name);
    let both = edits.secrets.iter().find(|secret| set(&edits.environment, &secret.name));
    if let Some(both) = both {
        let problem = format!("names `{}`, which `environment-variables` sets too", both.name);
        bad.add("secrets", problem, Some("a name is a variable or a secret: keep one of the two".to_owned()));
    }
    for (input, removed, pairs) in [
        ("remove-environment-variables", &edits.remove_environment, &edits.environment),
        ("remove-secrets", &edits.remove_secrets, &edits.secrets),
    ] {
        if let Some(name) = removed.iter().find(|name| set(pairs, name)) {
            bad.add(input, format!("names `{name}`, which is set too"), Some("keep one of the two".to_owned()));
        }
    }
}

/// A command may hold a secret, so it is not quoted.
fn command(text: Option<&str>, bad: &mut InputErrors) -> Option<Vec<String>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    let mut refuse = |why: &str| {
        let help = "write words quoted as in a shell, or a JSON list such as [\"sh\", \"-c\", \"exec app\"]".to_owned();
        bad.add("command", why, Some(help));
        None
    };
    if text.starts_with('[') {
        return match serde_json::from_str(text) {
            Ok(words) => Some(words),
            Err(error) => refuse(&format!("begins as a JSON list of words and is none (column {})", error.column())),
        };
    }
    match shlex::split(text) {
        None => refuse("has a quote that is not closed, or ends in a backslash"),
        Some(words) if has_comment(text, &words) => refuse("has a comment: quote the word that begins with `#`"),
        Some(words) => Some(words),
    }
}

/// Whether a `#` made the splitter leave something out: with another character in its place there is more.
fn has_comment(text: &str, words: &[String]) -> bool {
    let length = |words: &[String]| words.iter().map(String::len).sum::<usize>();
    shlex::split(&text.replace('#', "_")).is_none_or(|plain| length(&plain) != length(words))
}

fn parse_cpu(text: &str) -> Result<String, String> {
    parse_size(text, "vcpu").ok_or_else(|| "not an amount of CPU; write for example 256 or .25 vCPU".to_owned())
}

fn parse_memory(text: &str) -> Result<String, String> {
    parse_size(text, "gb").ok_or_else(|| "not an amount of memory; write for example 512 or 1 GB".to_owned())
}

/// Digits, or a decimal number with its unit; passed on as it was written.
fn parse_size(text: &str, unit: &str) -> Option<String> {
    let is_digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let lower = text.to_ascii_lowercase();
    let fits = match lower.strip_suffix(unit).map(str::trim_end) {
        Some(number) => {
            let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
            (whole.is_empty() || is_digits(whole)) && is_digits(part) && !number.is_empty()
        }
        None => is_digits(text),
    };
    (fits && text.len() <= 20).then(|| text.to_owned())
}

/// A role's ARN, or its name (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html>).
fn parse_role(text: &str) -> Result<String, String> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    let in_arn = |c: char| in_name(c) || c == ':' || c == '/';
    let fits = match text.strip_prefix("arn:") {
        Some(rest) => rest.contains(":role/") && rest.len() <= 2048 && rest.chars().all(in_arn) && !rest.ends_with('/'),
        None => text.len() <= 64 && text.chars().all(in_name),
    };
    if fits { Ok(text.to_owned()) } else { Err("not a role; write its ARN, or its name".to_owned()) }
}

fn parse_file(text: &str) -> Result<String, String> {
    let fits = text.strip_prefix("arn:").is_some_and(|rest| rest.contains(":s3:") && rest.contains('/'));
    if fits && text.len() <= 2048 && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("not the ARN of an object in S3; write for example arn:aws:s3:::bucket/app.env".to_owned())
    }
}

fn parse_driver(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.len() <= 64 && text.chars().all(allowed) { Ok(text.to_owned()) } else { Err("not a log driver".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &DefinitionArgs) -> Result<DefinitionInputs, String> {
        let mut bad = InputErrors::new();
        let inputs = parse(args, &mut bad);
        if bad.is_empty() { Ok(inputs) } else { Err(bad.to_string()) }
    }

    fn with_command(text: &str) -> Result<Vec<String>, String> {
        let inputs = parsed(&DefinitionArgs { command: Some(text.to_owned()), ..DefinitionArgs::default() })?;
        inputs.edits.container.command.ok_or_else(|| "none".to_owned())
    }

    #[test]
    fn a_command_is_split_as_a_shell_does_or_is_json() {
        for (text, expected) in [
            ("npm run start", vec!["npm", "run", "start"]),
            ("sh -c 'echo \"a  b\" && exec app'", vec!["sh", "-c", "echo \"a  b\" && exec app"]),
            ("app --name=\"a b\" '' c\\ d $HOME", vec!["app", "--name=a b", "", "c d", "$HOME"]),
            ("app\n  --port 80\n", vec!["app", "--port", "80"]),
            ("app '#1' a#b", vec!["app", "#1", "a#b"]),
            ("[\"sh\", \"-c\", \"\", \"a 'b\"]", vec!["sh", "-c", "", "a 'b"]),
            ("[]", vec![]),
        ] {
            assert_eq!(with_command(text).unwrap(), expected, "{text}");
        }
        for (text, why) in [
            ("echo 'hunter2", "quote that is not closed"),
            ("echo hunter2\\", "backslash"),
            ("[\"hunter2\"", "JSON list"),
            ("[1]", "JSON list"),
            ("app # hunter2", "comment"),
        ] {
            let told = with_command(text).unwrap_err();
            assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
        }
        assert_eq!(with_command("  ").unwrap_err(), "none");
    }

    #[test]
    fn sizes_and_roles_are_passed_on_as_they_are_written() {
        for size in ["256", "1 vCPU", ".25vcpu", "0.5 VCPU"] {
            assert_eq!(parse_cpu(size).unwrap(), size);
        }
        for size in ["512", "1 GB", "0.5GB"] {
            assert_eq!(parse_memory(size).unwrap(), size);
        }
        for bad in ["", "1 GB", "vCPU", "1.vCPU", "-1", "1e3", "0x10"] {
            assert!(parse_cpu(bad).is_err(), "{bad}");
        }
        for role in ["arn:aws-cn:iam::123456789012:role/path/shop", "shop-task", "a+b=c,d.e@f_g"] {
            assert_eq!(parse_role(role).unwrap(), role);
        }
        for bad in ["arn:aws:iam::1:user/x", "a/b", "arn:aws:iam::1:role/", "`x`", "a b"] {
            assert!(parse_role(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_that_is_to_be_two_things_is_refused() {
        let lines = |text: &str| vec![text.to_owned()];
        let told = |args: DefinitionArgs| parsed(&args).unwrap_err();
        let both =
            DefinitionArgs { environment_variables: lines("A=1"), secrets: lines("A=arn:x"), ..Default::default() };
        assert_eq!(told(both), "input `secrets` names `A`, which `environment-variables` sets too");
        let gone =
            DefinitionArgs { secrets: lines("A=arn:x"), remove_secrets: lines("B\nA"), ..DefinitionArgs::default() };
        assert_eq!(told(gone), "input `remove-secrets` names `A`, which is set too");
        let empty = DefinitionArgs { secrets: lines("A="), ..DefinitionArgs::default() };
        assert_eq!(told(empty), "input `secrets` gives `A` no ARN");
        let moved = DefinitionArgs {
            secrets: lines("A=arn:x"),
            remove_environment_variables: lines("A"),
            ..Default::default()
        };
        assert!(parsed(&moved).is_ok());
    }

    #[test]
    fn files_and_drivers_have_their_form() {
        assert!(parse_file("arn:aws:s3:::bucket/app.env").is_ok());
        assert!(parse_file("s3://bucket/app.env").is_err() && parse_file("arn:aws:s3:::bucket").is_err());
        assert!(parse_driver("awsfirelens").is_ok() && parse_driver("a b").is_err());
    }
}
