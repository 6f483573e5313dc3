//! Reading a binary plan with the terraform or tofu of this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use actions_core::{Environment, Session};
use process_family::Family;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use crate::error::{Error, PlanError, TerraformError};
use crate::inputs::Inputs;
use crate::source;

/// What is tried when no program was asked for.
const PROGRAMS: [&str; 2] = ["terraform", "tofu"];

/// Variables whose values must not appear in terraform's messages.
const SECRET_VARIABLES: [&str; 8] = [
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "ARM_CLIENT_SECRET",
    "GOOGLE_CREDENTIALS",
    "TFE_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
];

/// The most of terraform's messages that is read.
const LARGEST_MESSAGES: u64 = 1024 * 1024;

/// The most of terraform's messages that is shown.
const LONGEST_MESSAGE: usize = 2000;

/// The JSON of the binary plan at `plan`.
pub(crate) async fn show(plan: &Path, inputs: &Inputs, session: &Session) -> Result<Vec<u8>, Error> {
    let candidates: Vec<OsString> = match &inputs.terraform {
        Some(program) => vec![absolute(program)],
        None => PROGRAMS.iter().map(OsString::from).collect(),
    };
    for program in &candidates {
        match run(program, plan, inputs).await {
            Ok(output) => return Ok(finish(program, plan, output, &session.environment)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                return Err(
                    TerraformError::TimedOut { program: shown(program), limit: inputs.terraform_timeout }.into()
                );
            }
            Err(source) if source.kind() == std::io::ErrorKind::FileTooLarge => {
                return Err(PlanError::Unreadable { path: plan.display().to_string(), source }.into());
            }
            Err(source) => return Err(TerraformError::NotStarted { program: shown(program), source }.into()),
        }
    }
    let programs = candidates.iter().map(|program| format!("`{}`", shown(program))).collect::<Vec<_>>().join(" or ");
    Err(TerraformError::Missing { plan: plan.display().to_string(), programs }.into())
}

/// A program named by a path is found from the current folder, though terraform runs in another one.
fn absolute(program: &str) -> OsString {
    let is_path = program.contains(['/', '\\']);
    let path = PathBuf::from(program);
    if is_path { std::path::absolute(&path).unwrap_or(path).into_os_string() } else { program.into() }
}

async fn run(program: &OsString, plan: &Path, inputs: &Inputs) -> std::io::Result<std::process::Output> {
    let mut command = Command::new(program);
    command
        .args(["show", "-json", "-no-color"])
        .arg(std::path::absolute(plan)?)
        .current_dir(&inputs.working_directory)
        .env("TF_IN_AUTOMATION", "1")
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("INPUT_GITHUB_TOKEN")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    match tokio::time::timeout(inputs.terraform_timeout, output(command)).await {
        Ok(output) => output,
        Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

/// Runs a command whose standard output may be as large as a plan's file, and its standard error as a message.
async fn output(mut command: Command) -> std::io::Result<std::process::Output> {
    let (mut child, family) = Family::spawn(&mut command)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::try_join!(read(stdout, source::LARGEST), read(stderr, LARGEST_MESSAGES))?;
    if stdout.len() as u64 > source::LARGEST {
        let why = format!("terraform shows more than {} KiB of it", source::LARGEST / 1024);
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, why));
    }
    let status = child.wait().await?;
    family.has_ended();
    Ok(std::process::Output { status, stdout, stderr })
}

/// What a pipe gives, up to one byte more than `most`.
async fn read(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(most + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

fn finish(
    program: &OsString,
    plan: &Path,
    output: std::process::Output,
    environment: &Environment,
) -> Result<Vec<u8>, TerraformError> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(TerraformError::Failed {
        program: shown(program),
        plan: plan.display().to_string(),
        status: output.status.to_string(),
        message: message(&String::from_utf8_lossy(&output.stderr), environment),
    })
}

/// Terraform's message without its frame and without the values of secret variables.
fn message(stderr: &str, environment: &Environment) -> String {
    let unframed: Vec<&str> = stderr
        .lines()
        .map(|line| line.trim_start_matches(['│', '╷', '╵', ' ']).trim_end())
        .filter(|line| !line.is_empty())
        .collect();
    let mut text = unframed.join("\n");
    for secret in SECRET_VARIABLES.iter().filter_map(|name| environment.get(name)).filter(|value| value.len() >= 4) {
        text = text.replace(secret, "***");
    }
    let short: String = text.chars().take(LONGEST_MESSAGE).collect();
    if short.is_empty() { "it printed no message".to_owned() } else { short }
}

fn shown(program: &OsString) -> String {
    program.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
