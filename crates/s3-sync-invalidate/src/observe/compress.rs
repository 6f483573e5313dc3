//! Compresses what is to be stored compressed, unless the manifest knows what comes out.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compress::{Coding, Compress, Plain, can_pack, is_worth};
use crate::content_type::Looks;
use crate::digest::Md5Sum;
use crate::error::Error;
use crate::headers::Fingerprint;
use crate::inputs::Inputs;
use crate::source::{LocalFile, Place, Source, SourceError};

use super::workers::{StopOnDrop, each};

/// What a file became when it was compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packed {
    /// The size of what is stored, in bytes.
    pub(super) size: u64,
    /// The sum of what is stored.
    pub(super) md5: Md5Sum,
    /// The sum of the file itself, the same where compression was not worth it.
    pub(super) source: Md5Sum,
    /// What it was published with, as far as that is known.
    pub(super) headers: Option<Fingerprint>,
}

/// What compression saves.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Saved {
    /// How many compressed files are stored.
    pub(super) files: usize,
    /// The bytes of what they are made of.
    pub(super) plain: u64,
    /// Their own.
    pub(super) packed: u64,
}

/// Gives the source what is stored in the place of its files, or beside them. `known` tells what was stored at a path before, and
/// made with a coding.
pub(super) async fn compress(
    inputs: &Inputs,
    mut source: Source,
    known: impl Fn(&str, Coding) -> Option<Packed>,
) -> Result<(Source, Saved), Error> {
    let mut saved = Saved::default();
    for coding in inputs.compress.codings() {
        source = one(inputs, source, *coding, |path| known(path, *coding), &mut saved).await?;
    }
    Ok((source, saved))
}

/// A file of which something compressed is stored, unless it is not worth it.
struct Candidate {
    path: String,
    file: LocalFile,
    packed: Option<Packed>,
}

async fn one(
    inputs: &Inputs,
    mut source: Source,
    coding: Coding,
    known: impl Fn(&str) -> Option<Packed>,
    saved: &mut Saved,
) -> Result<Source, Error> {
    let (how, sibling) = (inputs.compress, |path: &str| coding.sibling(path));
    // A copy that was made once is made again, worth it or not: it would stay with the old content.
    let has_copy = |path: &str| how.has_siblings() && known(&sibling(path)).is_some();
    let tries = |(path, file): &(&str, Cow<'_, LocalFile>)| {
        let taken = how.has_siblings() && source.files.contains_key(&sibling(path));
        let headers = inputs.headers(path, file).1;
        let is_new = file.packed.is_none() && how.tries(coding, path, file.size, &headers);
        !taken && (is_new || (can_pack(file.size, &headers) && has_copy(path)))
    };
    let candidate = |(path, file): (&str, Cow<'_, LocalFile>)| {
        let file = file.into_owned();
        // What goes up again is made again: another processor's floating point may make other bytes of Brotli's.
        let is_same = |packed: &Packed| {
            let (path, stored) = stored(coding, how, path, &file, packed);
            packed.source == file.md5 && packed.headers == Some(inputs.headers(&path, &stored).1.fingerprint())
        };
        let before = if has_copy(path) { known(&sibling(path)) } else { known(path) };
        Candidate { path: path.to_owned(), packed: before.filter(is_same), file }
    };
    let mut candidates: Vec<Candidate> = source.files.iter().filter(tries).map(candidate).collect();
    let open = || candidates.iter().filter(|candidate| candidate.packed.is_none());
    let files = open().map(|Candidate { path, file, .. }| (inputs.source.join(file.below(path)), has_copy(path)));
    let made = packed_on_all_cores(inputs, coding, files.collect()).await?;
    for (candidate, packed) in candidates.iter_mut().filter(|candidate| candidate.packed.is_none()).zip(made) {
        candidate.packed = Some(packed);
    }
    for Candidate { path, file, packed } in candidates {
        let Some(packed) = packed else { continue };
        if packed.md5 != packed.source {
            saved.files += 1;
            saved.plain += file.size;
            saved.packed += packed.size;
        }
        let (path, file) = stored(coding, how, &path, &file, &packed);
        source.files.insert(&path, file);
    }
    Ok(source)
}

/// What is stored of the file at `path` once it is compressed, and where.
fn stored(coding: Coding, how: Compress, path: &str, file: &LocalFile, packed: &Packed) -> (String, LocalFile) {
    let Packed { size, md5, source, .. } = *packed;
    let packed = Some(Plain { md5: source, coding });
    if how.has_siblings() && md5 != source {
        let place = Place::CopyOf(file.below(path).into());
        let looks = if coding == Coding::Gzip { Looks::Gzip } else { Looks::Plain };
        return (coding.sibling(path), LocalFile { size, md5, looks, place, packed });
    }
    (path.to_owned(), LocalFile { size, md5, packed, ..file.clone() })
}

/// What becomes of the files, in their order; each with whether it is worth it in any case.
async fn packed_on_all_cores(
    inputs: &Inputs,
    coding: Coding,
    files: Vec<(PathBuf, bool)>,
) -> Result<Vec<Packed>, Error> {
    let stop = StopOnDrop::default();
    let is_stopped = Arc::clone(&stop.0);
    let unreadable = |path: &Path, source| SourceError::Unreadable { path: path.display().to_string(), source };
    let packing = tokio::task::spawn_blocking(move || {
        let mut packed = Vec::with_capacity(files.len());
        let pack = |(): &mut (), index: usize| pack(coding, &files[index].0, files[index].1);
        each(files.len(), &is_stopped, || (), pack, |_, one| packed.push(one))
            .map_err(|(index, error)| unreadable(&files[index].0, error))?;
        Ok(packed)
    });
    let packed = packing.await.unwrap_or_else(|error| Err(unreadable(&inputs.source, std::io::Error::other(error))))?;
    Ok(packed)
}

fn pack(coding: Coding, path: &Path, is_worth_it: bool) -> std::io::Result<Packed> {
    let plain = std::fs::read(path)?;
    let source = Md5Sum::of(&plain);
    let bytes = coding.pack(&plain)?;
    let (before, after) = (plain.len() as u64, bytes.len() as u64);
    Ok(if is_worth_it || is_worth(before, after) {
        Packed { size: after, md5: Md5Sum::of(&bytes), source, headers: None }
    } else {
        Packed { size: before, md5: source, source, headers: None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source of one script, whose file is there only if it has content.
    fn source(folder: &Path, plain: &[u8], is_there: bool) -> Source {
        if is_there {
            std::fs::write(folder.join("app.js"), plain).unwrap();
        }
        let (size, md5) = (plain.len() as u64, Md5Sum::of(plain));
        let file = LocalFile { size, md5, looks: Looks::Plain, place: Place::Stored, packed: None };
        Source { files: [("app.js", file)].into_iter().collect(), ..Source::default() }
    }

    fn inputs(compress: Compress, folder: &Path) -> Inputs {
        Inputs { compress, source: folder.to_owned(), ..crate::plan::tests::inputs() }
    }

    const BOTH: Compress = Compress::Siblings(&Coding::ALL);
    const ALL: [Compress; 5] = [
        Compress::InPlace(Coding::Gzip),
        Compress::InPlace(Coding::Brotli),
        Compress::Siblings(&[Coding::Gzip]),
        Compress::Siblings(&[Coding::Brotli]),
        BOTH,
    ];

    /// What becomes of a source.
    async fn made(
        inputs: &Inputs,
        source: Source,
        known: impl Fn(&str, Coding) -> Option<Packed>,
    ) -> Result<Source, Error> {
        let plain: u64 = source.files.iter().map(|(_, file)| file.size).sum();
        let (source, saved) = compress(inputs, source, known).await?;
        let packed = || source.files.iter().filter(|(_, file)| file.packing().is_some());
        let size: u64 = packed().map(|(_, file)| file.size).sum();
        assert_eq!((saved.files, saved.packed), (packed().count(), size));
        assert_eq!(saved.plain, plain * saved.files as u64);
        Ok(source)
    }

    /// The stored path, size and sum of each file, and how it is compressed.
    fn shown(source: &Source) -> Vec<(String, u64, Md5Sum, Option<Coding>)> {
        source.files.iter().map(|(path, file)| (path.to_owned(), file.size, file.md5, file.packing())).collect()
    }

    /// What a manifest tells of what was stored.
    fn remembered(stored: &Source, inputs: Inputs) -> impl Fn(&str, Coding) -> Option<Packed> {
        move |path, coding| {
            let file = stored.files.get(path)?;
            let source = file.packed.filter(|plain| plain.coding == coding)?.md5;
            let headers = Some(inputs.headers(path, &file).1.fingerprint());
            Some(Packed { size: file.size, md5: file.md5, source, headers })
        }
    }

    #[tokio::test]
    async fn what_the_manifest_knows_is_not_compressed_again() {
        let folder = tempfile::tempdir().unwrap();
        let plain = b"text ".repeat(1000);
        for how in ALL {
            let first =
                made(&inputs(how, folder.path()), source(folder.path(), &plain, true), |_, _| None).await.unwrap();
            let codings: Vec<Coding> = shown(&first).into_iter().filter_map(|(.., packing)| packing).collect();
            assert!(how.codings().iter().all(|coding| codings.contains(coding)), "{how:?} {codings:?}");
            std::fs::remove_file(folder.path().join("app.js")).unwrap();
            let known = remembered(&first, inputs(how, folder.path()));
            let second = made(&inputs(how, folder.path()), source(folder.path(), &plain, false), &known).await.unwrap();
            assert_eq!(shown(&second), shown(&first), "{how:?}");
            let changed = source(folder.path(), &b"other".repeat(1000), false);
            let error = made(&inputs(how, folder.path()), changed, &known).await.unwrap_err();
            assert!(matches!(error, Error::Source(SourceError::Unreadable { .. })), "{how:?} {error}");
        }
    }

    #[tokio::test]
    async fn a_copy_is_made_again_as_long_as_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let inputs = inputs(BOTH, folder.path());
        let first = made(&inputs, source(folder.path(), &b"text ".repeat(1000), true), |_, _| None).await.unwrap();
        let known = remembered(&first, inputs.clone());
        // Far too small to be worth it.
        let second = made(&inputs, source(folder.path(), b"a", true), known).await.unwrap();
        for coding in Coding::ALL {
            let copy = second.files.get(&coding.sibling("app.js")).unwrap();
            let plain = Plain { md5: Md5Sum::of(b"a"), coding };
            assert_eq!((copy.packed, copy.packing()), (Some(plain), Some(coding)));
        }
        let third = made(&inputs, source(folder.path(), b"a", true), |_, _| None).await.unwrap();
        assert_eq!(third.files.len(), 1);
    }

    #[tokio::test]
    async fn what_another_coding_made_is_not_taken_for_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let plain = b"text ".repeat(1000);
        let [gzip, brotli] = [Coding::Gzip, Coding::Brotli].map(Compress::InPlace);
        let first = made(&inputs(gzip, folder.path()), source(folder.path(), &plain, true), |_, _| None).await.unwrap();
        let known = remembered(&first, inputs(gzip, folder.path()));
        let second = made(&inputs(brotli, folder.path()), source(folder.path(), &plain, true), known).await.unwrap();
        assert_ne!(shown(&second), shown(&first));
        assert_eq!(second.files.get("app.js").unwrap().packing(), Some(Coding::Brotli));
    }

    #[tokio::test]
    async fn what_gets_other_headers_is_compressed_again() {
        let folder = tempfile::tempdir().unwrap();
        let inputs = inputs(Compress::InPlace(Coding::Brotli), folder.path());
        let plain = b"text ".repeat(1000);
        let first = made(&inputs, source(folder.path(), &plain, true), |_, _| None).await.unwrap();
        // What another machine made of it.
        let known = |path: &str, coding| {
            let known = remembered(&first, inputs.clone())(path, coding)?;
            Some(Packed { md5: Md5Sum::of(b"other bytes"), ..known })
        };
        let again = made(&inputs, source(folder.path(), &plain, true), known).await.unwrap();
        assert_eq!(again.files.get("app.js").unwrap().md5, Md5Sum::of(b"other bytes"));
        let known = |path: &str, coding| Some(Packed { headers: None, ..known(path, coding)? });
        let again = made(&inputs, source(folder.path(), &plain, true), known).await.unwrap();
        assert_eq!(shown(&again), shown(&first));
    }

    #[tokio::test]
    async fn what_is_not_worth_it_is_remembered_too() {
        let folder = tempfile::tempdir().unwrap();
        // A sequence that repeats nowhere.
        let mut state = 1_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        };
        let plain: Vec<u8> = (0..2000).map(|_| noise()).collect();
        for how in ALL {
            let first =
                made(&inputs(how, folder.path()), source(folder.path(), &plain, true), |_, _| None).await.unwrap();
            let file = first.files.get("app.js").unwrap();
            let tried = Plain { md5: file.md5, coding: how.codings()[0] };
            assert_eq!((file.packed, first.files.len()), (Some(tried), 1), "{how:?}");
            std::fs::remove_file(folder.path().join("app.js")).unwrap();
            let known = remembered(&first, inputs(how, folder.path()));
            let second = made(&inputs(how, folder.path()), source(folder.path(), &plain, false), &known).await.unwrap();
            assert_eq!(shown(&second), shown(&first), "{how:?}");
        }
    }
}
