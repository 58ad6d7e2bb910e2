"""The proxies: what their own checkers say of the examples, and each in front of a real server."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

from common import ROOT, check, run, sayso, tool

FOLDER = ROOT / "deploy/proxy"
NAME = "todo.example.com"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def program(command, log, **more):
    """A program that runs in the meantime; what it says goes to the file `log`."""
    with open(log, "w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, **more)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(holds, log, process):
    """Asks again and again for up to a minute whether `holds`."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, Path(log).read_text()
        with contextlib.suppress(OSError, http.client.HTTPException):
            if holds():
                return
        time.sleep(0.05)
    raise AssertionError(f"it does not come up: {Path(log).read_text()[-2000:]}")


class Visitor:
    """Somebody at an address of their own, who speaks TLS to a port under the name of the examples."""

    def __init__(self, port, address="127.0.0.1", certificate=None):
        self.port, self.address = port, address
        self.context = ssl.create_default_context(cafile=certificate)

    def open(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(self.address, 0))
        connection.connect()
        connection.sock = self.context.wrap_socket(connection.sock, server_hostname=NAME)
        given = {"Host": NAME, "Origin": f"https://{NAME}", **(headers or {})}
        if body is not None:
            given["Content-Type"] = "application/json"
        connection.request(method, path, body=body and json.dumps(body), headers=given)
        return connection.getresponse()

    def ask(self, *request, **more):
        answer = self.open(*request, **more)
        body = answer.read()
        return answer.status, answer.headers, body


def certificates(folder):
    """A certificate for the name, in the forms that proxies want."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
        "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem")
    whole = (folder / "fullchain.pem").read_text() + (folder / "privkey.pem").read_text()
    (folder / "all.pem").write_text(whole)


def moved(text, folder, ports, servers):
    """An example with the addresses and files that a test can have, and nothing else changed."""
    plain, secure = ports
    text = text.replace("/etc/ssl/sayso/", f"{folder}/").replace("/var/log/nginx/", f"{folder}/")
    text = re.sub(r"^(\s*)#(\s*server .*127\.0\.0\.1:8001)", r"\1\2", text, flags=re.M) if len(servers) > 1 else text
    for number, server in enumerate(servers):
        text = text.replace(f"127.0.0.1:{8000 + number}", server)
    return text.replace(":80\n", f":{plain}\n").replace(":443 ", f":{secure} ")


def nginx(folder, ports, servers):
    text = (FOLDER / "nginx.conf").read_text()
    plain, secure = ports
    text = re.sub(r"^\s*listen \[::\].*$", "", text, flags=re.M)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};").replace("listen 443 ", f"listen 127.0.0.1:{secure} ")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    root = "user root;" if os.getuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"{root} daemon off; error_log stderr; pid {folder}/pid; worker_processes 1; events {{}}"
        f" http {{ {temporary}\n{moved(text, folder, ports, servers)}\n}}"
    )
    said = run("nginx", "-t", "-c", config)
    # From 1.25 on there is another word for HTTP/2, which older ones do not know; both take this one.
    warnings = [line for line in said.splitlines() if "[warn]" in line and "http2" not in line]
    assert not warnings, said
    return [tool("nginx"), "-c", str(config)]


def caddy(folder, ports, servers):
    run("caddy", "validate", "--adapter", "caddyfile", "--config", FOLDER / "Caddyfile", env={"HOME": str(folder)})
    text = moved((FOLDER / "Caddyfile").read_text(), folder, ports, servers)
    plain, secure = ports
    # No certificate of the world is asked for here.
    options = f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {secure}\n\tauto_https disable_redirects\n}}\n"
    text = text.replace(f"{NAME} {{", f"{options}{NAME}:{secure} {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem", 1)
    text = text.replace("127.0.0.1:8000", " ".join(servers))
    config = folder / "Caddyfile"
    config.write_text(text)
    return [tool("caddy"), "run", "--adapter", "caddyfile", "--config", str(config)]


def haproxy(folder, ports, servers):
    config = folder / "haproxy.cfg"
    config.write_text(moved((FOLDER / "haproxy.cfg").read_text(), folder, ports, servers))
    said = run("haproxy", "-c", "-f", config)
    assert "WARNING" not in said, said
    return [tool("haproxy"), "-f", str(config)]


def passes(proxy):
    """What has to come through: the name of a request, the address of whoever asks, and events as they happen."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        folder = Path(folder)
        certificates(folder)
        home = {"HOME": str(folder), "PATH": os.environ["PATH"]}
        port = free_port()
        settings = {**home, "PORT": str(port), "PUBLIC_URL": f"https://{NAME}", "TRUSTED_PROXIES": "127.0.0.1"}
        log = folder / "server.log"
        server = running.enter_context(program([sayso(), "serve"], log, env=settings))
        until(lambda: "listening" in log.read_text(), log, server)
        token = run(sayso(), "token", "create", env=settings).strip()

        ports = (free_port(), free_port())
        command = proxy(folder, ports, [f"127.0.0.1:{port}"])
        at_proxy = folder / "proxy.log"
        front = running.enter_context(program(command, at_proxy, env=home))
        visitor = Visitor(ports[1], "127.0.0.2", folder / "fullchain.pem")
        until(lambda: visitor.ask("GET", "/readyz")[0] == 200, at_proxy, front)

        # A name that was given stays, and otherwise there is one; the server's log has it.
        named = visitor.ask("GET", "/api/tasks", headers={"X-Request-ID": "given-by-the-client-1"})[1]
        assert named.get_all("X-Request-ID") == ["given-by-the-client-1"], named
        (made,) = visitor.ask("GET", "/api/tasks")[1].get_all("X-Request-ID")
        until(lambda: "given-by-the-client-1" in log.read_text() and made in log.read_text(), log, server)
        if proxy is nginx:
            until(lambda: made in (folder / "sayso.log").read_text(), at_proxy, front)

        # Whoever floods is held back by their own address, whatever they say of it, and nobody else is.
        wrong = {"email": "ana@example.com", "password": "not the password"}
        statuses = [
            visitor.ask("POST", "/api/auth/sign-in/email", wrong, {"X-Forwarded-For": f"203.0.113.{number}"})[0]
            for number in range(4)
        ]
        assert statuses[-1] == 429, f"made-up addresses count: {statuses}"
        neighbour = Visitor(ports[1], "127.0.0.3", folder / "fullchain.pem")
        status = neighbour.ask("POST", "/api/auth/sign-in/email", {**wrong, "email": "bob@example.com"})[0]
        assert status == 401, f"everybody has one address: {status}"

        # An event arrives while the stream stays open.
        bearer = {"Authorization": f"Bearer {token}"}
        events = visitor.open("GET", "/api/events", headers={**bearer, "Accept": "text/event-stream"})
        assert events.status == 200, events.read()
        begun = time.monotonic()
        status, _, body = visitor.ask("POST", "/api/tasks", {"title": "seen at once"}, bearer)
        assert status == 201, body
        seen = b""
        while b"data:" not in seen:
            line = events.readline()
            assert line, f"the stream ended after {seen}"
            seen += line
        assert time.monotonic() - begun < 5, f"held back for {time.monotonic() - begun:.1f} s: {seen}"
        events.close()

        # http leads to https, and the page is there.
        if proxy is not caddy:
            plain = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=10)
            plain.request("GET", "/sign-in?a=b", headers={"Host": NAME})
            answer = plain.getresponse()
            assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/sign-in?a=b"), answer.headers
        status, headers, _ = visitor.ask("GET", "/sign-in")
        assert status == 200 and "max-age" in headers["Strict-Transport-Security"], headers


@check("deploy/proxy/nginx.conf")
def proxy_nginx():
    passes(nginx)


@check("deploy/proxy/Caddyfile")
def proxy_caddy():
    passes(caddy)


@check("deploy/proxy/haproxy.cfg")
def proxy_haproxy():
    passes(haproxy)


@check("deploy/compose/Caddyfile")
def proxy_of_compose():
    with tempfile.TemporaryDirectory() as home:
        run("caddy", "validate", "--adapter", "caddyfile", "--config", ROOT / "deploy/compose/Caddyfile",
            env={"HOME": home, "SAYSO_HOST": NAME})
