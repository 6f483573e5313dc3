//! The plan as `terraform show -no-color` prints it.
//!
//! A tree of differences of its own (`difference`) is built from the sealed document and written by `render`. The tree of
//! the Markdown (`crate::node`) is made for readers of a page: it leaves out what Terraform keeps and says more where
//! Terraform is silent, so that one tree for both would have to know which of them it serves at every step.
//!
//! The rules are those of Terraform's renderer (`internal/command/jsonformat` of its source, version 1.11, with the actions
//! of 1.14), with OpenTofu's own lines where it made the plan (`product`). The action's README has the table of what differs on purpose.

mod blocks;
mod difference;
mod dynamic;
mod header;
mod object;
mod outputs;
mod plan;
mod product;
mod render;
mod sequence;
mod sides;
mod strings;
mod values;

pub(crate) use plan::plan;

#[cfg(test)]
mod tests;
