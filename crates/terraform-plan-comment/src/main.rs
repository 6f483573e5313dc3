//! The binary: everything is in the library.

/// A plan is a million small texts, which the allocator of musl hands out one system call at a time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    actions_core::main::<terraform_plan_comment::TerraformPlanComment>()
}
