# The site is reachable through CloudFront and in no other way.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  github_repository = "octo-org/octo-repo"
}

run "bucket_is_private" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.frontend.block_public_acls,
      aws_s3_bucket_public_access_block.frontend.block_public_policy,
      aws_s3_bucket_public_access_block.frontend.ignore_public_acls,
      aws_s3_bucket_public_access_block.frontend.restrict_public_buckets,
    ])
    error_message = "All four public access blocks of the bucket must be on."
  }

  assert {
    condition     = one(aws_s3_bucket_ownership_controls.frontend.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "Access control lists must be switched off."
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.frontend.versioning_configuration).status == "Enabled"
    error_message = "The bucket must keep old versions; they are the way back."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.frontend.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The bucket must encrypt with keys of Amazon S3, so that an ETag stays the content's MD5."
  }
}

run "only_this_distribution_reads_the_bucket" {
  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.frontend.policy).Statement : statement if statement.Effect == "Allow"] == [{
      Sid       = "ReadThroughCloudFront"
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::slipway-frontend-111122223333-eu-west-1/*"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Condition = { StringEquals = { "AWS:SourceArn" = "arn:aws:cloudfront::111122223333:distribution/E0123456789ABC" } }
    }]
    error_message = "The only permission on the bucket is reading objects through our own distribution."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_s3_bucket_policy.frontend.policy).Statement :
      statement.Effect == "Deny" && statement.Principal == "*" && statement.Action == "s3:*" &&
      length(statement.Resource) == 2 && try(statement.Condition.Bool["aws:SecureTransport"], "") == "false"
    ])
    error_message = "The bucket must refuse plain HTTP for itself and its objects."
  }

  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.frontend.policy).Statement : statement if statement.Sid == "KeepManifestsPrivate"] == [{
      Sid       = "KeepManifestsPrivate"
      Effect    = "Deny"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::slipway-frontend-111122223333-eu-west-1/.slipway/*"
      Principal = { Service = "cloudfront.amazonaws.com" }
    }]
    error_message = "What s3-sync-invalidate remembers of its publications must not be served."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.frontend.origin).origin_access_control_id == aws_cloudfront_origin_access_control.frontend.id
    error_message = "The distribution must sign its requests to the bucket."
  }

  assert {
    condition     = aws_cloudfront_origin_access_control.frontend.signing_behavior == "always"
    error_message = "Every request to the bucket must be signed."
  }
}

run "visitors_get_https_pages_and_a_404" {
  assert {
    condition     = one(aws_cloudfront_distribution.frontend.default_cache_behavior).viewer_protocol_policy == "redirect-to-https"
    error_message = "Plain HTTP must be redirected."
  }

  assert {
    condition     = aws_cloudfront_distribution.frontend.default_root_object == "index.html"
    error_message = "The address of the site must serve index.html."
  }

  assert {
    condition = toset([for response in aws_cloudfront_distribution.frontend.custom_error_response : "${response.error_code} ${response.response_code} ${response.response_page_path}"]) == toset([
      "403 404 /404.html",
      "404 404 /404.html",
    ])
    error_message = "A missing object must answer 404 with /404.html, also where Amazon S3 says 403."
  }
}

run "security_headers_are_strict" {
  assert {
    condition     = one(aws_cloudfront_distribution.frontend.default_cache_behavior).response_headers_policy_id == aws_cloudfront_response_headers_policy.frontend.id
    error_message = "The distribution must send the security headers."
  }

  assert {
    condition     = startswith(local.content_security_policy, "default-src 'none'; ") && !strcontains(local.content_security_policy, "unsafe") && !strcontains(local.content_security_policy, "*")
    error_message = "The content security policy must start from nothing and allow neither inline code nor other hosts."
  }

  assert {
    condition     = one(one(aws_cloudfront_response_headers_policy.frontend.security_headers_config).strict_transport_security).access_control_max_age_sec >= 31536000
    error_message = "Browsers must remember HTTPS for a year."
  }
}

run "own_domain_raises_the_tls_floor" {
  variables {
    frontend_domain = {
      name            = "www.example.com"
      certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    }
  }

  assert {
    condition     = one(aws_cloudfront_distribution.frontend.viewer_certificate).minimum_protocol_version == "TLSv1.2_2021"
    error_message = "With a certificate of our own, TLS 1.2 is the least."
  }
}

run "certificate_of_another_region_is_refused" {
  command = plan

  variables {
    frontend_domain = {
      name            = "www.example.com"
      certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
    }
  }

  expect_failures = [var.frontend_domain]
}
