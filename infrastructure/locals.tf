data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  backend_name   = "${var.name}-backend"
  frontend_name  = "${var.name}-frontend"
  container_name = "app"
  container_port = 8080

  # Known before anything exists, so that policies can name it and a plan shows them in full.
  repository_arn       = "arn:${local.partition}:ecr:${var.region}:${local.account}:repository/${local.backend_name}"
  service_arn          = "arn:${local.partition}:ecs:${var.region}:${local.account}:service/${var.name}/${local.backend_name}"
  task_definition_arns = "arn:${local.partition}:ecs:${var.region}:${local.account}:task-definition/${local.backend_name}:*"
  task_arns            = "arn:${local.partition}:ecs:${var.region}:${local.account}:task/${var.name}/*"
  deployment_arns      = "arn:${local.partition}:ecs:${var.region}:${local.account}:service-deployment/${var.name}/${local.backend_name}/*"
  revision_arns        = "arn:${local.partition}:ecs:${var.region}:${local.account}:service-revision/${var.name}/${local.backend_name}/*"
  log_group_name       = "/ecs/${local.backend_name}"
  log_stream_arns      = "arn:${local.partition}:logs:${var.region}:${local.account}:log-group:${local.log_group_name}:log-stream:ecs/${local.container_name}/*"
}
