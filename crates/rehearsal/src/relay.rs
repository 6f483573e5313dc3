//! A socket between the emulator and the container engine that adapts what the emulator asks for.
//!
//! One request a connection: the head (and the body of a container's creation) is rewritten, everything behind it is copied
//! in both directions. It lies in a folder of this user alone, as whoever reaches an engine may do anything.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use crate::adaptation::{Adaptation, Answer, Head};

/// Where the engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Upstream {
    /// A socket of this machine.
    Unix(PathBuf),
    /// A port of this machine's loopback, `host:port`.
    Tcp(String),
}

/// The longest head and the longest description of a container that are read.
const LIMIT: usize = 1 << 20;

/// A running relay; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Relay {
    folder: TempDir,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Listens on a socket of its own and passes on to the engine at `engine`.
    pub(crate) fn start(engine: Upstream, adaptation: Arc<Adaptation>) -> io::Result<Self> {
        let own = Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix("rehearsal-").permissions(own).tempdir()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            UnixListener::bind(folder.path().join(SOCKET))?
        };
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            // Returning drops the runtime, and with it every connection.
            runtime.block_on(async {
                tokio::select! { () = serve(&listener, &engine, &adaptation) => {}, () = stopped.cancelled() => {} }
            });
        });
        Ok(Self { folder, stop, thread: Some(thread) })
    }

    /// The address for `DOCKER_HOST`.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.folder.path().join(SOCKET).display())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The socket's file in the relay's folder.
const SOCKET: &str = "engine.sock";

async fn serve(listener: &UnixListener, engine: &Upstream, adaptation: &Arc<Adaptation>) {
    let engine = Arc::new(engine.clone());
    // The accepting fails for lack of file descriptors, if at all: the caller sees a refused connection then.
    while let Ok((client, _)) = listener.accept().await {
        let (engine, adaptation) = (Arc::clone(&engine), Arc::clone(adaptation));
        // A connection that breaks is the emulator's to report.
        tokio::spawn(async move { pass_on(client, &engine, &adaptation).await });
    }
}

async fn pass_on(mut client: UnixStream, engine: &Upstream, adaptation: &Adaptation) -> io::Result<()> {
    let mut received = Vec::new();
    let Some(end) = read_until_head_ends(&mut client, &mut received).await? else { return Ok(()) };
    let mut rest = received.split_off(end);
    let mut head = Head::parse(&received).ok_or_else(malformed)?;
    match adaptation.head(&mut head) {
        Answer::Own(reply) => return client.write_all(reply.as_bytes()).await,
        Answer::Engine => {}
    }
    if head.creates_container() {
        let length = head.content_length().filter(|length| *length <= LIMIT).ok_or_else(malformed)?;
        while rest.len() < length {
            read_more(&mut client, &mut rest).await?;
        }
        rest = adaptation.container(&rest).ok_or_else(malformed)?;
        head.set("Content-Length", &rest.len().to_string());
    }
    let mut first = head.to_string().into_bytes();
    first.extend(rest);
    match engine {
        Upstream::Unix(socket) => connect(client, UnixStream::connect(socket).await?, &first).await,
        Upstream::Tcp(address) => connect(client, TcpStream::connect(address).await?, &first).await,
    }
}

/// Sends `first` to the engine, then copies in both directions. The engine's stream has one of two types.
async fn connect<S>(mut client: UnixStream, mut upstream: S, first: &[u8]) -> io::Result<()>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    upstream.write_all(first).await?;
    copy_bidirectional(&mut client, &mut upstream).await.map(drop)
}

/// Reads to the end of the head; where it ends, or `None` when the connection closes before a request begins.
async fn read_until_head_ends(client: &mut UnixStream, received: &mut Vec<u8>) -> io::Result<Option<usize>> {
    const END: &[u8] = b"\r\n\r\n";
    loop {
        if let Some(start) = received.windows(END.len()).position(|window| window == END) {
            return Ok(Some(start + END.len()));
        }
        if received.len() > LIMIT {
            return Err(malformed());
        }
        match read_more(client, received).await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && received.is_empty() => return Ok(None),
            result => result?,
        }
    }
}

async fn read_more(client: &mut UnixStream, received: &mut Vec<u8>) -> io::Result<()> {
    match client.read_buf(received).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn malformed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests;
