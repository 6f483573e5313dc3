//! What is new in an answer, and told.

use std::time::Duration;

use crate::codedeploy::answer::{Deployment, Lifecycle, Status, Target};
use crate::codedeploy::course::{Course, Failure, Until};
use crate::rollout::Event;

impl Course {
    pub(super) fn look_at_target(&mut self, target: &Target, events: &mut Vec<Event>) {
        let new = target.events.iter().filter(|event| event.status != "Pending" && !self.told.contains(event));
        let new: Vec<Lifecycle> = new.cloned().collect();
        events.extend(new.iter().map(|event| Event::Lifecycle {
            name: event.name.clone(),
            status: event.status.clone(),
            message: event.message.clone(),
        }));
        self.told.extend(new);
        let before = self.target.as_ref().and_then(|before| before.weight).unwrap_or_default();
        let weight = target.weight.filter(|weight| (weight - before).abs() > 0.01);
        events.extend(weight.map(|weight| Event::Traffic { production: Some(weight), test: None }));
        self.target = Some(target.clone());
    }

    pub(super) fn look_at(&mut self, deployment: &Deployment, at: Duration, events: &mut Vec<Event>) {
        if self.last.as_ref().is_none_or(|last| last.status != deployment.status) {
            let (status, reason) = (deployment.status.word().to_owned(), deployment.reason.clone());
            events.push(Event::CodeDeploy { id: self.id.clone(), status, reason });
        }
        if let Status::Unknown(word) = &deployment.status {
            self.note(
                format!("the deployment is `{word}`, a word that is newer than this program; waiting on"),
                events,
            );
        }
        if deployment.status == Status::Ready && self.until == Until::Deployed {
            self.note(self.how_to_go_on(), events);
        }
        if matches!(deployment.status, Status::Failed | Status::Stopped) && self.failure.is_none() {
            let reason = self.why(deployment);
            events.push(Event::Failing { reason: reason.clone() });
            self.failure = Some(Failure { reason, since: at, rollback: None });
        }
        self.last = Some(deployment.clone());
    }

    pub(super) fn look_at_rollback(&mut self, rollback: &Deployment, events: &mut Vec<Event>) {
        let Some(failure) = &mut self.failure else { return };
        if failure.rollback.is_none() {
            events.push(Event::RollingBack { to: rollback.task_definition() });
        }
        if failure.rollback.as_ref().is_none_or(|before| before.status != rollback.status) {
            let (status, reason) = (rollback.status.word().to_owned(), rollback.reason.clone());
            events.push(Event::CodeDeploy { id: rollback.id.clone(), status, reason });
        }
        failure.rollback = Some(rollback.clone());
    }

    fn note(&mut self, text: String, events: &mut Vec<Event>) {
        if !self.notes.contains(&text) {
            events.push(Event::Notice { text: text.clone() });
            self.notes.push(text);
        }
    }
}
