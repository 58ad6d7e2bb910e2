"""The systemd unit and its environment file."""

import re
import tempfile
from pathlib import Path

from common import ROOT, assert_command, assert_settings, check, run, sayso

UNIT = ROOT / "deploy/systemd/sayso.service"


@check("deploy/systemd/sayso.service")
def unit():
    text = UNIT.read_text()
    (command,) = re.findall(r"^ExecStart=/usr/local/bin/sayso (.*)$", text, re.M)
    assert_command(command.split(), UNIT.name)
    with tempfile.TemporaryDirectory() as folder:
        # The program is not installed where the unit has it, and what is said of other units of the machine is not asked for.
        here = Path(folder) / UNIT.name
        here.write_text(text.replace("/usr/local/bin/sayso", sayso()))
        said = run("systemd-analyze", "verify", "--man=no", here)
        assert UNIT.name not in said, said
        # 0 is a unit that may do nothing, 100 one that may do everything.
        run("systemd-analyze", "security", "--offline=true", "--threshold=15", here)


@check("deploy/systemd/sayso.env")
def environment():
    """The server takes every line, and every line is as systemd reads it."""
    file = ROOT / "deploy/systemd/sayso.env"
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    variables = dict(re.fullmatch(r"([A-Z_]+)=(\S*)", line).groups() for line in lines)
    assert_settings(variables, file.name)
    shown = run(sayso(), "config", "show", env={**variables, "HOME": "/nonexistent"})
    for name, value in variables.items():
        assert re.search(f"^{name}=.", shown, re.M) and value.split(",")[0] in shown, f"{name}: {shown}"
