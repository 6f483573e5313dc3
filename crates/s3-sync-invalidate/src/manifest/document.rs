//! How a manifest is written: gzipped lines of JSON. The first says what it is and of which release, each further one
//! describes an object, the last one tells how many there are.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, BufWriter, Read};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::{Content, Entry, Rare, Release, ReleaseId};
use crate::bucket::DistributionId;
use crate::compress::{Coding, Plain};
use crate::digest::Md5Sum;
use crate::etag::ETag;
use crate::headers::Fingerprint;
use crate::table::Table;

/// The format this module writes and reads.
const FORMAT: u32 = 1;

/// The largest manifest that is read, unpacked: four million objects with long names.
const LARGEST: u64 = 1 << 30;

/// The most objects of a manifest that is read.
const MOST: usize = 5_000_000;

/// The longest line: a key has at most 1,024 bytes, six times as many when all of them are escaped; the first line has 41 releases.
const LONGEST_LINE: usize = 256 * 1024;

/// How many bytes are packed or unpacked at a time.
const SOME: usize = 64 * 1024;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Head {
    format: u32,
    write: String,
    release: Release,
    history: Vec<Release>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    distributions: BTreeSet<DistributionId>,
}

/// A line for an object.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Line<'a> {
    path: Cow<'a, str>,
    size: u64,
    md5: Md5Sum,
    /// Left out where it is the MD5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers: Option<Fingerprint>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unsteady: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    page: bool,
    /// Another encoder gets another name, so that what this one wrote is not believed of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gzip_of: Option<Md5Sum>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    brotli_of: Option<Md5Sum>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_used: Option<Cow<'a, ReleaseId>>,
}

impl<'a> Line<'a> {
    fn of(path: &'a str, entry: &'a Entry) -> Self {
        let Entry { size, md5, ref etag, headers, page, .. } = *entry;
        let etag = (*etag != ETag::Md5(md5)).then(|| Cow::Owned(etag.to_string()));
        let last_used = entry.last_used().map(Cow::Borrowed);
        let unsteady = entry.unsteady();
        let of = |coding| entry.packed().filter(|plain| plain.coding == coding).map(|plain| plain.md5);
        let (gzip_of, brotli_of) = (of(Coding::Gzip), of(Coding::Brotli));
        Self { path: path.into(), size, md5, etag, headers, unsteady, page, gzip_of, brotli_of, last_used }
    }

    fn entry(self) -> (Cow<'a, str>, Entry) {
        let Self { path, size, md5, etag, headers, unsteady, page, gzip_of, brotli_of, last_used } = self;
        let of = |coding| move |md5| Plain { md5, coding };
        let packed = brotli_of.map(of(Coding::Brotli)).or_else(|| gzip_of.map(of(Coding::Gzip)));
        let etag = etag.map_or(ETag::Md5(md5), |etag| ETag::from(&*etag));
        let rare = Rare { unsteady, packed, last_used: last_used.map(Cow::into_owned) };
        (path, Entry { size, md5, etag, headers, page, rare: rare.boxed() })
    }
}

/// A line for an object that was deleted.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Gone<'a> {
    gone: Cow<'a, str>,
    last_used: Cow<'a, ReleaseId>,
}

/// How it begins.
const GONE: &[u8] = b"{\"gone\":";

/// How the last line begins.
const END: &[u8] = b"{\"objects\":";

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    objects: usize,
}

/// Why bytes are no manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It was written by a newer version.
    TooNew(u32),
    /// It is damaged, or something else.
    Damaged(String),
}

/// Writes a manifest; the same content has the same bytes.
pub(crate) fn write(content: &Content) -> std::io::Result<Vec<u8>> {
    // Most of it are sums, which get no smaller however long one tries. Each time that something is written costs as much as some
    // kilobytes of it.
    let mut out = BufWriter::with_capacity(SOME, GzEncoder::new(Vec::new(), Compression::fast()));
    let Content { write, release, history, distributions, entries, gone } = content;
    let head = Head {
        format: FORMAT,
        write: write.clone(),
        release: release.clone(),
        history: history.clone(),
        distributions: distributions.clone(),
    };
    line(&mut out, &head)?;
    for (path, entry) in entries.iter() {
        line(&mut out, &Line::of(path, entry))?;
    }
    for (path, release) in gone {
        line(&mut out, &Gone { gone: path.into(), last_used: Cow::Borrowed(release) })?;
    }
    line(&mut out, &End { objects: entries.len() + gone.len() })?;
    out.into_inner()?.finish()
}

fn line(out: &mut impl std::io::Write, value: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Reads a manifest. It comes from a bucket that others may write to: nothing in it makes this fail or grow without end.
pub(crate) fn read(from: impl Read) -> Result<Content, Broken> {
    let mut lines =
        Lines { from: BufReader::with_capacity(SOME, GzDecoder::new(from).take(LARGEST)), line: Vec::new() };
    let first = lines.next()?.ok_or_else(|| damaged("it is empty"))?;
    // What a newer version's first line holds besides its number is not known.
    let format: Format = serde_json::from_slice(first).map_err(damaged)?;
    if format.format > FORMAT {
        return Err(Broken::TooNew(format.format));
    }
    let head: Head = serde_json::from_slice(first).map_err(damaged)?;
    let (mut entries, mut gone, mut last) = (Table::default(), BTreeMap::new(), String::new());
    let mut lines_read = 0;
    loop {
        let line = lines.next()?.ok_or_else(|| damaged("its end is missing"))?;
        if line.starts_with(END) {
            let end: End = serde_json::from_slice(line).map_err(damaged)?;
            if end.objects != lines_read {
                return Err(damaged("its end does not fit its lines"));
            }
            break;
        }
        lines_read += 1;
        if lines_read > MOST {
            return Err(damaged("it tells of too many objects"));
        }
        if line.starts_with(GONE) {
            let Gone { gone: path, last_used } = serde_json::from_slice(line).map_err(damaged)?;
            gone.insert(path.into_owned(), last_used.into_owned());
            continue;
        }
        let (path, entry) = serde_json::from_slice::<Line<'_>>(line).map_err(damaged)?.entry();
        // Whoever writes them sorts them; in another order they would take longer and longer.
        if !entries.is_empty() && *path <= *last {
            return Err(damaged("its lines are in no order"));
        }
        path.as_ref().clone_into(&mut last);
        entries.extend([(path, entry)]);
    }
    let Head { write, release, history, distributions, .. } = head;
    Ok(Content { write, release, history, distributions, entries: Arc::new(entries), gone })
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn damaged(why: impl ToString) -> Broken {
    Broken::Damaged(why.to_string())
}

/// Lines of a bounded length.
struct Lines<R> {
    from: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<&[u8]>, Broken> {
        self.line.clear();
        let mut some = (&mut self.from).take(LONGEST_LINE as u64);
        let length = some.read_until(b'\n', &mut self.line).map_err(damaged)?;
        match self.line.last() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(&self.line[..length - 1])),
            Some(_) => Err(damaged("it breaks off, or a line of it is too long")),
        }
    }
}

#[cfg(test)]
mod tests;
