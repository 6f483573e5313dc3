# Copy this file beside the configuration to apply it to the emulator, and nowhere else. It changes nothing that is created:
# it lists the attributes that the emulator takes and then forgets, so that a second plan is empty there as it is in AWS.

# DescribeSecurityGroupRules answers a rule for a prefix list without the list and without the description.
resource "aws_vpc_security_group_egress_rule" "service_to_s3" {
  lifecycle {
    ignore_changes = [prefix_list_id, description]
  }
}

# DescribeVpcEndpoints answers without the policy, private DNS and security groups.
resource "aws_vpc_endpoint" "s3" {
  lifecycle {
    ignore_changes = [policy]
  }
}

resource "aws_vpc_endpoint" "interface" {
  lifecycle {
    ignore_changes = [private_dns_enabled, security_group_ids]
  }
}

# DescribeServices answers without the rebalancing between zones. The first two are those of the service itself.
resource "aws_ecs_service" "backend" {
  lifecycle {
    ignore_changes = [task_definition, desired_count, availability_zone_rebalancing]
  }
}
