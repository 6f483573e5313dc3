//! Recognizes file names that carry a hash of their content, as bundlers write them.
//!
//! A wrong yes makes browsers keep a file for a year, a wrong no only costs a request. So when in doubt the answer is no:
//! digits alone (a date), words with a number at the end and file types that no bundler hashes do not count.

/// File types that bundlers put a hash into.
const BUNDLED: &[&str] = &[
    "js", "mjs", "cjs", "css", "map", "wasm", "woff", "woff2", "ttf", "otf", "eot", "png", "jpg", "jpeg", "gif", "svg",
    "webp", "avif", "ico", "mp4", "webm", "mp3", "ogg",
];

/// What stands between the parts of a name.
const SEPARATORS: [char; 3] = ['.', '-', '_'];

/// Whether the last part of `path` holds a content hash: `app.3f2a1b4c.js`, `index-BxK3d9Qz.css`, `chunk-5NQRZ2KY.js`.
pub(crate) fn has_content_hash(path: &str) -> bool {
    stem(path).is_some_and(|(_, stem, _)| parts(stem).any(|(_, is_hash)| is_hash))
}

/// `path` with a `*` for each content hash, the same for each version of a file: `app.*.js`; `None` where there is none.
pub(crate) fn without_content_hash(path: &str) -> Option<String> {
    let (folder, stem, extension) = stem(path).filter(|_| has_content_hash(path))?;
    let name: String = parts(stem)
        .map(|(part, is_hash)| match part.char_indices().next_back() {
            Some((end, separator)) if is_hash && SEPARATORS.contains(&separator) => format!("*{}", &part[end..]),
            _ if is_hash => "*".to_owned(),
            _ => part.to_owned(),
        })
        .collect();
    Some(format!("{folder}{name}.{extension}"))
}

/// The folder, the name without its extension, and the extension, of a file that a bundler may have named.
fn stem(path: &str) -> Option<(&str, &str, &str)> {
    let (folder, name) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
    let (stem, extension) = name.rsplit_once('.')?;
    BUNDLED.iter().any(|known| known.eq_ignore_ascii_case(extension)).then_some((folder, stem, extension))
}

/// The parts of a name, each with the separator behind it, and whether it is a hash. The first part is the name a person gave, unless
/// it is all there is.
fn parts(stem: &str) -> impl Iterator<Item = (&str, bool)> {
    let is_only = !stem.contains(SEPARATORS);
    stem.split_inclusive(SEPARATORS)
        .enumerate()
        .map(move |(place, part)| (part, (place > 0 || is_only) && is_hash(part.trim_end_matches(SEPARATORS))))
}

fn is_hash(token: &str) -> bool {
    is_hex_hash(token) || is_mixed_hash(token)
}

/// webpack, Parcel, Next.js: 8 or more lower-case hex digits, not all of one kind.
fn is_hex_hash(token: &str) -> bool {
    let hex = token.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (8..=128).contains(&token.len())
        && hex
        && token.bytes().any(|byte| byte.is_ascii_digit())
        && token.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Vite and Rollup (base64url), esbuild and Angular (base32): 8 characters, or 16 and more, with digits between letters.
fn is_mixed_hash(token: &str) -> bool {
    let bytes = token.as_bytes();
    let length = bytes.len() == 8 || (16..=64).contains(&bytes.len());
    let upper = bytes.iter().any(u8::is_ascii_uppercase);
    let digit_inside = bytes.windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic());
    length && bytes.iter().all(u8::is_ascii_alphanumeric) && upper && digit_inside
}

#[cfg(test)]
mod tests {
    use super::{has_content_hash, without_content_hash};

    #[test]
    fn names_that_bundlers_write_are_recognized() {
        for name in [
            "assets/app.45d844a759a9e983.js",
            "main.8e3f1c2d.chunk.css",
            "assets/index-BxK3d9Qz.js",
            "chunk-5NQRZ2KY.js",
            "framework-2c79e2a64abdb08b.js.map",
            "3f2a1b4c5d6e7f80.png",
            "inter-latin.0a1b2c3d.woff2",
        ] {
            assert!(has_content_hash(name), "{name}");
        }
    }

    #[test]
    fn names_that_people_write_are_not() {
        for name in [
            "app.js",
            "jquery-3.7.1.min.js",
            "photo-20240131.jpg",
            "release-VERSION2.js",
            "photo-iPhone14.jpg",
            "facade-defaced.css",
            "deadbeef1.html",
            "report-1a2b3c4d.pdf",
            "a1b2c3d4/index.html",
            "a1b2c3d4/app.js",
            "bootstrap.bundle.min.js",
            "index",
        ] {
            assert!(!has_content_hash(name), "{name}");
        }
    }

    #[test]
    fn versions_of_a_file_have_one_name() {
        for (path, name) in [
            ("assets/app.45d844a759a9e983.js", Some("assets/app.*.js")),
            ("main.8e3f1c2d.chunk.css", Some("main.*.chunk.css")),
            ("45d844a759a9e983.js", Some("*.js")),
            ("a/index-BxK3d9Qz.css", Some("a/index-*.css")),
            ("a/index.css", None),
        ] {
            assert_eq!(without_content_hash(path).as_deref(), name, "{path}");
        }
    }
}
