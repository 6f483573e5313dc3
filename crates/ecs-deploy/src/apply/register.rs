//! Registers the revision, and sees that ECS kept all of it.

use actions_core::Location;
use aws_client::{ApiError, ApiErrorKind};
use serde_json::Value;

use crate::apply::{Revision, Run};
use crate::ecs::registered_arn;
use crate::error::{DefinitionError, Error};
use crate::names::revision_name;
use crate::plan::Registration;
use crate::task_definition::{Change, Lost};

impl Run<'_> {
    /// Registers the task definition, unless a revision is the same.
    pub(super) async fn register(&self) -> Result<Revision, Error> {
        self.show_changes();
        if let Registration::Reuse(arn) = &self.plan.registration {
            self.session.log.line(format!("{} is used as it is: no revision is registered", revision_name(arn)));
            return Ok(Revision { arn: arn.clone(), registered: false, warnings: Vec::new() });
        }
        for secret in self.plan.definition.plain_secrets() {
            self.session.log.redactor().add(secret.to_mask().unwrap_or_default());
        }
        let answer = self.ecs.register(&self.plan.family, &self.plan.definition.body()).await;
        let answer = answer.map_err(|error| self.refusal(error))?;
        let (arn, _) = registered_arn(&answer).ok_or_else(|| Error::UnexpectedAnswer {
            operation: "RegisterTaskDefinition",
            why: "it has no `taskDefinitionArn`".to_owned(),
        })?;
        self.session.log.line(format!("registered {}", revision_name(&arn)));
        let warnings = self.what_was_kept(&arn, &answer).await?;
        self.session.note_output("task-definition-arn", &*arn);
        if self.plan.task.is_none() || !self.plan.services.is_empty() {
            self.session.note_output("task-definition", &*arn);
        }
        self.session.note_output("revision", revision_name(&arn));
        Ok(Revision { arn, registered: true, warnings })
    }

    /// The log names the fields that change, and the images; values that may be secrets are written nowhere.
    fn show_changes(&self) {
        let lines: Vec<String> = self.plan.changes.iter().map(Change::line).collect();
        if !lines.is_empty() {
            self.session.log.group("changed fields:", &lines);
        }
        for image in self.plan.images.iter().filter(|image| image.before.as_ref() != Some(&image.after)) {
            let before = image.before.as_deref().unwrap_or("unknown");
            self.session.log.line(format!("image of {}: {before} -> {}", image.container, image.after));
        }
    }

    /// ECS answers `ClientException` or `InvalidParameterException` for a task definition it does not take.
    fn refusal(&self, answer: ApiError) -> Error {
        let code = answer.code.as_deref();
        if !matches!(code, Some("ClientException" | "InvalidParameterException" | "SerializationException")) {
            return Error::Aws(answer);
        }
        let file = self.plan.file.as_ref();
        let mistyped = file.map(|file| file.mistyped.as_slice()).unwrap_or_default();
        let first = mistyped.first().map(|(_, location)| location.clone());
        DefinitionError::Refused {
            family: self.plan.family.clone(),
            location: first.or_else(|| file.map(|file| Location::file(file.path.clone()))),
            mistyped: mistyped.iter().map(|(problem, location)| format!("{location}: {problem}")).collect(),
            answer,
        }
        .into()
    }

    /// Looks for everything that was sent in the answer. A field that nobody knows and ECS did not keep ends the run before
    /// anything is deployed; one that AWS's model knows may have been put in another way, and is told.
    async fn what_was_kept(&self, arn: &str, answer: &Value) -> Result<Vec<String>, Error> {
        let Lost { unknown, known, spots } = self.plan.definition.lost_in(answer);
        if unknown.is_empty() {
            let warning = (!known.is_empty()).then(|| lost_warning(arn, &known));
            return Ok(warning.into_iter().collect());
        }
        let spot = spots.iter().find(|spot| unknown.iter().any(|path| spot.holds(path)));
        let file = self.plan.file.as_ref();
        let location = file.map(|file| spot.map_or_else(|| file.location(&[]), |spot| file.location(&spot.steps)));
        let cleanup = self.deregister(arn).await;
        Err(DefinitionError::NotKept { revision: revision_name(arn).to_owned(), paths: unknown, location, cleanup }
            .into())
    }

    /// Takes the revision back, which nothing uses; says what became of it.
    async fn deregister(&self, arn: &str) -> String {
        let revision = revision_name(arn);
        match self.ecs.deregister(arn).await {
            Ok(()) => format!("nothing was deployed, and {revision} was deregistered"),
            Err(error) if error.kind == ApiErrorKind::AccessDenied => format!(
                "nothing was deployed, and {revision} is left registered: grant `{}` to have it deregistered",
                error.iam_action()
            ),
            Err(error) => format!("nothing was deployed, and {revision} is left registered: {error}"),
        }
    }
}

fn lost_warning(arn: &str, lost: &[String]) -> String {
    let shown: Vec<String> = lost.iter().take(20).map(|path| format!("`{path}`")).collect();
    let more = if lost.len() > 20 { format!(" and {} more", lost.len() - 20) } else { String::new() };
    format!("ECS registered {} without {}{more}; look whether it means the same", revision_name(arn), shown.join(", "))
}
