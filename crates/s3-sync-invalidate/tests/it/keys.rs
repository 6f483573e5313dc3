//! Names that other tools mix up: they are different keys, and arrive as they are.

use crate::site::Site;

/// Names as they are on disk and as they are in an address; all hold their own name.
const NAMES: [(&str, &str); 10] = [
    ("Logo.svg", "Logo.svg"),
    ("logo.svg", "logo.svg"),
    // The same to the eye: one character, and a letter with a mark.
    ("caf\u{e9}.txt", "caf%C3%A9.txt"),
    ("cafe\u{301}.txt", "cafe%CC%81.txt"),
    ("~user/a~b.txt", "~user/a~b.txt"),
    ("a%20b.txt", "a%2520b.txt"),
    ("a b.txt", "a%20b.txt"),
    ("a+b.txt", "a%2Bb.txt"),
    ("#!/bin.txt", "%23%21/bin.txt"),
    ("\u{1f600}/\u{202e}txt.exe", "%F0%9F%98%80/%E2%80%AEtxt.exe"),
];

#[cfg(target_os = "linux")]
#[test]
fn names_that_look_alike_are_different_keys() {
    let site = Site::new().input("delete", "true").input("keep-releases", "0");
    for (name, _) in NAMES {
        site.write(name, name);
    }
    site.write("empty.txt", "");
    site.run().assert_code(0);
    assert_eq!(site.keys().len(), NAMES.len() + 1, "{:#?}", site.keys());
    for (name, url) in NAMES {
        assert_eq!(site.get(&format!("site/{url}")).to_text(), name, "{url}");
    }
    assert_eq!(site.get("site/empty.txt").body.len(), 0);
    let again = site.run();
    again.assert_code(0);
    assert_eq!(again.outputs["changed"], "false", "{}", again.summary);

    // Each goes alone.
    for (name, url) in NAMES {
        site.remove(name);
        let out = site.run();
        out.assert_code(0);
        assert_eq!(out.outputs["deleted"], "1", "{name}\n{}", out.summary);
        assert_eq!(site.get(&format!("site/{url}")).status, 404, "{name}");
    }
    assert_eq!(site.keys(), ["site/empty.txt"]);
}
