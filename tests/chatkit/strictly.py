"""Holds what a server sends against the official types, and holds it to more than they do: they pass over fields they do not
know, take a number for a text, and let any component through."""

import re
import warnings
from typing import Any

with warnings.catch_warnings():
    # Each class of a component says that templates are better; here they are the specification.
    warnings.simplefilter("ignore")
    from chatkit import widgets
    from chatkit.actions import ActionConfig
    from chatkit.types import (
        Page,
        SyncCustomActionResponse,
        Thread,
        ThreadItem,
        ThreadStreamEvent,
        WidgetItem,
        WidgetRootUpdated,
    )

from pydantic import BaseModel, TypeAdapter

EVENT = TypeAdapter(ThreadStreamEvent)
THREAD = TypeAdapter(Thread)
THREADS = TypeAdapter(Page[Thread])
ITEMS = TypeAdapter(Page[ThreadItem])
UPDATED = TypeAdapter(SyncCustomActionResponse)

ROOTS = {"Card", "ListView", "Basic"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def read(kind: TypeAdapter, text: str, value: Any) -> Any:
    """`text`, which is `value`, as a `kind`."""
    has_no_null(value, "$")
    # In strict mode a text is still taken for a time, which is what JSON has for one.
    parsed = kind.validate_json(text, strict=True)
    has_nothing_else(parsed, value, "$")
    return parsed


def has_no_null(value: Any, path: str) -> None:
    assert value is not None, f"{path} is null"
    if isinstance(value, dict):
        for name, part in value.items():
            has_no_null(part, f"{path}.{name}")
    if isinstance(value, list):
        for n, part in enumerate(value):
            has_no_null(part, f"{path}[{n}]")


def has_nothing_else(parsed: Any, value: Any, path: str) -> None:
    """No field of `value` is one that the type of `parsed` does not know."""
    if isinstance(parsed, BaseModel):
        unknown = set(value) - set(type(parsed).model_fields)
        assert not unknown, f"{path}: {type(parsed).__name__} has no {unknown}"
        if isinstance(parsed, (WidgetItem, WidgetRootUpdated)):
            widget(value["widget"], f"{path}.widget")
        for name, part in value.items():
            if name == "created_at":
                assert TIME.fullmatch(part), f"{path}.created_at: {part}"
            if name != "widget":
                has_nothing_else(getattr(parsed, name), part, f"{path}.{name}")
    elif isinstance(parsed, list):
        for n, (one, part) in enumerate(zip(parsed, value, strict=True)):
            has_nothing_else(one, part, f"{path}[{n}]")


def classes(base: type) -> dict[str, type]:
    """The class of each component, by its name."""
    found = {}
    for kind in base.__subclasses__():
        name = kind.model_fields["type"].default
        if isinstance(name, str):
            found[name] = kind
        found |= classes(kind)
    return found


CLASSES = classes(widgets.WidgetComponentBase)


def widget(root: Any, path: str) -> None:
    assert root["type"] in ROOTS, f"{path}: a {root['type']} cannot stand alone"
    seen: list[str] = []
    component(root, path, seen)
    assert len(seen) == len(set(seen)), f"{path}: ids and keys are there once: {seen}"


def component(value: Any, path: str, seen: list[str]) -> None:
    """A component against its own class, and what is within it."""
    kind = CLASSES[value["type"]]
    unknown = set(value) - set(kind.model_fields)
    assert not unknown, f"{path}: {value['type']} has no {unknown}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind.model_validate({**value, "children": []} if "children" in value else value, strict=True)
    seen += [f"{name} {value[name]}" for name in ("id", "key") if name in value]
    for name in ("onClickAction", "onChangeAction", "onSubmitAction"):
        if name in value:
            action(value[name], f"{path}.{name}")
    for name in ("confirm", "cancel"):
        if name in value:
            assert set(value[name]) == {"label", "action"}, f"{path}.{name}"
            action(value[name]["action"], f"{path}.{name}")
    if "status" in value:
        assert set(value["status"]) <= {"text", "icon"}, f"{path}.status"
    for n, child in enumerate(value.get("children", [])):
        is_row = child["type"] == "ListViewItem"
        assert is_row == (value["type"] == "ListView"), f"{path}: rows are in lists, and nothing else is"
        assert child["type"] not in ROOTS, f"{path}: a {child['type']} stands alone"
        component(child, f"{path}.children[{n}]", seen)


def action(value: Any, path: str) -> None:
    unknown = set(value) - set(ActionConfig.model_fields)
    assert not unknown, f"{path}: an action has no {unknown}"
    ActionConfig.model_validate(value, strict=True)
    assert isinstance(value.get("payload", {}), dict), f"{path}: a payload is an object"
