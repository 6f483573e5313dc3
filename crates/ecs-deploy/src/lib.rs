//! ecs-deploy.
