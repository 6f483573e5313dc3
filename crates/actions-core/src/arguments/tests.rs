use clap::FromArgMatches as _;

use super::*;

#[derive(Debug, clap::Args)]
struct Sample {
    /// The cluster.
    #[arg(long, required = true)]
    cluster: Option<String>,
    /// The images.
    #[arg(long)]
    images: Vec<String>,
    /// The builder.
    #[arg(long, value_enum, default_value = "auto")]
    builder: Builder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Builder {
    Auto,
    Docker,
}

fn parse_sample(inputs: &[(&str, &str)], argv: &[&str]) -> (Option<Sample>, bool, Vec<String>) {
    let environment = inputs.iter().copied().collect();
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    match parse(command::<Sample>("sample", "", &[]), &environment, argv) {
        Parsed::Matches(matches, errors) => {
            let common = CommonArgs::from_arg_matches(&matches).unwrap();
            let problems = errors.iter().map(|bad| format!("{} {}", bad.name, bad.problem)).collect();
            (Sample::from_arg_matches(&matches).ok(), common.dry_run, problems)
        }
        Parsed::Nothing(errors) => {
            (None, false, errors.iter().map(|bad| format!("{} {} {:?}", bad.name, bad.problem, bad.help)).collect())
        }
        Parsed::Shown(text) => (None, false, vec![text]),
    }
}

#[test]
fn inputs_become_flags_and_a_typed_flag_wins() {
    let (sample, dry_run, problems) = parse_sample(
        &[
            ("INPUT_CLUSTER", "from-env"),
            ("INPUT_IMAGES", "a=1\nb=2"),
            ("INPUT_BUILDER", ""),
            ("INPUT_DRY_RUN", "true"),
        ],
        &["--cluster", "typed"],
    );
    let sample = sample.unwrap();
    assert_eq!(sample.cluster.as_deref(), Some("typed"));
    assert_eq!(sample.images, ["a=1\nb=2"]);
    assert_eq!(sample.builder, Builder::Auto);
    assert!(dry_run);
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn the_help_is_about_the_action() {
    let help = command::<Sample>("sample", "Does one thing.", &[]).render_long_help().to_string();
    assert!(help.starts_with("Does one thing.\n"), "{help}");
}

#[test]
fn every_wrong_flag_is_reported_at_once() {
    let (_, _, problems) =
        parse_sample(&[("INPUT_BUILDER", "dokcer"), ("INPUT_DRY_RUN", "yes")], &["--clutser=x", "--unknown", "value"]);
    assert_eq!(
        problems,
        [
            "builder is `dokcer`, which is not one of its values",
            "dry-run is `yes`: not a boolean; write true or false",
            "clutser is not known",
            "unknown is not known",
            "cluster is missing",
        ]
    );
}

#[test]
fn a_secret_typed_as_a_flag_is_told_its_place_and_not_repeated() {
    let argv = ["--github-token", "ghp_secret"].map(str::to_owned).to_vec();
    let command = command::<Sample>("sample", "", &[crate::GITHUB_TOKEN]);
    let Parsed::Matches(_, errors) = parse(command, &Environment::default(), argv) else { panic!("no matches") };
    let text = format!("{errors:?}");
    assert!(text.contains("--github-token-file FILE") && text.contains("INPUT_GITHUB_TOKEN"), "{text}");
    assert!(!text.contains("ghp_secret"), "{text}");
}

#[test]
fn a_flag_without_its_value_is_told_what_to_write() {
    let help = |argv: &[&str]| {
        let argv = argv.iter().map(|word| (*word).to_owned()).collect();
        let command = command::<Sample>("sample", "", &[crate::GITHUB_TOKEN]);
        let (Parsed::Matches(_, errors) | Parsed::Nothing(errors)) = parse(command, &Environment::default(), argv)
        else {
            panic!("no errors")
        };
        let bad = errors.iter().next().unwrap().clone();
        assert_eq!(bad.problem, "needs a value", "{bad:?}");
        (bad.name, bad.help.unwrap())
    };
    for argv in [&["--cluster"] as &[&str], &["--cluster", "--images=x"]] {
        assert_eq!(help(argv), ("cluster".to_owned(), "write --cluster <CLUSTER>".to_owned()));
    }
    assert_eq!(help(&["--builder"]), ("builder".to_owned(), "write one of: auto, docker".to_owned()));
    assert_eq!(help(&["--output"]), ("output".to_owned(), "write one of: text, json".to_owned()));
    assert_eq!(help(&["--github-token-file"]).1, "write --github-token-file <FILE>");
}

#[test]
fn a_value_that_looks_like_a_flag_is_a_value() {
    let (sample, _, problems) = parse_sample(&[("INPUT_CLUSTER", "--images=evil")], &[]);
    assert_eq!(sample.unwrap().cluster.as_deref(), Some("--images=evil"));
    assert!(problems.is_empty(), "{problems:?}");
}

/// What the cluster is, and what is wrong, when it has other names.
fn parse_with_aliases(inputs: &[(&str, &str)], argv: &[&str]) -> (Option<String>, Vec<String>) {
    let aliases = [Alias { name: "cluster-name", of: "cluster" }, Alias { name: "ecs-cluster", of: "cluster" }];
    let environment = inputs.iter().copied().collect();
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    match parse(with_aliases(command::<Sample>("sample", "", &[]), &aliases), &environment, argv) {
        Parsed::Matches(matches, errors) => {
            let problems = errors.iter().map(|bad| format!("{} {}", bad.name, bad.problem)).collect();
            (Sample::from_arg_matches(&matches).ok().and_then(|sample| sample.cluster), problems)
        }
        Parsed::Nothing(errors) => (None, errors.iter().map(|bad| format!("{} {}", bad.name, bad.problem)).collect()),
        Parsed::Shown(text) => (None, vec![text]),
    }
}

#[test]
fn an_input_is_taken_under_another_name() {
    let check = |inputs: &[(&str, &str)], argv: &[&str], cluster: &str| {
        assert_eq!(parse_with_aliases(inputs, argv), (Some(cluster.to_owned()), Vec::new()));
    };
    check(&[("INPUT_CLUSTER_NAME", "a")], &[], "a");
    check(&[("INPUT_CLUSTER_NAME", "a"), ("INPUT_CLUSTER", "a"), ("INPUT_ECS_CLUSTER", "")], &[], "a");
    check(&[], &["--ecs-cluster", "a"], "a");
    check(&[("INPUT_CLUSTER", "a"), ("INPUT_CLUSTER_NAME", "b")], &["--ecs-cluster=c"], "c");
}

#[test]
fn two_names_that_say_different_things_are_refused() {
    let problem = vec!["cluster and `ecs-cluster` are not the same".to_owned()];
    let (_, problems) = parse_with_aliases(&[("INPUT_CLUSTER", "a"), ("INPUT_ECS_CLUSTER", "b")], &[]);
    assert_eq!(problems, problem);
    let (_, problems) = parse_with_aliases(&[("INPUT_CLUSTER_NAME", "a"), ("INPUT_ECS_CLUSTER", "b")], &[]);
    assert_eq!(problems, ["cluster-name and `ecs-cluster` are not the same"]);
    let (_, problems) = parse_with_aliases(&[], &["--cluster", "a", "--cluster-name", "b"]);
    assert_eq!(problems.len(), 1, "{problems:?}");
}
