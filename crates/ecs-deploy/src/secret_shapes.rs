//! The forms of well-known secrets. Their makers chose them so that they are found
//! (<https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats>):
//! what is hidden in logs is what the lint warns of.

use std::sync::LazyLock;

use regex_lite::Regex;

/// What is a secret wherever it stands, and what it is.
const SHAPES: [(&str, &str); 26] = [
    (r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", "an AWS access key"),
    (r"\b(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=_%-]{12,}", "an AWS session token"),
    (r"\bgh[pousr]_[A-Za-z0-9._-]{16,}", "a GitHub token"),
    (r"\bgithub_pat_[A-Za-z0-9_]{20,}", "a GitHub token"),
    (r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*", "a JSON Web Token"),
    (r"\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}", "a Slack token"),
    (r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{10,}", "a Slack webhook"),
    (r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}", "a Stripe key"),
    (r"\bwhsec_[A-Za-z0-9+/=]{16,}", "a Stripe key"),
    // Words joined by hyphens are no key: it has a long part without one, or is longer than a name.
    (r"\bsk-(?:ant|proj|svcacct|or)-[A-Za-z0-9_-]{16,}", "an API key"),
    (r"\bsk-(?:[A-Za-z0-9]{20}|[A-Za-z0-9_-]{40})[A-Za-z0-9_-]*", "an API key"),
    (r"\bglpat-[A-Za-z0-9_-]{16,}", "a GitLab token"),
    (r"\bnpm_[A-Za-z0-9]{30,}", "an npm token"),
    (r"\bpypi-[A-Za-z0-9_-]{30,}", "a PyPI token"),
    (r"\bhf_[A-Za-z0-9]{30,}", "a Hugging Face token"),
    (r"\bdo[opr]_v1_[a-f0-9]{30,}", "a DigitalOcean token"),
    (r"\bdckr_pat_[A-Za-z0-9_-]{16,}", "a Docker token"),
    (r"\bshp(?:at|ca|pa|ss)_[A-Za-z0-9]{20,}", "a Shopify token"),
    (r"\bglsa_[A-Za-z0-9_]{20,}", "a Grafana token"),
    (r"\bAIza[A-Za-z0-9_-]{30,}", "a Google API key"),
    (r"\bya29\.[A-Za-z0-9_-]{20,}", "a Google token"),
    (r"\bGOCSPX-[A-Za-z0-9_-]{20,}", "a Google client secret"),
    (r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", "a SendGrid key"),
    (r"\bhv[sb]\.[A-Za-z0-9_-]{20,}", "a Vault token"),
    (r"\bAGE-SECRET-KEY-1[A-Z0-9]{40,}", "an age key"),
    (r"-----BEGIN [A-Z ]*PRIVATE KEY[A-Z ]*-----", "a private key"),
];

static FORMS: LazyLock<Vec<(Regex, &str)>> =
    LazyLock::new(|| SHAPES.iter().filter_map(|(form, what)| Some((Regex::new(form).ok()?, *what))).collect());

/// What a text holds that is secret by its form alone.
pub(crate) fn telling(text: &str) -> Option<&'static str> {
    FORMS.iter().find(|(form, _)| form.is_match(text)).map(|(_, what)| *what)
}

/// `text` with `by` in the place of all of them.
pub(crate) fn hide(text: &str, by: &str) -> String {
    let hidden = |text: String, (form, _): &(Regex, &str)| {
        if form.is_match(&text) { form.replace_all(&text, by).into_owned() } else { text }
    };
    FORMS.iter().fold(text.to_owned(), hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drawn at random once; of no account.
    const SECRETS: [(&str, &str); 24] = [
        ("AKIAIOSFODNN7EXAMPLE", "an AWS access key"),
        ("IQoJb3JpZ2luX2VjEHAaCWV1LXdlc3QtMSJHMEUCIQ==", "an AWS session token"),
        ("ghs_0123456789abcdefghijABCDEFGHIJ012345", "a GitHub token"),
        ("github_pat_11ABCDEFG0123456789_abcdefghijklmnopqrstuvwxyz", "a GitHub token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "a JSON Web Token"),
        ("xoxb-123456789012-abcdefghijkl", "a Slack token"),
        ("xapp-1-A0123456789-abcdefghijkl", "a Slack token"),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "a Stripe key"),
        ("whsec_0123456789abcdefghijABCDEFGHIJ01", "a Stripe key"),
        ("sk-ant-api03-0123456789abcdefghij", "an API key"),
        ("sk-0123456789abcdefghijABCDEFGHIJ0123", "an API key"),
        ("glpat-abcdefghij0123456789", "a GitLab token"),
        ("npm_0123456789abcdefghijABCDEFGHIJ012345", "an npm token"),
        ("pypi-AgEIcHlwaS5vcmcCJDAxMjM0NTY3ODlhYmNkZWY", "a PyPI token"),
        ("hf_0123456789abcdefghijABCDEFGHIJ0123", "a Hugging Face token"),
        ("dop_v1_0123456789abcdef0123456789abcdef01234567", "a DigitalOcean token"),
        ("dckr_pat_0123456789abcdefghijABCDEFG", "a Docker token"),
        ("shpat_0123456789abcdef0123456789abcdef", "a Shopify token"),
        ("glsa_0123456789abcdefghijABCDEFGHIJ01_0123abcd", "a Grafana token"),
        ("AIzaSyA-0123456789abcdefghijklmnopqrstu", "a Google API key"),
        ("GOCSPX-0123456789abcdefghijABCDEFGH", "a Google client secret"),
        ("SG.0123456789abcdefghij.0123456789abcdefghijABCDEFGHIJ", "a SendGrid key"),
        ("hvs.CAESIJ0123456789abcdefghij", "a Vault token"),
        ("AGE-SECRET-KEY-10123456789ABCDEFGHIJ0123456789ABCDEFGHIJ0123", "an age key"),
    ];

    #[test]
    fn every_form_compiles() {
        assert_eq!(FORMS.len(), SHAPES.len());
    }

    #[test]
    fn what_tells_is_hidden() {
        for (secret, what) in SECRETS {
            assert_eq!(telling(secret), Some(what), "{secret}");
            assert_eq!(hide(&format!("seen {secret} here"), "***"), "seen *** here");
        }
    }

    #[test]
    fn names_and_short_words_are_none() {
        for text in [
            "sk-learn",
            "ghp_short",
            "AKIA",
            "sk-a-model-that-is-named-at-length",
            "eyJ.eyJ.x",
            "task-0123456789abcdefghij0123",
        ] {
            assert_eq!(telling(text), None, "{text}");
        }
    }
}
