//! Attestations, as `--attest` of buildx takes them.

use actions_core::InputErrors;

use crate::args::Args;

/// An attestation that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attestation {
    /// The input that asks for it.
    pub(crate) input: &'static str,
    /// `type=sbom,generator=IMAGE`.
    pub(crate) parameters: String,
}

impl Attestation {
    /// Whether it is of the type `kind`.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.parameters.split(',').any(|field| field.trim().strip_prefix("type=") == Some(kind))
    }
}

/// The attestations that are asked for.
pub(crate) fn parse(args: &Args, bad: &mut InputErrors) -> Vec<Attestation> {
    let lines = bad.list("attests", &super::kept(&args.attests), attestation);
    let mut asked: Vec<Attestation> =
        lines.into_iter().map(|parameters| Attestation { input: "attests", parameters }).collect();
    for (input, value) in [("provenance", &args.provenance), ("sbom", &args.sbom)] {
        let parameters = bad.optional(input, value.as_deref(), |text| parameters(input, text)).flatten();
        asked.extend(parameters.map(|parameters| Attestation { input, parameters }));
    }
    asked
}

fn attestation(line: &str) -> Result<String, &'static str> {
    let kind = line.split(',').find_map(|field| field.trim().strip_prefix("type="));
    if kind.is_some_and(|kind| !kind.is_empty()) { Ok(line.to_owned()) } else { Err("names no `type=`") }
}

/// `true`, `false` or parameters, which may or may not repeat the type.
fn parameters(kind: &str, text: &str) -> Result<Option<String>, String> {
    if let Ok(on) = actions_core::boolean(text) {
        return Ok(on.then(|| format!("type={kind}")));
    }
    let fields: Vec<&str> = text.split(',').map(str::trim).filter(|field| *field != format!("type={kind}")).collect();
    if fields.iter().any(|field| !field.contains('=')) {
        return Err("is neither `true` nor `false` nor a list of `name=value`".to_owned());
    }
    if fields.contains(&"disabled=true") {
        return Ok(None);
    }
    Ok(Some([vec![format!("type={kind}").as_str()], fields].concat().join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_or_parameters() {
        let of = |text| parameters("provenance", text);
        assert_eq!(of("true"), Ok(Some("type=provenance".to_owned())));
        assert_eq!(of("false"), Ok(None));
        assert_eq!(of("mode=max"), Ok(Some("type=provenance,mode=max".to_owned())));
        assert_eq!(of("type=provenance, mode=min"), Ok(Some("type=provenance,mode=min".to_owned())));
        assert_eq!(of("disabled=true"), Ok(None));
        assert!(of("yes").is_err());
        assert!(attestation("mode=max").is_err() && attestation("type=").is_err());
    }
}
