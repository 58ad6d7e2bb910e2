"""Alert rules and their tests, the example configuration of Prometheus, and the dashboard."""

import contextlib
import json
import re
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

from common import HERE, ROOT, check, run, sayso, settings, tool
from copies import SlowModel
from proxies import free_port, program, until

FOLDER = ROOT / "deploy/monitoring"
# What Prometheus knows by itself, or of others.
OWN = {
    "up": {"job", "instance"},
    "ALERTS": {"job", "instance", "alertname", "alertstate", "severity"},
    # From kube-state-metrics.
    "kube_cronjob_status_last_successful_time": {"namespace", "cronjob"},
}
# What it adds to everything that it reads.
ADDED = {"job", "instance"}
KEYWORDS = {"and", "or", "unless", "offset", "bool"}


def exposed(text):
    """The metrics of an exposition, by the names that queries use, each with its labels; without labels (`None`) where nothing has
    been counted yet."""
    parts = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
    found = {}
    for line in text.splitlines():
        if kind := re.match(r"# TYPE (\w+) (\w+)$", line):
            for part in parts.get(kind[2], [""]):
                found.setdefault(kind[1].removesuffix(part) + part, None)
        elif sample := re.match(r"(\w+)(?:\{(.*)\})? [-+.\w]+$", line):
            labels = re.findall(r'(\w+)="', sample[2] or "")
            found[sample[1]] = (found.get(sample[1]) or set()) | {*labels, *ADDED}
    return found


# How a query sums up or joins, with the labels.
GROUPING = r"\b(?:by|without|on|ignoring|group_left|group_right) *\(([^)]*)\)"


def asked(query):
    """The metrics that a query names, each with the labels it is asked by."""
    for noise in [r'"[^"]*"', r"\[[^\]]*\]", GROUPING]:
        query = re.sub(noise, "", query)
    found = {}
    # What stands before a parenthesis is a function.
    for name, labels in re.findall(r"\b([a-zA-Z_:][\w:]*)\b(?!\s*\()(?:\{([^}]*)\})?", query):
        if name not in KEYWORDS:
            found.setdefault(name, set()).update(re.findall(r"(\w+)\s*[=!]", labels))
    return found


def grouped(query):
    """The labels by which a query sums up."""
    return {label.strip() for labels in re.findall(GROUPING, query) for label in labels.split(",")}


def compare(text, queries):
    """Every metric and label that the queries name is in the exposition `text`."""
    there = exposed(text) | OWN
    assert len(there) > 20, "that is no exposition of the server"
    missing = []
    for where, query in queries:
        names = asked(query)
        assert names, f"{where}: nothing is asked in {query}"
        for name, labels in names.items():
            if name not in there:
                missing.append(f"{where}: the server has no metric {name}")
            elif there[name] is not None:
                missing += [f"{where}: {name} has no label {label}" for label in labels - there[name]]
        if all(there.get(name) for name in names):
            known = set().union(*(there[name] for name in names))
            missing += [f"{where}: nothing in it has a label {label}" for label in grouped(query) - known]
    assert not missing, "\n".join(missing)


def put_in(query, interval):
    """A query with what Grafana puts in for its own words."""
    return query.replace("$__rate_interval", interval).replace("$instance", ".*")


def rules_asked():
    whole = yaml.safe_load((FOLDER / "rules.yml").read_text())
    return [(rule["alert"], rule["expr"]) for group in whole["groups"] for rule in group["rules"]]


def dashboard_asked():
    whole = json.loads((FOLDER / "dashboard.json").read_text())
    yield from (
        (panel["title"], target["expr"]) for panel in whole["panels"] for target in panel.get("targets", [])
    )
    for annotation in whole["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]


@check("deploy/monitoring/rules.yml", "deploy/monitoring/rules.test.yml", "deploy/monitoring/prometheus.yml")
def rules():
    run("promtool", "check", "config", FOLDER / "prometheus.yml")
    run("promtool", "check", "rules", "--lint-fatal", FOLDER / "rules.yml")
    run("promtool", "test", "rules", "rules.test.yml", cwd=FOLDER)
    tests = yaml.safe_load((FOLDER / "rules.test.yml").read_text())["tests"]
    tried = [(case["alertname"], bool(case.get("exp_alerts"))) for test in tests for case in test["alert_rule_test"]]
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]:
        for rule in group["rules"]:
            name = rule["alert"]
            assert {(name, True), (name, False)} <= set(tried) or name == "SaysoDown", f"{name}: no test fires and rests"
            assert rule["labels"]["severity"] in {"critical", "warning"}, name
            minutes = int(re.fullmatch(r"(\d+)m", rule["for"])[1])
            assert minutes <= 10, name
            assert rule["annotations"]["summary"], name
            page, anchor = rule["annotations"]["runbook_url"].split("#")
            sections = re.findall(r"^#+ (.*)$", (ROOT / page).read_text(), re.M)
            assert anchor == name.lower() and name in sections, f"{name} has no section in {page}"


@check("deploy/monitoring/dashboard.json")
def dashboard():
    """Prometheus can read every query, and the panels answer the first questions."""
    whole = json.loads((FOLDER / "dashboard.json").read_text())
    queries = list(dashboard_asked())
    assert len(queries) > 25
    recorded = [{"record": f"query:{number}", "expr": put_in(query, "1m")} for number, (_, query) in enumerate(queries)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "queries.yml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))
        run("promtool", "check", "rules", file)
    panels = [panel for panel in whole["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in whole["panels"]}) == len(whole["panels"])
    taken = {}
    for panel in whole["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        for spot in [(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])]:
            assert taken.setdefault(spot, panel["title"]) == panel["title"], f"{panel['title']} lies on {taken[spot]}"
    all_queries = " ".join(query for _, query in queries)
    for needed in [
        "sayso_http_requests_total", "histogram_quantile(0.5,", "histogram_quantile(0.95,", "histogram_quantile(0.99,",
        "sayso_tool_calls_total", "sayso_chat_turns_total", "sayso_model_request_duration_seconds", "sayso_db_pool_connections",
        "process_resident_memory_bytes", "process_cpu_seconds_total", "up{", 'alertstate="firing"',
    ]:
        assert needed in all_queries, f"no panel asks for {needed}"
    titles = [panel["title"] for panel in panels]
    for page in ["operations", "incidents"]:
        for named in re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", (ROOT / f"docs/{page}.md").read_text()):
            there = named.startswith("Reviewed") or any(title.startswith(named) for title in titles)
            assert there, f"{page} names a panel that is not there: {named}"
    for title in ["Error share over time", "Latency over time"]:
        assert any(panel["title"] == title and panel["type"] == "timeseries" for panel in panels), title


# Panels and annotations that are empty while all is well, or before a backup is due.
MAY_BE_EMPTY = {"Which alerts", "Restarts", "Age of the last backup"}


class Watched:
    """A server with a model, and a Prometheus that reads its figures as `prometheus.yml` says, only more often."""

    def __init__(self, running):
        self.home = Path(running.enter_context(tempfile.TemporaryDirectory()))
        model = SlowModel()
        running.callback(model.shutdown)
        model.go.set()
        self.port, self.figures, self.prometheus = free_port(), free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        own = {"HOME": str(self.home), "PORT": str(self.port), "METRICS_PORT": str(self.figures),
               "OPENAI_BASE_URL": f"http://127.0.0.1:{model.server_port}/v1"}
        log = self.home / "server.log"
        server = running.enter_context(program([sayso(), "serve"], log, env=own))
        until(lambda: "listening" in log.read_text(), log, server)
        self.token = run(sayso(), "token", "create", env=own).strip()
        # Somebody listens all the time.
        running.enter_context(self.ask("/api/events")).readline()

        (self.home / "rules.yml").write_text((FOLDER / "rules.yml").read_text())
        config = (FOLDER / "prometheus.yml").read_text().replace("15s", "1s")
        (self.home / "prometheus.yml").write_text(config.replace("127.0.0.1:9464", f"127.0.0.1:{self.figures}"))
        command = [tool("prometheus"), f"--config.file={self.home}/prometheus.yml", f"--storage.tsdb.path={self.home}/data",
                   f"--web.listen-address=127.0.0.1:{self.prometheus}"]
        self.log, self.empty = self.home / "prometheus.log", []
        self.watching = running.enter_context(program(command, self.log))

    def ask(self, path, body=None, **headers):
        given = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", **headers}
        request = urllib.request.Request(self.address + path, body and json.dumps(body).encode(), given)
        return urllib.request.urlopen(request, timeout=20)

    def use(self):
        """Something of each kind: nothing is said of what was never done."""
        self.ask("/api/chat", {"message": "add milk"}).read()
        self.ask("/api/chat", {"message": "why is the sky so very blue, do you think?"}).read()
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_tasks", "arguments": {}}}
        self.ask("/mcp", call, Accept="application/json, text/event-stream").read()
        with contextlib.suppress(urllib.error.HTTPError):
            guess = {"email": "ana@example.com", "password": "not the password"}
            self.ask("/api/auth/sign-in/email", guess, Origin=self.address)

    def text(self):
        """What the server says."""
        return urllib.request.urlopen(f"http://127.0.0.1:{self.figures}/metrics", timeout=20).read().decode()

    def api(self, path, **query):
        url = f"http://127.0.0.1:{self.prometheus}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        return json.load(urllib.request.urlopen(url, timeout=20))["data"]

    def are_answered(self):
        """Whether every panel has something to show."""
        self.use()
        self.empty = [
            where for where, query in dashboard_asked()
            if where not in MAY_BE_EMPTY and not self.api("query", query=put_in(query, "5s"))["result"]
        ]
        return not self.empty


@check()
def metrics():
    """What rules and dashboard ask for is there, and a Prometheus that reads a server has an answer for every panel."""
    with contextlib.ExitStack() as running:
        watched = Watched(running)
        try:
            until(watched.are_answered, watched.log, watched.watching)
        except AssertionError as error:
            raise AssertionError(f"panels without an answer: {watched.empty}") from error
        for group in watched.api("rules")["groups"]:
            for rule in group["rules"]:
                assert rule["health"] == "ok", rule
        text = watched.text()
    compare(text, [*rules_asked(), *dashboard_asked()])
    # It can fail.
    for wrong in ["rate(sayso_http_request_total[5m])", 'sayso_panics_total{tool="x"}', "sum by (rout) (sayso_panics_total)"]:
        try:
            compare(text, [("a query", wrong)])
        except AssertionError:
            continue
        raise AssertionError(f"{wrong} is taken for right")
