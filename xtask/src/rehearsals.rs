//! The checks of `cargo xtask test` that rehearse: this repository, and the example of the guide as another team would.

pub(crate) mod guides;

use std::path::{Path, PathBuf};

use crate::checks::{Checked, failed, terraform_config};
use crate::program::{Program, binary, root};
use crate::report::{Ended, Summary};
use crate::test::Context;

/// What a rehearsal says where no container engine can be used.
const NO_CONTAINERS: &str = "no container runs: ";

/// An image that nobody pushed.
const MISSING_IMAGE: &str = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/shop:9.9.9";

/// A job whose token is for an audience that the account's provider lists and the role's trust policy does not name.
const WRONG_AUDIENCE: &str = "
  audience:
    name: Ask with another audience
    runs-on: ubuntu-latest
    environment: production
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: OWNER/slipway/actions/ecs-deploy@0000000000000000000000000000000000000000 # v1.0.0
        with:
          aws-region: ${{ vars.AWS_REGION }}
          role-to-assume: ${{ vars.DEPLOY_ROLE_ARN }}
          audience: https://github.com/acme
          cluster: ${{ vars.ECS_CLUSTER }}
          service: ${{ vars.ECS_SERVICE }}
          images: app=shop
";

/// The audiences of the account's provider.
const CLIENT_IDS: &str = "[oidc]\nclient-ids = [\"sts.amazonaws.com\", \"https://github.com/acme\"]\n";

/// What the error of that job says.
const WRONG_AUDIENCE_TOLD: [&str; 4] = [
    "aws/audience-not-accepted: the trust policy of role `arn:aws:iam::000000000000:role/shop-deploy` does not accept tokens for \
     `https://github.com/acme`",
    "the trust policy accepts `sts.amazonaws.com`",
    "\"token.actions.githubusercontent.com:aud\": \"https://github.com/acme\"",
    "audience / OWNER/slipway/actions/ecs-deploy@0000000  ",
];

/// What the rehearsal of the example says it made for the tasks, and what it does not claim.
const EXAMPLE_TOLD: [&str; 4] = [
    ", and for the tasks role shop-execution, log group /ecs/shop",
    "backend / deploy / Deploy  ",
    "web accepted shop:2 with image sha256:",
    "but no container was started",
];

/// The repository that the guide shows.
const EXAMPLE: &str = "docs/examples/backend-service";

/// The whole deployment on this machine.
pub(crate) fn rehearsal(_: &Context, summary: &mut Summary) -> Checked {
    crate::program::build_with_tests()?;
    if let Err(reason) = terraform_config()? {
        summary.skip(format!("rehearsal with Terraform: {reason}"));
    }
    let output = match rehearse(None, &[], 0, "Rehearsed:")? {
        Ok(output) => output,
        Err(ended) => return Ok(ended),
    };
    match containers(&output) {
        Containers::Answered => Ok(Ended::Passed(2)),
        Containers::None(why) => {
            summary.skip(format!("rehearsal with containers: {why}"));
            Ok(Ended::Passed(1))
        }
        Containers::Silent => Ok(failed(format!("a container engine ran, and no container answered\n{output}"))),
    }
}

/// The same with resources made through the API and the recorded plan.
pub(crate) fn through_api(_: &Context, _: &mut Summary) -> Checked {
    let arguments = ["--no-terraform"];
    Ok(rehearse(None, &arguments, 0, "made through the API")?.map_or_else(|ended| ended, |_| Ended::Passed(1)))
}

/// Broken deployments end non-zero, with the right reason.
pub(crate) fn broken(_: &Context, _: &mut Summary) -> Checked {
    let mut passed = 0;
    for run in ["backend", "frontend", "infrastructure"] {
        if let Err(ended) = rehearse(None, &["--break", run], 1, "Broken as asked, and caught:")? {
            return Ok(ended);
        }
        passed += 1;
    }
    Ok(Ended::Passed(passed))
}

/// The example of the guide; jobs that its role must not trust, and an image that is not there.
pub(crate) fn example(_: &Context, _: &mut Summary) -> Checked {
    let parent = root().join("target/rehearsed-example");
    let shop = parent.join("shop");
    let _ = std::fs::remove_dir_all(&parent);
    copy(&root().join(EXAMPLE), &shop).map_err(|error| format!("the example cannot be copied: {error}"))?;
    std::os::unix::fs::symlink(root(), parent.join("slipway")).map_err(|error| error.to_string())?;
    if let Err(ended) = committed(&shop)? {
        return Ok(ended);
    }
    let output =
        match rehearse(Some(&shop), &["--no-docker"], 0, "STS gave arn:aws:iam::000000000000:role/shop-deploy")? {
            Ok(output) => output,
            Err(ended) => return Ok(ended),
        };
    if let Some(missing) = EXAMPLE_TOLD.iter().find(|words| !output.contains(**words)) {
        return Ok(failed(format!("\"{missing}\" was not told\n{output}")));
    }
    if let Some(problem) = edited(&shop.join("rehearsal.toml"), "[resources]", &format!("{CLIENT_IDS}\n[resources]"))? {
        return Ok(problem);
    }
    let refusals: [(&str, &str, &[&str]); 3] = [
        ("environment: production", "environment: staging", &["aws/subject-not-trusted"]),
        ("      id-token: write", "      id-token: none", &["aws/no-id-token"]),
        ("${{ steps.push.outputs.image-uri }}", MISSING_IMAGE, &["which the registry does not have"]),
    ];
    let workflow = shop.join(".github/workflows/backend.yml");
    let whole = std::fs::read_to_string(&workflow).map_err(|error| error.to_string())?;
    for (index, (from, to, told)) in refusals.into_iter().enumerate() {
        // One more job of the first run is refused for its audience.
        let (more, told) =
            if index == 0 { (WRONG_AUDIENCE, [told, &WRONG_AUDIENCE_TOLD].concat()) } else { ("", told.to_vec()) };
        std::fs::write(&workflow, format!("{whole}{more}")).map_err(|error| error.to_string())?;
        if let Some(problem) = edited(&workflow, from, to)? {
            return Ok(problem);
        }
        match rehearse(Some(&shop), &["--no-docker"], 1, told[0])? {
            Ok(output) => {
                if let Some(missing) = told.iter().find(|words| !output.contains(**words)) {
                    return Ok(failed(format!("\"{missing}\" was not told\n{output}")));
                }
            }
            Err(ended) => return Ok(ended),
        }
    }
    Ok(Ended::Passed(1 + refusals.len()))
}

/// Replaces the first `from` of a file; where there is none, what is wrong.
fn edited(file: &Path, from: &str, to: &str) -> Result<Option<Ended>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    if !text.contains(from) {
        return Ok(Some(failed(format!("`{from}` is not in the example's `{}`", file.display()))));
    }
    std::fs::write(file, text.replacen(from, to, 1)).map_err(|error| error.to_string())?;
    Ok(None)
}

/// Makes `folder` a repository with one commit; the inner error is what Git said.
fn committed(folder: &Path) -> Result<Result<(), Ended>, String> {
    let branch = ["init", "--quiet", "--initial-branch", "main"];
    for arguments in [branch.as_slice(), &["add", "--all"], &["commit", "--quiet", "--message", "x"]] {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"];
        let output = Program::new("git").within(folder).args(identity).args(arguments).output()?;
        if output.status != 0 {
            return Ok(Err(failed(output.text())));
        }
    }
    Ok(Ok(()))
}

/// What a rehearsal's output says of containers.
#[derive(Debug, PartialEq, Eq)]
enum Containers {
    /// One was asked from outside, and answered.
    Answered,
    /// No engine can be used here, for this reason.
    None(String),
    /// An engine ran, and nothing was heard of a container.
    Silent,
}

fn containers(output: &str) -> Containers {
    if let Some((_, behind)) = output.split_once(NO_CONTAINERS) {
        return Containers::None(behind.split(')').next().unwrap_or_default().to_owned());
    }
    if output.contains("its container answers") { Containers::Answered } else { Containers::Silent }
}

/// Rehearses `repository` (this one without a name); all it said when it ends with `status` and says `words`.
fn rehearse(
    repository: Option<&Path>,
    arguments: &[&str],
    status: i32,
    words: &str,
) -> Result<Result<String, Ended>, String> {
    let repository = repository.map(|folder| [PathBuf::from("--repo"), folder.to_path_buf()]);
    let output = Program::new(binary("slipway-rehearse")).args(repository.iter().flatten()).args(arguments).output()?;
    let said = output.text();
    if output.status == status && said.contains(words) {
        return Ok(Ok(said));
    }
    let wanted =
        format!("slipway-rehearse {}: exit code {}, not {status} with \"{words}\"", arguments.join(" "), output.status);
    Ok(Err(failed(format!("{wanted}\n{}{}", output.stderr, output.stdout))))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Containers, containers};

    #[test]
    fn a_container_must_answer_where_an_engine_runs() {
        assert_eq!(containers("(with containers) … web runs x, its container answers {}"), Containers::Answered);
        assert_eq!(containers("(with containers) … web runs x"), Containers::Silent);
        let none = containers("(no container runs: no container engine answers), resources");
        assert_eq!(none, Containers::None("no container engine answers".to_owned()));
    }
}
