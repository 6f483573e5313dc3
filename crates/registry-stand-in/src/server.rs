//! Connections: a request is read, answered, and its answer held back until it is due.

use std::cell::RefCell;
use std::io::{Error, ErrorKind};
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use sha2::Sha256;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::Instant;

use crate::body::{READ, Sink, Taken, Wire};
use crate::control::{PREFIX, State};
use crate::head::{Head, Length};
use crate::registry::Route;
use crate::{ecr, registry};

/// Serves on this thread for as long as the process lives.
///
/// # Errors
/// What the system says when nothing more can be accepted.
pub fn serve(listener: TcpListener) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let state = Rc::new(RefCell::new(State::default()));
    LocalSet::new().block_on(&runtime, async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let state = Rc::clone(&state);
            spawn_local(async move {
                // A client that goes away in the middle is its own affair.
                let _ = connection(stream, &state).await;
            });
        }
    })
}

async fn connection(stream: TcpStream, state: &RefCell<State>) -> Result<(), Error> {
    // Without it the kernel holds small answers back.
    stream.set_nodelay(true)?;
    let mut wire = Wire { stream, buffer: BytesMut::with_capacity(READ) };
    let mut answer = Vec::new();
    let mut is_counted = false;
    while let Some(head) = head(&mut wire).await? {
        let is_control = head.path.starts_with(PREFIX);
        if !is_control && !std::mem::replace(&mut is_counted, true) {
            state.borrow_mut().counts.connections += 1;
        }
        if head.expects_continue {
            wire.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let taken = body(&mut wire, &head, state).await?;
        let arrived = Instant::now();
        answer.clear();
        let latency = reply(state, &head, taken, is_control, &mut answer);
        if !latency.is_zero() {
            tokio::time::sleep_until(arrived + latency).await;
        }
        wire.stream.write_all(&answer).await?;
        if head.closes {
            return wire.stream.shutdown().await;
        }
    }
    Ok(())
}

/// Reads the next head; none when the client has closed the connection.
async fn head(wire: &mut Wire) -> Result<Option<Head>, Error> {
    loop {
        if !wire.buffer.is_empty()
            && let Some((head, length)) = Head::parse(&wire.buffer)?
        {
            wire.buffer.advance(length);
            return Ok(Some(head));
        }
        if !wire.more().await? {
            return if wire.buffer.is_empty() { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
    }
}

/// Reads a body. The hasher of an upload is out of the store meanwhile, since others are served between two pieces.
async fn body(wire: &mut Wire, head: &Head, state: &RefCell<State>) -> Result<Taken, Error> {
    let Route::Upload(_, number) = Route::of(&head.path) else {
        return wire.body(head.length, Sink::Keep(Vec::new())).await;
    };
    let hasher = |state: &RefCell<State>| -> Option<Sha256> {
        state.borrow_mut().store.uploads.get_mut(&number).and_then(|upload| upload.hasher.take())
    };
    let mut own = if head.length == Length::Known(0) { None } else { hasher(state) };
    let taken = wire.body(head.length, Sink::Count { bytes: 0, hasher: own.as_mut() }).await?;
    if let (Some(own), Some(upload)) = (own, state.borrow_mut().store.uploads.get_mut(&number)) {
        upload.hasher = Some(own);
    }
    Ok(taken)
}

/// Answers a request and tells how long its answer is held back.
fn reply(state: &RefCell<State>, head: &Head, taken: Taken, is_control: bool, wire: &mut Vec<u8>) -> Duration {
    let mut state = state.borrow_mut();
    if is_control {
        state.control(head).write(wire, false);
        return Duration::ZERO;
    }
    state.counts.received += match &taken {
        Taken::Kept(bytes) => bytes.len() as u64,
        Taken::Counted(bytes) => *bytes,
    };
    let route = Route::of(&head.path);
    let name = match &head.target {
        Some(operation) => operation.clone(),
        None => format!("{}-{}", head.method, route.name()),
    };
    *state.counts.requests.entry(name).or_default() += 1;
    let answer = match (&head.target, &taken) {
        (Some(operation), Taken::Kept(bytes)) => {
            ecr::answer(&state.store, operation, &serde_json::from_slice(bytes).unwrap_or_default())
        }
        _ => registry::answer(&mut state.store, head, route, taken),
    };
    answer.write(wire, head.method == "HEAD");
    state.latency
}
