//! What a project's version means, in any ecosystem.
//!
//! [`ProjectVersion`] is a version's text with its form: stable, snapshot, prerelease. [`Order`] says which of two versions comes first,
//! also where they are no semantic ones. [`snapshot_endings`] and [`component_name`] are what `slipway.toml` and the inputs of all actions
//! mean by the same words. It reads no files and asks nobody.

mod component;
mod endings;
mod order;
mod version;

pub use component::component_name;
pub use endings::{EndingsFlaw, snapshot_ending, snapshot_endings};
pub use order::Order;
pub use version::{Family, Form, Height, ProjectVersion, is_dev, is_maven_snapshot};
