"""Every operation of the protocol against a running server, read with the official types; ends with an error at the first
thing that is not as it should be.

    venv/bin/python life.py URL    two people's tokens are in SAYSO_TOKEN and OTHER_TOKEN

The server has to ask a model that answers the words below as `crates/sayso/tests/it/chatkit.rs` has it do.
"""

import os
import sys
import time
from typing import Any

import strictly
from browser import Browser, View, said

URL = sys.argv[1]
ANA = Browser(URL, os.environ["SAYSO_TOKEN"])
BOB = Browser(URL, os.environ["OTHER_TOKEN"])

# What the engine makes nothing of, so that the model is asked.
TALK = "the vet ought to talk on thursday somehow"
FAIL = "the vet ought to fail on thursday somehow"
SLOW = "the vet ought to dawdle on thursday somehow"
DELETE = "the vet thing is history, frankly"


def kinds(events: list[Any]) -> list[str]:
    return [event["type"] for event in events]


def deltas(events: list[Any]) -> list[str]:
    updates = [event["update"] for event in events if event["type"] == "thread.item.updated"]
    return [update["delta"] for update in updates if "delta" in update]


def rows(widget: Any) -> dict[str, bool]:
    """The tasks of a list, and whether each is done."""
    found = {}
    for row in widget["children"]:
        parts = {part["type"]: part for part in row["children"]}
        if "Checkbox" in parts:
            found[parts["Text"]["value"]] = parts["Checkbox"]["defaultChecked"]
            assert parts["Text"]["lineThrough"] == parts["Checkbox"]["defaultChecked"], row
    return found


def part(widget: Any, title: str, kind: str) -> Any:
    """The part of a task's row that is of this kind."""
    for row in widget["children"]:
        parts = {part["type"]: part for part in row["children"]}
        if parts.get("Text", {}).get("value") == title:
            return parts[kind]
    raise AssertionError(f"{title} is not in {widget}")


def sent(action: Any) -> Any:
    """An action as the browser sends it: without what only the browser goes by."""
    return {name: action[name] for name in ("type", "payload") if name in action}


def buttons(component: Any) -> dict[str, Any]:
    """What can be pressed, by its label."""
    found = {}
    if component["type"] == "Button":
        found[component["label"]] = sent(component["onClickAction"])
    for side in ("confirm", "cancel"):
        if side in component:
            found[component[side]["label"]] = sent(component[side]["action"])
    for child in component.get("children", []):
        found |= buttons(child)
    return found


def effects(events: list[Any]) -> list[str]:
    return [event["name"] for event in events if event["type"] == "client_effect"]


def a_list_that_can_be_ticked_off() -> None:
    view = View(ANA)
    events = view.say("add Buy milk")
    assert view.thread["title"] == "add Buy milk", view.thread
    assert effects(events) == ["tasks.changed"], events
    receipt = view.last("widget")
    assert "Buy milk" in receipt["copy_text"], receipt
    view.say("add Buy bread")
    view.say("show my tasks")
    item = view.last("widget")
    assert item["widget"]["type"] == "ListView", item
    assert rows(item["widget"]) == {"Buy milk": False, "Buy bread": False}, item
    view.is_what_is_listed()

    # Ticked off at once, twice to the same end, and back.
    checkbox = part(item["widget"], "Buy milk", "Checkbox")["onChangeAction"]
    assert checkbox["streaming"] is False
    for _ in range(2):
        updated = ANA.read(
            strictly.UPDATED,
            "threads.sync_custom_action",
            thread_id=view.id,
            item_id=item["id"],
            action=sent(checkbox),
        )["updated_item"]
        assert rows(updated["widget"]) == {"Buy milk": True, "Buy bread": False}, updated
        view.tell({"type": "thread.item.replaced", "item": updated})
    assert part(updated["widget"], "Buy milk", "Badge")["label"] == "done"
    back = part(updated["widget"], "Buy milk", "Checkbox")["onChangeAction"]
    assert back["payload"]["completed"] is False, back
    opened = ANA.read(strictly.UPDATED, "threads.sync_custom_action", thread_id=view.id, item_id=item["id"], action=sent(back))
    view.tell({"type": "thread.item.replaced", "item": opened["updated_item"]})
    assert rows(view.items[item["id"]]["widget"]) == {"Buy milk": False, "Buy bread": False}

    # The same as a stream.
    events = view.told("threads.custom_action", item_id=item["id"], action=sent(checkbox))
    assert kinds(events)[:2] == ["stream_options", "thread.item.replaced"], events
    assert effects(events) == ["tasks.changed"], events
    assert rows(view.items[item["id"]]["widget"]) == {"Buy milk": True, "Buy bread": False}
    view.is_what_is_listed()

    # What is said changes the lists that were shown before.
    view.say("reopen Buy milk")
    assert rows(view.items[item["id"]]["widget"]) == {"Buy milk": False, "Buy bread": False}
    view.is_what_is_listed()

    # Deleted, twice to the same end; and what would be done with it then is only shown again.
    delete = part(item["widget"], "Buy bread", "Button")["onClickAction"]
    for again in (False, True):
        events = view.told("threads.custom_action", item_id=item["id"], action=sent(delete))
        assert ("client_effect" in kinds(events)) is not again, events
        assert "notice" not in kinds(events), events
        assert rows(view.items[item["id"]]["widget"]) == {"Buy milk": False}
    gone = part(item["widget"], "Buy bread", "Checkbox")["onChangeAction"]
    events = view.told("threads.custom_action", item_id=item["id"], action=sent(gone))
    assert "notice" in kinds(events), events
    stale = ANA.read(strictly.UPDATED, "threads.sync_custom_action", thread_id=view.id, item_id=item["id"], action=sent(gone))
    assert rows(stale["updated_item"]["widget"]) == {"Buy milk": False}
    view.is_what_is_listed()

    # Taken back from its receipt, twice to the same end. The list says so, too.
    undo = buttons(view.items[receipt["id"]]["widget"])["Undo"]
    for _ in range(2):
        events = view.told("threads.custom_action", item_id=receipt["id"], action=undo)
        assert "Undo" not in buttons(view.items[receipt["id"]]["widget"])
        assert rows(view.items[item["id"]]["widget"]) == {}
    view.is_what_is_listed()

    # What no widget has sent.
    refusals = [
        ({"item_id": item["id"]}, {"type": "todo.set_completed", "payload": {"task_id": 999, "completed": True}}, 404),
        ({"item_id": item["id"]}, {"type": "todo.set_completed", "payload": {"task_id": "x"}}, 422),
        ({"item_id": item["id"]}, {"type": "todo.set_completed"}, 422),
        ({"item_id": item["id"]}, {"type": "todo.explode", "payload": {}}, 422),
        ({"item_id": item["id"]}, undo, 422),
        ({"item_id": receipt["id"]}, sent(delete), 404),
        ({"item_id": next(iter(view.items))}, sent(delete), 422),
        ({"item_id": "msg_nothing"}, sent(delete), 404),
        ({}, sent(delete), 422),
    ]
    for operation in ("threads.custom_action", "threads.sync_custom_action"):
        for sender, action, status in refusals:
            ANA.refused(status, operation, thread_id=view.id, action=action, **sender)


def a_question_is_answered_with_a_button() -> None:
    view = View(ANA)
    view.say("add Call Anna about rent")
    view.say("add Call Anna about lunch")
    view.say("complete the call Anna task")
    item = view.last("widget")
    offered = buttons(item["widget"])
    assert len(offered) == 2, item
    view.is_what_is_listed()
    label, answer = next((label, action) for label, action in offered.items() if "rent" in label)
    ANA.refused(422, "threads.custom_action", thread_id=view.id, item_id=item["id"], action={**answer, "payload": {"answer": "7"}})
    events = view.told("threads.custom_action", item_id=item["id"], action=answer)
    assert effects(events) == ["tasks.changed"], events
    assert "rent" in view.last("widget")["copy_text"], (label, view.items)
    # It cannot be answered any more, and does not look as if it could.
    assert buttons(view.items[item["id"]]["widget"]) == {}
    view.is_what_is_listed()
    events = view.told("threads.custom_action", item_id=item["id"], action=answer)
    assert events[-1]["type"] == "error" and events[-1]["allow_retry"] is False, events
    ANA.refused(422, "threads.sync_custom_action", thread_id=view.id, item_id=item["id"], action=answer)
    view.is_what_is_listed()


def a_proposal_waits_for_a_yes() -> None:
    view = View(ANA)
    view.say("add Vet")
    for label in ("No", "Yes"):
        view.say(DELETE)
        item = view.last("widget")
        assert item["widget"]["confirm"]["label"] == "Yes", item
        assert item["widget"]["cancel"]["label"] == "No", item
        view.is_what_is_listed()
        events = view.told("threads.custom_action", item_id=item["id"], action=buttons(item["widget"])[label])
        assert (effects(events) == ["tasks.changed"]) is (label == "Yes"), events
        assert "confirm" not in view.items[item["id"]]["widget"]
        view.is_what_is_listed()
    events = view.told("threads.custom_action", item_id=item["id"], action={"type": "approval.answer", "payload": {"approve": True}})
    assert events[-1]["type"] == "error", events
    view.is_what_is_listed()


def a_model_writes() -> None:
    view = View(ANA)
    events = view.say(TALK)
    assert "progress_update" in kinds(events), events
    assert len(deltas(events)) > 1, events
    assert "".join(deltas(events)) == view.last("assistant_message")["content"][0]["text"], events
    view.is_what_is_listed()


def a_model_fails() -> None:
    view = View(ANA)
    events = view.say(FAIL)
    assert events[-1]["type"] == "error", events
    assert events[-1]["allow_retry"] is True, events
    assert not {"http", "127.0.0.1", "500"} & set(events[-1]["message"].split()), events
    view.is_what_is_listed()
    # The message was kept, so it can be answered again.
    first = next(iter(view.items))
    events = retried(view, first)
    assert events[-1]["type"] == "error", events


def retried(view: View, message: str) -> list[Any]:
    """Answers a message again. The front end itself drops what came after it."""
    after = list(view.items)[list(view.items).index(message) + 1 :]
    for id in after:
        del view.items[id]
    events = view.told("threads.retry_after_item", item_id=message)
    assert kinds(events)[0] == "stream_options", events
    view.is_what_is_listed()
    return events


def a_message_is_answered_again() -> None:
    view = View(ANA)
    view.say("add Water the plants")
    first = next(iter(view.items))
    view.say("add Feed the cat")
    view.say("show my tasks")
    listed = view.last("widget")
    count = len(rows(listed["widget"]))
    for _ in range(2):
        retried(view, first)
        view.say("show my tasks")
        titles = list(rows(view.last("widget")["widget"]))
        assert titles.count("Water the plants") == 1, titles
        assert "Feed the cat" not in titles, titles
        assert len(titles) == count - 1, titles
    ANA.refused(404, "items.feedback", thread_id=view.id, item_ids=[listed["id"]], kind="positive")
    reply = view.last("widget")["id"]
    ANA.refused(422, "threads.retry_after_item", thread_id=view.id, item_id=reply)
    ANA.refused(404, "threads.retry_after_item", thread_id=view.id, item_id="msg_nothing")
    view.is_what_is_listed()


def who_hangs_up_stops_the_reply() -> None:
    view = View(ANA)
    heard = ""
    events = ANA.events("threads.create", input=said(SLOW))
    for event in events:
        view.tell(event)
        if event["type"] == "thread.item.updated" and "delta" in event["update"]:
            heard += event["update"]["delta"]
            break
    events.close()
    # No event says when it has ended; it takes no more messages until then.
    deadline = time.monotonic() + 20
    while True:
        events = ANA.stream("threads.add_user_message", thread_id=view.id, input=said("show my tasks"))
        if events[-1]["type"] != "error":
            break
        assert "still being written" in events[-1]["message"], events
        assert time.monotonic() < deadline, "it goes on"
    items = ANA.read(strictly.ITEMS, "items.list", thread_id=view.id, order="asc")["data"]
    assert items[0]["content"][0]["text"] == SLOW, items
    text = items[1]["content"][0]["text"]
    assert text.startswith(heard), (text, heard)
    assert "sentence 40" not in text, text
    assert "Stopped" in items[2]["content"][0]["text"], items


def threads_are_listed_renamed_and_deleted() -> None:
    mine = View(BOB)
    assert BOB.read(strictly.THREADS, "threads.list", limit=9999, order="desc") == {"data": [], "has_more": False}
    made = []
    for n in range(5):
        view = View(BOB)
        view.say(f"add Task number {n}")
        made.append(view.thread)
        mine = mine if mine.thread else view
    for limit in (1, 2, 9999):
        for order in ("asc", "desc"):
            listed = BOB.pages(strictly.THREADS, "threads.list", limit, order)
            assert (listed if order == "asc" else listed[::-1]) == made, listed
    assert BOB.read(strictly.THREADS, "threads.list")["data"] == made[::-1]
    assert BOB.read(strictly.THREADS, "threads.list", limit=0, after=None, order="asc")["data"] == made
    renamed = BOB.read(strictly.THREAD, "threads.update", thread_id=mine.id, title="Groceries")
    assert renamed == {**mine.thread, "title": "Groceries"}, renamed
    assert BOB.read(strictly.THREAD, "threads.get_by_id", thread_id=mine.id)["title"] == "Groceries"
    message, reply = mine.items
    BOB.nothing("items.feedback", thread_id=mine.id, item_ids=[reply], kind="positive")
    BOB.nothing("items.feedback", thread_id=mine.id, item_ids=[message, reply], kind="negative")
    BOB.refused(422, "items.feedback", thread_id=mine.id, item_ids=[reply], kind="so-so")
    BOB.refused(422, "items.feedback", thread_id=mine.id, item_ids=[], kind="positive")
    for title in ("", "x" * 501):
        BOB.refused(422, "threads.update", thread_id=mine.id, title=title)
    BOB.refused(422, "threads.list", limit=-1)
    BOB.refused(422, "items.list", thread_id=mine.id, order="sideways")
    BOB.refused(404, "threads.list", after="thr_nothing")
    BOB.refused(404, "items.list", thread_id=mine.id, after="msg_nothing")

    # Ana finds nothing of it, whatever she asks for.
    widget = [item for item in mine.items.values() if item["type"] == "widget"][0]
    undo = buttons(widget["widget"])["Undo"]
    for operation, params in [
        ("threads.get_by_id", {}),
        ("items.list", {}),
        ("threads.update", {"title": "Mine now"}),
        ("threads.delete", {}),
        ("items.feedback", {"item_ids": [reply], "kind": "positive"}),
        ("threads.add_user_message", {"input": said("show my tasks")}),
        ("threads.retry_after_item", {"item_id": message}),
        ("threads.custom_action", {"item_id": reply, "action": undo}),
        ("threads.sync_custom_action", {"item_id": reply, "action": undo}),
    ]:
        theirs = ANA.refused(404, operation, thread_id=mine.id, **params)
        nobodys = ANA.refused(404, operation, thread_id="thr_nothing", **params)
        assert theirs == nobodys
    assert mine.id not in [thread["id"] for thread in ANA.read(strictly.THREADS, "threads.list", limit=9999)["data"]]
    mine.is_what_is_listed()

    BOB.nothing("threads.delete", thread_id=mine.id)
    for operation in ("threads.delete", "threads.get_by_id", "items.list"):
        BOB.refused(404, operation, thread_id=mine.id)
    BOB.refused(404, "threads.add_user_message", thread_id=mine.id, input=said("show my tasks"))
    assert BOB.read(strictly.THREADS, "threads.list", order="asc")["data"] == made[1:]


def many_items_come_in_pages() -> None:
    view = View(ANA)
    for n in range(12):
        view.say(f"add Errand {n}")
    assert len(view.items) == 24
    view.is_what_is_listed()


def what_cannot_be_meant_is_refused() -> None:
    for body in (b"", b"{", b"[]", b"null", b'"threads.list"', b"{}", b"\xff"):
        assert ANA.refused_as_sent(400 if body in (b"", b"{", b"\xff") else 422, body)
    for body in (
        {"type": 7, "params": {}},
        {"type": "threads.explode", "params": {}},
        {"type": "threads.list"},
        {"type": "threads.list", "params": []},
        {"type": "threads.get_by_id", "params": {}},
        {"type": "threads.get_by_id", "params": {"thread_id": 7}},
        {"type": "threads.create", "params": {"input": {"content": []}}},
        {"type": "threads.create", "params": {"input": said("   ")}},
        {"type": "threads.create", "params": {"input": said("x" * 5000)}},
        {"type": "threads.create", "params": {"input": {"content": [{"type": "input_smell", "text": "x"}]}}},
    ):
        ANA.refused_as_sent(422, body)
    assert ANA.refused_as_sent(413, b" " * 300_000)
    for operation, params in [
        ("attachments.create", {"name": "a.txt", "size": 1, "mime_type": "text/plain"}),
        ("attachments.delete", {"attachment_id": "atc_1"}),
        ("input.transcribe", {"audio_base64": "", "mime_type": "audio/webm"}),
        ("threads.add_client_tool_output", {"thread_id": "thr_1", "result": {}}),
        ("threads.add_structured_input", {"thread_id": "thr_1", "item_id": "i", "input": {}}),
        ("threads.create", {"input": {**said("look"), "attachments": ["atc_1"]}}),
    ]:
        assert "offers no" in ANA.refused(400, operation, **params)
    # What a newer front end says besides is passed over.
    answer = ANA.post({"type": "threads.list", "params": {"colour": "red"}, "metadata": {"a": 1}, "more": True})
    assert answer.status == 200, answer.text
    for token in (None, "nonsense"):
        stranger = Browser(URL, token)
        assert stranger.refused(401, "threads.list")
        assert stranger.refused(401, "threads.create", input=said("add Buy milk"))


for check in (
    a_list_that_can_be_ticked_off,
    a_question_is_answered_with_a_button,
    a_proposal_waits_for_a_yes,
    a_model_writes,
    a_message_is_answered_again,
    who_hangs_up_stops_the_reply,
    threads_are_listed_renamed_and_deleted,
    many_items_come_in_pages,
    what_cannot_be_meant_is_refused,
    # Last, because one that has failed is left alone for a while.
    a_model_fails,
):
    try:
        check()
    except BaseException:
        print(f"in {check.__name__}:", file=sys.stderr)
        raise
