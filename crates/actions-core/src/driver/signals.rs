//! SIGINT and SIGTERM, on a thread of their own: they cancel the run at once, whatever its own thread is busy with.

use std::sync::{Arc, mpsc};

use tokio_util::sync::CancellationToken;

use super::ending::{Cause, Ending};

/// Listens to signals until it is dropped.
pub(super) struct Watch(CancellationToken);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Listens to signals for the run of `ending`. Where that is not possible, they end the process as the system does it.
pub(super) fn watch(ending: &Arc<Ending>) -> Watch {
    let stop = CancellationToken::new();
    let (ready, listening) = mpsc::channel();
    let (stopped, ending) = (stop.clone(), Arc::clone(ending));
    let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::listen() else { return };
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
async fn follow(signals: &mut Signals, ending: Arc<Ending>) {
    signals.next().await;
    let time = ending.cancel();
    let cause = tokio::select! {
        biased;
        () = signals.next() => Cause::SecondSignal,
        () = tokio::time::sleep(time) => Cause::OutOfTime,
    };
    ending.end(cause);
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
