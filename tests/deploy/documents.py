"""The pages for operators: what they tell people to type is understood, and what they point at is there."""

import re
import shlex

from common import ROOT, assert_command, check

PAGES = ["deployment", "operations", "incidents", "disaster-recovery"]
# Pages that other branches bring; empty when all are there.
FENCED = re.compile(r"^ *```.*?^ *```", re.M | re.S)


def anchors(page):
    """The headings of a page, as they are linked to."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(text):
    """What is to be typed: lines of blocks and words in backquotes that begin with the program, itself or in a container."""
    blocks = [line.strip() for block in FENCED.findall(text) for line in block.splitlines()]
    words = [" ".join(words.split()) for words in re.findall(r"`([^`]+)`", FENCED.sub("", text))]
    for words in blocks + words:
        if match := re.search(r"(?:^|\s/)sayso ([a-z].*)", words):
            yield shlex.split(match[1])


@check()
def documents():
    for name in PAGES:
        page = ROOT / f"docs/{name}.md"
        text = page.read_text()
        found = list(commands(text))
        assert found, f"{name} has no command"
        for words in found:
            assert_command([word for word in words if word not in {"…", "WHO"}], page.name)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            if path.startswith("http"):
                continue
            there = (page.parent / path).resolve() if path else page
            assert there.exists(), f"{name} points at {target}"
            assert not anchor or anchor in anchors(there), f"{name} points at {target}"
        assert re.search(r"^\*Reviewed on \d+ \w+ \d{4}\.\*$", text, re.M), f"{name} does not say when it was reviewed"
