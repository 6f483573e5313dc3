use super::*;
use crate::place::Newer;
use crate::pull::Pull;

const COMMIT: &str = "beef00000000000000000000000000000000beef";

fn run(id: u64) -> Run {
    let writer = Writer { run: Some((id, 1)), commit: Some(COMMIT.to_owned()) };
    Run { writer, is_of_head: true, runs_url: Some("https://ci.example/runs/".to_owned()) }
}

fn seen(labels: &[&str], check: Option<FoundCheckRun>) -> Seen {
    let labels = labels.iter().map(|&label| label.to_owned()).collect();
    let pull = Some(Pull { number: 7, head: COMMIT.to_owned(), labels, approved_by: None });
    Seen { pull, check: Some(SeenCheck::Found(check)), ..Seen::default() }
}

fn wanted() -> Destinations {
    Destinations { labels: Labels::Grade, check_run: Some("plan".to_owned()), ..Destinations::default() }
}

fn signs(grade: Option<Grade>, seen: &Seen, run: &Run, writes: &[Write]) -> Signs {
    let page = |writer: &Writer, _: Limit| format!("by {:?}", writer.run);
    let judged = Judgement {
        grade,
        has_changes: grade.is_some(),
        failed: false,
        passes: grade != Some(Grade::DataLoss),
        title: "t".to_owned(),
        page: &page,
    };
    Signs::of(&wanted(), seen, run, writes, &judged)
}

fn labels(grade: Option<Grade>, has: &[&str]) -> (Option<String>, Vec<String>) {
    let change = signs(grade, &seen(has, None), &run(1), &[]).labels.unwrap();
    (change.add, change.remove)
}

#[test]
fn one_label_of_ours_is_on_and_no_other_is_touched() {
    let loss = || Some("terraform/data-loss".to_owned());
    assert_eq!(labels(Some(Grade::DataLoss), &["bug", "terraform/mine"]), (loss(), vec![]));
    assert_eq!(
        labels(Some(Grade::DataLoss), &["terraform/no-changes", "bug", "terraform/exposure"]),
        (loss(), vec!["terraform/exposure".to_owned(), "terraform/no-changes".to_owned()])
    );
    assert_eq!(labels(None, &["terraform/no-changes"]), (None, vec![]));
}

#[test]
fn what_is_not_the_newest_labels_nothing() {
    let newer = Write::Superseded { id: None, url: String::new(), by: Newer::Run(9) };
    assert_eq!(signs(None, &seen(&[], None), &run(1), &[newer]).labels, None);
    let mut moved = seen(&[], None);
    moved.pull = Some(Pull { number: 7, head: "d00d".to_owned(), labels: Vec::new(), approved_by: None });
    assert_eq!(signs(None, &moved, &run(1), &[]).labels, None);
}

#[test]
fn a_check_run_is_created_kept_and_updated() {
    let check = |grade, found, id| signs(grade, &seen(&[], found), &run(id), &[]).check_run.unwrap();
    let CheckWrite::Create(first) = check(Some(Grade::Exposure), None, 5) else { panic!("not created") };
    assert_eq!(
        (first.conclusion, first.commit.as_str(), first.summary.as_str()),
        (Conclusion::Success, COMMIT, "by Some((5, 1))")
    );
    let found = FoundCheckRun {
        id: 3,
        external_id: first.external_id,
        conclusion: "success".to_owned(),
        title: first.title,
        summary: first.summary,
    };
    assert_eq!(check(Some(Grade::Exposure), Some(found.clone()), 6), CheckWrite::Keep { id: 3 });
    assert_eq!(
        check(Some(Grade::DataLoss), Some(found.clone()), 4),
        CheckWrite::Keep { id: 3 },
        "a newer run wrote it"
    );
    let CheckWrite::Update { id: 3, run } = check(Some(Grade::DataLoss), Some(found), 6) else { panic!("not updated") };
    assert_eq!((run.conclusion, run.external_id.ends_with("run=6.1")), (Conclusion::Failure, true));
}
