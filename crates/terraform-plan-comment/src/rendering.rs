//! One rendering of the plan, for `--format`: read, never written anywhere.

use actions_core::{Printed, Session, SummaryRoom};

use crate::args::Format;
use crate::diff::{on_one_line, plural};
use crate::document::Document;
use crate::error::Error;
use crate::guard::Guard;
use crate::html;
use crate::inputs::Inputs;
use crate::markdown::{Frame, Limit, page};
use crate::marker::Name;
use crate::observe::{self, NotPlanned, Snapshot};
use crate::plan::plan;
use crate::pull::{Run, Seen};
use crate::report::failure;
use crate::text;
use crate::warnings::errors_beside;

/// The warning about types without a schema names this many.
const MOST_NAMES: usize = 5;

/// The rendering that was asked for; `None` where none was. It fails for what `fail-on-destroy` names, as a run does.
pub(crate) async fn print(inputs: &Inputs, session: &Session) -> Result<Option<Printed>, Error> {
    let Some(format) = inputs.format else { return Ok(None) };
    let document = match observe::plan_alone(inputs, session).await {
        Ok(document) => {
            observe::check_binary(&document, inputs, session).await?;
            document
        }
        // What Terraform prints of a plan cannot be told without one.
        Err(unread) if format == Format::Text || !unread.log.has_errors() => return Err(unread.error),
        Err(unread) => return Ok(Some(printed(inputs, format, Err(unread.not_planned())))),
    };
    if format == Format::Text {
        warn_of_undescribed(&document, session);
        if let Some(strays) = document.strays.found() {
            let warning = errors_beside(strays, document.plans.is_some());
            session.log.warning(format!("{} {}", warning.headline, warning.text));
        }
        if inputs.guard == Guard::default() {
            let text = text::plan(&document);
            // The program ends: to take a large plan apart, piece by piece, would only take time.
            std::mem::forget(document);
            return Ok(Some(Printed { text, failure: None }));
        }
    }
    Ok(Some(printed(inputs, format, Ok(document))))
}

fn printed(inputs: &Inputs, format: Format, document: Result<Document, NotPlanned>) -> Printed {
    let described = document.as_ref().ok().filter(|_| format == Format::Text).map(text::plan);
    let snapshot = Snapshot::new(document, Seen::default(), Run::default(), &inputs.destinations.overrides);
    let plan = plan(inputs, &snapshot);
    let name = inputs.destinations.name.as_ref().map(Name::as_str);
    let text = match format {
        Format::Text => described.unwrap_or_default(),
        Format::Markdown => {
            let frame = Frame { name, heading: true, ..Frame::default() };
            page(&plan.review, &frame, Limit::Bytes(SummaryRoom::Whole.bytes()))
        }
        Format::Html => html::page(&plan.review, &Frame { name, ..Frame::default() }),
        Format::Json => serde_json::to_string_pretty(&*plan.review).unwrap_or_default(),
    };
    Printed { text, failure: failure(&plan) }
}

/// Schemas of other providers, or of other versions, would make no difference that anyone sees.
fn warn_of_undescribed(document: &Document, session: &Session) {
    let count = document.undescribed.len();
    if count == 0 {
        return;
    }
    let mut names: Vec<String> =
        document.undescribed.iter().take(MOST_NAMES).map(|name| format!("`{}`", on_one_line(name))).collect();
    if count > MOST_NAMES {
        names.push(format!("{} more", count - MOST_NAMES));
    }
    session.log.warning(format!(
        "`provider-schemas` does not describe {count} {} of the plan, whose values tell how they are shown: {}; write it with \
         `terraform providers schema -json` in the folder of the plan",
        plural(count, "type"),
        names.join(", ")
    ));
}
