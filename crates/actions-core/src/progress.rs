//! The display of one long work: a bar on a terminal, lines and a heartbeat elsewhere.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::amount::bytes;
use crate::command::inert_line;
use crate::log::Log;

/// The display of one long work: a bar on a terminal; elsewhere a line for each change, and one whenever nothing was
/// written for 30 s, even while the work itself is stuck in one call.
#[derive(Debug)]
pub struct Progress {
    log: Log,
    bar: Option<ProgressBar>,
    heart: Arc<Heart>,
}

/// How a work is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    /// A bar, on a terminal.
    Bar,
    /// Lines, one at least every so often.
    Lines(Duration),
}

/// How much there is to do, and in what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amount {
    /// Nobody knows: it is a wait.
    Unknown,
    /// So many things.
    Things(u64),
    /// So many bytes.
    Bytes(u64),
}

/// What the heartbeat's thread reads.
#[derive(Debug)]
struct Heart {
    title: String,
    total: Amount,
    start: Instant,
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug)]
struct State {
    /// Units done.
    done: u64,
    /// The present state of a wait; empty when none was told.
    waiting: String,
    /// When the last line was written.
    spoke: Instant,
    over: bool,
}

impl Progress {
    pub(crate) fn start(log: Log, title: &str, total: Amount, display: Display) -> Self {
        let now = Instant::now();
        let state = State { done: 0, waiting: String::new(), spoke: now, over: false };
        let heart =
            Heart { title: title.to_owned(), total, start: now, state: Mutex::new(state), ended: Condvar::new() };
        let heart = Arc::new(heart);
        if let Display::Lines(every) = display {
            let (heart, log) = (Arc::clone(&heart), log.clone());
            // A machine that starts no thread gives no heartbeat; the work goes on.
            let _ = std::thread::Builder::new()
                .name("heartbeat".to_owned())
                .spawn(move || heart.beat(every, |line| log.line(line)));
        }
        let bar = (display == Display::Bar).then(|| bar(&log, title, total));
        Self { log, bar, heart }
    }

    /// Notes that `units` more are done.
    pub fn advance(&self, units: u64) {
        self.heart.lock().done += units;
        if let Some(bar) = &self.bar {
            bar.inc(units);
        }
    }

    /// Writes a change: always a line of its own.
    pub fn change(&self, text: impl AsRef<str>) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.log.line(text)),
            None => self.log.line(text),
        }
        self.heart.lock().spoke = Instant::now();
    }

    /// Notes the present state of a wait: the bar's message, and what the heartbeat says.
    pub fn waiting(&self, text: &str) {
        text.clone_into(&mut self.heart.lock().waiting);
        if let Some(bar) = &self.bar {
            bar.set_message(inert_line(&self.log.redactor().redact(text)).into_owned());
            bar.tick();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.heart.lock().over = true;
        self.heart.ended.notify_all();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Heart {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line whenever none was written for `every`, until the work is over.
    fn beat(&self, every: Duration, write: impl Fn(String)) {
        let mut state = self.lock();
        while !state.over {
            let silent = state.spoke.elapsed();
            if silent >= every {
                state.spoke = Instant::now();
                let line = self.line(&state);
                drop(state);
                write(line);
                state = self.lock();
            } else {
                state = match self.ended.wait_timeout(state, every.saturating_sub(silent)) {
                    Ok((state, _)) => state,
                    Err(poisoned) => poisoned.into_inner().0,
                };
            }
        }
    }

    fn line(&self, state: &State) -> String {
        let so_far = self.start.elapsed().as_secs();
        let done = match self.total {
            Amount::Unknown => String::new(),
            Amount::Things(total) => format!("{} of {total}", state.done),
            Amount::Bytes(total) => format!("{} of {}", bytes(state.done), bytes(total)),
        };
        let parts: Vec<&str> =
            [done.as_str(), state.waiting.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
        let what = if parts.is_empty() { "at work".to_owned() } else { parts.join(", ") };
        format!("{}: {what} ({so_far} s so far)", self.title)
    }
}

fn bar(log: &Log, title: &str, total: Amount) -> ProgressBar {
    let (length, template) = match total {
        Amount::Unknown => (None, "{spinner} {prefix} {elapsed} {msg}"),
        Amount::Things(total) => (Some(total), "{prefix} {wide_bar} {pos}/{len} {msg}"),
        Amount::Bytes(total) => {
            (Some(total), "{prefix} {wide_bar} {binary_bytes}/{binary_total_bytes}, {eta} left {msg}")
        }
    };
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(inert_line(&log.redactor().redact(title)).into_owned());
    bar
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn heart(total: Amount) -> Arc<Heart> {
        let now = Instant::now();
        let state = State { done: 3, waiting: String::new(), spoke: now, over: false };
        Arc::new(Heart {
            title: "bytes".to_owned(),
            total,
            start: now,
            state: Mutex::new(state),
            ended: Condvar::new(),
        })
    }

    /// Starts the heartbeat's thread, and gives its lines and its end.
    fn listen(heart: &Arc<Heart>) -> (mpsc::Receiver<String>, std::thread::JoinHandle<()>) {
        let (sender, lines) = mpsc::channel();
        let heart = Arc::clone(heart);
        let thread = std::thread::spawn(move || {
            heart.beat(Duration::from_millis(1), |line| {
                let _ = sender.send(line);
            });
        });
        (lines, thread)
    }

    #[test]
    fn the_heart_beats_while_the_work_says_nothing() {
        let heart = heart(Amount::Things(10));
        let (lines, thread) = listen(&heart);
        assert_eq!(lines.recv().unwrap(), "bytes: 3 of 10 (0 s so far)");
        "layer 2".clone_into(&mut heart.lock().waiting);
        assert!(lines.iter().take(100).any(|line| line == "bytes: 3 of 10, layer 2 (0 s so far)"));
        heart.lock().over = true;
        heart.ended.notify_all();
        thread.join().unwrap();
    }

    #[test]
    fn a_work_that_is_over_is_silent() {
        let heart = heart(Amount::Unknown);
        heart.lock().over = true;
        let (lines, thread) = listen(&heart);
        thread.join().unwrap();
        assert_eq!(lines.iter().count(), 0);
    }

    #[test]
    fn bytes_are_told_as_people_read_them() {
        let heart = heart(Amount::Bytes(1536));
        let (lines, thread) = listen(&heart);
        assert_eq!(lines.recv().unwrap(), "bytes: 3 B of 1.5 KiB (0 s so far)");
        heart.lock().over = true;
        heart.ended.notify_all();
        thread.join().unwrap();
    }
}
