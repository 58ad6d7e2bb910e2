"""More than one copy: two servers on one Postgres with the roles of roles.sh, behind the example of nginx, which asks them in turn.
Every request is a connection of its own, so that one and the next are answered by different copies."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from common import ROOT, check, run, sayso
from proxies import NAME, Visitor, certificates, free_port, nginx, program, until

# Starts the cluster and then does what it is told, a word a line, and with STANDBY as the port of a second one.
CLUSTER = r"""
. scripts/postgres.sh
# control FOLDER PORT ARGUMENT...
control() {
  run "$programs/pg_ctl" -D "$folder/$1" -w -l "$folder/$1.log" \
    -o "-p $2 -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200" "${@:3}" >/dev/null
}
ask() { run "$programs/psql" -h 127.0.0.1 -p "$port" -U postgres -qAt -c "$1"; }
echo "$port"
while read -r word; do
  case $word in
    restart | stop | start) control data "$port" -m fast "$word" ;;
    follow)
      run "$programs/pg_basebackup" -h 127.0.0.1 -p "$port" -U postgres -D "$folder/standby" -R -X stream -c fast
      control standby "$STANDBY" start
      # From here on nothing is acknowledged that the second one has not got.
      ask "ALTER SYSTEM SET synchronous_standby_names = '*'"
      ask "SELECT pg_reload_conf()" >/dev/null
      until [ "$(ask "SELECT sync_state FROM pg_stat_replication")" = sync ]; do read -rt 0.1 <> <(:) || :; done
      ;;
    lose) control data "$port" -m immediate stop ;;
    promote) control standby "$STANDBY" promote ;;
  esac
  echo "$word"
done
[ ! -d "$folder/standby" ] || control standby "$STANDBY" -m immediate stop
"""


class Database:
    def __init__(self):
        self.standby = free_port()
        self.bash = subprocess.Popen(
            ["bash", "-euc", CLUSTER], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "STANDBY": str(self.standby)},
        )
        self.port = self.bash.stdout.readline().strip()

    def told(self, word):
        """`stop`, `start` and `restart`; `follow` makes a standby, `lose` the first go at once, `promote` the standby the first."""
        print(word, file=self.bash.stdin, flush=True)
        assert self.bash.stdout.readline().strip() == word

    def close(self):
        self.bash.stdin.close()
        self.bash.wait(30)

    def url(self, role):
        """Whichever of the two takes changes."""
        hosts = f"127.0.0.1:{self.port},127.0.0.1:{self.standby}"
        return f"postgres://{role}@{hosts}/sayso?target_session_attrs=read-write"


class SlowModel(ThreadingHTTPServer):
    """A language model that says a word, and then more only when it is let go."""

    daemon_threads = True

    def __init__(self):
        self.go = threading.Event()
        super().__init__(("127.0.0.1", 0), self.Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            with contextlib.suppress(OSError):
                self.say({"content": "Well, that is a long story. "})
                self.server.go.wait(20)
                self.say({"content": "The end."}, "stop")
                self.wfile.write(b"data: [DONE]\n\n")

        def say(self, delta, reason=None):
            chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()

        def log_message(self, *_):
            pass


class Copies:
    """All of it, until it is closed."""

    def __init__(self, running):
        self.running = running
        self.folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        self.database = Database()
        running.callback(self.database.close)
        self.model = SlowModel()
        running.callback(self.model.shutdown)
        home = {"HOME": str(self.folder), "PATH": os.environ["PATH"]}
        for role in ["owner", "sayso"]:
            (self.folder / role).write_text("password")
        run(ROOT / "deploy/postgres/roles.sh", env={
            **home, "PGHOST": "127.0.0.1", "PGPORT": self.database.port, "PGUSER": "postgres",
            "OWNER_PASSWORD_FILE": str(self.folder / "owner"), "SAYSO_PASSWORD_FILE": str(self.folder / "sayso"),
        })
        run(sayso(), "migrate", env={**home, "DATABASE_URL": self.database.url("sayso_owner")})
        self.settings = {
            **home, "DATABASE_URL": self.database.url("sayso"), "PUBLIC_URL": f"https://{NAME}",
            "TRUSTED_PROXIES": "127.0.0.1", "BETTER_AUTH_SECRET": "of-two-copies-0123456789-abcdefghijk",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{self.model.server_port}/v1",
        }
        self.token = run(sayso(), "token", "create", env=self.settings).strip()
        self.ports = [free_port(), free_port()]
        self.servers = [None, None]
        for number in range(2):
            self.start(number)
        certificates(self.folder)
        ports = (free_port(), free_port())
        command = nginx(self.folder, ports, [f"127.0.0.1:{port}" for port in self.ports])
        log = self.folder / "proxy.log"
        self.proxy = running.enter_context(program(command, log, env=home))
        self.port = ports[1]
        until(lambda: self.ask("GET", "/readyz")[0] == 200, log, self.proxy)

    def log(self, number):
        return self.folder / f"server-{number}.log"

    def start(self, number):
        """Starts a copy, or starts it anew, and waits until it is ready."""
        settings = {**self.settings, "PORT": str(self.ports[number])}
        self.servers[number] = self.running.enter_context(program([sayso(), "serve"], self.log(number), env=settings))
        ready = lambda: "listening" in self.log(number).read_text()
        until(ready, self.log(number), self.servers[number])

    def stop(self, number, how=signal.SIGTERM):
        self.servers[number].send_signal(how)
        return self.servers[number].wait(20)

    def visitor(self, address="127.0.0.2"):
        return Visitor(self.port, address, self.folder / "fullchain.pem")

    def open(self, method, path, body=None, **headers):
        given = {"Authorization": f"Bearer {self.token}"}
        given.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self.visitor().open(method, path, body, given)

    def ask(self, method, path, body=None, **headers):
        answer = self.open(method, path, body, **headers)
        text = answer.read()
        with contextlib.suppress(ValueError):
            text = json.loads(text)
        return answer.status, text, answer.headers

    def say(self, words, conversation=None):
        status, reply, _ = self.ask("POST", "/api/chat", {"message": words, "conversation_id": conversation})
        assert status == 200, reply
        return reply

    def titles(self):
        return [task["title"] for task in json.loads(run(sayso(), "export", env=self.settings))["tasks"]]


@contextlib.contextmanager
def copies():
    with contextlib.ExitStack() as running:
        yield Copies(running)


def events(stream):
    """The events of a stream, each as its name and what it says."""
    name = None
    for line in stream:
        kind, _, rest = line.decode().strip().partition(": ")
        if kind == "event":
            name = rest
        elif kind == "data":
            yield name, json.loads(rest)


@check()
def copies_are_one():
    with copies() as all_:
        # A conversation goes from copy to copy.
        first = all_.say("add buy milk tomorrow")
        conversation = first["conversation_id"]
        assert "Buy milk" in first["response"], first
        all_.say("make it p1", conversation)
        (task,) = all_.ask("GET", "/api/tasks")[1]
        assert task["priority"] == "high", task
        all_.say("undo", conversation)
        (task,) = all_.ask("GET", "/api/tasks")[1]
        assert task["priority"] != "high", task

        # What one copy proposes, another is answered by.
        for number in range(6):
            all_.say(f"add errand {number}", conversation)
        asked = all_.say("complete all tasks", conversation)
        assert any(block["block"] == "approval" for block in asked["blocks"]), asked
        done = all_.say("yes", conversation)
        assert any(block["block"] == "receipt" for block in done["blocks"]), done

        # A request that is sent again is the same request.
        key = {"Idempotency_Key": "the-same-0123456789"}
        answers = [all_.ask("POST", "/api/tasks", {"title": "once"}, **key) for _ in range(4)]
        assert len({answer[1]["id"] for answer in answers}) == 1, answers
        assert all_.titles().count("once") == 1

        # Whoever listens at one copy hears of what happens at both.
        stream = all_.open("GET", "/api/events")
        for number in range(4):
            assert all_.ask("POST", "/api/tasks", {"title": f"heard {number}"})[0] == 201
        heard = []
        for name, data in events(stream):
            heard += [data["text"]] if name == "change" else []
            if len(heard) == 4:
                break
        assert all(f"{number}" in text for number, text in enumerate(heard)), heard
        stream.close()

        # A reply that one copy writes is read on and stopped at the other.
        writing = all_.open(
            "POST", "/api/chat", {"message": "why is the sky so very blue, do you think?"}, Accept="text/event-stream"
        )
        reply = events(writing)
        name, turn = next(reply)
        assert name == "turn", (name, turn)
        path = f"/api/conversations/{turn['conversation_id']}"
        reading = all_.open("GET", f"{path}/events")
        said = ""
        for name, data in events(reading):
            said += data.get("delta", "") if name == "text" else ""
            if "long story" in said:
                break
        reading.close()
        status, answer, _ = all_.ask("POST", f"{path}/stop")
        assert (status, answer) == (200, {"stopping": True}), answer
        (end,) = [data for name, data in reply if name == "end"]
        assert end["reason"] == "stopped", end

        # Guesses at one account count together, from wherever they come and whichever copy they reach.
        guess = {"email": "owner@localhost", "password": "not the password"}
        statuses = []
        for number in range(8):
            guest = all_.visitor(f"127.0.1.{number + 1}")
            statuses.append(guest.ask("POST", "/api/auth/sign-in/email", guess)[0])
        assert statuses[:5] == [401] * 5 and 429 in statuses, statuses

        # Both have worked.
        for number in range(2):
            requests = all_.log(number).read_text().count('"message":"request"')
            assert requests > 10, f"copy {number} has answered {requests} requests"
        run(sayso(), "audit", "verify", env=all_.settings)


class Load:
    """Adds tasks, four at a time, until it is stopped; each is sent again until it is acknowledged."""

    def __init__(self, all_):
        self.all, self.stopping, self.lock = all_, threading.Event(), threading.Lock()
        self.acknowledged, self.tries, self.codes, self.broken = [], [], {}, []
        self.threads = [threading.Thread(target=self.add, args=(number,)) for number in range(4)]
        for thread in self.threads:
            thread.start()

    def add(self, number):
        for count in range(1000):
            if self.stopping.is_set():
                return
            title = f"task {number}-{count}"
            for tries in range(1, 400):
                try:
                    status, _, headers = self.all.ask("POST", "/api/tasks", {"title": title}, Idempotency_Key=f"load-{title}")
                except (OSError, ValueError) as error:
                    status, headers = type(error).__name__, {}
                with self.lock:
                    self.codes[status] = self.codes.get(status, 0) + 1
                    if status == 503 and "Retry-After" not in headers:
                        self.broken.append(f"{title}: 503 without Retry-After")
                if status == 201:
                    with self.lock:
                        self.acknowledged.append(title)
                        self.tries.append(tries)
                    break
                self.stopping.wait(0.05)
            else:
                self.broken.append(f"{title} was never added")
                return

    def more(self, number):
        """Waits until so many more were added."""
        goal = len(self.acknowledged) + number
        end = time.monotonic() + 60
        while len(self.acknowledged) < goal:
            assert time.monotonic() < end and not self.broken, (self.codes, self.broken)
            time.sleep(0.01)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        assert not self.broken, self.broken
        there = self.all.titles()
        lost = set(self.acknowledged) - set(there)
        assert not lost, f"acknowledged and not there: {lost}"
        assert len(there) == len(set(there)), "something was added twice"


class Listener(threading.Thread):
    """A page that is open all the time: it hears of changes, and goes on from the last one when the stream breaks."""

    def __init__(self, all_):
        super().__init__(daemon=True)
        self.all, self.heard, self.streams = all_, [], 0
        self.last, self.stopped = "0", False
        self.start()

    def run(self):
        while not self.stopped:
            with contextlib.suppress(OSError, ValueError):
                stream = self.all.open("GET", "/api/events", Last_Event_ID=self.last)
                self.streams += stream.status == 200
                for name, data in events(stream):
                    if self.stopped:
                        return
                    if name == "change":
                        self.last = str(data["seq"])
                        self.heard.append(data["seq"])

    def stop(self, changes):
        """Waits until it has heard of so many, and says that it has: each once and in order."""
        end = time.monotonic() + 60
        while len(self.heard) < changes:
            assert time.monotonic() < end, f"heard {len(self.heard)} of {changes} changes on {self.streams} streams"
            time.sleep(0.05)
        self.stopped = True
        assert self.heard == list(range(1, changes + 1)), self.heard


@check()
def copies_are_replaced():
    """One after the other is stopped and started under load, as an upgrade does; then one is killed. Whoever listens misses nothing."""
    with copies() as all_:
        listener = Listener(all_)
        load = Load(all_)
        for number in range(2):
            load.more(20)
            assert all_.stop(number) == 0
            load.more(20)
            all_.start(number)
        load.more(20)
        upgraded = dict(load.codes), max(load.tries)
        all_.stop(0, signal.SIGKILL)
        load.more(20)
        all_.start(0)
        load.more(20)
        load.stop()
        assert max(load.tries) <= 2, f"more than one retry: {load.codes}, after the upgrade {upgraded}"
        listener.stop(len(load.acknowledged))
        assert listener.streams > 1, "no copy that it listened to has stopped"


@check()
def copies_outlive_the_database():
    """It is restarted, and then it is away: whoever asks is told to come back, and nobody has to restart a copy."""
    with copies() as all_:
        load = Load(all_)
        load.more(20)
        all_.database.told("restart")
        load.more(20)
        all_.database.told("stop")
        away = lambda: all_.ask("GET", "/readyz")[0] == 503
        until(away, all_.log(0), all_.servers[0])
        assert all_.ask("GET", "/livez")[0] == 200
        status, problem, headers = all_.ask("GET", "/api/tasks")
        assert status == 503 and int(headers["Retry-After"]) > 0, (status, problem)
        assert "postgres" not in json.dumps(problem).lower(), problem
        all_.database.told("start")
        # One and the other copy.
        until(lambda: all_.ask("GET", "/readyz")[0] == 200 == all_.ask("GET", "/readyz")[0], all_.log(0), all_.servers[0])
        load.more(20)
        load.stop()
        assert all(server.poll() is None for server in all_.servers)
        run(sayso(), "audit", "verify", env=all_.settings)


@check()
def copies_follow_the_database():
    """The first is lost and its standby promoted: nothing that was acknowledged is gone, and no copy is restarted."""
    with copies() as all_:
        all_.database.told("follow")
        load = Load(all_)
        load.more(20)
        all_.database.told("lose")
        until(lambda: all_.ask("GET", "/readyz")[0] == 503, all_.log(0), all_.servers[0])
        all_.database.told("promote")
        load.more(20)
        load.stop()
        assert all(server.poll() is None for server in all_.servers)
        run(sayso(), "audit", "verify", env=all_.settings)
