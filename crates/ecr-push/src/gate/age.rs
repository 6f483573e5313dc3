//! How old a scan is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actions_core::amount::count;
use serde::Serialize;

/// ECR takes a basic scan of an image once in this time
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartImageScan.html>).
const ONCE: Duration = Duration::from_hours(24);

/// When a scan came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Scanned {
    /// Seconds since 1970.
    pub at: u64,
}

impl Scanned {
    /// Whether ECR would make another one.
    pub(crate) fn is_old(self, now: SystemTime) -> bool {
        self.passed(now) >= ONCE
    }

    /// `245 days ago`.
    pub(crate) fn age(self, now: SystemTime) -> String {
        let hours = self.passed(now).as_secs() / 60 / 60;
        match hours {
            0 => "less than an hour ago".to_owned(),
            1..24 => format!("{} ago", count(usize::try_from(hours).unwrap_or(usize::MAX), "hour")),
            _ => format!("{} ago", count(usize::try_from(hours / 24).unwrap_or(usize::MAX), "day")),
        }
    }

    fn passed(self, now: SystemTime) -> Duration {
        now.duration_since(UNIX_EPOCH + Duration::from_secs(self.at)).unwrap_or_default()
    }
}
