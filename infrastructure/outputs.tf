output "backend_role_arn" {
  description = "Role for `role-to-assume` in backend.yml."
  value       = aws_iam_role.github["backend"].arn
}

output "frontend_role_arn" {
  description = "Role for `role-to-assume` in frontend.yml."
  value       = aws_iam_role.github["frontend"].arn
}

output "plan_role_arn" {
  description = "Read-only role for `role-to-assume` in infrastructure.yml."
  value       = aws_iam_role.github["plan"].arn
}

output "ecr_repository_url" {
  description = "Repository of the backend's images, without a tag."
  value       = aws_cloudformation_stack.registry.outputs["RepositoryUri"]
}

output "ecr_repository" {
  description = "Name of the repository within its registry."
  value       = local.backend_name
}

output "ecs_cluster" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.main.name
}

output "ecs_service" {
  description = "Name of the backend's service."
  value       = aws_ecs_service.backend.name
}

output "bucket" {
  description = "Bucket of the site."
  value       = aws_s3_bucket.frontend.bucket
}

output "distribution_id" {
  description = "CloudFront distribution of the site."
  value       = aws_cloudfront_distribution.frontend.id
}

output "distribution_domain_name" {
  description = "Address of the site."
  value       = aws_cloudfront_distribution.frontend.domain_name
}

output "alb_dns_name" {
  description = "Address of the backend."
  value       = aws_lb.backend.dns_name
}
