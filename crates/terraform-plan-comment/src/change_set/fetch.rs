//! Asking CloudFormation: all pages of a change set and of those of its nested stacks, once they are there.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use actions_core::Session;
use aws_client::call::CLOUDFORMATION;
use aws_client::policy::Place;
use aws_client::{ApiError, Aws};
use tokio::time::Instant;

use super::answer::Described;
use super::plan;
use super::policy::stack_arns;
use super::reference::{Reference, Request, is_name};
use super::secrets::{is_secret, is_secret_name};
use crate::diff::on_one_line;
use crate::document::Document;
use crate::error::{ChangeSetError, Error};
use crate::guard::Guard;
use crate::inputs::Inputs;
use crate::sealed::SENSITIVE;

/// The pause between two looks at a change set that is being made.
const PAUSE: Duration = Duration::from_secs(3);

/// At most this many change sets are read: a stack with more nested ones is none that anybody reviews.
const MOST_CHANGE_SETS: usize = 1_000;

/// At most this many pages of one change set are read; CloudFormation has 1 MB in each and at most 500 resources in a stack
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
const MOST_PAGES: usize = 600;

/// How the reason begins where there is nothing to do: of a usual template, and of one with a transform. The CDK tells these two from
/// failures as well (`changeSetHasNoChanges` of aws/aws-cdk-cli), the AWS CLI the first (`awscli/customizations/cloudformation/deployer.py`).
const NOTHING_TO_DO: [&str; 2] =
    ["The submitted information didn't contain changes.", "No updates are to be performed."];

/// A change set with those of its nested stacks, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ChangeSets {
    pub(super) root: Described,
    pub(super) nested: BTreeMap<String, Described>,
    pub(super) region: String,
}

/// Reads the change set.
pub(crate) async fn read(
    request: &Request,
    aws: &Aws,
    guard: &Guard,
    inputs: &Inputs,
    session: &Session,
) -> Result<Document, Error> {
    let sets = Reader::new(request, aws, session).all().await?;
    plan::document(&sets, guard, &inputs.detector)
}

struct Reader<'a> {
    request: &'a Request,
    aws: &'a Aws,
    session: &'a Session,
    /// When waiting ends; never, where that is further away than clocks go.
    deadline: Option<Instant>,
}

impl<'a> Reader<'a> {
    fn new(request: &'a Request, aws: &'a Aws, session: &'a Session) -> Self {
        let deadline = Instant::now().checked_add(aws.pace().of(request.timeout));
        Self { request, aws, session, deadline }
    }

    async fn all(&self) -> Result<ChangeSets, Error> {
        let root = match &self.request.reference {
            Reference::Name { name, stack } => self.whole(name, Some(stack)).await?,
            Reference::Arn { arn, .. } => self.whole(arn, None).await?,
        };
        if let Some(stack) = self.request.reference.stack().filter(|stack| *stack != root.stack) {
            return Err(ChangeSetError::OfAnotherStack {
                change_set: root.name,
                stack: root.stack,
                wanted: stack.to_owned(),
            }
            .into());
        }
        let mut queue: VecDeque<String> = nested(&root).collect();
        let mut sets = ChangeSets { root, nested: BTreeMap::new(), region: self.aws.region().to_owned() };
        while let Some(id) = queue.pop_front() {
            if id == sets.root.id || sets.nested.contains_key(&id) {
                continue;
            }
            if sets.nested.len() + 1 >= MOST_CHANGE_SETS {
                return Err(self.odd(format!("it has more than {MOST_CHANGE_SETS} nested change sets")));
            }
            let set = self.whole(&id, None).await?;
            queue.extend(nested(&set));
            sets.nested.insert(id, set);
        }
        Ok(sets)
    }

    /// A change set that is there, with the changes of all its pages.
    async fn whole(&self, name: &str, stack: Option<&str>) -> Result<Described, Error> {
        let mut set = self.ready(name, stack).await?;
        let mut pages = 1;
        while let Some(token) = set.next.take() {
            let page = self.page(name, stack, Some(&token)).await?;
            pages += 1;
            if page.next.as_ref() == Some(&token) || pages > MOST_PAGES {
                return Err(self.odd("its pages do not end".to_owned()));
            }
            if page.status != set.status {
                return Err(self.odd(format!("its status became {} while it was read", page.status)));
            }
            set.changes.extend(page.changes);
            set.next = page.next;
        }
        Ok(set)
    }

    /// The first page of a change set, once it is made.
    async fn ready(&self, name: &str, stack: Option<&str>) -> Result<Described, Error> {
        let mut is_said = false;
        loop {
            let set = self.page(name, stack, None).await?;
            match set.status.as_str() {
                "CREATE_COMPLETE" => return Ok(set),
                "CREATE_PENDING" | "CREATE_IN_PROGRESS" => {}
                "FAILED" if has_nothing_to_do(&set) => return Ok(set),
                _ => {
                    let reason = without_secrets(&set);
                    return Err(ChangeSetError::Failed {
                        change_set: set.name,
                        stack: set.stack,
                        status: set.status,
                        reason,
                    }
                    .into());
                }
            }
            if !is_said {
                self.session.log.line(format!(
                    "waiting for the change set {} ({})",
                    on_one_line(&set.name),
                    on_one_line(&set.status)
                ));
                is_said = true;
            }
            let pause = self.aws.pace().of(PAUSE);
            if self.deadline.is_some_and(|deadline| Instant::now() + pause > deadline) {
                let limit = self.request.timeout;
                return Err(ChangeSetError::NotReady {
                    change_set: set.name,
                    stack: set.stack,
                    status: set.status,
                    limit,
                }
                .into());
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn page(&self, name: &str, stack: Option<&str>, token: Option<&str>) -> Result<Described, Error> {
        let mut parameters = vec![("ChangeSetName", name), ("IncludePropertyValues", "true")];
        parameters.extend(stack.map(|stack| ("StackName", stack)));
        parameters.extend(token.map(|token| ("NextToken", token)));
        let answer = CLOUDFORMATION.call(self.aws, "DescribeChangeSet", &parameters).await;
        let answer = answer.map_err(|error| self.about(error, stack.is_none() && !self.is_root(name)))?;
        let set = Described::read(&answer)
            .map_err(|member| self.odd(format!("CloudFormation's answer has no `{member}`")))?;
        // They stand in messages and headings, and CloudFormation gives no others.
        if !is_name(&set.name) || !is_name(&set.stack) {
            return Err(self.odd("CloudFormation's answer names it, or its stack, as nothing can be named".to_owned()));
        }
        Ok(set)
    }

    fn is_root(&self, name: &str) -> bool {
        matches!(&self.request.reference, Reference::Arn { arn, .. } if arn == name)
    }

    /// The error with what the call was about, for the statement to paste.
    fn about(&self, error: ApiError, is_nested: bool) -> Error {
        let place = self.aws.place();
        let account = self.request.reference.account().map(str::to_owned).or_else(|| place.account.clone());
        let place = Place { account: Some(account.unwrap_or_else(|| "*".to_owned())), ..place.clone() };
        let arns = stack_arns(&place, self.request.reference.stack());
        let resource = if is_nested { arns.into_iter().next_back() } else { arns.into_iter().next() };
        Error::Aws(ApiError { resource, ..error })
    }

    fn odd(&self, reason: String) -> Error {
        ChangeSetError::Unreadable { change_set: self.request.reference.shown().to_owned(), reason }.into()
    }
}

/// Why the change set is not there, without the values of parameters whose names are those of secrets.
fn without_secrets(set: &Described) -> String {
    let secret = set.parameters.iter().filter(|(name, value)| is_secret(value, is_secret_name(name)));
    secret.fold(set.reason.clone(), |reason, (_, value)| reason.replace(value.as_str(), SENSITIVE))
}

/// Whether a change set failed because nothing changes.
fn has_nothing_to_do(set: &Described) -> bool {
    set.changes.is_empty() && NOTHING_TO_DO.iter().any(|words| set.reason.starts_with(words))
}

/// The change sets of the nested stacks.
fn nested(set: &Described) -> impl Iterator<Item = String> {
    set.changes.iter().map(|change| change.nested.clone()).filter(|id| !id.is_empty())
}
