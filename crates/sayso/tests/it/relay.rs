//! A way to a server that can be held up: what is sent goes no further until it is let go.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// A relay on loopback; it goes on until the test ends.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    held: Arc<(Mutex<bool>, Condvar)>,
}

impl Relay {
    /// Passes on to `to`, a host with a port.
    pub(crate) fn start(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let held: Arc<(Mutex<bool>, Condvar)> = Arc::default();
        let (to, holding) = (to.to_owned(), held.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&to) else {
                    continue;
                };
                let ways = [
                    (client.try_clone().unwrap(), server.try_clone().unwrap()),
                    (server, client),
                ];
                for (from, to) in ways {
                    let holding = holding.clone();
                    std::thread::spawn(move || pass(from, to, &holding));
                }
            }
        });
        Self { address, held }
    }

    pub(crate) fn hold(&self) {
        *self.held.0.lock().unwrap() = true;
    }

    pub(crate) fn release(&self) {
        *self.held.0.lock().unwrap() = false;
        self.held.1.notify_all();
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, holding: &(Mutex<bool>, Condvar)) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let held = holding.0.lock().unwrap();
        drop(holding.1.wait_while(held, |held| *held).unwrap());
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
