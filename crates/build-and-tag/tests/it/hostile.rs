//! Files that are made to hang a build or to eat its memory: a clear error at its line, in little time and little memory.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Write as _};

use testkit::RunOutput;
use testkit::runner::FakeRunner;

use crate::support::{BINARY, out, runner};

/// Runs the embedded builder with half a GiB of memory and half a minute of processor time; a hang ends as code 124.
fn run(runner: FakeRunner) -> (FakeRunner, RunOutput) {
    let runner = runner.input("builder", "embedded");
    let script = "ulimit -v 524288; ulimit -t 30; exec timeout 60 \"$0\"";
    let output = runner.run("sh", ["-c", script, BINARY]);
    (runner, output)
}

/// Runs and expects bad input of this code, with `needle` in what was said.
#[track_caller]
fn refused(runner: FakeRunner, code: &str, needle: &str) {
    let (runner, output) = run(runner);
    let said = format!("{}{}", output.stdout, output.stderr);
    let short: String = said.chars().take(2_000).collect();
    assert!(said.contains(&format!("::error title={code}")) && said.contains(needle), "{short}");
    assert!(said.len() < 20_000, "what is said is for people: {}", said.len());
    assert!(!out(&runner).exists(), "nothing is written");
}

fn pipe(runner: FakeRunner, name: &str) -> FakeRunner {
    let made = std::process::Command::new("mkfifo").arg(runner.workspace().join(name)).status();
    assert!(made.unwrap().success());
    runner
}

#[test]
fn pipes_and_devices_in_place_of_files_are_refused_and_not_waited_for() {
    let runner = pipe(runner("FROM scratch\n"), "pipe").input("file", "pipe");
    refused(runner, "build-and-tag/dockerfile-unreadable", "it is no plain file");
    let zeros = self::runner("FROM scratch\n").input("file", "/dev/zero");
    refused(zeros, "build-and-tag/dockerfile-unreadable", "it is no plain file");
    let rules = pipe(self::runner("FROM scratch\nCOPY . /\n"), ".dockerignore");
    refused(rules, "build-and-tag/context", "it is no plain file");
    let source = pipe(self::runner("FROM scratch\nCOPY pipe /\n"), "pipe");
    refused(source, "build-and-tag/dockerfile", "no file, folder or link");
}

#[test]
fn a_sparse_file_larger_than_any_layer_is_refused_before_it_is_read() {
    let runner = runner("FROM scratch\nCOPY . /\n");
    File::create(runner.workspace().join("sparse")).unwrap().set_len(1 << 40).unwrap();
    refused(runner, "build-and-tag/too-large", "`sparse` among it");
}

#[test]
fn stages_that_need_each_other_are_named_with_their_lines() {
    let circle = "FROM scratch AS a\nCOPY --from=b /x /\nFROM scratch AS b\nCOPY --from=a /x /\n";
    refused(runner(circle), "build-and-tag/stage-cycle", "stages need each other: `a` (line 1), `b` (line 3)");
    let target = runner(circle).input("target", "a");
    refused(target, "build-and-tag/stage-cycle", "`b` (line 3)");
    let own = runner("FROM scratch AS a\nCOPY --from=a /x /\n");
    refused(own, "build-and-tag/stage-cycle", "`a` (line 1) copies from itself");
}

#[test]
fn a_later_stage_is_named_with_its_line() {
    let later = runner("FROM scratch AS a\nCOPY --from=b /x /\nFROM scratch AS b\n").input("target", "a");
    refused(later, "build-and-tag/stage-order", "`--from=b` names a stage that comes later, on line 3");
}

#[test]
fn more_stages_or_instructions_than_anybody_writes_are_refused() {
    let mut chain = String::from("FROM scratch AS s0\n");
    for number in 1..20_000 {
        writeln!(chain, "FROM s{} AS s{number}", number - 1).unwrap();
    }
    refused(runner(&chain), "build-and-tag/too-large", "more than 1000 stages");
    let many = format!("FROM scratch\n{}", "ENV A=1\n".repeat(20_000));
    refused(runner(&many), "build-and-tag/too-large", "more than 10000 instructions");
}

#[test]
fn the_longest_chain_of_stages_that_is_taken_is_built_in_little_memory() {
    let mut chain = String::from("FROM scratch AS s0\nCOPY . /\n");
    for number in 1..1_000 {
        writeln!(chain, "FROM s{} AS s{number}\nENV A{number}=x", number - 1).unwrap();
    }
    let mut runner = runner(&chain);
    for number in 0..200 {
        runner = runner.file(&format!("data/{number}"), "x");
    }
    let (_, output) = run(runner);
    output.assert_code(0);
}

#[test]
fn variables_that_double_each_other_end() {
    let mut doubling = String::from("FROM scratch\nENV a=0123456789abcdef0123456789abcdef\n");
    doubling.push_str(&"ENV a=$a$a\n".repeat(14));
    for number in 0..3_000 {
        writeln!(doubling, "ENV b{number}=$a").unwrap();
    }
    refused(runner(&doubling), "build-and-tag/too-large", "16 MiB of text");
    refused(runner(&doubling.replace("ENV", "ARG")), "build-and-tag/too-large", "16 MiB of text");
    let global = doubling.replace("FROM scratch\n", "").replace("ENV", "ARG");
    refused(runner(&format!("{global}FROM scratch\n")), "build-and-tag/too-large", "16 MiB of text");
    let ports = format!("FROM scratch\n{}", "EXPOSE 1-65535/tcp 1-65535/udp\n".repeat(100));
    refused(runner(&ports), "build-and-tag/too-large", "16 MiB of text");
}

#[test]
fn more_rules_than_anybody_writes_are_refused_and_the_most_that_are_taken_are_quick() {
    let rules = |count: usize| (0..count).fold(String::new(), |text, number| text + &format!("**/a{number}*b*c\n"));
    let many = runner("FROM scratch\nCOPY . /\n").file(".dockerignore", rules(60_000));
    refused(many, "build-and-tag/dockerignore", "more than 4096 rules");
    let mut most = runner("FROM scratch\nCOPY . /\n").file(".dockerignore", rules(4_096));
    for number in 0..100 {
        most = most.file(&format!("some/folder/a{number}"), "x");
    }
    run(most).1.assert_code(0);
}

/// A gzip'd tar whose only entry has a name of `length` bytes.
fn long_name(length: u64) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(gzip);
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(length);
    builder.append_data(&mut header, "L", std::io::repeat(b'n').take(length)).unwrap();
    builder.into_inner().unwrap().finish().unwrap()
}

#[test]
fn an_archive_with_an_endless_name_is_refused() {
    let runner = runner("FROM scratch\nADD a.tar.gz /\n").file("a.tar.gz", long_name(600 << 20));
    let (_, output) = run(runner);
    output.assert_code(1);
    assert!(
        output.stderr.contains("build-and-tag/unpack: ") && output.stderr.contains("more than 2048 KiB"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_archive_that_unpacks_to_far_more_than_it_is_is_refused() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut header = tar::Header::new_gnu();
    header.set_path("zeros").unwrap();
    header.set_size(2 << 30);
    header.set_cksum();
    gzip.write_all(header.as_bytes()).unwrap();
    std::io::copy(&mut std::io::repeat(0).take(1_100 << 20), &mut gzip).unwrap();
    let runner = runner("FROM scratch\nADD a.tar.gz /\n").file("a.tar.gz", gzip.finish().unwrap());
    let (_, output) = run(runner);
    output.assert_code(1);
    assert!(output.stderr.contains("it unpacks to more than 1024 MiB"), "{}", output.stderr);
}

#[test]
fn a_link_that_an_archive_brings_is_followed_inside_the_image_alone() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    header.set_mode(0o777);
    builder.append_link(&mut header, "link", "/../../etc").unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.set_mode(0o644);
    builder.append_data(&mut header, "link/x", b"1".as_slice()).unwrap();
    let runner = runner("FROM scratch\nADD a.tar /\n").file("a.tar", builder.into_inner().unwrap());
    let (runner, output) = run(runner);
    output.assert_code(0);
    let Some(seen) = crate::support::read(&out(&runner)) else { return };
    let names: Vec<&str> = seen.entries().into_iter().filter_map(|entry| entry.split(' ').nth(1)).collect();
    assert!(names.contains(&"/etc/x") && names.contains(&"/link") && !names.contains(&"/link/x"), "{names:?}");
}

/// A tar whose entries are empty files of these names, as bytes.
fn named(names: &[&[u8]]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for name in names {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
        header.set_size(0);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, std::io::empty()).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn names_that_no_image_can_have_are_refused_with_their_line() {
    let whiteout = "begins with `.wh.`, by which images say that a file was removed";
    let code = "build-and-tag/dockerfile";
    refused(runner("FROM scratch\nCOPY . /\n").file("d/.wh..wh..opq", ""), code, whiteout);
    refused(runner("FROM scratch\nCOPY a /.wh.etc\n").file("a", ""), code, whiteout);
    refused(runner("FROM scratch\nWORKDIR /.wh.etc/x\n"), code, whiteout);
    refused(runner("FROM scratch\nCOPY <<.wh.x /d/\n.wh.x\n"), code, whiteout);
    refused(runner("FROM scratch\nADD a.tar /\n").file("a.tar", named(&[b".wh.etc"])), code, whiteout);
    let long = runner(&format!("FROM scratch\nCOPY a /{}\n", "n".repeat(256))).file("a", "");
    refused(long, code, "has a name of more than 255 bytes");
    let over = runner("FROM scratch\nCOPY a /b\nWORKDIR /b/c\n").file("a", "");
    refused(over, code, "`/b` is a file, so it cannot be a folder");
    let deep = runner(&format!("FROM scratch\nWORKDIR {}\n", "x/".repeat(3_000)));
    refused(deep, code, "is longer than 4096 bytes");
    refused(runner("FROM scratch\nENV A=a\0b\n"), code, "it has a NUL byte");
    refused(runner("FROM scratch\nONBUILD from x\n"), code, "has a trigger that is not allowed");
    refused(
        runner("FROM scratch\nHEALTHCHECK --interval=2600000h CMD x\n"),
        code,
        "`--interval=2600000h`, which cannot be read",
    );
}

#[test]
fn names_that_are_not_utf_8_are_never_written_as_others() {
    let (_, output) = run(runner("FROM scratch\nADD a.tar /\n").file("a.tar", named(&[b"a\xff", b"a\xfe"])));
    output.assert_code(1);
    assert!(output.stderr.contains("an entry has a name that is not UTF-8"), "{}", output.stderr);

    // An image that has such files can be built on.
    let tar = named(&[b"d/a\xff", b"e"]);
    let folder = tempfile::tempdir().unwrap();
    let mut base = oci_image::Layout::create(folder.path().join("base")).unwrap();
    let layer = base.add("application/vnd.oci.image.layer.v1.tar", &tar).unwrap();
    let config = serde_json::json!({"os": "linux", "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [layer.digest]}});
    let config = base.add("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes()).unwrap();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = serde_json::json!({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [layer]});
    let manifest = base.add(kind, manifest.to_string().as_bytes()).unwrap();
    base.tag(&manifest, &[]);
    base.commit().unwrap();
    let on = |rest: &str| {
        let contexts = format!("base=oci:{}", folder.path().join("base").display());
        runner(&format!("FROM base\nFROM base AS b\n{rest}\n")).input("build-contexts", &contexts)
    };
    run(on("COPY --from=0 /e /f")).1.assert_code(0);
    refused(on("COPY --from=0 /d /f"), "build-and-tag/dockerfile", "is not UTF-8");
    refused(on("COPY --from=0 /d/* /f/"), "build-and-tag/dockerfile", "is not UTF-8");
}

/// A gzip'd tar of `count` empty files, each at the path that `name` gives.
fn packed(count: usize, name: impl Fn(usize) -> String) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(gzip);
    for number in 0..count {
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_mode(0o644);
        builder.append_data(&mut header, name(number), std::io::empty()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

#[test]
fn files_that_lie_deep_cost_little_where_they_share_folders_and_are_refused_where_they_do_not() {
    let add = |archive| runner("FROM scratch\nADD a.tar.gz /\n").file("a.tar.gz", archive);
    let (_, shared) = run(add(packed(300, |number| format!("{}{number}", "a/".repeat(2_000)))));
    shared.assert_code(0);
    // Sixteen folders for each file, whose paths have two KiB.
    let folders = format!("{}/", "a".repeat(255)).repeat(15);
    let apart = add(packed(10_000, |number| format!("{number}/{folders}x")));
    refused(apart, "build-and-tag/too-large", "the names of what is copied have more than 256 MiB");
}
