//! The binary: everything is in the library.

fn main() -> std::process::ExitCode {
    actions_core::main::<terraform_plan_comment::TerraformPlanComment>()
}
