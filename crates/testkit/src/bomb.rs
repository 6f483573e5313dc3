//! A loopback server whose answers never end, for clients that have to stop reading by themselves.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a client may keep a connection open without reading from it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is sent, and how much of it was.
#[derive(Debug)]
struct Charge {
    head: Vec<u8>,
    piece: Vec<u8>,
    pause: Duration,
    sent: AtomicU64,
    requests: AtomicU64,
    stopped: AtomicBool,
}

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct Bomb {
    address: SocketAddr,
    charge: Arc<Charge>,
    thread: Option<JoinHandle<()>>,
}

impl Bomb {
    /// Answers each request with `head` and then with `piece` again and again, until the client hangs up.
    ///
    /// # Errors
    ///
    /// When no loopback port can be had.
    pub fn start(head: impl Into<Vec<u8>>, piece: impl Into<Vec<u8>>) -> std::io::Result<Self> {
        Self::dripping(head, piece, Duration::ZERO)
    }

    /// As [`Bomb::start`], with a pause before each piece.
    ///
    /// # Errors
    ///
    /// When no loopback port can be had.
    pub fn dripping(head: impl Into<Vec<u8>>, piece: impl Into<Vec<u8>>, pause: Duration) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let charge = Arc::new(Charge {
            head: head.into(),
            piece: piece.into(),
            pause,
            sent: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        });
        let served = Arc::clone(&charge);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if served.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let served = Arc::clone(&served);
                // A client that hangs up is what is hoped for.
                std::thread::spawn(move || drop(served.answer(stream)));
            }
        });
        Ok(Self { address, charge, thread: Some(thread) })
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many bytes clients and the system's buffers took.
    pub fn sent(&self) -> u64 {
        self.charge.sent.load(Ordering::Relaxed)
    }

    /// How many requests there were.
    pub fn requests(&self) -> u64 {
        self.charge.requests.load(Ordering::Relaxed)
    }
}

impl Charge {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut buffer)? {
                0 => return Ok(()),
                count => request.extend_from_slice(&buffer[..count]),
            }
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        stream.write_all(&self.head)?;
        while !self.stopped.load(Ordering::Relaxed) {
            std::thread::sleep(self.pause);
            stream.write_all(&self.piece)?;
            self.sent.fetch_add(u64::try_from(self.piece.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        Ok(())
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.charge.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::Bomb;

    #[test]
    fn it_goes_on_until_the_client_hangs_up() {
        let bomb = Bomb::start("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(1000)).unwrap();
        let mut stream = TcpStream::connect(bomb.url().replace("http://", "")).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut read = vec![0; 3_000_000];
        stream.read_exact(&mut read).unwrap();
        assert!(read.ends_with(b"xxx"));
        assert!(bomb.sent() + 1000 >= 2_999_981, "{}", bomb.sent());
        assert_eq!(bomb.requests(), 1);
    }
}
