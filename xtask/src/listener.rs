//! What the small HTTP servers of these tasks and their tests share: a free loopback port, a thread for each connection, and the
//! head of a request. What is answered is theirs: that is all that tells them apart.

use std::io::BufRead;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Accepts connections on a free port of 127.0.0.1 until this process ends; `answer` has each in a thread of its own.
pub(crate) fn listen(
    answer: impl Fn(&TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> Result<u16, String> {
    let wrong = |error: std::io::Error| format!("no loopback port can be listened on: {error}");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(wrong)?;
    let port = listener.local_addr().map_err(wrong)?.port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            // A client ends its connection as it likes.
            std::thread::spawn(move || drop(answer(&stream)));
        }
    });
    Ok(port)
}

/// What stands before the body of a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// The method.
    pub(crate) method: String,
    /// The path and the query, as they were sent.
    pub(crate) target: String,
    /// The headers: names in small letters, values without white space around them.
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    /// Reads the next one; `None` where the client has nothing more to say.
    pub(crate) fn read(from: &mut impl BufRead) -> std::io::Result<Option<Self>> {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut head = Self {
            method: words.next().unwrap_or_default(),
            target: words.next().unwrap_or_default(),
            headers: Vec::new(),
        };
        loop {
            line.clear();
            from.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { return Ok(Some(head)) };
            head.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }

    /// The value of a header, empty where it was not sent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::Head;

    #[test]
    fn reads_one_request_after_another_and_leaves_the_body() {
        let mut sent = "POST /a?b HTTP/1.1\r\nHost: x:1\r\nContent-Length:  2 \r\n\r\nok".as_bytes();
        let head = Head::read(&mut sent).unwrap().unwrap();
        assert_eq!((&*head.method, &*head.target), ("POST", "/a?b"));
        assert_eq!((head.header("content-length"), head.header("host"), head.header("accept")), ("2", "x:1", ""));
        assert_eq!(sent, b"ok");
        let mut two = "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n".as_bytes();
        let mut next = || Head::read(&mut two).unwrap().map(|head| head.target);
        assert_eq!([next(), next(), next()], [Some("/1".to_owned()), Some("/2".to_owned()), None]);
    }
}
