# Who may become what. A subject names the repository and an environment, never a wildcard.
locals {
  github_host         = "token.actions.githubusercontent.com"
  github_provider_arn = coalesce(var.github_oidc_provider_arn, one(aws_iam_openid_connect_provider.github[*].arn))

  deploy_subjects = [for name in sort(var.deploy_environments) : "repo:${var.github_repository}:environment:${name}"]
  plan_subjects   = ["repo:${var.github_repository}:environment:${var.plan_environment}"]

  github_roles = {
    backend  = { subjects = local.deploy_subjects, description = "Pushes images and deploys the backend" }
    frontend = { subjects = local.deploy_subjects, description = "Uploads the site and refreshes its cache" }
    plan     = { subjects = local.plan_subjects, description = "Reads what terraform plan compares" }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_oidc_provider_arn == null ? 1 : 0

  url            = "https://${local.github_host}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "github" {
  for_each = local.github_roles

  name                 = "${var.name}-github-${each.key}"
  description          = each.value.description
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github_provider_arn }
      Condition = {
        StringEquals = {
          "${local.github_host}:aud" = "sts.amazonaws.com"
          "${local.github_host}:sub" = each.value.subjects
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "github_backend" {
  name   = "deploy"
  role   = aws_iam_role.github["backend"].id
  policy = jsonencode(local.github_backend_policy)
}

resource "aws_iam_role_policy" "github_frontend" {
  name   = "deploy"
  role   = aws_iam_role.github["frontend"].id
  policy = jsonencode(local.github_frontend_policy)
}

resource "aws_iam_role_policy" "github_plan" {
  name   = "read"
  role   = aws_iam_role.github["plan"].id
  policy = jsonencode(local.github_plan_policy)
}
