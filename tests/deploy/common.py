"""What the checks share: the list of them, the program, and others that are run."""

import functools
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
VENV = Path(sys.executable).parent

# Each check, and the files that it is for.
CHECKS = {}


def check(*patterns):
    """Makes a function a check of the files that the patterns name."""

    def listed(function):
        CHECKS[function] = patterns
        return function

    return listed


def matches(name, patterns):
    return any(fnmatch(name, pattern) for pattern in patterns)


def tool(name):
    """Where a program is: on the PATH, among those of the system, or beside this Python."""
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", str(VENV)])
    found = shutil.which(name, path=places)
    assert found, f"{name} is not installed; scripts/deploy.sh installs it"
    return found


def run(*command, fails=False, **more):
    """Runs a program that has to succeed (or to fail) and returns what it said."""
    command = [tool(command[0]), *map(str, command[1:])]
    more.setdefault("cwd", ROOT)
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, **more)
    assert (done.returncode != 0) == fails, f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}"
    return done.stdout


def sayso():
    """The program that the files are for."""
    return os.environ["SAYSO"]


@functools.cache
def settings():
    """Every setting of the program, by its help."""
    found = set(re.findall(r"\[env: ([A-Z_]+)", run(sayso(), "serve", "--help", env={})))
    assert len(found) > 25, found
    return found


def assert_settings(names, where):
    """Names of variables are settings, themselves or with `_FILE` after them."""
    known = settings()
    unknown = {name for name in names if name not in known and name.removesuffix("_FILE") not in known}
    assert not unknown, f"{where}: no such settings: {sorted(unknown)}"


def assert_command(words, where):
    """What stands after `sayso` is understood by it."""
    run_words = [sayso(), *words, "--help"]
    done = subprocess.run(run_words, text=True, capture_output=True, env={}, timeout=60)
    assert done.returncode == 0, f"{where}: sayso {' '.join(words)}: {done.stderr.strip()}"
