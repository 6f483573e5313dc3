# The service rolls back by itself, is reached through its load balancer alone, and its images stay what they were.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  github_repository = "octo-org/octo-repo"
}

run "release_tags_are_immutable" {
  assert {
    condition     = jsondecode(aws_cloudformation_stack.registry.template_body).Resources.Repository.Properties.ImageTagMutability == "IMMUTABLE_WITH_EXCLUSION"
    error_message = "Release tags must be immutable."
  }

  assert {
    condition = toset([
      for filter in jsondecode(aws_cloudformation_stack.registry.template_body).Resources.Repository.Properties.ImageTagMutabilityExclusionFilters :
      "${filter.ImageTagMutabilityExclusionFilterType} ${filter.ImageTagMutabilityExclusionFilterValue}"
    ]) == toset(["WILDCARD *-SNAPSHOT", "WILDCARD develop", "WILDCARD latest"])
    error_message = "Snapshots, `develop` and `latest` move; nothing else does."
  }

  assert {
    condition     = jsondecode(aws_cloudformation_stack.registry.template_body).Resources.Repository.Properties.ImageScanningConfiguration.ScanOnPush
    error_message = "Images must be scanned when they are pushed."
  }

  assert {
    condition     = jsondecode(aws_cloudformation_stack.registry.template_body).Resources.Repository.DeletionPolicy == "Retain" && jsondecode(aws_cloudformation_stack.registry.template_body).Resources.Repository.UpdateReplacePolicy == "Retain"
    error_message = "Images must outlive the stack."
  }

  assert {
    condition = alltrue([
      for rule in jsondecode(jsondecode(aws_cloudformation_stack.registry.template_body).Resources.Repository.Properties.LifecyclePolicy.LifecyclePolicyText).rules :
      rule.selection.tagStatus == "untagged" || join(",", try(rule.selection.tagPatternList, [])) == "*-SNAPSHOT"
    ])
    error_message = "The lifecycle policy must never reach a release."
  }
}

run "failed_deployments_roll_back" {
  assert {
    condition     = one(aws_ecs_service.backend.deployment_circuit_breaker).enable && one(aws_ecs_service.backend.deployment_circuit_breaker).rollback
    error_message = "The circuit breaker must be on and must roll back."
  }

  assert {
    condition     = aws_ecs_service.backend.deployment_minimum_healthy_percent == 100
    error_message = "A deployment must not take capacity away."
  }

  assert {
    condition     = aws_lb_target_group.backend.health_check[0].path == "/health"
    error_message = "The load balancer must ask /health."
  }
}

run "tasks_are_reached_through_the_load_balancer_alone" {
  assert {
    condition     = one(aws_ecs_service.backend.network_configuration).assign_public_ip == false
    error_message = "Tasks must have no public address."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.service.referenced_security_group_id == aws_security_group.load_balancer.id && aws_vpc_security_group_ingress_rule.service.cidr_ipv4 == null
    error_message = "Only the load balancer may reach the tasks."
  }

  assert {
    condition     = length(setintersection(values(local.public_subnets), values(local.private_subnets))) == 0 && length(local.private_subnets) == 2 && join(",", keys(local.private_subnets)) == "eu-west-1a,eu-west-1b"
    error_message = "Two zones, with separate public and private subnets."
  }

  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "The default security group must allow nothing."
  }
}

run "storage_endpoint_reaches_image_layers_only" {
  assert {
    condition = [for statement in jsondecode(aws_vpc_endpoint.s3.policy).Statement : "${statement.Effect} ${statement.Action} ${statement.Resource}"] == [
      "Allow s3:GetObject arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*",
    ]
    error_message = "Through the endpoint for Amazon S3, tasks read image layers and nothing else."
  }
}

run "containers_have_no_privileges" {
  assert {
    condition = alltrue([
      for container in jsondecode(aws_ecs_task_definition.backend.container_definitions) :
      container.readonlyRootFilesystem && container.user != "0" && container.linuxParameters.capabilities.drop == ["ALL"]
    ])
    error_message = "Containers run without root, capabilities or a writable file system."
  }

  assert {
    condition     = jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "The task roles must be for tasks of this account only."
  }
}

run "matches_the_task_definition_that_is_deployed" {
  assert {
    condition     = jsondecode(file("../examples/backend/task-definition.json")).family == aws_ecs_task_definition.backend.family
    error_message = "The family differs from examples/backend/task-definition.json; the deployment could not register it."
  }

  assert {
    condition     = endswith(jsondecode(file("../examples/backend/task-definition.json")).executionRoleArn, ":role/${aws_iam_role.execution.name}") && endswith(jsondecode(file("../examples/backend/task-definition.json")).taskRoleArn, ":role/${aws_iam_role.task.name}")
    error_message = "The roles differ from examples/backend/task-definition.json; the deployment could not pass them."
  }

  assert {
    condition     = jsondecode(file("../examples/backend/task-definition.json")).containerDefinitions[0].logConfiguration.options == jsondecode(aws_ecs_task_definition.backend.container_definitions)[0].logConfiguration.options
    error_message = "The log group differs from examples/backend/task-definition.json; tasks could not start."
  }

  assert {
    condition = alltrue([
      for field in ["name", "user", "healthCheck", "linuxParameters", "stopTimeout", "readonlyRootFilesystem"] :
      jsonencode(jsondecode(file("../examples/backend/task-definition.json")).containerDefinitions[0][field]) == jsonencode(jsondecode(aws_ecs_task_definition.backend.container_definitions)[0][field])
    ])
    error_message = "The container differs from examples/backend/task-definition.json."
  }

  assert {
    condition     = one(aws_ecs_service.backend.load_balancer).container_name == jsondecode(file("../examples/backend/task-definition.json")).containerDefinitions[0].name && one(aws_ecs_service.backend.load_balancer).container_port == jsondecode(file("../examples/backend/task-definition.json")).containerDefinitions[0].portMappings[0].containerPort
    error_message = "The load balancer forwards to another container or port than examples/backend/task-definition.json opens."
  }
}

run "plain_http_without_a_certificate" {
  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "forward" && length(aws_lb_listener.https) == 0
    error_message = "Without a certificate, port 80 is all there is."
  }
}

run "https_with_a_certificate" {
  variables {
    backend_certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && one(aws_lb_listener.https[*].ssl_policy) == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "With a certificate, port 80 redirects and port 443 speaks TLS 1.2 or newer."
  }
}

run "unlimited_logs_are_refused" {
  command = plan

  variables {
    log_retention_days = 0
  }

  expect_failures = [var.log_retention_days]
}

run "sizes_that_fargate_does_not_offer_are_refused" {
  command = plan

  variables {
    task_cpu    = 256
    task_memory = 4096
  }

  expect_failures = [var.task_memory]
}
