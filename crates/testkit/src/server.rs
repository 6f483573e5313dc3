//! The loopback server below every stand-in: records requests, applies faults, asks a handler for the answer.

mod connection;

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::Response;
use bytes::Bytes;
use connection::{ResetHandle, ResettableListener};
use futures::future::BoxFuture;
use tokio::sync::oneshot;

use crate::fault::{Effect, Faults, Handling, Moment, Taken};
use crate::http::{Exchange, Reply, Request};

/// How long a request that is never answered is kept; longer than any client of a test or a bench waits.
const HANG: Duration = Duration::from_mins(30);

/// Turns a request into its answer.
pub(crate) type Handler = Arc<dyn Fn(Request) -> BoxFuture<'static, Reply> + Send + Sync>;

/// Looks at a request that a fault answers, so that the handler never sees it.
type Watcher = Box<dyn Fn(&Request) + Send + Sync>;

/// Why a loopback server did not start.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum StartError {
    /// No loopback port could be bound.
    #[error("cannot listen on a free port of 127.0.0.1")]
    #[diagnostic(
        code(testkit::listen),
        help("check that loopback networking works and that file descriptors are left (`ulimit -n`)")
    )]
    Listen {
        /// What the system said.
        source: std::io::Error,
    },
    /// The server's thread or runtime could not be made.
    #[error("cannot start a thread for the loopback server")]
    #[diagnostic(code(testkit::thread), help("check the limit of processes (`ulimit -u`)"))]
    Thread {
        /// What the system said.
        source: std::io::Error,
    },
    /// What requests are checked against is not there.
    #[error("cannot check requests against AWS's models: {source}")]
    #[diagnostic(code(testkit::model), help("make pip's package index reachable, or set SLIPWAY_TOOLS_DIR"))]
    Model {
        /// What is missing.
        source: Box<crate::aws_model::ModelError>,
    },
    /// The proxy's HTTP client could not be made.
    #[error("cannot set up the HTTP client of the proxy")]
    #[diagnostic(code(testkit::client), help("report this: the client needs nothing from outside"))]
    Client {
        /// What the client said.
        source: reqwest::Error,
    },
}

/// A running server; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    handler: Handler,
    faults: Faults,
    watcher: OnceLock<Watcher>,
    log: Mutex<Vec<Exchange>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl Server {
    /// Binds a free loopback port and serves it from a new thread.
    pub(crate) fn start(handler: Handler) -> Result<Self, StartError> {
        let (listener, address) = bind().map_err(|source| StartError::Listen { source })?;
        Self::serve_on(listener, address, handler)
    }

    /// As [`Server::start`], for a handler that needs to know its own address.
    pub(crate) fn start_with(make: impl FnOnce(SocketAddr) -> Handler) -> Result<Self, StartError> {
        let (listener, address) = bind().map_err(|source| StartError::Listen { source })?;
        Self::serve_on(listener, address, make(address))
    }

    fn serve_on(listener: TcpListener, address: SocketAddr, handler: Handler) -> Result<Self, StartError> {
        let shared =
            Arc::new(Shared { handler, faults: Faults::default(), watcher: OnceLock::new(), log: Mutex::default() });
        let thread = |source| StartError::Thread { source };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(thread)?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name(format!("testkit-{}", address.port()))
            .spawn(move || runtime.block_on(serve(listener, served, stopped)))
            .map_err(thread)?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Has the requests looked at that a fault keeps from the handler. Only the first watcher counts.
    pub(crate) fn watch_faults(&self, watch: impl Fn(&Request) + Send + Sync + 'static) {
        // Every stand-in sets it once, when it starts.
        let _ = self.shared.watcher.set(Box::new(watch));
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.exchanges().into_iter().map(|exchange| exchange.request).collect()
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn clear_requests(&self) {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only when the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic in a handler has been reported by the panic hook.
            let _ = thread.join();
        }
    }
}

/// Makes a handler of a function that needs no waiting.
pub(crate) fn blocking(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Handler {
    let answer = Arc::new(answer);
    Arc::new(move |request| {
        let answer = Arc::clone(&answer);
        Box::pin(async move { answer(&request) })
    })
}

fn bind() -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn serve(listener: TcpListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let service =
        axum::Router::new().fallback(answer).with_state(shared).into_make_service_with_connect_info::<ResetHandle>();
    let serving = axum::serve(ResettableListener(listener), service);
    tokio::select! {
        _ = serving => {}
        _ = stopped => {}
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<ResetHandle>,
    request: axum::extract::Request,
) -> Response {
    let Some(request) = read(request).await else {
        return Response::default();
    };
    let handling = shared.faults.handling();
    let Taken { gates, effect, answer } = shared.faults.take(&request);
    let is_head = request.method == "HEAD";
    let at = shared.record(&request);
    if matches!(effect, Some(Effect::Reset | Effect::Kill(Moment::Before, _) | Effect::Reply(_)))
        && let Some(watch) = shared.watcher.get()
    {
        watch(&request);
    }
    for gate in gates {
        gate.pass().await;
    }
    match &effect {
        Some(Effect::Delay(delay)) => tokio::time::sleep(*delay).await,
        Some(Effect::Interrupt(target) | Effect::Abandon(target)) => target.interrupt().await,
        Some(Effect::Kill(Moment::Before, target)) => target.kill().await,
        _ => {}
    }
    let reply = match &effect {
        Some(Effect::Reset | Effect::Kill(Moment::Before, _)) => {
            connection.reset();
            return Response::default();
        }
        Some(Effect::Reply(reply)) => reply.clone(),
        Some(Effect::Rewrite(rewrite)) => rewrite(&request, shared.handle(request.clone(), handling).await),
        _ => shared.handle(request, handling).await,
    };
    shared.complete(at, &reply);
    // It is set once: nobody else knows it.
    let length = if is_head { 0 } else { reply.body.len() };
    let _ = answer.set(length);
    let effect = match effect {
        // Nothing has no half.
        Some(Effect::Kill(Moment::Half, target)) if length == 0 => Some(Effect::Kill(Moment::After, target)),
        other => other,
    };
    answered(effect, reply, &connection).await
}

/// Sends what an effect leaves of an answer.
async fn answered(effect: Option<Effect>, reply: Reply, connection: &ResetHandle) -> Response {
    match effect {
        Some(Effect::Truncate(bytes)) => truncated(reply, bytes),
        Some(Effect::Halve) => {
            let half = reply.body.len() / 2;
            truncated(reply, half)
        }
        Some(Effect::Slow(pause)) => halved(reply, async move {
            tokio::time::sleep(pause).await;
            Half::Rest
        }),
        Some(Effect::Lose) => lost(connection),
        Some(Effect::Hang | Effect::Abandon(_)) => {
            tokio::time::sleep(HANG).await;
            lost(connection)
        }
        Some(Effect::Hold(target)) => {
            target.until_killed().await;
            lost(connection)
        }
        Some(Effect::Kill(Moment::After, target)) => {
            target.kill().await;
            lost(connection)
        }
        Some(Effect::Kill(Moment::Half, target)) => {
            // A client that has seen enough of the answer goes on without its second half, and is killed all the same.
            let (passed, is_passed) = tokio::sync::oneshot::channel::<()>();
            let killed = target.clone();
            tokio::spawn(async move {
                let _ = is_passed.await;
                killed.kill().await;
            });
            halved(reply, async move {
                drop(passed);
                target.until_killed().await;
                Half::Lost
            })
        }
        Some(Effect::Kill(Moment::Answered(pause), target)) => {
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                target.kill().await;
            });
            respond(reply)
        }
        _ => respond(reply),
    }
}

fn lost(connection: &ResetHandle) -> Response {
    connection.reset();
    Response::default()
}

async fn read(request: axum::extract::Request) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.ok()?;
    Some(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body,
    })
}

impl Shared {
    /// Asks the handler in a task of its own: a client that goes away does not take back what it has sent.
    async fn handle(&self, request: Request, handling: Handling) -> Reply {
        let answer = (self.handler)(request);
        let task = tokio::spawn(async move {
            let reply = answer.await;
            drop(handling);
            reply
        });
        task.await.unwrap_or_else(|error| Reply::text(500, format!("the stand-in failed: {error}")))
    }

    fn record(&self, request: &Request) -> usize {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(Exchange { request: request.clone(), reply: None });
        log.len() - 1
    }

    fn complete(&self, at: usize, reply: &Reply) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(exchange) = log.get_mut(at) {
            exchange.reply = Some(reply.clone());
        }
    }
}

fn respond(reply: Reply) -> Response {
    let body = Body::from(reply.body.clone());
    build(reply, body)
}

/// Announces the whole body, sends its first bytes and then fails, which cuts the connection.
fn truncated(reply: Reply, bytes: usize) -> Response {
    let length = reply.body.len();
    let head = reply.body.slice(..bytes.min(length));
    let chunks: [Result<Bytes, std::io::Error>; 2] = [Ok(head), Err(std::io::ErrorKind::ConnectionAborted.into())];
    let body = futures::stream::unfold(chunks.into_iter(), |mut chunks| async {
        let chunk = chunks.next()?;
        if chunk.is_err() {
            // Lets the first bytes reach the wire before the connection is given up.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some((chunk, chunks))
    });
    let mut response = build(reply, Body::from_stream(body));
    response.headers_mut().insert("content-length", length.into());
    response
}

/// What becomes of the second half of a body.
enum Half {
    Rest,
    Lost,
}

/// Announces the whole body and sends its first half; the second follows what `between` decides.
fn halved(reply: Reply, between: impl Future<Output = Half> + Send + 'static) -> Response {
    let length = reply.body.len();
    let (first, second) = (reply.body.slice(..length / 2), reply.body.slice(length / 2..));
    let head = futures::stream::iter([Ok(first)]);
    let tail = futures::stream::once(async move {
        match between.await {
            Half::Rest => Ok(second),
            Half::Lost => Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)),
        }
    });
    let mut response = build(reply, Body::from_stream(futures::StreamExt::chain(head, tail)));
    response.headers_mut().insert("content-length", length.into());
    response
}

fn build(reply: Reply, body: Body) -> Response {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(body).unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(format!("the stand-in made an invalid answer: {error}")));
        *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

#[cfg(test)]
mod tests;
