//! One rendering of the plan, for `--format`: read, never written anywhere.

use actions_core::Session;

use crate::args::Format;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::observe::{self, Snapshot};
use crate::plan::plan;
use crate::report::report;
use crate::text;

/// The rendering that was asked for; `None` where none was.
pub(crate) async fn print(inputs: &Inputs, session: &Session) -> Result<Option<String>, Error> {
    let Some(format) = inputs.format else { return Ok(None) };
    let snapshot = observe::plan_alone(inputs, session).await?;
    Ok(Some(render(format, inputs, &snapshot)))
}

fn render(format: Format, inputs: &Inputs, snapshot: &Snapshot) -> String {
    match format {
        Format::Text => text::plan(&snapshot.document),
        Format::Markdown => report(inputs, &plan(inputs, snapshot), None).summary,
        Format::Json => serde_json::to_string_pretty(&plan(inputs, snapshot).review).unwrap_or_default(),
    }
}
