"""Checks the files of `deploy/`, each with a program that understands it: `check.py NAME`, or all of them without a name;
`check.py --listed NAMES` says whether these are all.

A check is a function that says for which files it is. A file that no check is for fails the check `every_file`.
`SAYSO` names the program that the files are for.
"""

import sys
import traceback

import chart  # noqa: F401
import containers  # noqa: F401
import copies  # noqa: F401
import documents  # noqa: F401
import machines  # noqa: F401
import monitoring  # noqa: F401
import proxies  # noqa: F401
import workflows  # noqa: F401
from common import CHECKS, ROOT, check, matches


@check()
def every_file():
    for folder in ["deploy", ".github"]:
        files = [file for file in (ROOT / folder).rglob("*") if file.is_file()]
        assert files, f"{folder} is empty"
        for file in files:
            name = str(file.relative_to(ROOT))
            assert any(matches(name, patterns) for patterns in CHECKS.values()), f"nothing checks {name}"
    for patterns in CHECKS.values():
        for pattern in patterns:
            assert list(ROOT.glob(pattern)), f"there is no {pattern}"


def main(names):
    runs = {run.__name__: run for run in CHECKS}
    if names[:1] == ["--listed"]:
        left = runs.keys() ^ set(names[1:])
        assert not left, f"crates/sayso/tests/it/deploy.rs and the checks differ: {left}"
        return 0
    failed = 0
    for name in names or runs:
        try:
            runs[name]()
            print(f"ok {name}")
        except Exception as error:
            failed += 1
            said = error if isinstance(error, AssertionError) and error.args else traceback.format_exc()
            print(f"FAILED {name}: {said}")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
