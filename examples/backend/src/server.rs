//! Accepts connections on a fixed number of threads.
//!
//! Every worker accepts, answers and closes one connection at a time; what exceeds that waits in the kernel's backlog.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::build::Build;
use crate::request::Request;
use crate::routes::route;

/// The pause after a failed accept, so that running out of descriptors does not become a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// The bounds of one connection and of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections answered at the same time.
    pub workers: usize,
    /// Bytes of a request head, the empty line included.
    pub head_bytes: usize,
    /// Time for the whole head to arrive, and again for the answer to be taken.
    pub patience: Duration,
    /// Bytes read and dropped after the answer, so that closing does not reset the connection under it.
    pub drain_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { workers: 8, head_bytes: 8 * 1024, patience: Duration::from_secs(5), drain_bytes: 64 * 1024 }
    }
}

/// A bound listening socket.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    limits: Limits,
    build: Build,
}

impl Server {
    /// Binds the address.
    pub fn bind(address: SocketAddr, limits: Limits, build: Build) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address)?, limits, build })
    }

    /// Says where the socket listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the process ends.
    pub fn serve(&self) {
        thread::scope(|scope| {
            for _ in 0..self.limits.workers {
                scope.spawn(|| self.work());
            }
        });
    }

    fn work(&self) {
        loop {
            match self.listener.accept() {
                // A peer that disconnects early is its own business; there is nobody to tell.
                Ok((stream, _)) => drop(self.handle(stream)),
                Err(_) => thread::sleep(ACCEPT_PAUSE),
            }
        }
    }

    fn handle(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_write_timeout(Some(self.limits.patience))?;
        let request = Request::read(&mut stream, self.limits.head_bytes, self.limits.patience);
        if let Some(response) = route(&request, self.build) {
            response.write_to(&mut stream)?;
            stream.shutdown(Shutdown::Write)?;
            drain(&mut stream, self.limits.drain_bytes)?;
        }
        Ok(())
    }
}

/// Reads what the peer still sends; closing a socket with unread bytes would reset the connection and lose the answer.
fn drain(stream: &mut TcpStream, limit: usize) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(250)))?;
    let mut chunk = [0; 4096];
    let mut left = limit;
    while left > 0 {
        match stream.read(&mut chunk)? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}
