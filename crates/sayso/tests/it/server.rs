//! A server started as a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::program::Home;

/// A server; it is killed when it goes out of scope.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    /// The one-time link it has printed, without the origin.
    pub(crate) link: String,
}

/// Free a moment ago; a port can only be lent.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

impl Server {
    /// Starts a server with these settings and waits until it says that it listens. What it says goes on to the file
    /// `server.log` in its home.
    pub(crate) fn start(home: &Home, settings: &[(&str, &str)]) -> Self {
        let address = free_address();
        let said = home.path("server.out");
        let mut command = home.command();
        command
            .arg("serve")
            .envs(settings.iter().copied())
            .env("PORT", address.port().to_string())
            .stdout(std::fs::File::create(&said).unwrap())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        loop {
            let mut line = String::new();
            assert!(
                log.read_line(&mut line).unwrap() > 0,
                "the server has stopped by itself"
            );
            if line.contains("\"listening\"") {
                break;
            }
        }
        // It is printed before the server says that it listens.
        let said = std::fs::read_to_string(said).unwrap();
        let link = said.split_once(&format!("://{address}"));
        let link = link.map_or("", |(_, link)| link.trim()).to_owned();
        // The log goes on being read, so that the server never waits for a reader.
        let mut file = std::fs::File::create(home.path("server.log")).unwrap();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                writeln!(file, "{line}").unwrap();
            }
        });
        Self {
            child,
            address,
            link,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn signal(&self, name: &str) {
        let done = std::process::Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(done.success());
    }

    /// Sends bytes as they are and returns everything that comes back.
    pub(crate) fn raw(&self, request: &[u8]) -> String {
        Self::send_to(self.address, request)
    }

    /// The same to any address.
    pub(crate) fn send_to(address: SocketAddr, request: impl AsRef<[u8]>) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        // A server that has heard enough may close before everything is sent.
        let _ = stream.write_all(request.as_ref());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn call(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.raw(
            format!(
                "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                self.address,
                body.len()
            )
            .as_bytes(),
        );
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0);
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
