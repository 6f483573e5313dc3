//! One rendering of the plan, for `--format`: read, never written anywhere.

use actions_core::{Printed, Session};

use crate::args::Format;
use crate::diff::{on_one_line, plural};
use crate::document::Document;
use crate::error::Error;
use crate::guard::Guard;
use crate::html;
use crate::inputs::Inputs;
use crate::markdown::Frame;
use crate::marker::Name;
use crate::observe::{self, Snapshot};
use crate::plan::plan;
use crate::pull::{Run, Seen};
use crate::report::report;
use crate::text;

/// The warning about types without a schema names this many.
const MOST_NAMES: usize = 5;

/// The rendering that was asked for; `None` where none was. It fails for what `fail-on-destroy` names, as a run does.
pub(crate) async fn print(inputs: &Inputs, session: &Session) -> Result<Option<Printed>, Error> {
    let Some(format) = inputs.format else { return Ok(None) };
    let document = observe::plan_alone(inputs, session).await?;
    if format == Format::Text {
        warn_of_undescribed(&document, session);
        if inputs.guard == Guard::default() {
            return Ok(Some(Printed { text: text::plan(&document), failure: None }));
        }
    }
    let described = if format == Format::Text { text::plan(&document) } else { String::new() };
    let snapshot = Snapshot { document: Ok(document), seen: Seen::default(), run: Run::default() };
    let plan = plan(inputs, &snapshot);
    let report = report(inputs, &plan, None);
    let text = match format {
        Format::Text => described,
        Format::Markdown => report.summary,
        Format::Html => {
            let name = inputs.destinations.name.as_ref().map(Name::as_str);
            html::page(&plan.review, &Frame { name, ..Frame::default() })
        }
        Format::Json => serde_json::to_string_pretty(&plan.review).unwrap_or_default(),
    };
    Ok(Some(Printed { text, failure: report.failure }))
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
