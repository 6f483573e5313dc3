use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::digest::Md5Sum;
use crate::headers::Headers;
use crate::manifest::{LONGEST_HISTORY, Publisher, ReleaseId};

fn release(number: u32) -> Release {
    Release {
        rolled_back_to: None,
        place: number.is_multiple_of(2).then(|| ReleaseId::new("2026-11-21T16:17:48Z", &format!("{number:08x}"))),
        gone: number.is_multiple_of(3),
        id: ReleaseId::new("2026-11-21T16:17:48Z", &format!("{number:08x}")),
        at: "2026-11-21T16:17:48Z".into(),
        by: Publisher { repository: Some("owner/shop".into()), run_id: Some("7".into()), ..Publisher::default() },
    }
}

fn content(paths: &[String]) -> Content {
    let entry = |index: usize, path: &String| {
        let md5 = Md5Sum::of(path.as_bytes());
        let etag = if index.is_multiple_of(4) { ETag::Md5(md5) } else { format!("{index:033x}").into() };
        let headers = index.is_multiple_of(2).then(|| Headers::new("text/plain", path.clone()).fingerprint());
        let rare = Rare {
            unsteady: index.is_multiple_of(3),
            packed: index.is_multiple_of(6).then(|| Plain {
                md5: Md5Sum::of(b"plain"),
                coding: Coding::ALL[usize::from(index.is_multiple_of(12))],
            }),
            last_used: index.is_multiple_of(5).then(|| release(1).id),
        };
        Entry { size: index as u64, md5, etag, headers, page: index.is_multiple_of(7), rare: rare.boxed() }
    };
    Content {
        write: "w".into(),
        release: release(2),
        history: vec![release(1), release(0)],
        distributions: DistributionId::parse("E2QWRUHAPOMQZL").into_iter().collect(),
        entries: Arc::new(paths.iter().enumerate().map(|(index, path)| (path, entry(index, path))).collect()),
        gone: paths.iter().skip(2).map(|path| (format!("{path}!"), release(1).id)).collect(),
    }
}

fn read(bytes: &[u8]) -> Result<Content, Broken> {
    super::read(bytes)
}

/// What was unpacked from, or packed.
fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

fn packed(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

#[test]
fn lines_are_what_people_can_read() {
    let written = text(&write(&content(&["index.html".into()])).unwrap());
    let lines: Vec<&str> = written.lines().collect();
    assert!(
        lines[0].starts_with(r#"{"format":1,"write":"w","release":{"id":"20261121T161748Z-00000002","#),
        "{}",
        lines[0]
    );
    assert!(lines[1].starts_with(r#"{"path":"index.html","size":0,"md5":""#), "{}", lines[1]);
    assert_eq!(lines[2], r#"{"objects":1}"#);
}

#[test]
fn the_longest_publishers_fit() {
    let worst = "\u{7}".repeat(1000);
    let by = Publisher::new(Some(&worst), Some(&worst), Some(&worst), Some(&worst));
    let release = || Release { by: by.clone(), rolled_back_to: Some(release(0).id), ..release(1) };
    let content =
        Content { release: release(), history: (0..LONGEST_HISTORY).map(|_| release()).collect(), ..content(&[]) };
    assert_eq!(read(&write(&content).unwrap()), Ok(content));
    let cut = Publisher::new(None, Some(&"é".repeat(100)), None, None);
    assert_eq!(cut.workflow, Some("é".repeat(80)));
}

#[test]
fn a_newer_format_is_told_apart_from_a_damaged_one() {
    let newer = packed("{\"format\":2,\"anything\":[]}\n");
    assert_eq!(read(&newer), Err(Broken::TooNew(2)));
    for bytes in [b"".to_vec(), b"hello".to_vec(), packed(""), packed("{}\n"), packed("[]\n{\"objects\":0}\n")] {
        assert!(matches!(read(&bytes), Err(Broken::Damaged(_))));
    }
}

#[test]
fn what_lacks_a_part_is_damaged() {
    let whole = text(&write(&content(&["a".into(), "b".into(), "c".into()])).unwrap());
    let lines: Vec<&str> = whole.lines().collect();
    for left_out in 1..lines.len() {
        let some: Vec<&str> =
            lines.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, line)| *line).collect();
        assert!(matches!(read(&packed(&format!("{}\n", some.join("\n")))), Err(Broken::Damaged(_))), "{left_out}");
    }
    let bytes = write(&content(&["a".into()])).unwrap();
    assert!(read(&bytes[..bytes.len() / 2]).is_err());
}

#[test]
fn lines_in_another_order_are_damaged() {
    let whole = text(&write(&content(&["a".into(), "b".into()])).unwrap());
    let lines: Vec<&str> = whole.lines().collect();
    assert!(read(&packed(&whole)).is_ok());
    for order in [[0, 2, 1, 3], [0, 1, 1, 3]] {
        let other = order.map(|at| lines[at]).join("\n") + "\n";
        assert_eq!(read(&packed(&other)), Err(Broken::Damaged("its lines are in no order".into())), "{order:?}");
    }
}

#[test]
fn a_line_without_end_is_not_read_to_its_end() {
    let head = text(&write(&content(&[])).unwrap()).lines().next().unwrap().to_owned();
    let bytes = packed(&format!("{head}\n{}", "x".repeat(8 * 1024 * 1024)));
    assert!(matches!(read(&bytes), Err(Broken::Damaged(_))));
}

proptest! {
    #[test]
    fn what_is_written_is_read(paths in prop::collection::btree_set("[ -~é日😀\u{301}\n\u{7}]{1,20}", 0..40)) {
        let content = content(&paths.into_iter().collect::<Vec<_>>());
        prop_assert_eq!(read(&write(&content).unwrap()), Ok(content));
    }

    #[test]
    fn publishers_with_long_names_fit(name in "[ -~é日😀\u{301}\n\u{7}]{0,400}", releases in 0..=LONGEST_HISTORY) {
        let by = Publisher::new(Some(&name), Some(&name), Some(&name), Some(&name));
        prop_assert!(by.workflow.as_ref().is_some_and(|cut| name.starts_with(cut) && cut.len() <= 160));
        let release = || Release { by: by.clone(), rolled_back_to: Some(release(0).id), ..release(1) };
        let history = (0..releases).map(|_| release()).collect();
        let content = Content { release: release(), history, ..content(&[]) };
        prop_assert_eq!(read(&write(&content).unwrap()), Ok(content));
    }

    #[test]
    fn nothing_makes_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[ -~\n]{0,200}") {
        let _ = read(&bytes);
        let _ = read(&packed(&text));
    }
}
