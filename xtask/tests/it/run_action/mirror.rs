//! A loopback server of release files that can misbehave.

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use crate::listener::{self, Head};

/// How the mirror answers the next requests; the last one sticks.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The file.
    File(Vec<u8>),
    /// An error.
    Status(u16),
    /// A redirect.
    Redirect(String),
    /// Only a header that promises so many bytes.
    Promise(u64),
    /// Bytes without end, of no stated length.
    Endless,
    /// Silence until the client goes away or the mirror is dropped.
    Silence,
}

#[derive(Debug)]
pub(crate) struct Mirror {
    port: u16,
    answers: Arc<Mutex<Vec<Answer>>>,
    arrived: Mutex<Receiver<String>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Mirror {
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let (answers, open) = (Arc::new(Mutex::new(answers)), Arc::<Mutex<Vec<TcpStream>>>::default());
        let (sender, arrived) = channel();
        let (next, streams) = (Arc::clone(&answers), Arc::clone(&open));
        let port =
            listener::listen(move |stream| serve(stream, &next, &streams, &sender)).expect("a loopback port is free");
        Self { port, answers, arrived: Mutex::new(arrived), open }
    }

    pub(crate) fn answer(&self, answers: Vec<Answer>) {
        *self.answers.lock().expect("no thread panics with it") = answers;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/releases/1.2.3", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The paths asked for since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.arrived.lock().expect("no thread panics with it").try_iter().collect()
    }

    /// Waits for a request.
    pub(crate) fn wait(&self) -> String {
        let arrived = self.arrived.lock().expect("no thread panics with it");
        arrived.recv_timeout(std::time::Duration::from_secs(20)).expect("a request arrives")
    }

    /// Ends every answer under way.
    pub(crate) fn hang_up(&self) {
        for stream in self.open.lock().expect("no thread panics with it").drain(..) {
            // Fails where the client has gone already.
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.hang_up();
    }
}

fn serve(
    stream: &TcpStream,
    answers: &Mutex<Vec<Answer>>,
    open: &Mutex<Vec<TcpStream>>,
    arrived: &Sender<String>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let Some(head) = Head::read(&mut reader)? else { return Ok(()) };
    let answer = {
        let mut answers = answers.lock().expect("no thread panics with it");
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    };
    open.lock().expect("no thread panics with it").push(stream.try_clone()?);
    // A dropped receiver means that the test has ended.
    let _ = arrived.send(head.target);
    // A client that goes away in the middle is what some tests are about.
    write(stream, answer, reader)
}

fn write(mut to: &TcpStream, answer: Answer, mut rest: BufReader<&TcpStream>) -> std::io::Result<()> {
    match answer {
        Answer::File(body) => {
            write!(to, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
            to.write_all(&body)
        }
        Answer::Status(code) => {
            write!(to, "HTTP/1.1 {code} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        }
        Answer::Redirect(target) => {
            write!(to, "HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        }
        Answer::Promise(length) => {
            write!(to, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")
        }
        Answer::Endless => {
            write!(to, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
            let block = vec![b'x'; 1 << 20];
            loop {
                to.write_all(&block)?;
            }
        }
        Answer::Silence => rest.read_to_end(&mut Vec::new()).map(drop),
    }
}
