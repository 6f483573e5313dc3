# Two stateful resources and two changes that look harmless in a review: switching encryption on makes a new, empty database
# instance, and a tidied-up flag removes a table.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

variable "encrypt_orders" {
  description = "Whether the storage of the orders database is encrypted."
  type        = bool
  default     = false
}

variable "keep_sessions" {
  description = "Whether there is a table for sessions."
  type        = bool
  default     = true
}

resource "aws_db_instance" "orders" {
  identifier                  = "orders"
  engine                      = "postgres"
  engine_version              = "16.4"
  instance_class              = "db.t4g.small"
  allocated_storage           = 100
  storage_type                = "gp3"
  storage_encrypted           = var.encrypt_orders
  username                    = "orders"
  manage_master_user_password = true
  deletion_protection         = false
  skip_final_snapshot         = true

  tags = { Data = "customer orders" }
}

resource "aws_dynamodb_table" "sessions" {
  count = var.keep_sessions ? 1 : 0

  name         = "sessions"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  tags = { Data = "user sessions" }
}
