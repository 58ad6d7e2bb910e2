//! TLS of our own: spoken with the certificate that is there now.

use std::process::Command;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::program::Home;
use crate::server::Server;

/// Puts a new certificate into the files and returns it.
fn certificate(home: &Home) -> String {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    home.write("key.pem", &signing_key.serialize_pem());
    home.write("cert.pem", &cert.pem());
    cert.pem()
}

/// The status, protocol and headers of a request of somebody who trusts only this certificate; what went wrong otherwise.
fn ask(server: &Server, trusted: &str) -> String {
    let script = "const https = require('node:https');\
        https.get({ host: '127.0.0.1', port: process.argv[1], path: '/livez', ca: process.argv[2], agent: false }, (reply) => {\
            console.log(reply.statusCode, reply.socket.getProtocol(), reply.headers['strict-transport-security']);\
            reply.resume();\
        }).on('error', (error) => console.log(error.code));";
    let output = Command::new("node")
        .args(["-e", script, &server.address.port().to_string(), trusted])
        .output()
        .expect("node is installed, as ./test sees to");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_renewed_certificate_is_used_without_a_restart() {
    let home = Home::new();
    let first = certificate(&home);
    let files = [home.path("cert.pem"), home.path("key.pem")];
    let settings = [("TLS_CERT", files[0].as_str()), ("TLS_KEY", &files[1])];
    let server = Server::start(&home, &settings);
    assert_eq!(
        ask(&server, &first),
        "200 TLSv1.3 max-age=63072000; includeSubDomains"
    );
    assert!(
        !server.raw(b"GET /livez HTTP/1.1\r\n\r\n").contains("HTTP"),
        "nothing is said in plain text"
    );
    // Files that are half written leave the old certificate in use.
    home.write("cert.pem", "half of a certi");
    let second = certificate(&home);
    let started = Instant::now();
    while !ask(&server, &second).starts_with("200") {
        assert!(started.elapsed() < Duration::from_secs(20));
    }
    assert_ne!(ask(&server, &first).split(' ').next(), Some("200"));
}
