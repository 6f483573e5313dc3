//! terraform-plan-comment.
