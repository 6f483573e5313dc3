//! The files that are written besides: the page, the review, the part.

use actions_core::ActionError;

/// A file cannot be written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum FileError {
    /// The page for a browser cannot be written. Exit code 1.
    ///
    /// The file of `html-file` is a folder, or its folder is closed to this user or full. Nothing was written to the pull request.
    #[error("the page `{path}` cannot be written")]
    #[diagnostic(
        code("terraform-plan-comment/page-not-written"),
        help("name a file in a folder that this user may write to, such as `html-file: plan.html`")
    )]
    Page {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `review-file` cannot be written. Exit code 1.
    ///
    /// The file is a folder, or its folder is closed to this user or full. Nothing was written to the pull request.
    ///
    /// Name a file in a folder that this user may write to.
    #[error("the review `{path}` cannot be written")]
    #[diagnostic(
        code("terraform-plan-comment/review-not-written"),
        help("name a file in a folder that this user may write to, such as `review-file: review.json`")
    )]
    Review {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The part for another step cannot be written. Exit code 1.
    ///
    /// The file of `part-file` is a folder, or its folder is closed to this user or full. Nothing was written to the pull request.
    #[error("the part `{path}` cannot be written")]
    #[diagnostic(
        code("terraform-plan-comment/part-not-written"),
        help("name a file in a folder that this user may write to, such as `part-file: parts/network.json`")
    )]
    Part {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
}

impl ActionError for FileError {}
