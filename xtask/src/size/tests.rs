use super::{ACCEPTED, BUDGET, Released, accepted, change, last_release, table, too_large};
use crate::release::archive::Archive;
use crate::release::source::{commit_all, git};
use crate::release::target::TARGETS;

fn archive(tool: &str, bytes: u64) -> Archive {
    Archive {
        tool: tool.to_owned(),
        target: TARGETS[0],
        path: std::path::PathBuf::new(),
        sha256: String::new(),
        bytes,
        binary_sha256: String::new(),
        binary_bytes: bytes * 2,
    }
}

#[test]
fn shows_the_share_of_the_budget_and_the_change() {
    let key = |tool: &str| (tool.to_owned(), TARGETS[0].name().to_owned());
    let released = Released { tag: "v1.2.3".to_owned(), sizes: [(key("one"), 1_000_000)].into() };
    let lines = table(&[archive("one", 1_100_000), archive("new", BUDGET + 1)], Some(&released));
    assert!(lines[0].ends_with("v1.2.3"), "{lines:?}");
    assert!(lines[1].contains("27 %") && lines[1].ends_with("1000000 +10.0 %"), "{lines:?}");
    assert!(lines[2].contains("100 %") && lines[2].ends_with('-'), "{lines:?}");
    assert!(table(&[], None)[0].ends_with("no release yet"));
}

#[test]
fn an_archive_may_grow_by_a_tenth_and_no_further_unless_it_is_accepted() {
    let key = |tool: &str| (tool.to_owned(), TARGETS[0].name().to_owned());
    let released = Released { tag: "v1.2.3".to_owned(), sizes: [(key("ecr-push"), 1_000_000)].into() };
    let judge = |bytes, accepted: &[(&str, u64)]| {
        let accepted = accepted.iter().map(|(tool, most)| ((*tool).to_owned(), *most)).collect();
        too_large(&[archive("ecr-push", bytes), archive("ecs-deploy", BUDGET)], Some(&released), &accepted)
    };
    assert!(judge(1_100_000, &[]).is_empty());
    let problems = judge(1_100_001, &[]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    for words in ["`ecr-push`", "v1.2.3: 1000000 +10.0 %", ACCEPTED] {
        assert!(problems[0].contains(words), "{problems:?}");
    }
    assert!(judge(1_500_000, &[("ecr-push", 1_500_000)]).is_empty());
    assert_eq!(judge(1_500_001, &[("ecr-push", 1_500_000), ("ecs-deploy", 9_000_000)]).len(), 1);
}

#[test]
fn the_budget_holds_whatever_is_accepted() {
    let accepted = [("ecr-push".to_owned(), u64::MAX)].into();
    let problems = too_large(&[archive("ecr-push", BUDGET + 1), archive("ecs-deploy", BUDGET)], None, &accepted);
    assert_eq!(problems, [format!("`ecr-push`: {} bytes are over the budget of {BUDGET}", BUDGET + 1)]);
}

#[test]
fn what_is_accepted_has_a_tool_a_size_and_a_reason() {
    let read = accepted("# text\n\necr-push 3500000 zstd layers\n").expect("it is right");
    assert_eq!(read, [("ecr-push".to_owned(), 3_500_000)].into());
    for wrong in ["ecr-push 3500000", "ecr-push much zstd", "ecr-pull 3500000 zstd", "ecr-push"] {
        assert!(accepted(wrong).is_err_and(|error| error.contains(wrong)), "{wrong}");
    }
    let own = std::fs::read_to_string(crate::program::root().join(ACCEPTED)).expect("it is there");
    accepted(&own).expect("it can be read");
}

#[test]
fn a_change_has_a_sign() {
    assert_eq!(change(1000, 995), "1000 -0.5 %");
    assert_eq!(change(1000, 1000), "1000 +0.0 %");
    assert_eq!(change(0, 5), "0 +500.0 %");
}

#[test]
fn the_last_release_is_the_highest_version_that_is_tagged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments: &[&str]| git(folder.path(), arguments).expect("git runs");
    run(&["init", "--quiet"]);
    assert_eq!(last_release(folder.path()), Ok(None));
    for (version, bytes) in [("v1.10.0", 10), ("v1.9.0", 9), ("v1.11.0-rc.1", 11), ("v1", 1)] {
        let asset = format!("asset one {} a b {bytes}\n", TARGETS[0].name());
        std::fs::write(folder.path().join("release.lock"), asset).expect("the folder is ours");
        commit_all(folder.path(), version).expect("it is committed");
        run(&["tag", version]);
    }
    let released = last_release(folder.path()).expect("git runs").expect("there is one");
    assert_eq!(released.tag, "v1.10.0");
    assert_eq!(released.sizes.values().collect::<Vec<_>>(), [&10]);
}
