//! What is published, onto what.

/// What the bucket holds before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing.
    Empty,
    /// The site, but for so many files whose content is another of the same size, and so many keys that are in the site no more. Ours has
    /// published that, and keeps a manifest of it.
    Site { changed: usize, gone: usize },
    /// The site, and so many foreign keys.
    Foreign(usize),
    /// The site. Ours has published it once, and keeps a manifest of it.
    Published,
}

/// A publication that is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// How many files, `index.html` among them.
    pub(crate) files: usize,
    /// The size of each, in bytes.
    pub(crate) size: u64,
    pub(crate) before: Before,
    /// How much later an answer leaves, in milliseconds.
    pub(crate) latency: u32,
    /// Whether ours is measured alone.
    pub(crate) is_ours_alone: bool,
}

/// Above this a file is a hole: reading costs the same, and it takes no room.
pub(crate) const LARGE: u64 = 1 << 20;

/// The size of most files.
pub(crate) const SMALL: u64 = 10 * 1024;

/// Every scenario.
pub(crate) const ALL: &[Scenario] = &[
    Scenario {
        name: "no-op",
        title: "Nothing changed, every file was just touched: 10,000 files of 10 KiB, answers 30 ms late",
        files: 10_000,
        size: SMALL,
        before: Before::Published,
        latency: 30,
        is_ours_alone: false,
    },
    Scenario {
        name: "first",
        title: "First upload: 10,000 files of 10 KiB",
        files: 10_000,
        size: SMALL,
        before: Before::Empty,
        latency: 0,
        is_ours_alone: false,
    },
    Scenario {
        name: "changed",
        title: "1 % changed and 1 % gone: 10,000 files of 10 KiB, answers 30 ms late",
        files: 10_000,
        size: SMALL,
        before: Before::Site { changed: 100, gone: 100 },
        latency: 30,
        is_ours_alone: false,
    },
    Scenario {
        name: "spa",
        title: "A single-page application: 5 of 500 files of 10 KiB changed",
        files: 500,
        size: SMALL,
        before: Before::Site { changed: 5, gone: 0 },
        latency: 0,
        is_ours_alone: false,
    },
    Scenario {
        name: "large",
        title: "Four files of 1 GiB",
        files: 4,
        size: 1 << 30,
        before: Before::Empty,
        latency: 0,
        is_ours_alone: false,
    },
    Scenario {
        name: "deletes",
        title: "5,000 keys gone, 10 files stay",
        files: 10,
        size: SMALL,
        before: Before::Site { changed: 0, gone: 5000 },
        latency: 0,
        is_ours_alone: false,
    },
    Scenario {
        name: "million",
        title: "A million foreign keys below the prefix, 10 files of the site changed nothing",
        files: 10,
        size: SMALL,
        before: Before::Foreign(1_000_000),
        latency: 0,
        is_ours_alone: true,
    },
    Scenario {
        name: "million-own",
        title: "A million files of the site, of 16 bytes each, that the bucket and the manifest have: nothing changed",
        files: 1_000_000,
        size: 16,
        before: Before::Published,
        latency: 0,
        is_ours_alone: true,
    },
];

impl Scenario {
    /// Whether keys are deleted that the site no longer has.
    pub(crate) fn deletes(&self) -> bool {
        matches!(self.before, Before::Site { gone, .. } if gone > 0)
    }
}
