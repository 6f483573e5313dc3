resource "aws_cloudwatch_log_group" "backend" {
  name              = "/shop/backend"
  retention_in_days = 30
}
