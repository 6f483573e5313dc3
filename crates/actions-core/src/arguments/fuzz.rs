//! Laws of the way from `INPUT_*` variables and a command line to values: what was set arrives as it is, or is named as wrong.

use clap::FromArgMatches as _;
use proptest::collection::vec;
use proptest::prelude::*;
use testkit::budget::{Share, cases};

use super::*;

#[derive(Debug, clap::Args)]
struct Sample {
    /// A text.
    #[arg(long, required = true)]
    cluster: Option<String>,
    /// A list.
    #[arg(long)]
    images: Vec<String>,
    /// One of several.
    #[arg(long, value_enum, default_value = "auto")]
    builder: Builder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Builder {
    Auto,
    Docker,
}

fn parsed(inputs: &[(&str, &str)], argv: &[String]) -> Parsed {
    parse(command::<Sample>("sample", "", &[]), &inputs.iter().copied().collect(), argv.to_vec())
}

/// The values, where nothing is wrong with them.
fn values(inputs: &[(&str, &str)], argv: &[String]) -> Option<Sample> {
    match parsed(inputs, argv) {
        Parsed::Matches(matches, errors) if errors.is_empty() => Sample::from_arg_matches(&matches).ok(),
        _ => None,
    }
}

/// Words of a command line, right or wrong.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "--cluster=prod", "--cluster", "prod", "--images=a", "--images", "--builder=docker", "--builder", "auto", "--dry-run",
            "--dry-run=false", "rollback", "--revision=7", "--revision", "--output=json",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            "--", "-", "---", "--=", "-x", "-hV", "--help=1", "--output", "--describe=", "--clutser=x", "--images=--cluster", "--cluster=\n",
            "--dry-run=\u{202E}", "--github-token=x", "--\u{1b}[31m", "--cluster==", "help", "'", "\"",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(128), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_an_input_arrives_as_it_was_set(cluster in "\\PC{1,40}|(--|-|=|\n|\"|'|\\\\|rollback|\0|\u{202E}| ){1,6}", images in ".{0,30}", other in any::<String>()) {
        let inputs = [("INPUT_CLUSTER", cluster.as_str()), ("INPUT_IMAGES", images.as_str()), ("INPUT_DESCRIBE", "true"), ("INPUT_OTHER", &other), ("CLUSTER", &other)];
        let sample = values(&inputs, &[]).unwrap();
        prop_assert_eq!(sample.cluster.as_deref(), Some(cluster.as_str()));
        let expected: &[&str] = if images.is_empty() { &[] } else { &[&images] };
        prop_assert_eq!(sample.images, expected);
        prop_assert!(sample.builder == Builder::Auto);
    }

    #[test]
    fn fuzz_a_typed_flag_wins_in_both_of_its_forms(typed in "\\PC{1,20}|rollback|help", set in "\\PC{0,20}|rollback") {
        prop_assume!(!typed.starts_with('-'));
        for argv in [vec![format!("--cluster={typed}")], vec!["--cluster".to_owned(), typed.clone()]] {
            let sample = values(&[("INPUT_CLUSTER", &set)], &argv);
            prop_assert_eq!(sample.as_ref().and_then(|sample| sample.cluster.as_deref()), Some(typed.as_str()), "{:?}", argv);
        }
    }

    #[test]
    fn fuzz_any_command_line_is_taken_or_refused_in_few_words(words in vec(word(), 0..5), set in "\\PC{0,20}|prod", builder in "auto|docker|dokcer|\\PC{0,200}") {
        static SHARE: Share = Share::new();
        let told = match parsed(&[("INPUT_CLUSTER", &set), ("INPUT_BUILDER", &builder)], &words) {
            Parsed::Shown(text) => {
                prop_assert!(!text.is_empty());
                return Ok(());
            }
            Parsed::Matches(_, errors) => errors,
            Parsed::Nothing(errors) => {
                prop_assert!(!errors.is_empty());
                errors
            }
        };
        SHARE.note(told.is_empty() || !words.iter().any(|word| word.starts_with('-')));
        for input in told.iter() {
            prop_assert!(!input.name.is_empty() && !input.problem.is_empty());
            prop_assert!(input.problem.chars().count() < 400, "{}", input.problem);
            prop_assert!(!input.problem.chars().any(char::is_control), "{:?}", input.problem);
        }
    }
}

#[test]
fn a_lone_hyphen_is_refused_by_a_name() {
    let Parsed::Matches(_, errors) = parsed(&[("INPUT_CLUSTER", "a")], &["-".to_owned()]) else {
        panic!("it is left out")
    };
    let told: Vec<String> = errors.iter().map(|bad| format!("{} {}", bad.name, bad.problem)).collect();
    assert_eq!(told, ["command line is not known"]);
}
