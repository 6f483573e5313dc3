//! How long to pause between two looks at a service.

use std::time::Duration;

/// The first pauses are short: an emulator answers at once, and so does a deployment that was complete before.
const FIRST: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// The pause from then on.
const STEADY: Duration = Duration::from_secs(5);
/// The longest pause after throttling.
const WIDEST: Duration = Duration::from_secs(40);

/// The pauses of one wait: a pure function of the deployment's id and of what was answered, spread by up to a fifth so that
/// many waits do not ask in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    looks: usize,
    throttled: u32,
    spread: u64,
}

impl Pace {
    /// The pace of the wait for the deployment `id`.
    pub(crate) fn new(id: &str) -> Self {
        // FNV-1a: any even spread will do.
        let spread = id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self { looks: 0, throttled: 0, spread }
    }

    /// Notes an answer: the pace is the usual one.
    pub(crate) fn answered(&mut self) {
        self.throttled = 0;
    }

    /// Notes that AWS asked us to slow down: each time doubles the pause.
    pub(crate) fn throttled(&mut self) {
        self.throttled = (self.throttled + 1).min(8);
    }

    /// The next pause.
    pub(crate) fn pause(&mut self) -> Duration {
        let base = FIRST.get(self.looks).copied().unwrap_or(STEADY);
        self.looks += 1;
        let base =
            if self.throttled > 0 { base.max(STEADY).saturating_mul(1 << self.throttled).min(WIDEST) } else { base };
        self.spread = self.spread.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // 80 to 120 hundredths.
        let hundredths = 80 + u32::try_from((self.spread >> 33) % 41).unwrap_or_default();
        base * hundredths / 100
    }
}
