//! The workflows and the actions: what a reader of their YAML would have to check by hand.

mod actions;
mod archives;
mod files;
mod filters;
mod gate;
mod handover;
mod hardening;
mod release;
mod smoke;
mod steps;
