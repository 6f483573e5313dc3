//! Takes back the deployment that is under way: it is stopped, and `CodeDeploy` goes back to what ran before.

use crate::codedeploy::apply::{Deploying, place};
use crate::codedeploy::conflict::has_ended;
use crate::codedeploy::course::{Course, Until};
use crate::codedeploy::create::Started;
use crate::codedeploy::follow::Watch;
use crate::ended::Ended;
use crate::error::Error;
use crate::hurry;
use crate::outcome::{Back, ServiceOutcome, Verdict};
use crate::restore::NOT_KNOWN;

impl Deploying<'_> {
    /// Stops the deployment `id`, whoever made it, and follows it and the one that undoes it to their end.
    pub(crate) async fn undo(mut self, id: &str) -> Result<ServiceOutcome, Error> {
        let api = self.code.api(self.site.ecs);
        let Some(stopped) = hurry::answer(&self.site.session.cancel, self.site.ecs.pace, api.stop(id)).await else {
            let ended = Ended { back: Back::Unknown, ..Ended::new(Verdict::Cancelled, NOT_KNOWN) };
            return Ok(self.outcome(ended, id, None));
        };
        stopped.or_else(has_ended)?;
        self.site.session.log.line(format!("stopped deployment {id}, which is undone now"));
        let limit = self.code.limit(self.inputs, self.inputs.wait.unwrap_or_default());
        let mut watch = Watch::new(self.site, self.code.place(), id, std::mem::take(&mut self.told));
        let course = Course::new(id, Until::Deployed, place(self.site)).going_back();
        let followed = Box::pin(watch.follow(course, limit)).await;
        self.told = std::mem::take(&mut watch.told);
        drop(watch);
        let (course, followed) = match followed {
            Ok(followed) => followed,
            Err(answer) => return Ok(self.lost_sight(id, answer)),
        };
        let ended = self.ended(&course, followed, (&Started { id: id.to_owned(), by_us: false }, limit));
        let is_well = ended.verdict.is_success() || ended.verdict == Verdict::RolledBack;
        let diagnosis = if is_well { None } else { Some(self.diagnose(&course).await) };
        Ok(self.outcome(ended, id, diagnosis))
    }
}
