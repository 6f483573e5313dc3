# Who may become what. A subject names the repository and an environment, never a wildcard.
locals {
  github_host         = "token.actions.githubusercontent.com"
  github_provider_arn = coalesce(var.github_oidc_provider_arn, one(aws_iam_openid_connect_provider.github[*].arn))

  # With immutable subjects the numbers stand behind the names: OWNER@OWNER_ID/NAME@REPOSITORY_ID. Only that form is trusted then.
  github_names = split("/", var.github_repository)
  github_ids   = compact(split("/", var.github_repository_ids))
  github_subject = join("/", [
    for index, name in local.github_names : length(local.github_ids) == 0 ? name : "${name}@${local.github_ids[index]}"
  ])

  deploy_subjects = [for name in sort(var.deploy_environments) : "repo:${local.github_subject}:environment:${name}"]
  plan_subjects   = ["repo:${local.github_subject}:environment:${var.plan_environment}"]

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
