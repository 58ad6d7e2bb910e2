"""Alert rules and their tests, the example configuration of Prometheus, and the dashboard."""

import contextlib
import json
import re
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from common import HERE, ROOT, check, run, sayso, settings
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
    # What Grafana puts in for its own words.
    put = lambda query: query.replace("$__rate_interval", "1m").replace("$instance", ".*")
    recorded = [{"record": f"query:{number}", "expr": put(query)} for number, (_, query) in enumerate(queries)]
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


def served():
    """What a server says at `/metrics` after it has done something of each kind: nothing is said of what was never done."""
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as running:
        model = SlowModel()
        running.callback(model.shutdown)
        model.go.set()
        port, figures, log = free_port(), free_port(), Path(home) / "server.log"
        address = f"http://127.0.0.1:{port}"
        own = {"HOME": home, "PORT": str(port), "METRICS_PORT": str(figures),
               "OPENAI_BASE_URL": f"http://127.0.0.1:{model.server_port}/v1"}
        server = running.enter_context(program([sayso(), "serve"], log, env=own))
        until(lambda: "listening" in log.read_text(), log, server)
        token = run(sayso(), "token", "create", env=own).strip()

        def ask(path, body=None, **headers):
            given = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", **headers}
            request = urllib.request.Request(address + path, body and json.dumps(body).encode(), given)
            return urllib.request.urlopen(request, timeout=20)

        ask("/api/chat", {"message": "add milk"}).read()
        ask("/api/chat", {"message": "why is the sky so very blue, do you think?"}).read()
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_tasks", "arguments": {}}}
        ask("/mcp", call, Accept="application/json, text/event-stream").read()
        with contextlib.suppress(urllib.error.HTTPError):
            guess = {"email": "ana@example.com", "password": "not the password"}
            ask("/api/auth/sign-in/email", guess, Origin=address)
        # Somebody listens while the figures are read.
        running.enter_context(ask("/api/events")).readline()
        return urllib.request.urlopen(f"http://127.0.0.1:{figures}/metrics", timeout=20).read().decode()


@check()
def metrics():
    """What rules and dashboard ask for is there."""
    # `metrics.txt` stands for a program that has no figures yet.
    text = served() if "METRICS_PORT" in settings() else (HERE / "metrics.txt").read_text()
    compare(text, [*rules_asked(), *dashboard_asked()])
    # It can fail.
    for wrong in ["rate(sayso_http_request_total[5m])", 'sayso_panics_total{tool="x"}', "sum by (rout) (sayso_panics_total)"]:
        try:
            compare(text, [("a query", wrong)])
        except AssertionError:
            continue
        raise AssertionError(f"{wrong} is taken for right")
