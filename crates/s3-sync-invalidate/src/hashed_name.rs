//! Recognizes file names that carry a hash of their content, as bundlers write them.
//!
//! A wrong yes makes browsers keep a file for a year, a wrong no only costs a request. So when in doubt the answer is no:
//! digits alone (a date), words, words with a number at the end and file types that no bundler hashes do not count. That costs one in
//! four of Vite's names, which look like words by chance.

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
    let (before, hash) = split_base64url(stem).unwrap_or((stem, ""));
    // What a source map is of stands behind the hash: `index-DkLp_xYz.js.map`.
    let (hash, rest) = hash.split_at(hash.len().min(BASE64URL));
    before
        .split_inclusive(SEPARATORS)
        .enumerate()
        .map(move |(place, part)| (part, (place > 0 || is_only) && is_hash(part.trim_end_matches(SEPARATORS))))
        .chain([(hash, true), (rest, false)].into_iter().filter(|(part, _)| !part.is_empty()))
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

/// Vite and Rollup: the length of a hash (<https://rollupjs.org/configuration-options/#output-entryfilenames>).
const BASE64URL: usize = 8;

/// A name before the hash of Vite and Rollup at its end, which may hold `-` and `_` and need not hold digits, and what follows. That
/// is a hash which is not made of words.
fn split_base64url(stem: &str) -> Option<(&str, &str)> {
    let name = stem.strip_suffix(".js").or_else(|| stem.strip_suffix(".css")).unwrap_or(stem);
    let start = name.len().checked_sub(BASE64URL).filter(|start| *start > 1)?;
    let (before, hash) = stem.split_at_checked(start)?;
    let token = name.get(start..)?;
    let is_token =
        before.ends_with(SEPARATORS) && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    (is_token && is_jumbled(token)).then_some((before, hash))
}

/// Whether upper case and lower case, digits and signs follow each other as they do by chance and not in words.
fn is_jumbled(token: &str) -> bool {
    let bytes = token.as_bytes();
    let kind = |byte: u8| match byte {
        b'A'..=b'Z' => 'A',
        b'a'..=b'z' => 'a',
        b'0'..=b'9' => '0',
        _ => '-',
    };
    let has = |wanted: char| bytes.iter().any(|byte| kind(*byte) == wanted);
    let turns = bytes.windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
    has('A') && has('a') && turns >= 4 && !bytes.split(|byte| !byte.is_ascii_alphabetic()).all(is_words)
}

/// Whether letters can be read as words: those with a vowel, such as `List` and `do`, and those in capitals, one letter being left over
/// at either end.
fn is_words(letters: &[u8]) -> bool {
    let is_word = |word: &[u8]| {
        if let [letter] = word {
            return b"AI".contains(letter);
        }
        let rest = &word[usize::from(word[0].is_ascii_uppercase())..];
        let has_vowel = word.iter().any(|letter| b"aeiouy".contains(&letter.to_ascii_lowercase()));
        word.iter().all(u8::is_ascii_uppercase) || (has_vowel && rest.iter().all(u8::is_ascii_lowercase))
    };
    let mut ends = vec![false; letters.len() + 1];
    for end in 0..=letters.len() {
        ends[end] = end <= 1 || (0..end).any(|start| ends[start] && is_word(&letters[start..end]));
    }
    let is_left_over = || letters.last().is_some_and(u8::is_ascii_uppercase) && ends[letters.len() - 1];
    ends[letters.len()] || is_left_over()
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
            "assets/index-BxKdQzwE.js",
            "assets/index-DkLp_xYz.css",
            "assets/vendor-B-kRw_Tq.js",
            "assets/index-DkLp_xYz.js.map",
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
            "logo-ToDoList.png",
            "logo-toDoList.png",
            "icon-iPhoneXS.svg",
            "icon-TopBarUI.svg",
            "scan-12-Jan-24.png",
            "my-Old_Name.css",
            "hero-A_B_Test.webp",
            "logo-McDonald.svg",
            "app-GetAByID.js",
            "main-overview.js",
            "main-OVERVIEW.js",
            "über-Ångström.png",
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
            ("a/index-DkLp_xYz.css", Some("a/index-*.css")),
            ("a/index-DkLp_xYz.css.map", Some("a/index-*.css.map")),
            ("a/index.css", None),
        ] {
            assert_eq!(without_content_hash(path).as_deref(), name, "{path}");
        }
    }

    #[test]
    fn most_names_of_vite_are_recognized() {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let is_seen = |number: u64| {
            let sum = crate::digest::Md5Sum::of(&number.to_le_bytes()).to_string();
            let hash: String = (0..8)
                .filter_map(|at| u8::from_str_radix(&sum[2 * at..2 * at + 2], 16).ok())
                .map(|byte| char::from(LETTERS[usize::from(byte % 64)]))
                .collect();
            has_content_hash(&format!("assets/index-{hash}.js"))
        };
        let seen = (0..1000).filter(|number| is_seen(*number)).count();
        assert!(seen >= 730, "{seen} of 1000");
    }
}
