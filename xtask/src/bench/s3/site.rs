//! The files of a scenario, and the keys of its bucket.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use md5::{Digest as _, Md5};

use super::scenario::{Before, LARGE, SMALL, Scenario};

/// The bucket of everybody.
pub(crate) const BUCKET: &str = "site";

/// What a seed of content is of that is in the site no more.
const OLD: u64 = 1 << 32;

/// A folder of files, each with its size and MD5; the MD5 of a large one is not known.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    /// What was published before, where that is something else.
    pub(crate) earlier: Option<PathBuf>,
    files: Files,
    /// What the bucket holds before a run.
    held: Files,
}

type Files = BTreeMap<String, (u64, Option<String>)>;

impl Site {
    /// Makes the files of a scenario, the same in every run.
    pub(crate) fn make(scenario: &Scenario, folder: &Path) -> Result<Self, String> {
        let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
        let mut files = BTreeMap::new();
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(wrong)?;
        }
        for number in 0..scenario.files {
            let name = match number {
                0 => "index.html".to_owned(),
                _ => format!("assets/{:02}/chunk-{number:05}.js", number % 100),
            };
            let path = folder.join(&name);
            fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(wrong)?;
            let mut file = File::create(&path).map_err(wrong)?;
            let digest = if scenario.size > LARGE {
                file.set_len(scenario.size).map_err(wrong)?;
                None
            } else {
                let content = noise(number as u64, scenario.size);
                file.write_all(&content).map_err(wrong)?;
                Some(hex(&Md5::digest(&content)))
            };
            files.insert(name, (scenario.size, digest));
        }
        let folder = folder.to_owned();
        match scenario.before {
            Before::Empty => Ok(Self { folder, earlier: None, files, held: Files::new() }),
            Before::Foreign(_) | Before::Published => Ok(Self { folder, earlier: None, held: files.clone(), files }),
            Before::Site { changed, gone } => {
                let earlier = folder.with_extension("before");
                let held = older(&folder, &earlier, &files, changed, gone).map_err(wrong)?;
                Ok(Self { folder, earlier: Some(earlier), files, held })
            }
        }
    }

    /// Removes the files.
    pub(crate) fn remove(self) -> Result<(), String> {
        for folder in std::iter::once(&self.folder).chain(&self.earlier) {
            fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        Ok(())
    }

    /// Gives every file the time of now, as a checkout does.
    pub(crate) fn touch(&self) -> Result<(), String> {
        let now = SystemTime::now();
        for name in self.files.keys() {
            let path = self.folder.join(name);
            let touched = File::options().write(true).open(&path).and_then(|file| file.set_modified(now));
            touched.map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }

    /// What the bucket holds before a run, as the stand-in reads it.
    pub(crate) fn preload(&self, before: Before) -> String {
        let mut text = String::new();
        for (name, (size, digest)) in &self.held {
            let tag = digest.as_deref().unwrap_or("0123456789abcdef0123456789abcdef");
            text.push_str(&format!("{BUCKET}/{name}\t{size}\t{tag}\n"));
        }
        if let Before::Foreign(count) = before {
            text.push_str(&format!("*{count}\t{BUCKET}/foreign/\n"));
        }
        text
    }

    /// How many keys of the bucket are not as they must be after a run; `listed` is what the stand-in lists.
    pub(crate) fn wrong(&self, before: Before, listed: &str) -> usize {
        let prefix = format!("{BUCKET}/");
        let (mut right, mut surplus) = (0, 0);
        for line in listed.lines() {
            let mut fields = line.split('\t');
            let key = fields.next().and_then(|key| key.strip_prefix(&prefix)).unwrap_or_default();
            let size = fields.next().and_then(|size| size.parse().ok());
            match self.files.get(key) {
                Some((wanted, digest)) => {
                    let is_same = digest.as_deref().is_none_or(|digest| fields.next() == Some(digest));
                    right += usize::from(size == Some(*wanted) && is_same);
                }
                // What ours keeps for itself is no part of the site.
                None => surplus += usize::from(!key.starts_with(".slipway/")),
            }
        }
        let allowed = if let Before::Foreign(count) = before { count } else { 0 };
        (self.files.len() - right) + surplus.abs_diff(allowed)
    }
}

/// Makes the folder of what was published before: `files`, of which so many had another content of the same size, and so many that are
/// gone.
fn older(folder: &Path, earlier: &Path, files: &Files, changed: usize, gone: usize) -> std::io::Result<Files> {
    if earlier.exists() {
        fs::remove_dir_all(earlier)?;
    }
    let every = files.len().checked_div(changed).unwrap_or(usize::MAX);
    let mut held = files.clone();
    for (at, (name, (size, digest))) in held.iter_mut().enumerate() {
        let path = earlier.join(name);
        fs::create_dir_all(path.parent().unwrap_or(earlier))?;
        if at % every == every - 1 {
            let content = noise(OLD + at as u64, *size);
            *digest = Some(hex(&Md5::digest(&content)));
            fs::write(&path, content)?;
        } else {
            fs::hard_link(folder.join(name), &path)?;
        }
    }
    for number in 0..gone {
        let (name, content) =
            (format!("assets/{:02}/gone-{number:05}.js", number % 100), noise(2 * OLD + number as u64, SMALL));
        let path = earlier.join(&name);
        fs::create_dir_all(path.parent().unwrap_or(earlier))?;
        held.insert(name, (SMALL, Some(hex(&Md5::digest(&content)))));
        fs::write(&path, content)?;
    }
    Ok(held)
}

/// Bytes that no compression makes smaller, by a seed.
fn noise(seed: u64, size: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..size / 8).flat_map(|_| next()).collect()
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{BUCKET, Site};
    use crate::bench::s3::scenario::{Before, Scenario};

    const BEFORE: Before = Before::Site { changed: 2, gone: 3 };

    fn site(folder: &std::path::Path) -> Site {
        let scenario =
            Scenario { name: "x", title: "x", files: 10, size: 64, before: BEFORE, latency: 0, is_ours_alone: false };
        Site::make(&scenario, &folder.join("site")).unwrap()
    }

    /// What the bucket must hold after a run.
    fn now(site: &Site) -> String {
        let line = |(name, (size, digest)): (&String, &(u64, Option<String>))| {
            format!("{BUCKET}/{name}\t{size}\t{}\n", digest.as_deref().unwrap())
        };
        site.files.iter().map(line).collect()
    }

    #[test]
    fn the_bucket_differs_by_what_changed_and_what_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let preload = site.preload(BEFORE);
        let now = now(&site);
        let is_other = |line: &&str| !now.contains(line);
        let names =
            |lines: Vec<&str>| lines.iter().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>();
        let others = names(preload.lines().filter(is_other).collect());
        assert_eq!(others.iter().filter(|name| name.contains("/gone-")).count(), 3);
        assert_eq!((others.len(), preload.lines().count()), (5, 13));
        let earlier = site.earlier.clone().unwrap();
        assert_eq!(fs::read_dir(earlier.join("assets/02")).unwrap().count(), 2);
        site.remove().unwrap();
        assert!(!earlier.exists());
    }

    #[test]
    fn a_bucket_is_wrong_by_every_key_that_is_not_as_it_must_be() {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let right = now(&site);
        assert_eq!(site.wrong(BEFORE, &right), 0);
        assert_eq!(site.wrong(BEFORE, &format!("{right}site/.slipway/note\t1\tx\n")), 0);
        assert_eq!(site.wrong(BEFORE, &format!("{right}site/old\t1\tx\n")), 1);
        assert_eq!(site.wrong(BEFORE, &site.preload(BEFORE)), 5);
        assert_eq!(site.wrong(BEFORE, ""), 10);
        assert_eq!(site.wrong(Before::Foreign(1), &format!("{right}site/old\t1\tx\n")), 0);
    }
}
