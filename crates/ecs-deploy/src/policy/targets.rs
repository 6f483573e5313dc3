//! Moving rules and schedules. The roles of their targets, which `iam:PassRole` is needed for, only AWS knows
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html>).

use aws_client::policy;
use aws_client::policy::Statement;

use crate::targets::{Place, TargetInputs};

/// Reading them, and unless it is a dry run changing them.
pub(crate) fn moves(place: &policy::Place, targets: &TargetInputs, dry_run: bool) -> Option<[Statement; 2]> {
    let rules: Option<Vec<String>> = targets.rules.iter().map(|rule| place.arn("events", &rule_path(rule))).collect();
    let schedule = |own: &Place| place.arn("scheduler", &format!("schedule/{}/{}", own.within, own.name));
    let schedules: Option<Vec<String>> = targets.schedules.iter().map(schedule).collect();
    // A dry run does without what it may not see.
    let (rules_sid, schedules_sid) =
        if dry_run { ("OptionalSeeTheRules", "OptionalSeeTheSchedules") } else { ("MoveRules", "MoveSchedules") };
    Some([
        Statement::new(rules_sid, ["events:DescribeRule", "events:ListTargetsByRule"])
            .and("events:PutTargets", !dry_run)
            .on_all(rules?),
        Statement::new(schedules_sid, ["scheduler:GetSchedule"])
            .and("scheduler:UpdateSchedule", !dry_run)
            .on_all(schedules?),
    ])
}

/// A rule of the default bus has no bus in its ARN.
fn rule_path(rule: &Place) -> String {
    if rule.within == "default" { format!("rule/{}", rule.name) } else { format!("rule/{}/{}", rule.within, rule.name) }
}
