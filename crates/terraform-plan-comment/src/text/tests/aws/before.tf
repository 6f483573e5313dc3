variable "secret" {
  sensitive = true
  default   = "correct-horse-battery"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main", team = "shop", "a b" = "c" }
}
resource "aws_subnet" "a" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.1.0/24"
}
resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = "vpc-1"
  ingress {
    description = "https"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_iam_policy" "read" {
  name = "read"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "*" }]
  })
}
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
  inline_policy {
    name   = "one"
    policy = jsonencode({ a = 1 })
  }
}
resource "aws_s3_bucket" "site" {
  bucket        = "site"
  force_destroy = false
  tags          = { env = "prod" }
}
resource "aws_s3_bucket_lifecycle_configuration" "site" {
  bucket = "site"
  rule {
    id     = "old"
    status = "Enabled"
    filter {
      prefix = "logs/"
    }
    expiration {
      days = 30
    }
    transition {
      days          = 10
      storage_class = "GLACIER"
    }
  }
}
resource "aws_s3_bucket_versioning" "site" {
  bucket = "site"
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "owner"
    type = "S"
  }
  global_secondary_index {
    name            = "by-owner"
    hash_key        = "owner"
    projection_type = "ALL"
  }
}
resource "aws_instance" "web" {
  ami           = "ami-1"
  instance_type = "t3.micro"
  user_data     = "#!/bin/sh\necho one\necho two\n"
  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 10
  }
  root_block_device {
    volume_size = 8
  }
  tags = { Name = "web" }
}
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = var.secret
  skip_final_snapshot = true
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = "arn:aws:iam::123456789012:role/app"
  handler       = "index.handler"
  runtime       = "nodejs20.x"
  s3_bucket     = "code"
  s3_key        = "f.zip"
  environment {
    variables = { A = "1", TOKEN = var.secret }
  }
}
resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    { name = "web", image = "web:1", essential = true, environment = [{ name = "A", value = "1" }] },
  ])
}
resource "aws_ssm_parameter" "token" {
  name  = "/token"
  type  = "SecureString"
  value = var.secret
}
resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "cpu"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  threshold           = 80
  metric_query {
    id          = "e1"
    expression  = "m1 * 2"
    return_data = true
  }
  metric_query {
    id = "m1"
    metric {
      metric_name = "CPUUtilization"
      namespace   = "AWS/EC2"
      period      = 60
      stat        = "Average"
      dimensions  = { InstanceId = "i-1" }
    }
  }
}
resource "aws_elastic_beanstalk_environment" "env" {
  name        = "env"
  application = "app"
  setting {
    namespace = "aws:autoscaling:asg"
    name      = "MinSize"
    value     = "11"
  }
  setting {
    namespace = "aws:elasticbeanstalk:application:environment"
    name      = "API_TOKEN"
    value     = var.secret
  }
}
resource "aws_route53_record" "www" {
  zone_id = "Z1"
  name    = "www.example.com"
  type    = "A"
  ttl     = 60
  records = ["192.0.2.1", "192.0.2.2"]
}
resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = "sg-1"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
