//! Mishaps on the program's own machine: what its files and the programs it starts can do to it.

use serde::Serialize;

use super::Expected;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// No byte more can be written.
    DiskFull,
    /// It cannot be written at all.
    Unwritable,
    /// It is not there.
    Absent,
    /// It ends too soon.
    CutOff,
    /// It is killed.
    Killed,
    /// It ends with an error.
    Failing,
    /// It never ends.
    Silent,
}

/// One mishap and its promised end. Everything that a fault of a call must keep to holds here too.
pub struct Mishap<W> {
    /// The file or the program.
    pub(super) subject: &'static str,
    pub(super) trouble: Trouble,
    pub(super) expected: Expected,
    pub(super) inflict: Act<W>,
    pub(super) relieve: Act<W>,
    pub(super) circumstances: Circumstances,
}

type Act<W> = Box<dyn Fn(&W) + Sync>;

/// How one run of the program differs from the others.
#[derive(Debug, Clone, Default)]
pub(super) struct Circumstances {
    /// More variables.
    pub(super) variables: Vec<(&'static str, String)>,
    /// The length in blocks of 512 bytes that no file may exceed.
    pub(super) longest_file: Option<u32>,
    /// What the program says when it is interrupted.
    pub(super) interrupted_at: Option<&'static str>,
}

impl<W> Mishap<W> {
    /// A mishap that ends as `expected`.
    pub fn new(subject: &'static str, trouble: Trouble, expected: Expected) -> Self {
        let nothing = || -> Act<W> { Box::new(|_| {}) };
        let (inflict, relieve) = (nothing(), nothing());
        Self { subject, trouble, expected, inflict, relieve, circumstances: Circumstances::default() }
    }

    /// Damages the world before the run, and mends it afterwards.
    #[must_use]
    pub fn damage(mut self, inflict: impl Fn(&W) + Sync + 'static, relieve: impl Fn(&W) + Sync + 'static) -> Self {
        self.inflict = Box::new(inflict);
        self.relieve = Box::new(relieve);
        self
    }

    /// Changes a variable.
    #[must_use]
    pub fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.circumstances.variables.push((name, value.to_owned()));
        self
    }

    /// Lets no file become longer than so many blocks of 512 bytes.
    #[must_use]
    pub fn longest_file(mut self, blocks: u32) -> Self {
        self.circumstances.longest_file = Some(blocks);
        self
    }

    /// Cancels the run as soon as it says `text`.
    #[must_use]
    pub fn interrupted_at(mut self, text: &'static str) -> Self {
        self.circumstances.interrupted_at = Some(text);
        self
    }
}

impl Circumstances {
    /// The command line under which the program runs.
    pub(super) fn command(&self, program: &str, arguments: Vec<String>) -> (String, Vec<String>) {
        let Some(blocks) = self.longest_file else { return (program.to_owned(), arguments) };
        // A signal that is ignored stays so: writing fails, as on a full disk, and does not end the program.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let words = ["-c".to_owned(), script, program.to_owned()];
        ("sh".to_owned(), words.into_iter().chain(arguments).collect())
    }
}

impl<W> std::fmt::Debug for Mishap<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.subject, self.trouble)
    }
}
