//! The binary `ecr-push`.

fn main() -> std::process::ExitCode {
    actions_core::main::<ecr_push::EcrPush>()
}
