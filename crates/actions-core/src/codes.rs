//! The codes of failures that have no error type; the catalogue of errors takes its words from here.

/// An input is missing, misspelled or not usable; all bad inputs are named at once. Exit code 2.
///
/// A value under `with:` does not follow what the input takes, two inputs contradict each other, or a required one is empty: mostly an
/// expression such as `${{ steps.x.outputs.y }}` that gave nothing. Nothing was changed.
///
/// Correct the inputs that the message names; each has its own advice under `help`. An empty expression means that the step it refers to
/// has another `id`, was skipped, or belongs to another job.
pub(crate) const INVALID_INPUT: &str = "{action}/invalid-input";

/// The run was cancelled. Exit code 130.
///
/// A person cancelled the job, a newer run of the same `concurrency:` group did, or the job's time was up. What was changed by then is
/// printed under `why`.
///
/// Run the step again: it finds what is done and goes on from there.
pub(crate) const CANCELLED: &str = "{action}/cancelled";

/// The program cannot start its work. Exit code 70.
///
/// The operating system gives the process no timer, thread or file handle: the runner is out of memory or of file handles.
///
/// Run the job again, on a larger runner if it stays.
pub(crate) const NO_RUNTIME: &str = "slipway/no-runtime";

/// A bug in Slipway stopped the run. Exit code 70.
///
/// The program came upon something that its authors took for impossible. What was changed until then stays.
///
/// Report the message, with the place in the source that it names and the step of your workflow. Re-running is safe.
pub(crate) const INTERNAL_ERROR: &str = "slipway/internal-error";

/// An error without a code of its own. Exit code 1.
///
/// Each error of the actions has a code; a program that is built on the library may have errors without one.
///
/// Read the message and the reason: they are the error's own.
pub(crate) const UNNAMED: &str = "slipway/error";

/// What was done cannot be told to the next steps: the outputs cannot be written. Exit code 1.
///
/// The file of `GITHUB_OUTPUT` cannot be opened or the disk is full; in a shell, standard output is. The work itself is done.
///
/// Free disk space and run the step again: it finds the work done and writes the outputs. In a shell, unset `GITHUB_OUTPUT` to have them
/// on standard output.
pub(crate) const UNWRITABLE: &str = "outputs/unwritable";

/// The outputs cannot be written in a safe way. Exit code 70.
///
/// Each output ends with a random word that nobody can guess, and the operating system gives no random bytes.
///
/// Run the job on another runner.
pub(crate) const NO_RANDOMNESS: &str = "outputs/no-randomness";

/// An output holds the random word that ends it, and was not written. Exit code 70.
///
/// Such a value could set other outputs. It cannot happen by chance.
///
/// Find out where the value that the message names comes from before you run the job again.
pub(crate) const FORGED_DELIMITER: &str = "outputs/forged-delimiter";

/// A code that each action has under its own name.
pub(crate) fn of_action(code: &str, action: &str) -> String {
    code.replace("{action}", action)
}
