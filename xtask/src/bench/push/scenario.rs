//! What is pushed, onto what.

/// What the registry holds before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// The first image, which the same program pushed.
    First,
}

/// A push that is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// The layers of each image, in MiB.
    pub(crate) layers: &'static [u64],
    /// How many images there are; each has a last layer of its own, and shares the others.
    pub(crate) images: usize,
    pub(crate) before: Before,
}

/// How much later an answer leaves, in milliseconds.
pub(crate) const LATENCIES: &[u32] = &[0, 30];

/// Every scenario. The largest layer comes last in an image: a storage of folders keeps each layer with all below it.
pub(crate) const ALL: &[Scenario] = &[
    Scenario {
        name: "new-1gib",
        title: "A new image of 1 GiB in 12 layers",
        layers: &[1, 2, 3, 4, 6, 8, 16, 24, 64, 128, 256, 512],
        images: 1,
        before: Before::Nothing,
    },
    Scenario {
        name: "one-changed",
        title: "An image of 200 MiB in 10 layers, of which one of 8 MiB changed",
        layers: &[4, 8, 12, 16, 20, 24, 32, 36, 40, 8],
        images: 2,
        before: Before::First,
    },
    Scenario {
        name: "unchanged",
        title: "An image of 200 MiB in 10 layers, of which nothing changed",
        layers: &[4, 8, 12, 16, 20, 24, 32, 36, 40, 8],
        images: 1,
        before: Before::First,
    },
    Scenario {
        name: "twenty",
        title: "20 services, each in a repository of its own: a base of 300 MiB in 6 layers that all share, and 5 MiB of its own",
        layers: &[10, 30, 40, 60, 70, 90, 5],
        images: 20,
        before: Before::Nothing,
    },
];

impl Scenario {
    /// The number of the image that the measured run pushes; none where it pushes all.
    pub(crate) fn measured(&self) -> Option<usize> {
        match (self.images, self.before) {
            (1, _) => Some(0),
            (images, Before::First) => Some(images - 1),
            (_, Before::Nothing) => None,
        }
    }
}
