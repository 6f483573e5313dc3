//! SIGINT and SIGTERM, on a thread of their own: they cancel the run at once, whatever its own thread is busy with.

use std::sync::Arc;

use super::ending::{Cause, Ending};

#[cfg(unix)]
pub(super) use unix::watch;
#[cfg(windows)]
pub(super) use windows::watch;

#[cfg(unix)]
mod unix {
    use std::sync::mpsc;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::{Handle, Signals};

    use super::{Arc, Cause, Ending};

    /// Listens to signals until it is dropped.
    pub(in super::super) struct Watch(Option<Handle>);

    impl Drop for Watch {
        fn drop(&mut self) {
            if let Some(listening) = &self.0 {
                listening.close();
            }
        }
    }

    /// Listens to signals for the run of `ending`. Where that is not possible, they end the process as the system does it: nothing is
    /// registered before there is a thread that waits.
    ///
    /// The thread has no runtime of its own: each run starts it, and few are ever cancelled.
    pub(in super::super) fn watch(ending: &Arc<Ending>) -> Watch {
        let (ready, listening) = mpsc::channel();
        let ending = Arc::clone(ending);
        let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let Ok(signals) = Signals::new([SIGINT, SIGTERM]) else { return };
            let _ = ready.send(signals.handle());
            follow(signals, &ending);
        });
        // An error is a thread that cannot listen and has ended.
        Watch(thread.ok().and_then(|_| listening.recv().ok()))
    }

    /// Cancels the run on the first signal; ends the process when it does not end in time, and at once on a second signal.
    fn follow(mut signals: Signals, ending: &Arc<Ending>) {
        let mut signals = signals.forever();
        if signals.next().is_none() {
            return;
        }
        let (time, late) = (ending.cancel(), Arc::clone(ending));
        let clock = std::thread::Builder::new().name("grace".to_owned()).spawn(move || {
            std::thread::sleep(time);
            late.end(Cause::OutOfTime);
        });
        if clock.is_err() {
            std::thread::sleep(time);
            Arc::clone(ending).end(Cause::OutOfTime);
        }
        if signals.next().is_some() {
            Arc::clone(ending).end(Cause::SecondSignal);
        }
    }
}

#[cfg(windows)]
mod windows {
    use tokio_util::sync::CancellationToken;

    use super::{Arc, Cause, Ending};

    /// Listens to Ctrl-C until it is dropped.
    pub(in super::super) struct Watch(CancellationToken);

    impl Drop for Watch {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }

    /// Listens to Ctrl-C for the run of `ending`. Where that is not possible, it ends the process as the system does it.
    pub(in super::super) fn watch(ending: &Arc<Ending>) -> Watch {
        let stop = CancellationToken::new();
        let (ready, listening) = std::sync::mpsc::channel();
        let (stopped, ending) = (stop.clone(), Arc::clone(ending));
        let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                let Ok(mut signals) = tokio::signal::windows::ctrl_c() else { return };
                let _ = ready.send(());
                tokio::select! {
                    () = stopped.cancelled() => {}
                    () = follow(&mut signals, ending) => {}
                }
            });
        });
        if thread.is_ok() {
            // An error is a thread that cannot listen and has ended.
            let _ = listening.recv();
        }
        Watch(stop)
    }

    /// Cancels the run on the first signal; ends the process when it does not end in time, and at once on a second signal.
    async fn follow(signals: &mut tokio::signal::windows::CtrlC, ending: Arc<Ending>) {
        signals.recv().await;
        let time = ending.cancel();
        let cause = tokio::select! {
            biased;
            _ = signals.recv() => Cause::SecondSignal,
            () = tokio::time::sleep(time) => Cause::OutOfTime,
        };
        ending.end(cause);
    }
}
