use std::fs;
use std::path::PathBuf;

use super::*;
use crate::globs::PathGlob;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[&str]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for file in files {
            let path = folder.0.path().join("site").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("site")
    }

    #[track_caller]
    fn check(&self, selection: &Selection, files: &[&str], refused: &[(&str, Refusal)]) {
        let mut found = walk(&self.root(), selection).unwrap();
        found.files.sort();
        assert_eq!(found.files.iter().collect::<Vec<_>>(), files);
        let seen: Vec<(&str, Refusal)> = found.refused.iter().map(|(name, why)| (name.as_str(), *why)).collect();
        assert_eq!(seen, refused);
    }
}

fn selection(exclude: &[&str], allow_sensitive: &[&str]) -> Selection {
    let globs = |texts: &[&str]| PathGlobs::new(texts.iter().map(|text| PathGlob::parse(text).unwrap()).collect());
    Selection { exclude: globs(exclude), allow_sensitive: globs(allow_sensitive), ..Selection::default() }
}

#[test]
fn every_regular_file_is_found_hidden_ones_too() {
    Folder::new(&["index.html", "a/b c.js", ".well-known/security.txt", ".DS_Store"]).check(
        &Selection::default(),
        &[".well-known/security.txt", "a/b c.js", "index.html"],
        &[],
    );
}

#[test]
fn secrets_are_refused_by_name_unless_excluded_or_allowed() {
    let folder = Folder::new(&["index.html", ".git/config", ".env", "a/.env.local", "k/server.key"]);
    folder.check(
        &Selection::default(),
        &["index.html"],
        &[
            (".env", Refusal::Sensitive),
            (".git/", Refusal::Sensitive),
            ("a/.env.local", Refusal::Sensitive),
            ("k/server.key", Refusal::Sensitive),
        ],
    );
    folder.check(&selection(&[".git", ".env*"], &["server.key"]), &["index.html", "k/server.key"], &[]);
    folder.check(&selection(&[".env*", "k"], &[".git"]), &[".git/config", "index.html"], &[]);
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_only_inside_the_source() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(&["real/a.js", "../outside/secret.txt"]);
    symlink("real", folder.root().join("alias")).unwrap();
    symlink("../outside", folder.root().join("out")).unwrap();
    symlink("../outside/secret.txt", folder.root().join("out.txt")).unwrap();
    symlink("nowhere", folder.root().join("dangling")).unwrap();
    symlink("..", folder.root().join("real/up")).unwrap();
    folder.check(
        &selection(&["up"], &[]),
        &["alias/a.js", "real/a.js"],
        &[("dangling", Refusal::OutsideLink), ("out", Refusal::OutsideLink), ("out.txt", Refusal::OutsideLink)],
    );
    let found = walk(&folder.root(), &selection(&["out*", "dangling"], &[])).unwrap();
    assert!(found.refused.keys().any(|name| name.contains("up")), "{:?}", found.refused);
}

#[cfg(unix)]
#[test]
fn links_are_treated_as_the_user_says() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(&["real/a.js", "../outside/b.js", "../outside/.env", "../outside/c.js.map"]);
    for (target, link) in [
        ("real", "alias"),
        ("../outside/b.js", "b.js"),
        ("../outside/.env", "config.txt"),
        ("../outside/c.js.map", "c.txt"),
        ("nowhere", "dangling"),
    ] {
        symlink(target, folder.root().join(link)).unwrap();
    }
    let with = |symlinks| Selection { symlinks, ..Selection::default() };
    folder.check(&with(Symlinks::Skip), &["real/a.js"], &[]);
    let all = ["alias", "b.js", "c.txt", "config.txt", "dangling"].map(|name| (name, Refusal::Link));
    folder.check(&with(Symlinks::Refuse), &["real/a.js"], &all);
    folder.check(
        &with(Symlinks::Follow),
        &["alias/a.js", "b.js", "real/a.js"],
        &[("c.txt", Refusal::SourceMap), ("config.txt", Refusal::Sensitive), ("dangling", Refusal::OutsideLink)],
    );
}

#[test]
fn source_maps_are_refused_unless_allowed_or_excluded() {
    let folder = Folder::new(&["app.js", "app.js.map", "app.js.map.gz"]);
    let refused = [("app.js.map", Refusal::SourceMap), ("app.js.map.gz", Refusal::SourceMap)];
    folder.check(&Selection::default(), &["app.js"], &refused);
    folder.check(&selection(&["*.map", "*.map.gz"], &[]), &["app.js"], &[]);
    folder.check(&selection(&[], &["*.map"]), &["app.js", "app.js.map"], &refused[1..]);
    let all = Selection { source_maps: SourceMaps::Publish, ..Selection::default() };
    folder.check(&all, &["app.js", "app.js.map", "app.js.map.gz"], &[]);
}

#[cfg(unix)]
#[test]
fn a_harmless_name_for_a_secret_does_not_publish_it() {
    let folder = Folder::new(&[".env", "index.html"]);
    std::os::unix::fs::symlink(".env", folder.root().join("config.txt")).unwrap();
    folder.check(&selection(&[".env"], &[]), &["index.html"], &[("config.txt", Refusal::Sensitive)]);
}

#[cfg(unix)]
#[test]
fn names_that_cannot_be_keys_are_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Folder::new(&["a\nb.txt", "ok.txt"]);
    fs::write(folder.root().join(std::ffi::OsStr::from_bytes(b"bad\xFF.txt")), "x").unwrap();
    let refused = [("a\nb.txt", Refusal::BadName), ("bad\u{FFFD}.txt", Refusal::BadName)];
    folder.check(&Selection::default(), &["ok.txt"], &refused);
}

#[test]
fn a_missing_source_and_a_file_are_errors_of_their_own() {
    let folder = Folder::new(&["a.txt"]);
    let missing = walk(&folder.root().join("nope"), &Selection::default()).unwrap_err();
    assert!(matches!(missing, SourceError::Missing { .. }), "{missing}");
    let file = walk(&folder.root().join("a.txt"), &Selection::default()).unwrap_err();
    assert!(matches!(file, SourceError::NotFolder { .. }), "{file}");
}
