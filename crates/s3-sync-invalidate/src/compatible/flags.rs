//! Flags of `aws s3 sync` as inputs.

/// How many flags are translated.
const MOST: usize = 40;

/// Flags with a value, and the input that has the same one.
const INPUTS: &[(&str, &str)] = &[
    ("--acl", "acl"),
    ("--exclude", "exclude"),
    ("--storage-class", "storage-class"),
    ("--sse-kms-key-id", "kms-key-id"),
    ("--metadata", "metadata"),
    ("--website-redirect", "redirects"),
    ("--region", "aws-region"),
];

/// Flags whose value becomes a rule for all files.
const RULES: &[&str] = &["--cache-control", "--content-type", "--content-disposition", "--content-language"];

/// Flags that ask for what is done anyway, or for less to be said.
const NEEDLESS: &[&str] = &[
    "--follow-symlinks",
    "--size-only",
    "--exact-timestamps",
    "--no-progress",
    "--progress-frequency",
    "--progress-multiline",
    "--quiet",
    "--only-show-errors",
    "--no-guess-mime-type",
];

/// The inputs that stand for the flags in `text`, as advice.
pub(super) fn translated(text: &str) -> String {
    let words = words(text);
    let mut words = words.iter().take(MOST).peekable();
    let (mut inputs, mut needless, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(word) = words.next() {
        let (flag, joined) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
        let mut value = || {
            let apart = || words.next_if(|next| !next.starts_with("--")).cloned();
            joined.map(str::to_owned).or_else(apart).unwrap_or_default()
        };
        if flag == "--delete" {
            inputs.push("`delete: true`".to_owned());
        } else if flag == "--dryrun" {
            inputs.push("`dry-run: true`".to_owned());
        } else if flag == "--no-follow-symlinks" {
            inputs.push("`symlinks: skip`".to_owned());
        } else if flag == "--sse" {
            let method = value();
            inputs.push(format!("`sse: {}`", if method.is_empty() { "AES256" } else { &method }));
        } else if let Some((_, input)) = INPUTS.iter().find(|(known, _)| *known == flag) {
            inputs.push(format!("`{input}: {}`", value()));
        } else if RULES.contains(&flag) {
            inputs.push(format!("`{}: \"**: {}\"`", flag.trim_start_matches('-'), value()));
        } else if NEEDLESS.contains(&flag) {
            needless.push(format!("`{flag}`"));
        } else if flag.starts_with("--") {
            unknown.push(format!("`{flag}`"));
        }
    }
    let mut parts = Vec::new();
    if !inputs.is_empty() {
        parts.push(format!("write {}", inputs.join(", ")));
    }
    if !needless.is_empty() {
        parts.push(format!("leave {} out, which nothing needs here", needless.join(", ")));
    }
    if !unknown.is_empty() {
        parts.push(format!("there is nothing for {}", unknown.join(", ")));
    }
    if parts.is_empty() { "write inputs in place of flags".to_owned() } else { parts.join("; ") }
}

/// The words of a command line, with what stands in quotes as one.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in text.chars() {
        match (quote, character) {
            (Some(end), _) if character == end => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[track_caller]
    fn check(flags: &str, expect: &str) {
        assert_eq!(translated(flags), expect, "{flags}");
    }

    #[test]
    fn the_readme_s_flags_have_inputs() {
        check(
            "--acl public-read --follow-symlinks --delete",
            "write `acl: public-read`, `delete: true`; leave `--follow-symlinks` out, which nothing needs here",
        );
        check(
            "--exclude '.git*/*' --delete --exclude=\"a b\"",
            "write `exclude: .git*/*`, `delete: true`, `exclude: a b`",
        );
    }

    #[test]
    fn values_become_rules_for_all_files() {
        check(
            "--cache-control 'max-age=60, public' --sse --storage-class GLACIER_IR --dryrun",
            "write `cache-control: \"**: max-age=60, public\"`, `sse: AES256`, `storage-class: GLACIER_IR`, `dry-run: true`",
        );
    }

    #[test]
    fn what_has_no_input_is_named() {
        check("--request-payer x --include '*.js'", "there is nothing for `--request-payer`, `--include`");
        check("--no-follow-symlinks", "write `symlinks: skip`");
        check("whatever", "write inputs in place of flags");
        check("'", "write inputs in place of flags");
    }
}
