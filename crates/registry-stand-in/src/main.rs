//! Prints its address and serves until its standard input ends.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    std::thread::spawn(move || registry_stand_in::serve(listener));
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
