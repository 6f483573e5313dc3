//! Connections: a request is read, answered, and its answer held back until it is due.

use std::cell::RefCell;
use std::io::{Error, ErrorKind};
use std::net::TcpListener;
use std::rc::Rc;

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::Instant;

use crate::control::{NAME, State};
use crate::object::Sent;
use crate::operation::Operation;
use crate::request::{Head, unchunk};

/// What is read at a time.
const READ: usize = 256 * 1024;

/// Bodies above this are dropped as they come.
const HELD: u64 = 1024 * 1024;

/// The same for objects that come whole: a manifest of a million keys is one.
const HELD_WHOLE: u64 = 64 * 1024 * 1024;

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

async fn connection(mut stream: TcpStream, state: &RefCell<State>) -> std::io::Result<()> {
    // Without it the kernel holds small answers back.
    stream.set_nodelay(true)?;
    let mut buffer = BytesMut::with_capacity(READ);
    let mut wire = Vec::new();
    let mut is_counted = false;
    loop {
        let Some(head) = head(&mut stream, &mut buffer).await? else { return Ok(()) };
        if head.expects_continue && (buffer.len() as u64) < head.content_length {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let is_control = head.names().0 == NAME;
        if !is_control && !is_counted {
            state.borrow_mut().counts.connections += 1;
            is_counted = true;
        }
        let is_whole = Operation::of(&head) == Operation::PutObject;
        let is_held = is_control || head.content_length <= if is_whole { HELD_WHOLE } else { HELD };
        let length = read(&mut stream, &mut buffer, &head, is_held).await?;
        let arrived = Instant::now();
        wire.clear();
        let latency = answer(state, &head, is_held.then(|| &buffer[..length]), is_control, &mut wire);
        buffer.advance(length);
        if !latency.is_zero() {
            tokio::time::sleep_until(arrived + latency).await;
        }
        stream.write_all(&wire).await?;
        if head.closes {
            return stream.shutdown().await;
        }
    }
}

/// Answers a request and tells how long its answer is held back.
fn answer(
    state: &RefCell<State>,
    head: &Head,
    body: Option<&[u8]>,
    is_control: bool,
    wire: &mut Vec<u8>,
) -> std::time::Duration {
    let mut state = state.borrow_mut();
    if is_control {
        state.control(head, body.unwrap_or_default()).write(wire, false);
        return std::time::Duration::ZERO;
    }
    let operation = Operation::of(head);
    *state.counts.operations.entry(operation).or_default() += 1;
    state.counts.expects += u64::from(head.expects_continue);
    state.counts.received += head.content_length;
    let content = body.filter(|_| head.decoded_length.is_some()).and_then(unchunk);
    let size = head.decoded_length.unwrap_or(head.content_length);
    let sent = Sent { size, body: content.as_deref().or(body), md5: head.content_md5 };
    state.store.answer(operation, head, &sent).write(wire, head.method == "HEAD");
    state.latency
}

/// Reads the next head; none when the client has closed the connection.
async fn head(stream: &mut TcpStream, buffer: &mut BytesMut) -> std::io::Result<Option<Head>> {
    loop {
        if !buffer.is_empty()
            && let Some((head, length)) = Head::parse(buffer)?
        {
            buffer.advance(length);
            return Ok(Some(head));
        }
        buffer.reserve(READ);
        if stream.read_buf(buffer).await? == 0 {
            return if buffer.is_empty() { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
    }
}

/// Reads a body to its end and tells how much of the buffer is its; nothing of one that is not held.
async fn read(stream: &mut TcpStream, buffer: &mut BytesMut, head: &Head, is_held: bool) -> std::io::Result<usize> {
    let length = usize::try_from(head.content_length).map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
    if is_held {
        while buffer.len() < length {
            buffer.reserve((length - buffer.len()).max(READ));
            if stream.read_buf(buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        return Ok(length);
    }
    let mut left = length;
    loop {
        let taken = buffer.len().min(left);
        buffer.advance(taken);
        left -= taken;
        if left == 0 {
            return Ok(0);
        }
        buffer.clear();
        buffer.reserve(READ);
        if stream.read_buf(buffer).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}
