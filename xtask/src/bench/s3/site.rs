//! The files of a scenario, and the keys of its bucket.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use md5::{Digest as _, Md5};

use super::scenario::{Before, LARGE, Scenario};

/// The bucket of everybody.
pub(crate) const BUCKET: &str = "site";

/// A folder of files, each with its size and MD5; the MD5 of a large one is not known.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    files: BTreeMap<String, (u64, Option<String>)>,
}

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
        Ok(Self { folder: folder.to_owned(), files })
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
        let (changed, gone) = match before {
            Before::Empty => return String::new(),
            Before::Site { changed, gone } => (changed, gone),
            Before::Foreign(_) | Before::Published => (0, 0),
        };
        let every = self.files.len().checked_div(changed).unwrap_or(usize::MAX);
        let mut text = String::new();
        for (at, (name, (size, digest))) in self.files.iter().enumerate() {
            let is_changed = at % every == every - 1;
            let tag = digest.as_deref().filter(|_| !is_changed).unwrap_or("0123456789abcdef0123456789abcdef");
            text.push_str(&format!("{BUCKET}/{name}\t{size}\t{tag}\n"));
        }
        match before {
            Before::Foreign(count) => text.push_str(&format!("*{count}\t{BUCKET}/foreign/\n")),
            _ if gone > 0 => text.push_str(&format!("*{gone}\t{BUCKET}/assets/\n")),
            _ => {}
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
    use super::Site;
    use crate::bench::s3::scenario::{Before, Scenario};

    const BEFORE: Before = Before::Site { changed: 2, gone: 3 };

    fn site(folder: &std::path::Path) -> Site {
        let scenario =
            Scenario { name: "x", title: "x", files: 10, size: 64, before: BEFORE, latency: 0, is_ours_alone: false };
        Site::make(&scenario, &folder.join("site")).unwrap()
    }

    #[test]
    fn the_bucket_differs_by_what_changed_and_what_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let preload = site.preload(BEFORE);
        assert_eq!(preload.lines().filter(|line| line.ends_with("\t0123456789abcdef0123456789abcdef")).count(), 2);
        assert_eq!(preload.lines().last(), Some("*3\tsite/assets/"));
        assert_eq!(site.preload(Before::Empty), "");
        assert_eq!(site.preload(Before::Published), site.preload(Before::Site { changed: 0, gone: 0 }));
    }

    #[test]
    fn a_bucket_is_wrong_by_every_key_that_is_not_as_it_must_be() {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let right = site.preload(Before::Site { changed: 0, gone: 0 });
        assert_eq!(site.wrong(BEFORE, &right), 0);
        assert_eq!(site.wrong(BEFORE, &format!("{right}site/.slipway/note\t1\tx\n")), 0);
        assert_eq!(site.wrong(BEFORE, &format!("{right}site/old\t1\tx\n")), 1);
        assert_eq!(site.wrong(BEFORE, &site.preload(Before::Site { changed: 2, gone: 0 })), 2);
        assert_eq!(site.wrong(BEFORE, ""), 10);
        assert_eq!(site.wrong(Before::Foreign(1), &format!("{right}site/old\t1\tx\n")), 0);
    }
}
