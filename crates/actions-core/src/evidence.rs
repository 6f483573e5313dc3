//! What a run saw and did, as one JSON file, for rehearsals and audits (`SLIPWAY_EVIDENCE_DIR`).

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::report::Report;
use crate::session::Session;

/// One run, as it is written down.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Evidence {
    pub(crate) action: &'static str,
    pub(crate) plan: Option<Value>,
    pub(crate) outcome: Option<Value>,
    pub(crate) verdict: String,
    pub(crate) outputs: serde_json::Map<String, Value>,
    pub(crate) exit_code: u8,
}

impl Evidence {
    /// Adds what the report says.
    pub(crate) fn report(&mut self, report: &Report) {
        self.verdict.clone_from(&report.verdict);
        self.outputs = report.outputs.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    }

    /// Writes the file, if a folder was named; a folder that cannot be written is a warning, no failure.
    pub(crate) fn write(&self, session: &Session) {
        let Some(folder) = session.environment.get("SLIPWAY_EVIDENCE_DIR") else { return };
        let name = format!("{}-{}.json", self.action, std::process::id());
        let path = Path::new(folder).join(name);
        let json = serde_json::to_string_pretty(self).unwrap_or_default();
        let written =
            std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, session.log.redactor().redact(&json)));
        if let Err(error) = written {
            session.log.warning(format!("the evidence `{}` cannot be written: {error}", path.display()));
        }
    }
}
