//! A real browser: Chromium without a window, where it is installed.
#![allow(clippy::expect_used, reason = "test-facing: a browser that cannot be run shows nothing")]

mod tab;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

pub use tab::Tab;

use crate::process::Group;

/// How long it may take on a busy machine.
const LIMIT: Duration = Duration::from_mins(3);

/// The names that Chromium is installed under.
const NAMES: [&str; 3] = ["chromium", "google-chrome", "chromium-browser"];

/// An installed browser.
#[derive(Debug, Clone, Copy)]
pub struct Browser(&'static str);

impl Browser {
    /// The browser of this machine, if it has one.
    pub fn find() -> Option<Self> {
        NAMES.into_iter().find(|program| is_there(program)).map(Self)
    }

    /// The page at `url` as it stands once its scripts have run, as HTML. What the browser keeps goes into `folder`.
    ///
    /// # Panics
    ///
    /// When the browser does not start, or does not end within three minutes.
    pub fn load(self, folder: &Path, url: &str) -> String {
        let [profile, page] = ["profile", "page.html"].map(|name| folder.join(name));
        let mut command = Command::new(self.0);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--disable-background-networking", "--virtual-time-budget=5000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(url)
            .stdout(std::fs::File::create(&page).expect("a file for the page"))
            .stderr(Stdio::null());
        let ended =
            Group::spawn(command).expect("the browser starts").wait_for(LIMIT).expect("the browser is waited for");
        assert!(ended.is_some(), "the browser did not end within {} s", LIMIT.as_secs());
        std::fs::read_to_string(page).expect("the page")
    }
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}
