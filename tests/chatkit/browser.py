"""Does what the front end does: posts, reads streams, and keeps what it is told of a thread. Everything that comes is read
strictly, and what is streamed has to be what is listed afterwards."""

import http.client
import json
from typing import Any, Iterator
from urllib.parse import urlsplit

import strictly

FRAME = b"data: "


class Answer:
    """What came back."""

    def __init__(self, response: http.client.HTTPResponse, body: bytes) -> None:
        self.status = response.status
        self.kind = response.headers.get("content-type", "")
        self.text = body.decode()

    def json(self) -> Any:
        return json.loads(self.text)


class Browser:
    """Somebody with a token."""

    def __init__(self, url: str, token: str | None) -> None:
        self.address = urlsplit(url)
        self.token = token

    def open(self, body: Any) -> http.client.HTTPResponse:
        """Posts; the answer may still be coming. Whoever closes the connection hangs up."""
        connection = http.client.HTTPConnection(self.address.netloc, timeout=60)
        headers = {"content-type": "application/json", "accept-language": "en", "chatkit-frame-instance-id": "f1"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("POST", self.address.path, data, headers)
        response = connection.getresponse()
        response.connection = connection
        return response

    def post(self, body: Any) -> Answer:
        response = self.open(body)
        answer = Answer(response, response.read())
        response.connection.close()
        return answer

    def ask(self, operation: str, /, **params: Any) -> Answer:
        return self.post({"type": operation, "params": params})

    def refused(self, status: int, operation: str, /, **params: Any) -> str:
        """Why nothing was done, in words."""
        return self.refused_as_sent(status, {"type": operation, "params": params})

    def refused_as_sent(self, status: int, body: Any) -> str:
        answer = self.post(body)
        assert answer.status == status, f"{body}: {answer.status} {answer.text}"
        assert answer.kind.split(";")[0].endswith("json"), answer.kind
        message = answer.json()["message"]
        assert isinstance(message, str) and message, answer.text
        return message

    def read(self, kind: Any, operation: str, /, **params: Any) -> Any:
        """A JSON answer of this kind, as the data it is."""
        answer = self.ask(operation, **params)
        assert (answer.status, answer.kind) == (200, "application/json"), f"{operation}: {answer.text}"
        value = answer.json()
        strictly.read(kind, answer.text, value)
        return value

    def nothing(self, operation: str, /, **params: Any) -> None:
        answer = self.ask(operation, **params)
        assert (answer.status, answer.text) == (200, "{}"), f"{operation}: {answer.text}"

    def stream(self, operation: str, **params: Any) -> list[Any]:
        """All events of a stream."""
        return list(self.events(operation, **params))

    def events(self, operation: str, **params: Any) -> Iterator[Any]:
        """The events of a stream, one by one. Whoever stops reading hangs up."""
        response = self.open({"type": operation, "params": params})
        try:
            kind = response.headers.get("content-type", "")
            assert response.status == 200, f"{operation}: {response.status} {response.read()!r}"
            assert kind.startswith("text/event-stream"), kind
            assert "no-cache" in response.headers["cache-control"]
            assert response.headers["x-accel-buffering"] == "no"
            assert "content-encoding" not in response.headers
            while line := response.readline():
                # One line and an empty one, and nothing else.
                assert line.startswith(FRAME) and line.endswith(b"}\n"), line
                assert response.readline() == b"\n", line
                text = line[len(FRAME) : -1].decode()
                value = json.loads(text)
                assert text == json.dumps(value, separators=(",", ":"), ensure_ascii=False), text
                strictly.read(strictly.EVENT, text, value)
                yield value
        finally:
            response.connection.close()

    def pages(self, kind: Any, operation: str, limit: int, order: str, **params: Any) -> list[Any]:
        """All of a list, page by page."""
        rows: list[Any] = []
        after = {}
        while True:
            page = self.read(kind, operation, limit=limit, order=order, **params, **after)
            assert len(page["data"]) <= limit
            rows += page["data"]
            if not page["has_more"]:
                assert "after" not in page, page
                return rows
            assert page["after"] == page["data"][-1]["id"], page
            after = {"after": page["after"]}


class View:
    """What somebody sees of a thread who is told its events and nothing else."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.thread: Any = None
        self.items: dict[str, Any] = {}
        self.open: dict[str, list[Any]] = {}
        self.seen: set[str] = set()

    @property
    def id(self) -> str:
        return self.thread["id"]

    def say(self, text: str) -> list[Any]:
        """Says something, in a new thread if there is none yet."""
        events = self.told("threads.add_user_message" if self.thread else "threads.create", input=said(text))
        kinds = [event["type"] for event in events]
        begins = ["thread.item.done", "stream_options"]
        if kinds[0] == "thread.created":
            begins = ["thread.created", *begins]
        assert kinds[: len(begins)] == begins, kinds
        echo = events[len(begins) - 2]["item"]
        assert echo["type"] == "user_message", echo
        assert echo["content"] == [{"type": "input_text", "text": text}], echo
        return events

    def told(self, operation: str, **params: Any) -> list[Any]:
        """The events of an operation on this thread, each of which changes what is seen."""
        if self.thread:
            params = {"thread_id": self.id, **params}
        events = self.browser.stream(operation, **params)
        for event in events:
            self.tell(event)
        assert not self.open, f"never finished: {self.open}"
        kinds = [event["type"] for event in events]
        assert kinds.count("stream_options") == 1, kinds
        assert "error" not in kinds[:-1], kinds
        return events

    def tell(self, event: Any) -> None:
        """Takes one event for true."""
        match event:
            case {"type": "thread.created", "thread": thread}:
                assert self.thread is None
                assert thread["items"] == {"data": [], "has_more": False}, thread
                self.thread = thread
            case {"type": "thread.item.added", "item": item}:
                self.new(item)
                assert item["type"] == "assistant_message" and item["content"] == [], item
                self.open[item["id"]] = []
                self.items[item["id"]] = item
            case {"type": "thread.item.updated", "item_id": id, "update": update}:
                self.update(self.open[id], update)
            case {"type": "thread.item.done", "item": item}:
                if item["id"] in self.open:
                    before = self.items[item["id"]]
                    assert item == {**before, "content": self.open.pop(item["id"])}, item
                else:
                    self.new(item)
                self.items[item["id"]] = item
            case {"type": "thread.item.replaced", "item": item}:
                before = self.items[item["id"]]
                assert before["created_at"] == item["created_at"], item
                self.items[item["id"]] = item
            case {"type": "thread.item.removed"}:
                raise AssertionError("nothing goes by itself here")

    def new(self, item: Any) -> None:
        assert item["thread_id"] == self.id, item
        assert item["id"] not in self.seen, f"an id is used once: {item}"
        self.seen.add(item["id"])

    @staticmethod
    def update(parts: list[Any], update: Any) -> None:
        match update:
            case {"type": "assistant_message.content_part.added", "content_index": n, "content": part}:
                assert n == len(parts) and part["text"] == "", update
                parts.append(dict(part))
            case {"type": "assistant_message.content_part.text_delta", "content_index": n, "delta": delta}:
                assert delta, update
                parts[n]["text"] += delta
            case {"type": "assistant_message.content_part.done", "content_index": n, "content": part}:
                assert parts[n] == part, f"the pieces are not the whole: {parts[n]} {part}"
            case _:
                raise AssertionError(f"not for a message: {update}")

    def is_what_is_listed(self) -> None:
        """What was streamed is what is stored, in both orders and whatever the size of a page."""
        seen = list(self.items.values())
        for limit in (1, 3, 9999):
            for order in ("asc", "desc"):
                listed = self.browser.pages(strictly.ITEMS, "items.list", limit, order, thread_id=self.id)
                if order == "desc":
                    listed.reverse()
                assert listed == seen, f"{limit} {order}\nlisted {listed}\nstreamed {seen}"
        opened = self.browser.read(strictly.THREAD, "threads.get_by_id", thread_id=self.id)
        assert opened["items"]["data"] == seen[:20], opened
        assert opened["items"]["has_more"] == (len(seen) > 20), opened

    def last(self, kind: str) -> Any:
        """The last item of a kind."""
        return [item for item in self.items.values() if item["type"] == kind][-1]


def said(text: str) -> Any:
    """A message as the composer sends it."""
    content = [{"type": "input_text", "text": text}]
    return {"content": content, "quoted_text": "", "attachments": [], "inference_options": {}}
