//! Relative links and anchors of every committed page.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::{files, read, root};

/// The lines of a page outside of code blocks, without their code spans.
fn prose(page: &str) -> Vec<String> {
    let mut fence: Option<String> = None;
    let mut lines = Vec::new();
    for line in page.lines() {
        let trimmed = line.trim_start();
        let ticks: String = trimmed.chars().take_while(|sign| *sign == '`').collect();
        match &fence {
            Some(open) if ticks.len() >= open.len() && trimmed.trim_end() == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => lines.push(line.split('`').step_by(2).collect::<Vec<_>>().join("``")),
        }
    }
    lines
}

/// The targets of a page's links.
fn targets(page: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in prose(page) {
        for rest in line.split("](").skip(1) {
            let target = rest.split([')', ' ']).next().unwrap_or_default();
            targets.push(target.trim_matches(['<', '>']).to_owned());
        }
    }
    targets
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut open = false;
    for line in page.lines() {
        open ^= line.trim_start().starts_with("```");
        let text = line.trim_start_matches('#');
        if open || text.len() == line.len() || !text.starts_with(' ') {
            continue;
        }
        let kept = text.trim().to_lowercase().replace(' ', "-");
        let anchor: String = kept.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '_')).collect();
        let mut unique = anchor.clone();
        let mut number = 0;
        while !anchors.insert(unique.clone()) {
            number += 1;
            unique = format!("{anchor}-{number}");
        }
    }
    anchors
}

/// `path` without `.` and `..`.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

/// What is wrong with a link of the page `file`.
fn broken(file: &str, page: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let found = if path.is_empty() {
        PathBuf::from(file)
    } else {
        clean(&Path::new(file).parent().unwrap_or(Path::new("")).join(path))
    };
    if !root().join(&found).exists() {
        return Some(format!("{file}: `{target}` leads nowhere"));
    }
    if anchor.is_empty() {
        return None;
    }
    let text = if path.is_empty() { page.to_owned() } else { read(&found.display().to_string()) };
    (!anchors(&text).contains(anchor)).then(|| format!("{file}: `{target}` has no such heading"))
}

/// The page that a link of the page `file` leads to; that of a folder is its README.
fn linked(file: &str, target: &str) -> Option<String> {
    let path = target.split('#').next().filter(|path| !path.is_empty() && !path.contains("://"))?;
    let found = clean(&Path::new(file).parent()?.join(path));
    let found = if root().join(&found).is_dir() { found.join("README.md") } else { found };
    found.extension().is_some_and(|extension| extension == "md").then(|| found.display().to_string())
}

#[test]
fn every_page_of_the_documentation_is_reached_from_the_first_one() {
    let mut reached = BTreeSet::new();
    let mut next = vec!["README.md".to_owned()];
    while let Some(file) = next.pop() {
        if root().join(&file).is_file() && reached.insert(file.clone()) {
            next.extend(targets(&read(&file)).iter().filter_map(|target| linked(&file, target)));
        }
    }
    let pages = files("docs/*.md");
    assert!(pages.len() > 15 && pages.iter().any(|page| page == "docs/reference/faults.md"), "{pages:?}");
    let lost: Vec<&String> = pages.iter().filter(|page| !reached.contains(*page)).collect();
    assert!(lost.is_empty(), "no link leads to {lost:?}");
}

#[test]
fn a_link_leads_to_a_page_or_to_the_page_of_a_folder() {
    assert_eq!(linked("docs/README.md", "guides/stay-pinned.md#top").as_deref(), Some("docs/guides/stay-pinned.md"));
    assert_eq!(linked("docs/README.md", "../actions/ecr-push").as_deref(), Some("actions/ecr-push/README.md"));
    for elsewhere in ["#top", "https://example.invalid/a.md", "../LICENSE-MIT"] {
        assert_eq!(linked("docs/README.md", elsewhere), None, "{elsewhere}");
    }
}

#[test]
fn every_relative_link_and_anchor_leads_somewhere() {
    let pages = files("*.md");
    assert!(pages.len() > 20, "{pages:?}");
    let mut problems = Vec::new();
    for file in pages {
        let page = read(&file);
        problems.extend(targets(&page).iter().filter_map(|target| broken(&file, &page, target)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_link_to_nothing_is_found() {
    let page = "# Ecs / deploy `x`\n[a](b.md) `[no](link)` [c](#ecs--deploy-x) [d](#other)\n```\n[in](code)\n```\n";
    assert_eq!(targets(page), ["b.md", "#ecs--deploy-x", "#other"]);
    let problems: Vec<String> = targets(page).iter().filter_map(|target| broken("README.md", page, target)).collect();
    assert_eq!(problems, ["README.md: `b.md` leads nowhere", "README.md: `#other` has no such heading"]);
}
