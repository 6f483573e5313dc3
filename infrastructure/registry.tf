# Release tags never move, while the three kinds of development tags do. `aws_ecr_repository` of provider 5 knows neither
# IMMUTABLE_WITH_EXCLUSION nor its filters (they came with provider 6), so CloudFormation makes the repository. Provider 6 can take it
# over with an `import` block: the stack retains the repository when it goes.
locals {
  mutable_tags = ["*-SNAPSHOT", "develop", "latest"]

  registry_lifecycle = {
    rules = [
      {
        rulePriority = 1
        description  = "Drop layers of overwritten development tags"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Keep the newest twenty snapshots; releases are kept for ever"
        selection    = { tagStatus = "tagged", tagPatternList = ["*-SNAPSHOT"], countType = "imageCountMoreThan", countNumber = 20 }
        action       = { type = "expire" }
      },
    ]
  }

  registry_template = {
    Description = "Image repository of the backend, managed by Terraform"
    Resources = {
      Repository = {
        Type                = "AWS::ECR::Repository"
        DeletionPolicy      = "Retain"
        UpdateReplacePolicy = "Retain"
        Properties = {
          RepositoryName     = local.backend_name
          ImageTagMutability = "IMMUTABLE_WITH_EXCLUSION"
          ImageTagMutabilityExclusionFilters = [
            for pattern in local.mutable_tags : {
              ImageTagMutabilityExclusionFilterType  = "WILDCARD"
              ImageTagMutabilityExclusionFilterValue = pattern
            }
          ]
          ImageScanningConfiguration = { ScanOnPush = true }
          EncryptionConfiguration    = { EncryptionType = "AES256" }
          LifecyclePolicy            = { LifecyclePolicyText = jsonencode(local.registry_lifecycle) }
        }
      }
    }
    Outputs = {
      RepositoryUri = { Value = { "Fn::GetAtt" = ["Repository", "RepositoryUri"] } }
    }
  }
}

resource "aws_cloudformation_stack" "registry" {
  name          = "${var.name}-registry"
  template_body = jsonencode(local.registry_template)
}
