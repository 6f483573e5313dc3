//! The `ecs-deploy` binary.

fn main() -> std::process::ExitCode {
    actions_core::main::<ecs_deploy::EcsDeploy>()
}
