#!/usr/bin/env python3
"""Makes plans of this folder with the terraform on this machine: `python3 make.py [case ...]`.

Each case applies one configuration to an empty state, changes it, and saves `terraform show -json` of the plan, and beside
it what `terraform show -no-color` prints. Only the builtin provider is used, so nothing is downloaded. Ids are random, so a
plan made again differs in them.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

SECRET_VARIABLE = 'variable "s" {\n  sensitive = true\n  default = "%s"\n}\n'

CASES = {
    # Every action at once, in modules and with for_each, a JSON policy, a script, outputs.
    "mixed": {
        "before": '''
resource "terraform_data" "database" {
  input = { engine = "postgres", version = "15.4", size = 20, tags = { team = "data", env = "prod" } }
  triggers_replace = ["15.4"]
}
resource "terraform_data" "queue" { input = "orders" }
resource "terraform_data" "old_name" { input = "kept" }
resource "terraform_data" "leaves" { input = "alive" }
resource "terraform_data" "service" {
  for_each = toset(["api", "web"])
  input = {
    name = each.key
    image = "shop/${each.key}:1.0.0"
    user_data = "#!/bin/sh\\nset -eu\\necho start\\napt-get update\\napt-get install -y nginx\\nsystemctl enable nginx\\necho done\\n"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "*" }] })
    ports = [80, 443, 8080, 9090, 9091]
  }
}
output "endpoint" { value = "https://shop.example" }
output "gone" { value = "x" }
''',
        "after": '''
resource "terraform_data" "database" {
  input = { engine = "postgres", version = "16.2", size = 20, tags = { team = "data", env = "prod" } }
  triggers_replace = ["16.2"]
}
resource "terraform_data" "new_name" { input = "kept" }
moved {
  from = terraform_data.old_name
  to = terraform_data.new_name
}
removed {
  from = terraform_data.leaves
  lifecycle { destroy = false }
}
import {
  to = terraform_data.bucket
  id = "shop-assets"
}
resource "terraform_data" "bucket" { input = "assets" }
resource "terraform_data" "service" {
  for_each = toset(["api", "web", "worker"])
  input = {
    name = each.key
    image = "shop/${each.key}:1.1.0"
    user_data = "#!/bin/sh\\nset -eu\\necho start\\napt-get update\\napt-get install -y nginx-light\\nsystemctl enable nginx\\necho done\\n"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::shop/*" }] })
    ports = [80, 443, 8443, 9090, 9091]
  }
}
output "endpoint" { value = "https://www.shop.example" }
output "workers" { value = terraform_data.service["worker"].id }
''',
    },
    # A secret as a map's key, in a text, in JSON, in base64 and as an output.
    "sensitive_copies": {
        "before": SECRET_VARIABLE % "hunter2-TOP-SECRET"
        + '''
resource "terraform_data" "a" {
  input = { (nonsensitive(var.s)) = "key", url = "postgres://app:${var.s}@db/shop", json = jsonencode({ password = var.s, user = "app" }) }
}
''',
        "after": SECRET_VARIABLE % "hunter3-TOP-SECRET"
        + '''
resource "terraform_data" "a" {
  input = { (nonsensitive(var.s)) = "key", url = "postgres://app:${var.s}@db/shop", json = jsonencode({ password = var.s, user = "app" }) }
}
resource "terraform_data" "copy" {
  for_each = { x = nonsensitive(var.s) }
  input = "user=app\\npassword=${each.value}\\nencoded=${base64encode(each.value)}\\n"
}
output "sec" {
  value = var.s
  sensitive = true
}
''',
    },
    # Line endings and numbers that a careless reader loses.
    "exact_values": {
        "before": '''
resource "terraform_data" "a" {
  input = { big = 12345678901234567890123, small = 0.1, text = "one\\ntwo\\n", crlf = "a\\r\\nb\\r\\n" }
}
''',
        "after": '''
resource "terraform_data" "a" {
  input = { big = 12345678901234567890124, small = 0.10000000000000001, text = "one\\ntwo", crlf = "a\\nb\\n" }
}
''',
    },
    # One attribute of 20 kB.
    "long_text": {
        "before": 'resource "terraform_data" "a" { input = join("", [for i in range(1000) : "0123456789ABCDEFGHIJ"]) }\n',
        "after": 'resource "terraform_data" "a" { input = join("", [for i in range(1000) : i == 500 ? "changed!!!changed!!!" : "0123456789ABCDEFGHIJ"]) }\n',
    },
    # More than a comment holds.
    "many_resources": {
        "before": 'resource "terraform_data" "a" {\n  count = 120\n  input = { n = count.index, text = join("\\n", [for i in range(20) : "line ${i}"]) }\n}\n',
        "after": 'resource "terraform_data" "a" {\n  count = 100\n  input = { n = count.index, text = join("\\n", [for i in range(20) : "line ${i * 2}"]) }\n}\n'
        'resource "terraform_data" "b" {\n  count = 120\n  input = { n = count.index, text = join("\\n", [for i in range(20) : "line ${i}"]) }\n}\n',
    },
}


def terraform(folder, *arguments):
    # Not as text: Python would take the carriage returns away.
    done = subprocess.run(["terraform", *arguments], cwd=folder, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"terraform {' '.join(arguments)} failed:\n{done.stderr.decode()}")
    return done.stdout.decode()


def slim(plan):
    """Leaves out what the action reads nothing from, to keep the files small."""
    if len(json.dumps(plan)) > 100_000:
        plan.pop("planned_values", None)
        plan.pop("prior_state", None)
    return plan


def make(name, case, target):
    with tempfile.TemporaryDirectory() as folder:
        main = pathlib.Path(folder, "main.tf")
        main.write_text(case["before"])
        terraform(folder, "init", "-no-color")
        terraform(folder, "apply", "-no-color", "-auto-approve")
        main.write_text(case["after"])
        terraform(folder, "plan", "-no-color", "-out=tfplan")
        text = terraform(folder, "show", "-json", "tfplan")
        if len(text) > 100_000:
            text = json.dumps(slim(json.loads(text))) + "\n"
        target.joinpath(f"{name}.json").write_text(text)
        target.joinpath(f"{name}.show.txt").write_bytes(terraform(folder, "show", "-no-color", "tfplan").encode())


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent
    for chosen in sys.argv[1:] or CASES:
        make(chosen, CASES[chosen], here)
        print(chosen)
