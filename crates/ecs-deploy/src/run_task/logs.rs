//! What the task's containers write, from the first line on and as it comes.

use std::collections::VecDeque;

use aws_client::{ApiError, ApiErrorKind};
use serde_json::{Value, json};

use crate::diagnosis::logs::{LINES, Route, Stream, route, stream};
use crate::diagnosis::{LogTail, Mask};
use crate::ecs::Ecs;
use crate::service::{list, owned};
use crate::task_definition::text;

/// How many pages of one stream are read in a row: what is left is read after the next look.
const PAGES: usize = 20;

/// The streams of a task.
pub(super) struct Streams {
    readers: Vec<Reader>,
    mask: Mask,
    /// What is not seen, and why.
    pub(super) blind_spots: Vec<String>,
}

/// One container's stream, and how far it was read.
struct Reader {
    container: String,
    group: crate::diagnosis::logs::Group,
    stream: Option<Stream>,
    token: Option<String>,
    state: State,
    /// The newest lines.
    tail: VecDeque<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not there yet.
    Awaited,
    Open,
    /// It may not be read.
    Refused,
}

impl Streams {
    /// The streams of the containers of `definition`.
    pub(super) fn new(definition: &Value, mask: Mask) -> Self {
        let mut streams = Self { readers: Vec::new(), mask, blind_spots: Vec::new() };
        for container in list(definition, "containerDefinitions").map(|container| owned(container, "name")) {
            match route(definition, &container) {
                Route::CloudWatch(group) => streams.readers.push(Reader {
                    container,
                    group,
                    stream: None,
                    token: None,
                    state: State::Awaited,
                    tail: VecDeque::new(),
                }),
                Route::Elsewhere(line) => {
                    let line = streams.mask.hide(&line);
                    streams.blind_spots.push(line);
                }
            }
        }
        streams
    }

    /// Reads what is new in all streams and gives each line to `write`; whether there was any.
    pub(super) async fn read(&mut self, ecs: &Ecs, task: &Value, write: &mut impl FnMut(String)) -> bool {
        let mut any = false;
        for reader in &mut self.readers {
            match reader.read(ecs, task, &self.mask, write).await {
                Ok(new) => any |= new,
                Err(line) => {
                    let line = self.mask.hide(&line);
                    if !self.blind_spots.contains(&line) {
                        self.blind_spots.push(line);
                    }
                }
            }
        }
        any
    }

    /// Whether a stream can be read at all.
    pub(super) fn can_be_read(&self) -> bool {
        self.readers.iter().any(|reader| reader.state != State::Refused)
    }

    /// The newest lines of each container.
    pub(super) fn tails(&self) -> Vec<LogTail> {
        let read = self.readers.iter().filter(|reader| !reader.tail.is_empty());
        read.filter_map(|reader| {
            let stream = reader.stream.as_ref()?;
            Some(LogTail {
                container: reader.container.clone(),
                task: stream.task.clone(),
                group: stream.group.name.clone(),
                stream: stream.name.clone(),
                lines: reader.tail.iter().cloned().collect(),
            })
        })
        .collect()
    }
}

impl Reader {
    /// Reads to the end of what there is; an error is a line for people, told once.
    async fn read(
        &mut self,
        ecs: &Ecs,
        task: &Value,
        mask: &Mask,
        write: &mut impl FnMut(String),
    ) -> Result<bool, String> {
        if self.state == State::Refused {
            return Ok(false);
        }
        if self.stream.is_none() {
            self.stream = stream(self.group.clone(), &self.container, task);
        }
        let Some(stream) = &self.stream else { return Ok(false) };
        let mut any = false;
        for _ in 0..PAGES {
            let answer =
                match ecs.log_events(stream.group.region.as_deref(), &question(stream, self.token.as_deref())).await {
                    Ok(answer) => answer,
                    // A stream comes with its first line, and what does not answer now may answer later.
                    Err(error) if !is_final(&error) => return Ok(any),
                    Err(error) => {
                        self.state = State::Refused;
                        return Err(refused(&error, &self.container));
                    }
                };
            self.state = State::Open;
            for line in lines(&answer, mask) {
                any = true;
                write(format!("{} | {line}", self.container));
                self.tail.push_back(line);
            }
            while self.tail.len() > LINES {
                self.tail.pop_front();
            }
            let next = owned(&answer, "nextForwardToken");
            let is_end = next.is_empty() || self.token.as_deref() == Some(next.as_str());
            if !next.is_empty() {
                self.token = Some(next);
            }
            if is_end {
                break;
            }
        }
        Ok(any)
    }
}

/// The body of `GetLogEvents` for what comes behind `token`, or from the first line on.
fn question(stream: &Stream, token: Option<&str>) -> Value {
    let mut question = json!({"logGroupName": stream.group.name, "logStreamName": stream.name, "startFromHead": true});
    if let Some(token) = token {
        question["nextToken"] = json!(token);
    }
    question
}

/// The lines of a page, without secrets: as one text, for a key spans several lines.
fn lines(answer: &Value, mask: &Mask) -> Vec<String> {
    let messages: Vec<&str> = list(answer, "events").map(|event| text(event, "message")).collect();
    crate::diagnosis::logs::clean_lines(&messages, mask)
}

fn is_final(error: &ApiError) -> bool {
    match error.kind {
        ApiErrorKind::AccessDenied | ApiErrorKind::BadCredentials | ApiErrorKind::Invalid => true,
        ApiErrorKind::Throttled
        | ApiErrorKind::Unreachable
        | ApiErrorKind::TimedOut
        | ApiErrorKind::Service
        | ApiErrorKind::Conflict
        | ApiErrorKind::NotFound
        | ApiErrorKind::Expired => false,
    }
}

fn refused(error: &ApiError, container: &str) -> String {
    if error.kind == ApiErrorKind::AccessDenied {
        format!("grant `{}` to see what {container} writes", error.iam_action())
    } else {
        format!("what {container} writes is not known: {error}")
    }
}
