# Policies are written with `jsonencode` and not as data sources: a data source that depends on a changing resource is read at apply
# time, and the plan would then show "known after apply" where a reviewer has to see the permissions.

locals {
  tasks_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }

      # Without these two, another account's tasks could have the service use our role.
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${var.region}:${local.account}:*" }
      }
    }]
  }

  execution_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Login"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid      = "Pull"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = local.repository_arn
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.backend.arn}:*"
      },
    ]
  }
}

resource "aws_iam_role" "execution" {
  name               = "${local.backend_name}-execution"
  description        = "Starts tasks of the backend: pulls the image, writes the log"
  assume_role_policy = jsonencode(local.tasks_trust)
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-tasks"
  role   = aws_iam_role.execution.id
  policy = jsonencode(local.execution_policy)
}

# The service calls no AWS API. The role exists so that a permission, when one is needed, has a place of its own.
resource "aws_iam_role" "task" {
  name               = "${local.backend_name}-task"
  description        = "What the backend itself may do in AWS: nothing"
  assume_role_policy = jsonencode(local.tasks_trust)
}
