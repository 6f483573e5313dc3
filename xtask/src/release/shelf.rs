//! The archives of a release, served on loopback as GitHub serves them: a file per address, nothing else.

use std::io::{BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::listener::{self, Head};

/// A server of a folder's files. It ends with this process.
#[derive(Debug)]
pub(crate) struct Shelf {
    port: u16,
    served: Arc<Mutex<Vec<String>>>,
}

impl Shelf {
    /// Serves the files of `folder`.
    pub(crate) fn open(folder: &Path) -> Result<Self, String> {
        let served = Arc::<Mutex<Vec<String>>>::default();
        let (folder, names) = (folder.to_owned(), Arc::clone(&served));
        let port = listener::listen(move |stream| serve(stream, &folder, &names))?;
        Ok(Self { port, served })
    }

    /// The address of the folder.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The files that were served since the last call.
    pub(crate) fn served(&self) -> Vec<String> {
        std::mem::take(&mut *self.served.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn serve(stream: &TcpStream, folder: &Path, served: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let Some(head) = Head::read(&mut BufReader::new(stream))? else { return Ok(()) };
    let name = head.target.strip_prefix('/').filter(|_| head.method == "GET").unwrap_or_default();
    let content = file(folder, name).and_then(|path| std::fs::read(path).ok());
    let mut to = stream;
    let Some(content) = content else {
        return to.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    };
    served.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
    write!(to, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", content.len())?;
    to.write_all(&content)
}

/// A file right in the folder.
fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']);
    plain.then(|| folder.join(name)).filter(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::Shelf;

    #[test]
    fn serves_the_files_of_its_folder_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("archives")).expect("the folder is ours");
        std::fs::write(folder.path().join("secret"), "x").expect("the folder is ours");
        std::fs::write(folder.path().join("archives/a.tar.gz"), "content").expect("the folder is ours");
        let shelf = Shelf::open(&folder.path().join("archives")).expect("a port is free");
        let get = |path: &str| testkit::http::get(&format!("{}/{path}", shelf.url())).expect("it answers");
        assert_eq!(get("a.tar.gz").to_text(), "content");
        for path in ["", "b.tar.gz", "%2e%2e/secret", "..%2fsecret"] {
            assert_eq!(get(path).status, 404, "{path}");
        }
        assert_eq!(shelf.served(), ["a.tar.gz"]);
        assert!(shelf.served().is_empty());
    }
}
