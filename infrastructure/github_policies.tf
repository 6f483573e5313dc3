# What the workflows' roles may do: exactly what the actions print with `--print-iam-policy` for the inputs of the workflows.
# tests/policies.tftest.hcl compares.
locals {
  github_backend_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Login"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid    = "Push"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:DescribeRepositories",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = [local.repository_arn]
      },
      {
        Sid      = "Register"
        Effect   = "Allow"
        Action   = ["ecs:RegisterTaskDefinition", "ecs:TagResource"]
        Resource = [local.task_definition_arns]
      },
      # Neither of these two can be limited to a family.
      {
        Sid      = "TakeBackRegistration"
        Effect   = "Allow"
        Action   = ["ecs:DeregisterTaskDefinition"]
        Resource = ["*"]
      },
      {
        Sid      = "ReadTaskDefinitions"
        Effect   = "Allow"
        Action   = ["ecs:DescribeTaskDefinition"]
        Resource = ["*"]
      },
      {
        Sid      = "Deploy"
        Effect   = "Allow"
        Action   = ["ecs:DescribeServices", "ecs:UpdateService"]
        Resource = [local.service_arn]
      },
      {
        Sid      = "FindServiceDeployments"
        Effect   = "Allow"
        Action   = ["ecs:ListServiceDeployments"]
        Resource = [local.service_arn]
      },
      {
        Sid      = "FollowServiceDeployments"
        Effect   = "Allow"
        Action   = ["ecs:DescribeServiceDeployments"]
        Resource = [local.deployment_arns, local.service_arn]
      },
      {
        Sid      = "ReadServiceRevisions"
        Effect   = "Allow"
        Action   = ["ecs:DescribeServiceRevisions"]
        Resource = [local.revision_arns, local.service_arn]
      },
      # What is looked at before anything is changed. The last two know no resource.
      {
        Sid      = "LookAtTaskRoles"
        Effect   = "Allow"
        Action   = ["iam:GetRole"]
        Resource = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
      },
      {
        Sid      = "LookForLogGroups"
        Effect   = "Allow"
        Action   = ["logs:DescribeLogGroups"]
        Resource = ["*"]
      },
      {
        Sid      = "LookAtTargetGroups"
        Effect   = "Allow"
        Action   = ["elasticloadbalancing:DescribeTargetGroups"]
        Resource = ["*"]
      },
      {
        Sid      = "ReadLogsOfFailedTasks"
        Effect   = "Allow"
        Action   = ["logs:GetLogEvents"]
        Resource = [local.log_stream_arns]
      },
      {
        Sid      = "ReadStoppedTasks"
        Effect   = "Allow"
        Action   = ["ecs:DescribeTasks"]
        Resource = [local.task_arns]
      },
      # Listing tasks has no resource of its own but for container instances; the cluster is the tightest condition there is.
      {
        Sid       = "ListTasks"
        Effect    = "Allow"
        Action    = ["ecs:ListTasks"]
        Resource  = ["*"]
        Condition = { ArnEquals = { "ecs:cluster" = aws_ecs_cluster.main.arn } }
      },
      {
        Sid       = "PassTaskRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  }
}

locals {
  github_frontend_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = [aws_s3_bucket.frontend.arn]
      },
      {
        Sid      = "Upload"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = ["${aws_s3_bucket.frontend.arn}/*"]
      },
      {
        Sid      = "Refresh"
        Effect   = "Allow"
        Action   = ["cloudfront:CreateInvalidation", "cloudfront:GetDistributionConfig", "cloudfront:GetInvalidation"]
        Resource = [aws_cloudfront_distribution.frontend.arn]
      },
    ]
  }
}
