resource "aws_cloudwatch_log_group" "backend" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
}

resource "aws_ecs_cluster" "main" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }
}

# The first revision. Deployments register the following ones from examples/backend/task-definition.json; a test compares the two.
resource "aws_ecs_task_definition" "backend" {
  family                   = local.backend_name
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = var.task_cpu
  memory                   = var.task_memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  skip_destroy             = true

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([local.backend_container])
}

locals {
  backend_container = {
    name      = local.container_name
    image     = "${aws_cloudformation_stack.registry.outputs["RepositoryUri"]}:${var.initial_image_tag}"
    essential = true

    portMappings = [
      { name = "http", containerPort = local.container_port, hostPort = local.container_port, protocol = "tcp", appProtocol = "http" }
    ]

    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    stopTimeout            = 30

    healthCheck = {
      command     = ["CMD", "/backend", "--health-check"]
      interval    = 10
      timeout     = 3
      retries     = 3
      startPeriod = 5
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.backend.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "ecs"
      }
    }
  }
}

resource "aws_ecs_service" "backend" {
  name                               = local.backend_name
  cluster                            = aws_ecs_cluster.main.id
  task_definition                    = aws_ecs_task_definition.backend.arn
  desired_count                      = var.desired_count
  launch_type                        = "FARGATE"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 30
  enable_execute_command             = false

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = [for subnet in aws_subnet.private : subnet.id]
    security_groups  = [aws_security_group.service.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.backend.arn
    container_name   = local.container_name
    container_port   = local.container_port
  }

  lifecycle {
    # Deployments own the revision, and scaling owns the count.
    ignore_changes = [task_definition, desired_count]
  }

  depends_on = [
    aws_iam_role_policy.execution,
    aws_lb_listener.http,
    aws_lb_listener.https,
    aws_vpc_endpoint.interface,
    aws_vpc_endpoint.s3,
  ]
}
