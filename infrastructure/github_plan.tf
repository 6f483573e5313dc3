# What `terraform plan` reads, call by call, instead of the managed ReadOnlyAccess: that one also reads the data of every bucket,
# table and queue of the account, and a pull request decides what the plan runs.
locals {
  github_plan_policy = {
    Version   = "2012-10-17"
    Statement = concat(local.plan_reads, flatten(local.state_reads))
  }

  plan_reads = [
    # Describe calls of these services take no resource.
    {
      Sid    = "Describe"
      Effect = "Allow"
      Action = [
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribePrefixLists",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "ecs:DescribeTaskDefinition",
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeListenerAttributes",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "logs:DescribeLogGroups",
      ]
      Resource = ["*"]
    },
    {
      Sid      = "ReadBackend"
      Effect   = "Allow"
      Action   = ["ecs:DescribeClusters", "ecs:DescribeServices"]
      Resource = [aws_ecs_cluster.main.arn, local.service_arn]
    },
    {
      Sid      = "ReadLogGroup"
      Effect   = "Allow"
      Action   = ["logs:ListTagsForResource"]
      Resource = [aws_cloudwatch_log_group.backend.arn]
    },
    {
      Sid      = "ReadRegistry"
      Effect   = "Allow"
      Action   = ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"]
      Resource = ["arn:${local.partition}:cloudformation:${var.region}:${local.account}:stack/${var.name}-registry/*"]
    },
    {
      Sid    = "ReadBucketSettings"
      Effect = "Allow"
      Action = [
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
      ]
      Resource = [aws_s3_bucket.frontend.arn]
    },
    {
      Sid    = "ReadDistribution"
      Effect = "Allow"
      Action = ["cloudfront:GetDistribution", "cloudfront:GetOriginAccessControl", "cloudfront:GetResponseHeadersPolicy", "cloudfront:ListTagsForResource"]
      Resource = [
        aws_cloudfront_distribution.frontend.arn,
        "arn:${local.partition}:cloudfront::${local.account}:origin-access-control/${aws_cloudfront_origin_access_control.frontend.id}",
        "arn:${local.partition}:cloudfront::${local.account}:response-headers-policy/${aws_cloudfront_response_headers_policy.frontend.id}",
      ]
    },
    {
      Sid      = "ReadRoles"
      Effect   = "Allow"
      Action   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
      Resource = ["arn:${local.partition}:iam::${local.account}:role/${var.name}-*"]
    },
    {
      Sid      = "ReadIdentityProvider"
      Effect   = "Allow"
      Action   = ["iam:GetOpenIDConnectProvider"]
      Resource = [local.github_provider_arn]
    },
  ]

  state_reads = [
    for state in var.state[*] : [
      {
        Sid      = "ReadState"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:${local.partition}:s3:::${state.bucket}/${state.key}"]
      },
      {
        Sid       = "FindState"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:${local.partition}:s3:::${state.bucket}"]
        Condition = { StringEquals = { "s3:prefix" = state.key } }
      },
    ]
  ]
}
