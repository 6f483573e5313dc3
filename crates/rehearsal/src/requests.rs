//! The requests of the actions against AWS's own models: an emulator takes what AWS would refuse.

use testkit::aws::violations;
use testkit::http::Request;

use crate::error::Error;
use crate::table::Row;

/// What an action read from the emulator and sends back: it describes these members of a task definition as empty, where AWS leaves
/// them out.
const ECHOES: [&str; 2] = ["`ipcMode` is ``,", "`pidMode` is ``,"];

/// The row of the closing table on a run's AWS requests, and the problem where some break the models. A run without requests has
/// no row.
pub(crate) fn checked(name: &str, requests: &[Request]) -> Result<(Option<Row>, Option<String>), Error> {
    if requests.is_empty() {
        return Ok((None, None));
    }
    let broken = violations(requests)
        .map_err(|error| Error::Server { what: "the check of requests", reason: error.to_string() })?;
    let broken: Vec<String> = broken.iter().filter_map(|violation| without_echoes(violation)).collect();
    let row = |result, evidence| Row { step: format!("{name} / AWS requests"), result, time: None, evidence };
    if broken.is_empty() {
        return Ok((Some(row("checked", "they keep to AWS's own models".to_owned())), None));
    }
    let broken = broken.join("; ");
    let problem = format!("{name}: requests break AWS's own models: {broken}");
    Ok((Some(row("failed", format!("WRONG: {broken}"))), Some(problem)))
}

/// A violation, `request: reason; reason`, without the reasons that are the emulator's; `None` when nothing is left.
fn without_echoes(violation: &str) -> Option<String> {
    let (subject, reasons) = violation.split_once(": ")?;
    let is_ours = |reason: &&str| !ECHOES.iter().any(|echo| reason.starts_with(echo));
    let reasons: Vec<&str> = reasons.split("; ").filter(is_ours).collect();
    (!reasons.is_empty()).then(|| format!("{subject}: {}", reasons.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> Request {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-amz-target", "AmazonEC2ContainerServiceV20141113.ListTasks".parse().unwrap());
        headers.insert("x-amz-user-agent", "aws-sdk-rust/1 app/slipway-0.1.0".parse().unwrap());
        Request { method: "POST".into(), path: "/".into(), query: None, headers, body: body.to_owned().into() }
    }

    #[test]
    fn a_request_that_aws_would_refuse_is_a_problem() {
        assert_eq!(checked("a", &[]).unwrap(), (None, None));
        let (row, problem) = checked("a", &[request("{}")]).unwrap();
        assert_eq!((row.unwrap().result, problem), ("checked", None));
        let (row, problem) = checked("a", &[request(r#"{"clutser": "prod"}"#)]).unwrap();
        assert_eq!(row.unwrap().result, "failed");
        assert!(problem.unwrap().contains("`clutser` is no member of the model"));
    }
    #[test]
    fn what_the_emulator_made_up_is_none() {
        let echo =
            "the request x: `ipcMode` is ``, the model has host, task, none; `pidMode` is ``, the model has host";
        assert_eq!(without_echoes(echo), None);
        let more = format!("{echo}; `tsak` is no member of the model");
        assert_eq!(without_echoes(&more).unwrap(), "the request x: `tsak` is no member of the model");
    }
}
