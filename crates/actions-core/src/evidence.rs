//! What a run saw and did, as one JSON file, for rehearsals and audits (`SLIPWAY_EVIDENCE_DIR`).

use std::fs::{DirEntry, File};
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::report::Report;
use crate::session::Session;

/// The variable that names the folder.
pub(crate) const FOLDER: &str = "SLIPWAY_EVIDENCE_DIR";

/// One run, as it is written down.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Evidence {
    pub(crate) action: &'static str,
    /// The job it is a step of; `None` outside of a runner.
    pub(crate) job: Option<String>,
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

    /// Whether a folder was named.
    pub(crate) fn is_wanted(session: &Session) -> bool {
        session.environment.get(FOLDER).is_some()
    }

    /// Writes the file, if a folder was named; a folder that cannot be written is a warning, no failure.
    pub(crate) fn write(&self, session: &Session) {
        let Some(folder) = session.environment.get(FOLDER) else { return };
        let json = session.log.redactor().redact(serde_json::to_string_pretty(self).unwrap_or_default());
        let folder = Path::new(folder);
        let written = std::fs::create_dir_all(folder)
            .and_then(|()| next_file(folder, self.action))
            .and_then(|mut file| file.write_all(json.as_bytes()));
        if let Err(error) = written {
            session.log.warning(format!("the evidence cannot be written to `{}`: {error}", folder.display()));
        }
    }
}

/// A new file `000001-ACTION.json`, with the number behind the highest one there is: names sort as the files were written. Different actions that end at the same moment may
/// share a number; nothing is ever overwritten.
fn next_file(folder: &Path, action: &str) -> io::Result<File> {
    let number = |entry: io::Result<DirEntry>| entry.ok()?.file_name().to_str()?.split('-').next()?.parse::<u32>().ok();
    loop {
        let highest = std::fs::read_dir(folder)?.filter_map(number).max().unwrap_or(0);
        match File::create_new(folder.join(format!("{:06}-{action}.json", highest + 1))) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::next_file;

    #[test]
    fn files_are_numbered_in_the_order_of_writing() {
        let folder = tempfile::tempdir().unwrap();
        for action in ["version-detect", "ecr-push", "version-detect"] {
            next_file(folder.path(), action).unwrap().write_all(b"{}").unwrap();
        }
        let mut names: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["000001-version-detect.json", "000002-ecr-push.json", "000003-version-detect.json"]);
    }

    #[test]
    fn the_thousandth_file_sorts_behind_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("000999-x.json"), "{}").unwrap();
        drop(next_file(folder.path(), "x").unwrap());
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let last = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).max().unwrap();
        assert_eq!(last, "001000-x.json");
    }

    #[test]
    fn writers_at_the_same_time_get_numbers_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..5).for_each(|_| drop(next_file(folder.path(), "x").unwrap())));
            }
        });
        let names: std::collections::BTreeSet<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 40);
        assert!(names.contains(std::ffi::OsStr::new("000040-x.json")));
    }
}
