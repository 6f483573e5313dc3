variable "github_repository" {
  description = "Repository whose workflows may assume the roles, as `owner/name`. It has no default because a wrong value hands the account to strangers."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "Write `github_repository` as owner/name, without wildcards."
  }
}

variable "github_repository_ids" {
  description = "Numbers of the repository's owner and of the repository, as `owner_id/repository_id`, where its tokens name them: repositories created, renamed or transferred since July 15, 2026, and those that opted in. Empty for tokens that hold the names alone."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]+/[0-9]+)?$", var.github_repository_ids))
    error_message = "Write `github_repository_ids` as owner_id/repository_id, two numbers; `gh api repos/OWNER/REPO --jq '.owner.id, .id'` prints them."
  }
}

variable "deploy_environments" {
  description = "GitHub environments whose jobs may assume the deployment roles. Restrict each environment to its branch in the repository's settings."
  type        = set(string)
  default     = ["development", "production"]
  nullable    = false

  validation {
    condition     = length(var.deploy_environments) > 0 && alltrue([for name in var.deploy_environments : can(regex("^[A-Za-z0-9._-]+$", name))])
    error_message = "Name at least one environment; letters, digits, `.`, `_` and `-` only, so that no wildcard gets into the trust policy."
  }
}

variable "plan_environment" {
  description = "GitHub environment whose jobs may assume the read-only role. Required reviewers on it decide who may plan."
  type        = string
  default     = "plan"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.plan_environment)) && !contains(var.deploy_environments, var.plan_environment)
    error_message = "`plan_environment` must be an environment of its own; letters, digits, `.`, `_` and `-` only."
  }
}

variable "github_oidc_provider_arn" {
  description = "ARN of GitHub's OIDC provider when the account already has it; an account can hold only one. Null creates it."
  type        = string
  default     = null

  validation {
    condition     = var.github_oidc_provider_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "`github_oidc_provider_arn` must be the ARN of the provider for token.actions.githubusercontent.com."
  }
}

variable "state" {
  description = "Where the Terraform state lies in Amazon S3, so that the plan role may read it. Null when the state is elsewhere."
  type = object({
    bucket = string
    key    = string
  })
  default = null

  validation {
    condition     = var.state == null || (can(regex("^[a-z0-9.-]{3,63}$", var.state.bucket)) && can(regex("^[^*?]+$", var.state.key)))
    error_message = "`state.bucket` must be a bucket name and `state.key` an object key without wildcards."
  }
}

variable "name" {
  description = "Prefix of every resource name."
  type        = string
  default     = "slipway"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}[a-z0-9]$", var.name))
    error_message = "`name` must be 3 to 16 lower-case letters, digits and hyphens; load balancer names leave no room for more."
  }
}

variable "region" {
  description = "AWS region of everything but CloudFront."
  type        = string
  default     = "eu-west-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "`region` must look like eu-west-1."
  }
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC; a /16 to /20, cut into four subnets of an eighth each."
  type        = string
  default     = "10.40.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "`vpc_cidr` must be an IPv4 range with a prefix length from 16 to 20."
  }
}

variable "desired_count" {
  description = "Tasks of the backend when the service is created. Later changes belong to deployments and scaling, so Terraform ignores them."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.desired_count >= 0 && var.desired_count <= 20 && floor(var.desired_count) == var.desired_count
    error_message = "`desired_count` must be a whole number from 0 to 20."
  }
}

variable "task_cpu" {
  description = "CPU units of the first task definition; later revisions come from the deployment."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.task_cpu)
    error_message = "`task_cpu` must be 256, 512, 1024, 2048 or 4096."
  }
}

variable "task_memory" {
  description = "Memory in MiB of the first task definition; Fargate takes from two to eight times `task_cpu`."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = var.task_memory >= 2 * var.task_cpu && var.task_memory <= 8 * var.task_cpu && var.task_memory % 512 == 0
    error_message = "`task_memory` must be a multiple of 512 from 2 to 8 times `task_cpu`."
  }
}

variable "initial_image_tag" {
  description = "Image tag of the first task definition. The service becomes steady when an image with this tag, or the first deployment, arrives."
  type        = string
  default     = "1.0.0"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", var.initial_image_tag))
    error_message = "`initial_image_tag` must be a valid image tag."
  }
}

variable "log_retention_days" {
  description = "Days for which the backend's log is kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "`log_retention_days` must be a retention that CloudWatch Logs offers, for example 30, 90 or 365; it cannot be unlimited."
  }
}

variable "container_insights" {
  description = "Container Insights of the cluster: disabled, enabled or enhanced. Each metric is billed."
  type        = string
  default     = "disabled"
  nullable    = false

  validation {
    condition     = contains(["disabled", "enabled", "enhanced"], var.container_insights)
    error_message = "`container_insights` must be disabled, enabled or enhanced."
  }
}

variable "backend_certificate_arn" {
  description = "ACM certificate for the load balancer, in the same region. Null serves plain HTTP, which suits a trial only."
  type        = string
  default     = null

  validation {
    condition     = var.backend_certificate_arn == null || can(regex("^arn:[a-z-]+:acm:", var.backend_certificate_arn))
    error_message = "`backend_certificate_arn` must be the ARN of an ACM certificate."
  }
}

variable "frontend_domain" {
  description = "Domain name of the site and its ACM certificate, which must be in us-east-1. Null uses CloudFront's own name."
  type = object({
    name            = string
    certificate_arn = string
  })
  default = null

  validation {
    condition     = var.frontend_domain == null || can(regex("^arn:[a-z-]+:acm:us-east-1:", var.frontend_domain.certificate_arn))
    error_message = "CloudFront takes certificates of us-east-1 only."
  }
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be deleted. Switch it off, apply, and only then destroy."
  type        = bool
  default     = true
  nullable    = false
}
