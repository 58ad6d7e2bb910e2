"""The image and the Compose file."""

import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import yaml

from common import ROOT, assert_command, assert_settings, check, run


@check("deploy/container/Containerfile")
def container():
    file = ROOT / "deploy/container/Containerfile"
    run("hadolint", "--failure-threshold", "style", "--ignore", "DL3018", file)
    stages = re.split(r"^FROM ", file.read_text(), flags=re.M)
    with tempfile.TemporaryDirectory() as folder:
        # What is copied is the whole workspace.
        for copied in re.findall(r"^COPY ([^-].*) \S+$", stages[1], re.M):
            for name in copied.split():
                ignored = shutil.ignore_patterns("node_modules", "venv", "target")
                copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
                more = {"ignore": ignored} if copy is shutil.copytree else {}
                copy(ROOT / name, Path(folder) / name, **more)
        run("cargo", "metadata", "--no-deps", "--format-version", "1", cwd=folder)
    last = stages[-1]
    assert last.startswith("scratch\n"), "the image has nothing but the program"
    assert re.search(r"^USER (\d+):\1$", last, re.M), "nobody is root"
    for words in re.findall(r'(?:HEALTHCHECK .*CMD|CMD) (\[.*\])', last):
        assert_command([word for word in json.loads(words) if word != "/sayso"], file.name)
    variables = dict(pair.split("=") for pair in re.search(r"^ENV (.*)$", last, re.M)[1].split())
    assert_settings(variables.keys() - {"XDG_DATA_HOME", "TMPDIR"}, file.name)


@check("deploy/compose/compose.yaml")
def compose():
    file = ROOT / "deploy/compose/compose.yaml"
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", file)
    whole = yaml.safe_load(file.read_text())
    assert not re.search(r"(password|secret|key)\w*:\s*[^\s{\[/&*?]+$", file.read_text(), re.I | re.M), "a literal secret"
    for name, service in whole["services"].items():
        assert "privileged" not in service and service["image"], name
        if service["image"].startswith("${SAYSO_IMAGE"):
            assert_settings(service["environment"], name)
            assert_command(service.get("command", ["serve"]), name)
            assert service["read_only"] and service["cap_drop"] == ["ALL"], name
            for value in service["environment"].values():
                if value.startswith("/run/secrets/"):
                    assert Path(value).name in service["secrets"], f"{name} is not given {value}"
        for secret in service.get("secrets", []):
            assert secret in whole["secrets"], f"{name}: {secret}"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in whole["volumes"] or (file.parent / source).exists(), f"{name}: there is no {source}"
    server = whole["services"]["sayso"]
    assert server["deploy"]["replicas"] >= 2
    assert whole["services"]["migrate"]["environment"]["DATABASE_URL_FILE"] != server["environment"]["DATABASE_URL_FILE"]


@check("deploy/compose/secrets.sh")
def secrets():
    """Every secret of the Compose file is made, once, and only its readers can read it."""
    script = ROOT / "deploy/compose/secrets.sh"
    run("shellcheck", script)
    named = yaml.safe_load((script.parent / "compose.yaml").read_text())["secrets"]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        shutil.copy(script, folder)
        path = os.environ["PATH"]
        if os.getuid() != 0:
            # Whoever runs the tests need not be root; who owns the files is not looked at then.
            (folder / "chown").write_text("#!/bin/sh\n")
            (folder / "chown").chmod(0o755)
            path = f"{folder}:{path}"
        first = None
        for _ in range(2):
            subprocess.run([folder / "secrets.sh"], check=True, env={"PATH": path})
            made = {file.name: file.read_text() for file in (folder / "secrets").iterdir()}
            assert made.keys() == {Path(secret["file"]).name for secret in named.values()}, made.keys()
            assert first in (None, made), "what is there stays"
            first = made
        assert stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700
        for file in (folder / "secrets").iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o440, file
            assert len(file.read_text()) >= 32, file
            if os.getuid() == 0:
                assert (file.stat().st_uid, file.stat().st_gid) == (65532, 999), file


@check("deploy/postgres/roles.sh")
def roles():
    """On a Postgres of its own: the two roles are made, one changes the schema, the other serves and can do no more."""
    run("shellcheck", ROOT / "deploy/postgres/roles.sh")
    run("bash", ROOT / "tests/deploy/roles.sh")
