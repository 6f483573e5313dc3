resource "aws_s3_bucket" "frontend" {
  bucket = "${local.frontend_name}-${local.account}-${var.region}"
}

resource "aws_s3_bucket_ownership_controls" "frontend" {
  bucket = aws_s3_bucket.frontend.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "frontend" {
  bucket = aws_s3_bucket.frontend.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "frontend" {
  bucket = aws_s3_bucket.frontend.id

  versioning_configuration {
    status = "Enabled"
  }
}

# With keys of Amazon S3 an ETag stays the content's MD5, which lets an upload see what changed without asking per object.
resource "aws_s3_bucket_server_side_encryption_configuration" "frontend" {
  bucket = aws_s3_bucket.frontend.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "frontend" {
  bucket = aws_s3_bucket.frontend.id

  rule {
    id     = "forget-old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.frontend]
}

locals {
  frontend_bucket_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ReadThroughCloudFront"
        Effect    = "Allow"
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.frontend.arn}/*"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.frontend.arn } }
      },
      # What s3-sync-invalidate remembers of its publications is nobody's business outside.
      {
        Sid       = "KeepManifestsPrivate"
        Effect    = "Deny"
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.frontend.arn}/.slipway/*"
        Principal = { Service = "cloudfront.amazonaws.com" }
      },
      {
        Sid       = "RefusePlainHttp"
        Effect    = "Deny"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.frontend.arn, "${aws_s3_bucket.frontend.arn}/*"]
        Principal = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  }
}

resource "aws_s3_bucket_policy" "frontend" {
  bucket = aws_s3_bucket.frontend.id
  policy = jsonencode(local.frontend_bucket_policy)

  depends_on = [aws_s3_bucket_public_access_block.frontend]
}
