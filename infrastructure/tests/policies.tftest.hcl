# The roles of the workflows may do exactly what the actions print with `--print-iam-policy`; tests/policies/ holds what they printed.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  github_repository = "octo-org/octo-repo"
}

run "roles_may_do_exactly_what_the_actions_print" {
  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.github_backend.policy).Statement : [
        for action in flatten([statement.Action]) : [
          for resource in flatten([statement.Resource]) : join(" ", [statement.Effect, action, resource, jsonencode(try(statement.Condition, null))])
        ]
      ] if !startswith(flatten([statement.Action])[0], "iam:")
      ])) == toset(flatten([
      for file in ["ecr-push", "ecs-deploy"] : [
        for statement in jsondecode(file("${path.root}/tests/policies/${file}.json")).Statement : [
          for action in flatten([statement.Action]) : [
            for resource in flatten([statement.Resource]) : join(" ", [statement.Effect, action, resource, jsonencode(try(statement.Condition, null))])
          ]
        ] if !startswith(flatten([statement.Action])[0], "iam:")
      ]
    ]))
    error_message = "The backend's role must be granted what ecr-push and ecs-deploy print, no more and no less."
  }

  # Mocked roles share one ARN; which roles are passed and looked at is compared in github.tftest.hcl.
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.github_backend.policy).Statement : statement.Condition if contains(statement.Action, "iam:PassRole")] == [
      for statement in jsondecode(file("${path.root}/tests/policies/ecs-deploy.json")).Statement : statement.Condition if contains(flatten([statement.Action]), "iam:PassRole")
    ]
    error_message = "Roles are passed under the condition that ecs-deploy prints."
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.github_backend.policy).Statement : statement.Action if startswith(statement.Action[0], "iam:")])) == toset(flatten([
      for statement in jsondecode(file("${path.root}/tests/policies/ecs-deploy.json")).Statement : statement.Action if startswith(flatten([statement.Action])[0], "iam:")
    ]))
    error_message = "What ecs-deploy may do with roles must be what it prints."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.github_frontend.policy).Statement : [
        for action in flatten([statement.Action]) : [
          for resource in flatten([statement.Resource]) : join(" ", [statement.Effect, action, resource, jsonencode(try(statement.Condition, null))])
        ]
      ]
      ])) == toset(flatten([
      for statement in jsondecode(file("${path.root}/tests/policies/s3-sync-invalidate.json")).Statement : [
        for action in flatten([statement.Action]) : [
          for resource in flatten([statement.Resource]) : join(" ", [statement.Effect, action, resource, jsonencode(try(statement.Condition, null))])
        ]
      ]
    ]))
    error_message = "The frontend's role must be granted what s3-sync-invalidate prints, no more and no less."
  }
}
