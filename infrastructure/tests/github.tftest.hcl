# Who may assume which role, and what it may do.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  github_repository = "octo-org/octo-repo"
}

run "trust_names_exact_subjects" {
  assert {
    condition = {
      for name, role in aws_iam_role.github : name => jsondecode(role.assume_role_policy).Statement[*].Condition
      } == {
      backend = [{
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = [
            "repo:octo-org/octo-repo:environment:development",
            "repo:octo-org/octo-repo:environment:production",
          ]
        }
      }]
      frontend = [{
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = [
            "repo:octo-org/octo-repo:environment:development",
            "repo:octo-org/octo-repo:environment:production",
          ]
        }
      }]
      plan = [{
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = ["repo:octo-org/octo-repo:environment:plan"]
        }
      }]
    }
    error_message = "Each role must trust exact subjects of this repository, compared with StringEquals."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.github : jsondecode(role.assume_role_policy).Statement[0].Action == "sts:AssumeRoleWithWebIdentity" && length(jsondecode(role.assume_role_policy).Statement) == 1])
    error_message = "Web identities are the only way into these roles."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.github : role.max_session_duration <= 3600])
    error_message = "A stolen session must not outlive an hour."
  }
}

run "immutable_subjects_are_trusted_instead_of_names" {
  variables {
    github_repository_ids = "123456/456789"
  }

  assert {
    condition = {
      for name, role in aws_iam_role.github : name => jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]
      } == {
      backend = [
        "repo:octo-org@123456/octo-repo@456789:environment:development",
        "repo:octo-org@123456/octo-repo@456789:environment:production",
      ]
      frontend = [
        "repo:octo-org@123456/octo-repo@456789:environment:development",
        "repo:octo-org@123456/octo-repo@456789:environment:production",
      ]
      plan = ["repo:octo-org@123456/octo-repo@456789:environment:plan"]
    }
    error_message = "With the numbers given, each role must trust the subjects that hold them, and no name alone."
  }
}

run "half_an_id_is_refused" {
  command = plan

  variables {
    github_repository_ids = "123456"
  }

  expect_failures = [var.github_repository_ids]
}

run "roles_pass_only_the_task_roles_and_only_to_tasks" {
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.github_backend.policy).Statement : statement if contains(statement.Action, "iam:PassRole")] == [{
      Sid       = "PassTaskRoles"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
      Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
    }]
    error_message = "The backend's role may pass the two task roles to ECS tasks and nothing else."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.github_backend.policy).Statement : statement if contains(statement.Action, "iam:GetRole")] == [{
      Sid      = "LookAtTaskRoles"
      Effect   = "Allow"
      Action   = ["iam:GetRole"]
      Resource = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
    }]
    error_message = "The backend's role may look at the two task roles and no other."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.github_frontend.policy, "iam:") && !strcontains(aws_iam_role_policy.github_plan.policy, "PassRole")
    error_message = "Only the backend's role passes roles."
  }
}

run "no_action_is_a_wildcard" {
  assert {
    condition = alltrue(flatten([
      for policy in [aws_iam_role_policy.github_backend.policy, aws_iam_role_policy.github_frontend.policy, aws_iam_role_policy.github_plan.policy, aws_iam_role_policy.execution.policy] : [
        for statement in jsondecode(policy).Statement : [for action in flatten([statement.Action]) : !strcontains(action, "*")]
      ]
    ]))
    error_message = "Policies name each action."
  }

  assert {
    condition = toset([
      for statement in concat(jsondecode(aws_iam_role_policy.github_backend.policy).Statement, jsondecode(aws_iam_role_policy.github_frontend.policy).Statement) :
      join(",", statement.Action) if contains(statement.Resource, "*") && try(statement.Condition, null) == null
      ]) == toset([
      "ecr:GetAuthorizationToken",
      "ecs:DeregisterTaskDefinition",
      "ecs:DescribeTaskDefinition",
      "elasticloadbalancing:DescribeTargetGroups",
      "logs:DescribeLogGroups",
    ])
    error_message = "Only actions that take no resource may apply to everything."
  }
}

run "plan_role_only_reads" {
  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.github_plan.policy).Statement : [
        for action in statement.Action : can(regex(":(Describe|Get|List)", action))
      ]
    ]))
    error_message = "The plan role must not write."
  }

  assert {
    condition     = !anytrue([for statement in jsondecode(aws_iam_role_policy.github_plan.policy).Statement : contains(statement.Action, "s3:GetObject")])
    error_message = "Without a state bucket, the plan role reads no object."
  }
}

run "plan_role_reads_one_state_object" {
  variables {
    state = { bucket = "state-bucket", key = "slipway/terraform.tfstate" }
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.github_plan.policy).Statement : statement.Resource if contains(statement.Action, "s3:GetObject")] == [["arn:aws:s3:::state-bucket/slipway/terraform.tfstate"]]
    error_message = "The plan role reads the state object and no other."
  }
}

run "existing_provider_is_used" {
  variables {
    github_oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "An account holds one provider for GitHub; a second one cannot be created."
  }
}

run "wildcard_repository_is_refused" {
  command = plan

  variables {
    github_repository = "octo-org/*"
  }

  expect_failures = [var.github_repository]
}

run "wildcard_environment_is_refused" {
  command = plan

  variables {
    deploy_environments = ["production", "*"]
  }

  expect_failures = [var.deploy_environments]
}

run "planning_in_a_deployment_environment_is_refused" {
  command = plan

  variables {
    plan_environment = "production"
  }

  expect_failures = [var.plan_environment]
}

run "wildcard_state_key_is_refused" {
  command = plan

  variables {
    state = { bucket = "state-bucket", key = "*" }
  }

  expect_failures = [var.state]
}
