//! Uploads the files of one phase, on a few threads: each has a runtime and connections of its own, so that nothing of an upload
//! waits for another thread.

mod buffers;
mod multipart;
mod put;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use actions_core::{Log, Progress};
use aws_client::direct::{Connections, Refused};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use crate::bucket::BucketName;
use crate::clients::{Clients, Line};
use crate::error::Error;
use crate::gate::Gate;
use crate::phase::Phase;
use crate::plan::Upload;

use super::Run;
use buffers::Buffers;

/// More threads than this are faster than any line.
const MOST_THREADS: usize = 4;

/// A thread is worth its connections from so many files on.
const FILES_A_THREAD: usize = 32;

/// The same for bytes.
const BYTES_A_THREAD: u64 = 64 * 1024 * 1024;

/// How a phase went.
pub(super) struct PhaseResult {
    /// The key and the `ETag` of each file that is up, in no order.
    pub(super) etags: Vec<(String, String)>,
    pub(super) failures: Vec<Error>,
}

/// What all uploads of a run share: connections, threads, and how much they may do at the same time.
pub(super) struct Uploader {
    /// That of the run's own thread.
    line: Line,
    lanes: Vec<Lane>,
    memory: Arc<Semaphore>,
    cores: Arc<Semaphore>,
    buffers: Buffers,
}

/// A thread's own.
struct Lane {
    connections: Connections,
    runtime: Option<Runtime>,
}

impl Uploader {
    pub(super) fn new(run: Run<'_>) -> Result<Self, Error> {
        Ok(Self {
            line: run.clients.line(&run.inputs.bucket)?,
            lanes: Vec::new(),
            memory: Arc::new(Semaphore::new(put::MEMORY as usize)),
            cores: Arc::new(Semaphore::new(thread::available_parallelism().map_or(1, usize::from))),
            buffers: Buffers::default(),
        })
    }

    /// Uploads `uploads`. After a failure or a cancellation no other upload begins; small ones that are under way end, and the parts of
    /// large ones are given up.
    pub(super) async fn all(&mut self, run: Run<'_>, phase: Phase, uploads: &[&Upload]) -> PhaseResult {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let size: u64 = uploads.iter().map(|upload| upload.size).sum();
        let worth = uploads.len() / FILES_A_THREAD + usize::try_from(size / BYTES_A_THREAD).unwrap_or(usize::MAX);
        let threads = threads.min(worth).min(uploads.len()).max(1);
        let work = Arc::new(Work {
            uploads: uploads.iter().map(|upload| (*upload).clone()).collect(),
            next: AtomicUsize::new(0),
            threads,
            bucket: run.inputs.bucket.clone(),
            clients: run.clients.clone(),
            gate: Arc::clone(&self.line.gate),
            memory: Arc::clone(&self.memory),
            cores: Arc::clone(&self.cores),
            buffers: self.buffers.clone(),
            log: run.session.log.clone(),
            cancel: run.session.cancel.child_token(),
            progress: run.session.log.progress_bytes(&format!("uploading {phase}"), size),
            etags: Mutex::default(),
            failures: Mutex::default(),
        });
        if threads == 1 {
            work.run(&self.line.connections).await;
        } else {
            self.on_threads(&work).await;
        }
        PhaseResult {
            etags: std::mem::take(&mut *lock(&work.etags)),
            failures: std::mem::take(&mut *lock(&work.failures)),
        }
    }

    async fn on_threads(&mut self, work: &Arc<Work>) {
        while self.lanes.len() < work.threads {
            match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    self.lanes.push(Lane { connections: self.line.direct.connections(), runtime: Some(runtime) });
                }
                // A machine that starts no thread does the work on this one.
                Err(_) => break,
            }
        }
        let mut ends = Vec::new();
        let lanes = self.lanes.len().min(work.threads);
        for mut lane in self.lanes.drain(..lanes) {
            let (ended, end) = oneshot::channel();
            let work = Arc::clone(work);
            let started = thread::Builder::new().name("upload".to_owned()).spawn(move || {
                if let Some(runtime) = &mut lane.runtime {
                    runtime.block_on(work.run(&lane.connections));
                }
                // Who asked for it may be gone.
                drop(ended.send(lane));
            });
            if started.is_ok() {
                ends.push(end);
            }
        }
        for end in ends {
            self.lanes.extend(end.await);
        }
        // What no thread took.
        work.run(&self.line.connections).await;
    }
}

/// A runtime cannot wait for its end where another one runs.
impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The files of a phase, and how far they are.
struct Work {
    uploads: Vec<Upload>,
    next: AtomicUsize,
    threads: usize,
    bucket: BucketName,
    clients: Clients,
    gate: Arc<Gate>,
    /// What bodies may take of the memory.
    memory: Arc<Semaphore>,
    /// Who compresses takes one.
    cores: Arc<Semaphore>,
    buffers: Buffers,
    log: Log,
    /// Set with the run's own, and by the first failure.
    cancel: CancellationToken,
    progress: Progress,
    etags: Mutex<Vec<(String, String)>>,
    failures: Mutex<Vec<Error>>,
}

impl Work {
    /// Uploads files until there is none, or there is a reason to stop.
    async fn run(&self, connections: &Connections) {
        let mut flying = FuturesUnordered::new();
        loop {
            while flying.len() < self.gate.share(self.threads) {
                let Some(upload) = self.next() else { break };
                flying.push(self.one(upload, connections));
            }
            let Some(ended) = flying.next().await else { return };
            match ended {
                Ok(stored) => lock(&self.etags).extend(stored),
                Err(error) => {
                    lock(&self.failures).push(error);
                    self.cancel.cancel();
                }
            }
        }
    }

    /// Uploads one file, if the run is not cancelled on its way.
    async fn one(&self, upload: &Upload, connections: &Connections) -> Result<Option<(String, String)>, Error> {
        if upload.goes_in_parts() {
            return multipart::put(self, upload, connections).await;
        }
        let stored = put::put(self, upload, connections).await?;
        if stored.is_some() {
            self.progress.advance(upload.size);
        }
        Ok(stored)
    }

    /// What a refused call on a key means.
    fn refused(&self, operation: &str, key: &str, error: &Refused) -> Error {
        self.clients.s3_error(operation, &self.bucket, Some(key), error)
    }

    fn next(&self) -> Option<&Upload> {
        if self.cancel.is_cancelled() {
            return None;
        }
        self.uploads.get(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
