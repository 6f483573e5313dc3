mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::bucket::DistributionId;
use crate::cloudfront::Origin;
use crate::invalidation::is_covered;
use crate::journal::{Debt, Note};
use crate::manifest::{Manifest, ManifestPlace};
use crate::plan::tests::{inputs as in_place, remote, snapshot};
use crate::prefixed::{Front, all, settle, shows_release};
use world::{Until, World};

const OLD: &str = "app.45d844a759a9e983.js";
const NEW: &str = "app.1111aaaa2222bbbb.js";

fn inputs() -> Inputs {
    Inputs { mode: Mode::ReleasePrefix(Adoption::Allowed), extraneous: Extraneous::Delete, ..in_place() }
}

#[test]
fn a_release_goes_up_is_copied_from_then_on_and_switched() {
    let (mut world, inputs) = (World::new(), inputs());
    let first = world.publish(&inputs, &[("index.html", "one"), (OLD, "app")], Until::End);
    assert_eq!((first.uploads.len(), first.moves.len()), (2, 0));
    assert_eq!(world.told, ["/*"]);
    world.told.clear();
    let second = world.publish(&inputs, &[("index.html", "two"), (OLD, "app")], Until::End);
    assert_eq!((second.uploads.len(), second.moves.len(), second.unchanged), (1, 1, 1));
    assert_eq!(world.told, ["/", "/index.html"]);
    let third = world.publish(&inputs, &[("index.html", "two"), (OLD, "app")], Until::End);
    assert!(third.is_empty() && third.manifest.is_none(), "{third:?}");
}

#[test]
fn assets_of_the_last_releases_come_along_and_pages_do_not() {
    let (mut world, inputs) = (World::new(), inputs());
    world.publish(&inputs, &[("index.html", "one"), ("gone.html", "gone"), (OLD, "app")], Until::End);
    world.publish(&inputs, &[("index.html", "two"), (NEW, "other")], Until::End);
    let has = |world: &World, path: &str| world.site().contains_key(path);
    assert!(has(&world, OLD) && has(&world, NEW) && !has(&world, "gone.html"));
    world.publish(&inputs, &[("index.html", "three"), (NEW, "other")], Until::End);
    assert!(!has(&world, OLD), "{:?}", world.site());
    let none = Inputs { keep_releases: 0, ..inputs };
    world.publish(&none, &[("index.html", "four")], Until::End);
    assert!(!has(&world, NEW), "{:?}", world.site());
}

#[test]
fn assets_of_what_is_shown_come_along_past_a_release_that_nobody_saw() {
    let (mut world, inputs) = (World::new(), inputs());
    world.publish(&inputs, &[("index.html", "one"), (OLD, "app")], Until::End);
    // Cancelled before its switch, overtaken, or killed.
    world.publish(&inputs, &[("index.html", "two"), (NEW, "other")], Until::Manifest);
    assert_eq!(world.site()["index.html"], "one");
    world.publish(&inputs, &[("index.html", "three"), (NEW, "other")], Until::End);
    assert_eq!((world.site()["index.html"].as_str(), world.site().contains_key(OLD)), ("three", true));
    // And past two.
    world.publish(&inputs, &[("index.html", "four")], Until::Manifest);
    world.publish(&inputs, &[("index.html", "five")], Until::Manifest);
    world.publish(&inputs, &[("index.html", "six")], Until::End);
    assert!(world.site().contains_key(NEW), "{:?}", world.site());
}

#[test]
fn an_edge_that_is_not_told_yet_has_the_assets_of_the_new_pages() {
    let (mut world, inputs) = (World::new(), Inputs { keep_releases: 0, ..inputs() });
    let late = |world: &World, path: &str| World { path: path.to_owned(), ..world.clone() }.site();
    world.publish(&inputs, &[("index.html", "one"), ("style.css", "a"), (OLD, "app")], Until::End);
    let first = world.path.clone();
    world.publish(&inputs, &[("index.html", "two"), ("style.css", "b"), (NEW, "other")], Until::Switch);
    let second = world.path.clone();
    let old = late(&world, &first);
    assert_eq!((old[NEW].as_str(), old["index.html"].as_str(), old["style.css"].as_str()), ("other", "one", "a"));
    // The same way back.
    assert!(!world.site().contains_key(OLD));
    world.back(&inputs, 1);
    assert_eq!((world.path.as_str(), late(&world, &second)[OLD].as_str()), (first.as_str(), "app"));
    // They go with their folder.
    for page in ["three", "four", "five"] {
        world.publish(&inputs, &[("index.html", page)], Until::End);
    }
    assert_eq!((late(&world, &first).len(), late(&world, &second).len(), world.folders().len()), (0, 0, 2));
}

#[test]
fn an_asset_that_is_gone_does_not_come_along() {
    let (mut world, inputs) = (World::new(), inputs());
    world.publish(&inputs, &[("index.html", "one"), (OLD, "app")], Until::End);
    world.objects.retain(|key, _| !key.ends_with(OLD));
    let plan = world.publish(&inputs, &[("index.html", "two")], Until::End);
    assert_eq!((plan.moves, world.site().len()), (vec![], 1));
}

#[test]
fn a_manifest_that_may_not_be_read_is_none_only_where_no_release_is_shown() {
    let (mut world, inputs) = (World::new(), inputs());
    let mut seen = world.see(&inputs, &[("index.html", "one")]);
    seen.manifest = Found::Denied(seen.manifest.folder().unwrap().clone());
    let first = plan(&inputs, &seen).unwrap();
    assert_eq!(first.manifest.unwrap().condition, Condition::AbsentPerhaps);
    let shows = |world: &World| {
        let releases = world.clone().see(&inputs, &[]).releases.unwrap();
        releases.fronts.iter().any(|front| shows_release(&inputs.prefix, front))
    };
    assert!(!shows(&world));
    world.publish(&inputs, &[("index.html", "one")], Until::End);
    assert!(shows(&world));
}

#[test]
fn what_cannot_come_back_under_its_name_is_not_remembered() {
    let (mut world, inputs) = (World::new(), inputs());
    world.publish(&inputs, &[("index.html", "one"), ("old.html", "old"), (OLD, "app")], Until::End);
    let first = world.manifest.clone().unwrap().release.id;
    world.publish(&inputs, &[("index.html", "two"), ("late.html", "late"), (NEW, "app")], Until::End);
    let second = world.manifest.clone().unwrap().release.id;
    world.publish(&inputs, &[("index.html", "three")], Until::End);
    let expect = [("late.html".to_owned(), second), ("old.html".to_owned(), first)];
    assert_eq!(world.manifest.unwrap().gone, BTreeMap::from(expect));
}

#[test]
fn so_many_releases_stay_and_one_in_any_case() {
    for (keep, expect) in [(0, 2), (1, 2), (3, 4)] {
        let (mut world, inputs) = (World::new(), Inputs { keep_releases: keep, ..inputs() });
        for page in ["one", "two", "three", "four", "five", "six"] {
            world.publish(&inputs, &[("index.html", page)], Until::End);
        }
        assert_eq!(world.folders().len(), expect, "{keep}");
    }
}

#[test]
fn going_back_deletes_no_release() {
    let (mut world, many) = (World::new(), Inputs { keep_releases: 5, ..inputs() });
    for page in ["one", "two", "three", "four", "five"] {
        world.publish(&many, &[("index.html", page)], Until::End);
    }
    let folders = world.folders();
    assert_eq!(folders.len(), 5);
    // Its own `keep-releases` is not the site's.
    let plan = world.back(&inputs(), 1);
    assert_eq!(
        (plan.switch.unwrap().prune, world.folders(), world.site()["index.html"].as_str()),
        (vec![], folders.clone(), "four")
    );
    world.back(&inputs(), 5);
    assert_eq!((world.folders(), world.site()["index.html"].as_str()), (folders, "one"));
}

#[test]
fn nothing_goes_while_a_distribution_is_not_looked_at_that_was_switched_once() {
    let (mut world, first) = (World::new(), inputs());
    let other = DistributionId::parse("E1OTHEROTHER").unwrap();
    let second = Inputs { distributions: vec![other.clone()], ..first.clone() };
    world.publish(&first, &[("index.html", "one")], Until::End);
    for page in ["two", "three", "four"] {
        let plan = world.publish(&second, &[("index.html", page)], Until::End);
        assert_eq!(plan.switch.unwrap().prune, []);
    }
    assert_eq!(world.folders().len(), 4);
    let plan = world.publish(&second, &[("index.html", "five")], Until::End);
    let told = |plan: &Plan| plan.hints.iter().any(|hint| hint.text.contains(first.distributions[0].as_str()));
    assert!(told(&plan), "{:?}", plan.hints);
    // And it can be gone back to each of them.
    assert!(all(world.manifest.as_ref().unwrap()).all(|release| !release.gone));
    let both = Inputs { distributions: vec![first.distributions[0].clone(), other], ..first.clone() };
    let plan = world.publish(&both, &[("index.html", "six")], Until::End);
    assert!(!told(&plan));
    assert_eq!(world.folders().len(), 2);
}

#[test]
fn a_folder_that_is_there_is_remembered() {
    let (mut world, many) = (World::new(), Inputs { keep_releases: 20, ..inputs() });
    for number in 0..22 {
        world.publish(&many, &[("index.html", &number.to_string())], Until::End);
    }
    // One that may not delete comes, and somebody goes back and forth.
    for number in 22..25 {
        world.publish(&many, &[("index.html", &number.to_string())], Until::Invalidation);
    }
    for back in [20, 1, 1, 1, 1] {
        world.back(&inputs(), back);
    }
    let known: BTreeSet<ReleaseId> =
        all(world.manifest.as_ref().unwrap()).filter_map(|release| release.place.clone()).collect();
    assert!(world.folders().is_subset(&known), "{:?} {known:?}", world.folders());
    world.publish(&many, &[("index.html", "last")], Until::End);
    assert_eq!(world.folders().len(), 21);
}

#[test]
fn what_is_shown_stays_however_old_it_is() {
    let (mut world, inputs) = (World::new(), inputs());
    world.publish(&inputs, &[("index.html", "zero")], Until::End);
    let shown = world.path.clone();
    for page in ["one", "two", "three"] {
        world.publish(&inputs, &[("index.html", page)], Until::Manifest);
        world.apply_prune_of(&inputs, page);
    }
    assert_eq!(world.path, shown);
    assert_eq!(world.site()["index.html"], "zero");
}

#[track_caller]
fn refused(world: &mut World, inputs: &Inputs) -> String {
    match plan(inputs, &world.see(inputs, &[("index.html", "two")])) {
        Err(error) => error.to_string(),
        Ok(plan) => panic!("{plan:?}"),
    }
}

#[test]
fn only_an_origin_path_of_ours_is_switched() {
    let (mut world, inputs) = (World::new(), inputs());
    let careful = Inputs { mode: Mode::ReleasePrefix(Adoption::Refused), ..inputs.clone() };
    assert!(refused(&mut world, &careful).contains("`/site` of distribution"));
    world.publish(&inputs, &[("index.html", "one")], Until::End);
    let own = world.path.clone();
    for path in
        ["", "/site2", "/other", "/site/releases", "/site/releases/20200101T000000Z-00000000", &format!("{own}/x")]
    {
        world.path = path.to_owned();
        assert!(refused(&mut world, &inputs).contains("does not show this site"), "{path}");
    }
    world.path = own;
    world.publish(&careful, &[("index.html", "two")], Until::End);
    assert_eq!(world.site()["index.html"], "two");
}

#[test]
fn a_release_that_shows_nothing_is_refused() {
    let (mut world, inputs) = (World::new(), inputs());
    world.publish(&inputs, &[("index.html", "one")], Until::End);
    for files in [&[][..], &[("other.html", "x")]] {
        assert!(plan(&inputs, &world.see(&inputs, files)).is_err(), "{files:?}");
        let meant = Inputs { extraneous: Extraneous::DeleteAll, ..inputs.clone() };
        assert!(plan(&meant, &world.see(&meant, files)).is_ok(), "{files:?}");
    }
}

#[test]
fn a_site_that_was_published_in_place_is_copied_from_there() {
    let (mut world, inputs) = (World::new(), inputs());
    world.publish(&inputs, &[("index.html", "one"), (OLD, "app")], Until::End);
    let content = world.manifest.as_mut().unwrap();
    content.release.place = None;
    let objects = std::mem::take(&mut world.objects);
    world.objects = objects
        .into_iter()
        .map(|(key, content)| (format!("site/{}", key.splitn(4, '/').nth(3).unwrap()), content))
        .collect();
    world.path = "/site".to_owned();
    world.told.clear();
    world.objects.insert("site/ads.txt".to_owned(), "ads".to_owned());
    let plan = world.publish(&inputs, &[("index.html", "two"), (OLD, "app")], Until::End);
    assert_eq!((plan.uploads.len(), plan.moves.len()), (1, 1));
    let told: Vec<&str> = plan.hints.iter().map(|hint| hint.text.as_str()).collect();
    assert!(told.iter().any(|text| text.ends_with("will not be seen any more: ads.txt")), "{told:?}");
    assert_eq!(world.told, ["/", "/index.html"]);
    assert_eq!(world.objects["site/index.html"], "one");
    // And nothing is published in place any more.
    let seen = world.see(&inputs, &[("index.html", "two")]);
    assert!(crate::plan::plan(&in_place(), &seen).is_err());
}

type Files = Vec<(&'static str, &'static str)>;

fn sites() -> impl Strategy<Value = Files> {
    let paths = ["about.html", "docs/index.html", "style.css", OLD, NEW];
    let some =
        prop::collection::vec((prop::sample::select(paths.to_vec()), prop::sample::select(vec!["a", "b"])), 0..5);
    (some, prop::sample::select(vec!["one", "two", "three"])).prop_map(|(some, page)| {
        let files: BTreeMap<&str, &str> = some.into_iter().chain([("index.html", page)]).collect();
        files.into_iter().collect()
    })
}

fn ends() -> impl Strategy<Value = Until> {
    use Until::{End, Invalidation, Manifest, Switch, Uploads};
    prop::sample::select(vec![Uploads, Manifest, Switch, Invalidation, End])
}

proptest! {
    #[test]
    fn wherever_a_publication_stops_the_next_one_makes_up_for_it(
        runs in prop::collection::vec((sites(), ends()), 1..6), last in sites(), keep in 0_usize..3,
    ) {
        let (mut world, inputs) = (World::new(), Inputs { keep_releases: keep, ..inputs() });
        // What an edge may hold: each path with what it showed once, until it is told.
        let mut cached: BTreeSet<(String, String)> = BTreeSet::new();
        for (files, until) in runs.into_iter().chain([(last.clone(), Until::End)]) {
            world.told.clear();
            cached.extend(world.site());
            let plan = world.publish(&inputs, &files, until);
            // Visitors come after the switch and before the invalidation.
            let told = std::mem::take(&mut world.told);
            cached.retain(|(path, _)| {
                let is_page = path == "index.html";
                !(is_covered(&format!("/{path}"), &told) || is_page && is_covered("/", &told))
            });
            prop_assert!(plan.switch.is_some());
            if until == Until::End {
                let site = world.site();
                for (path, content) in &files {
                    prop_assert_eq!(site.get(*path).map(String::as_str), Some(*content), "{}", path);
                }
                for (path, content) in &cached {
                    let is_kept = site.get(path) == Some(content);
                    prop_assert!(is_kept, "an edge keeps {} of {:?}: {:?}", content, path, site);
                }
            }
        }
        let again = plan(&inputs, &world.see(&inputs, &last)).unwrap();
        prop_assert!(again.is_empty() && again.manifest.is_none(), "{:?}", again);
    }
}

#[test]
fn what_a_publication_left_goes_a_day_later() {
    let (mut world, inputs) = (World::new(), inputs());
    let left = |world: &World| {
        let known = all(world.manifest.as_ref().unwrap()).filter_map(|release| release.place.clone());
        world.folders().difference(&known.collect()).count()
    };
    world.publish(&inputs, &[("index.html", "zero")], Until::Uploads);
    world.publish(&inputs, &[("index.html", "one")], Until::End);
    world.publish(&inputs, &[("index.html", "two")], Until::Uploads);
    world.publish(&inputs, &[("index.html", "three")], Until::End);
    assert_eq!(left(&world), 2);
    world.clock += 23 * 60 * 60;
    world.publish(&inputs, &[("index.html", "three")], Until::End);
    assert_eq!(left(&world), 2);
    world.clock += 60 * 60;
    let plan = world.publish(&inputs, &[("index.html", "three")], Until::End);
    assert!(plan.manifest.is_none() && !plan.is_empty());
    // Before the first release that is remembered there may have been others.
    assert_eq!(left(&world), 1);
    assert!(world.publish(&inputs, &[("index.html", "three")], Until::End).is_empty());
}
