use proptest::prelude::*;

use super::*;

fn component(name: &str, depends_on: &[usize]) -> Component {
    Component {
        name: name.to_owned(),
        folder: name.to_owned(),
        tag_prefix: format!("{name}-v"),
        paths: vec![Pattern::folder(name)],
        folders: Vec::new(),
        inherits: vec!["pom.xml".to_owned()],
        reads: Vec::new(),
        depends_on: depends_on.to_vec(),
        doubt: None,
    }
}

fn files(files: &[&str]) -> Changes {
    let mut files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
    files.sort();
    Changes::Known { base: "b".to_owned(), files }
}

/// The names of what counts as changed, each with its reason's kind.
fn shown(components: &[Component], changes: &Changes) -> String {
    let shared = [Pattern::parse("libs/**").unwrap(), Pattern::parse("!libs/*.md").unwrap()];
    let reasons = changed(components, &shared, &vec![changes; components.len()]);
    let shown = components.iter().zip(reasons).filter_map(|(component, reason)| {
        let reason = match reason? {
            Reason::Path { file, pattern } => format!("{file}~{pattern}"),
            Reason::Shared { file, .. } => format!("shared {file}"),
            Reason::Inherits { file } => format!("inherits {file}"),
            Reason::Reads { file } => format!("reads {file}"),
            Reason::DependsOn { component } => format!("<- {component}"),
            Reason::NotKnown { why } | Reason::NeedsNotKnown { why } => format!("? {why}"),
            Reason::Asked | Reason::NewVersion | Reason::Tagged { .. } => "?".to_owned(),
        };
        Some(format!("{}: {reason}", component.name))
    });
    shown.collect::<Vec<_>>().join("; ")
}

#[test]
fn a_change_concerns_its_component_and_what_is_built_with_it() {
    let components = [component("web", &[1]), component("api", &[2]), component("core", &[]), component("tool", &[])];
    assert_eq!(shown(&components, &files(&["tool/a"])), "tool: tool/a~tool/**");
    assert_eq!(shown(&components, &files(&["core/a"])), "web: <- api; api: <- core; core: core/a~core/**");
    assert_eq!(shown(&components, &files(&["toolbox/a", "README.md", "libs/a.md"])), "");
    assert_eq!(shown(&components[2..], &files(&["libs/a.c"])), "core: shared libs/a.c; tool: shared libs/a.c");
    assert_eq!(shown(&components[2..], &files(&["pom.xml"])), "core: inherits pom.xml; tool: inherits pom.xml");
    let unknown = Changes::Unknown { why: "the branch is new".to_owned() };
    assert_eq!(shown(&components[3..], &unknown), "tool: ? the branch is new");
}

#[test]
fn what_lies_in_a_component_that_it_needs_has_nothing_to_do_with_the_others_there() {
    let inside = |folder: &str, depends_on: &[usize]| {
        let paths = vec![Pattern::folder(folder)];
        Component {
            folder: folder.to_owned(),
            paths,
            inherits: Vec::new(),
            ..component(if folder.is_empty() { "root" } else { folder }, depends_on)
        }
    };
    // The root is built with `core`; `cli` and `web/deep` are built with the root, and `far` with `cli`.
    let mut all = vec![
        inside("", &[4]),
        inside("cli", &[0]),
        inside("web", &[]),
        inside("web/deep", &[0]),
        inside("core", &[]),
        inside("far", &[1]),
    ];
    let changed = |all: &[Component], file: &str| shown(all, &files(&[file]));
    assert_eq!(changed(&all, "src/a"), "root: src/a~**; cli: <- root; web/deep: <- root; far: <- cli");
    assert_eq!(changed(&all, "web/a"), "root: web/a~**; web: web/a~web/**");
    assert_eq!(
        changed(&all, "web/deep/a"),
        "root: web/deep/a~**; web: web/deep/a~web/**; web/deep: web/deep/a~web/deep/**"
    );
    assert_eq!(
        changed(&all, "core/a"),
        "root: core/a~**; cli: <- root; web/deep: <- root; core: core/a~core/**; far: <- cli"
    );
    // A pattern that names the folder of another one takes it in.
    all[0].paths = ["**", "!docs/**", "web/proto/**"].map(|text| Pattern::parse(text).unwrap()).to_vec();
    assert_eq!(changed(&all, "web/a"), "root: web/a~**; web: web/a~web/**");
    assert_eq!(changed(&all, "docs/a"), "");
    assert_eq!(
        changed(&all, "web/proto/a"),
        "root: web/proto/a~web/proto/**; cli: <- root; web: web/proto/a~web/**; web/deep: <- root; far: <- cli"
    );
}

#[test]
fn a_folder_that_is_no_component_counts_without_the_components_in_it() {
    let inside = |folder: &str, folders: &[&str]| Component {
        folders: folders.iter().map(|folder| Pattern::folder(folder)).collect(),
        folder: folder.to_owned(),
        paths: vec![Pattern::folder(folder)],
        inherits: Vec::new(),
        ..component(folder, &[])
    };
    let all = [inside("a/cli", &["a"]), inside("a/web", &[]), inside("b", &["", "a/lib"]), inside("c", &["a/web/sub"])];
    let changed = |file: &str| shown(&all, &files(&[file]));
    assert_eq!(changed("a/src/x"), "a/cli: a/src/x~a/**; b: a/src/x~**");
    assert_eq!(changed("a/cli/x"), "a/cli: a/cli/x~a/cli/**");
    assert_eq!(changed("a/web/x"), "a/web: a/web/x~a/web/**");
    assert_eq!(changed("a/web/sub/x"), "a/web: a/web/sub/x~a/web/**; c: a/web/sub/x~a/web/sub/**");
    assert_eq!(changed("a/lib/x"), "a/cli: a/lib/x~a/**; b: a/lib/x~**");
    assert_eq!(changed("other/x"), "b: other/x~**");
}

#[test]
fn a_submodule_that_is_a_component_is_not_of_the_one_around_it() {
    let inside = |folder: &str, depends_on: &[usize]| Component {
        folder: folder.to_owned(),
        paths: vec![Pattern::folder(folder), Pattern::parse(folder).unwrap()],
        inherits: Vec::new(),
        ..component(folder, depends_on)
    };
    let all = [inside("services", &[]), inside("services/api", &[]), inside("services/web", &[0])];
    let changed = |file: &str| shown(&all, &files(&[file]));
    assert_eq!(changed("services/api"), "services: services/api~services/**; services/api: services/api~services/api");
    assert_eq!(changed("services/x"), "services: services/x~services/**; services/web: <- services");
}

#[test]
fn what_tells_what_a_component_is_built_with_counts_and_so_does_a_doubt() {
    let reads = Component { reads: vec!["deps.toml".to_owned()], inherits: Vec::new(), ..component("a", &[]) };
    let doubt = Component { doubt: Some("it is too much".to_owned()), inherits: Vec::new(), ..component("b", &[]) };
    let all = [reads, doubt, component("c", &[1])];
    assert_eq!(shown(&all, &files(&["deps.toml"])), "a: reads deps.toml; b: ? it is too much; c: <- b");
    assert_eq!(shown(&all, &files(&["b/x"])), "b: b/x~b/**; c: <- b");
    assert_eq!(shown(&all, &files(&["x"])), "b: ? it is too much; c: <- b");
}

#[test]
fn the_order_puts_first_what_others_need_and_names_a_cycle() {
    let components = [component("web", &[1]), component("core", &[]), component("api", &[1]), component("a", &[0])];
    let names: Vec<&str> = order(&components).unwrap().iter().map(|place| components[*place].name.as_str()).collect();
    assert_eq!(names, ["core", "api", "web", "a"]);
    let round = [component("x", &[1]), component("a", &[2]), component("b", &[3]), component("c", &[1])];
    let Cycle(names) = order(&round).unwrap_err();
    assert_eq!(names, ["a", "b", "c", "a"]);
}

proptest! {
    #[test]
    fn everything_behind_a_change_is_changed_and_comes_later(
        edges in prop::collection::vec((0_usize..12, 0_usize..12), 0..40),
        touched in 0_usize..12,
    ) {
        let mut components: Vec<Component> = (0..12).map(|n| component(&format!("c{n:02}"), &[])).collect();
        for (from, to) in edges {
            // Upwards only, so that there is no cycle.
            if from > to && !components[from].depends_on.contains(&to) {
                components[from].depends_on.push(to);
            }
        }
        let changes = files(&[&format!("c{touched:02}/x")]);
        let reasons = changed(&components, &[], &[&changes; 12]);
        let order = order(&components).unwrap();
        for (place, component) in components.iter().enumerate() {
            let concerned = place == touched || component.depends_on.iter().any(|on| reasons[*on].is_some());
            prop_assert_eq!(reasons[place].is_some(), concerned);
            let at = |wanted: usize| order.iter().position(|found| *found == wanted);
            prop_assert!(component.depends_on.iter().all(|on| at(*on) < at(place)));
        }
    }
}

#[test]
fn patterns_and_files_without_end_are_not_compared_to_the_end() {
    let hostile = |n: usize| Component {
        paths: (0..10).map(|_| Pattern::parse("**/*a*b*c*d*").unwrap()).collect(),
        inherits: Vec::new(),
        ..component(&format!("c{n}"), &[])
    };
    let mut components: Vec<Component> = (0..50).map(hostile).collect();
    components.push(component("plain", &[]));
    let names: Vec<String> = (0..100).map(|n| format!("{}/{n}", "abcabc".repeat(25))).collect();
    let changes = files(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let steps = names.iter().map(|name| components[0].paths[0].cost(name) * 10).sum::<u64>();
    let reasons = within(steps * 2 + 1000, &components, &[], &vec![&changes; components.len()]);
    assert_eq!(&reasons[..2], [None, None], "what can be compared is");
    assert!(matches!(&reasons[2], Some(Reason::NotKnown { why }) if why.starts_with("there are too many patterns")));
    assert_eq!(reasons[50], None, "a folder costs a step a file");
}

#[test]
fn what_manifests_need_in_circles_has_any_order() {
    // 0 needs 1 and 1 needs 0 by their manifests; 2 is declared to need 1, 3 needs 2 by its manifest.
    let components = [component("a", &[]), component("b", &[]), component("c", &[1]), component("d", &[])];
    let discovered = [vec![1], vec![0], vec![], vec![2]];
    assert_eq!(order_with(&components, &discovered), Ok(vec![0, 1, 2, 3]));
    let declared = [component("a", &[1]), component("b", &[])];
    assert_eq!(order_with(&declared, &[vec![], vec![0]]), Ok(vec![1, 0]), "what is declared wins");
    let circle = [component("a", &[1]), component("b", &[0])];
    assert_eq!(order_with(&circle, &[vec![], vec![]]), order(&circle));
    assert!(order(&circle).is_err());
}

proptest! {
    #[test]
    fn an_order_has_everything_once_and_what_is_declared_first(edges in proptest::collection::vec((0_usize..12, 0_usize..12), 0..40)) {
        // What is declared leads to lower places only, so it has no circle.
        let declared = |place: usize| -> Vec<usize> {
            let mut list: Vec<usize> = edges.iter().filter(|(from, to)| *from == place && to < from && (from + to) % 3 == 0).map(|(_, to)| *to).collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        let components: Vec<Component> = (0..12).map(|place| component(&format!("c{place:02}"), &declared(place))).collect();
        let discovered: Vec<Vec<usize>> =
            (0..12).map(|place| edges.iter().filter(|(from, to)| *from == place && to != from).map(|(_, to)| *to).collect()).collect();
        let order = order_with(&components, &discovered).unwrap();
        let at = |place: usize| order.iter().position(|other| *other == place).unwrap();
        prop_assert_eq!(order.len(), 12);
        for (place, component) in components.iter().enumerate() {
            for dependency in &component.depends_on {
                prop_assert!(at(*dependency) < at(place));
            }
        }
    }
}
