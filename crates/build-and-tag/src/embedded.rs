//! The embedded builder: Dockerfiles that need no RUN, without a daemon, byte-reproducible.
//!
//! [`stages`] says what every `FROM` and `--from` means and what stands in the way, [`program`] turns the instructions into
//! steps (both pure), [`build`] carries the steps out.

pub(crate) mod base;
pub(crate) mod build;
pub(crate) mod copy;
pub(crate) mod evaluate;
pub(crate) mod layer;
pub(crate) mod mode;
pub(crate) mod order;
pub(crate) mod ownership;
pub(crate) mod program;
pub(crate) mod stages;
pub(crate) mod transfer;
pub(crate) mod tree;
pub(crate) mod unpack;
