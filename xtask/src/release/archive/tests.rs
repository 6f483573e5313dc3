use flate2::Compression;

use super::{compress, file_name, member, pack_all, read};
use crate::program::ACTIONS;
use crate::release::target::TARGETS;

#[test]
fn the_same_program_gives_the_same_bytes() {
    let program = b"program".repeat(1000);
    let first = compress("demo", &program, Compression::best()).expect("it is packed");
    assert_eq!(compress("demo", &program, Compression::best()).expect("it is packed"), first);
    assert_eq!(&first[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255], "no time and no system in the header");
    assert_eq!(member(&first, "demo").expect("it is unpacked"), program);
}

#[test]
fn another_member_or_a_second_one_is_refused() {
    let content = compress("demo", b"program", Compression::fast()).expect("it is packed");
    assert!(member(&content, "other").is_err());
    assert!(member(b"no archive", "demo").is_err());
    let mut two = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), Compression::fast()));
    for name in ["demo", "more"] {
        let mut header = tar::Header::new_ustar();
        header.set_size(1);
        two.append_data(&mut header, name, &b"x"[..]).expect("it is packed");
    }
    let two = two.into_inner().and_then(flate2::write::GzEncoder::finish).expect("it is packed");
    assert!(member(&two, "demo").is_err());
}

#[test]
fn what_is_read_back_is_what_was_packed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for target in [TARGETS[0], TARGETS[4]] {
        for tool in ACTIONS {
            let program = folder.path().join(format!("{tool}{}", target.suffix()));
            std::fs::write(program, tool).expect("the folder is ours");
        }
        let output = folder.path().join("archives");
        let packed = pack_all(folder.path(), target, Compression::best(), &output).expect("all are there");
        for archive in packed {
            assert!(archive.path.ends_with(file_name(&archive.tool, target)));
            assert_eq!(read(&archive.tool, target, &output), Ok(archive));
        }
    }
}

#[test]
fn a_missing_program_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = folder.path().join("archives");
    let error = pack_all(folder.path(), TARGETS[0], Compression::fast(), &output).expect_err("nothing is there");
    assert!(error.contains("version-detect"), "{error}");
}
