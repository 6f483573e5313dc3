//! Inputs of the official actions: those that ask for what is done anyway, and those that are refused by name.
//!
//! They are declared so that a workflow which still gives one is told so: an input that action.yml does not declare never
//! reaches the binary.

/// Inputs of `aws-actions/amazon-ecs-deploy-task-definition` that ask for what is done anyway.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CompatibleArgs {
    /// Accepted for compatibility: empty values are always kept, whatever their keys are.
    #[arg(long, value_name = "KEYS")]
    pub keep_null_value_keys: Option<String>,
    /// Accepted for compatibility: the service is looked at every 5 seconds, more often than this input can ask for.
    #[arg(long, value_name = "SECONDS")]
    pub wait_max_delay_seconds: Option<String>,
}

/// Defines the arguments that are refused, and what to say when one is given.
macro_rules! refused {
    ($($field:ident $long:literal ($inert:expr): $advice:literal;)*) => {
        /// Inputs of the official actions that are not supported; giving one is an error that says what to use.
        #[derive(Debug, Clone, Default, clap::Args)]
        pub struct RefusedArgs {
            $(
                #[doc = concat!("Not supported, refused when given: ", $advice, ".")]
                // Of a doc comment that is put together clap sees nothing.
                #[arg(long = $long, value_name = "VALUE", help = concat!("Not supported, refused when given: ", $advice))]
                pub $field: Option<String>,
            )*
        }

        impl RefusedArgs {
            /// The inputs that were given, each with what to use in its place.
            pub(crate) fn given(&self) -> Vec<(&'static str, &'static str)> {
                let all = [$(($long, self.$field.as_deref(), $inert, $advice)),*];
                all.into_iter()
                    .filter(|(_, value, inert, _)| {
                        value.is_some_and(|value| !value.is_empty() && !inert.eq_ignore_ascii_case(value))
                    })
                    .map(|(name, _, _, advice)| (name, advice))
                    .collect()
            }
        }
    };
}

refused! {
    codedeploy_appspec "codedeploy-appspec" (""): "deploy a service of the CODE_DEPLOY controller with the official action";
    codedeploy_application "codedeploy-application" (""): "deploy a service of the CODE_DEPLOY controller with the official action";
    codedeploy_deployment_group "codedeploy-deployment-group" (""): "deploy a service of the CODE_DEPLOY controller with the official action";
    codedeploy_deployment_description "codedeploy-deployment-description" (""): "deploy a service of the CODE_DEPLOY controller with the official action";
    codedeploy_deployment_config "codedeploy-deployment-config" (""): "deploy a service of the CODE_DEPLOY controller with the official action";
}
