"""The life of a task, and what goes with it, through the official Python client; ends with an error at the first thing that
is not as it should be.

    venv/bin/python life.py legacy|auto|2026-07-28 URL                   the token is in SAYSO_TOKEN
    venv/bin/python life.py legacy|auto|2026-07-28 PROGRAM ARGUMENT...   over stdio
"""

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager

from jsonschema import Draft202012Validator
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from mcp.types import PromptReference, ResourceTemplateReference

MODE, TARGET, *ARGUMENTS = sys.argv[1:]


@asynccontextmanager
async def connect():
    """A connected client."""
    if TARGET.startswith("http"):
        headers = {"authorization": f"Bearer {os.environ['SAYSO_TOKEN']}"}
        async with create_mcp_http_client(headers=headers) as http:
            async with Client(streamable_http_client(TARGET, http_client=http), mode=MODE) as client:
                yield client
    else:
        program = StdioServerParameters(command=TARGET, args=ARGUMENTS, env=dict(os.environ))
        async with Client(program, mode=MODE) as client:
            yield client


async def life(client: Client) -> None:
    async def call(name, **arguments):
        """What a tool answers: the client has held it against the tool's schema."""
        result = await client.call_tool(name, arguments)
        assert not result.is_error, f"{name}: {result.content}"
        assert [block.type for block in result.content] == ["text"], result.content
        assert result.content[0].text
        return result.structured_content

    async def refused(code, name, **arguments):
        """The words of an error of a tool: `code: what. What next.`, and nothing that could be taken for an answer."""
        result = await client.call_tool(name, arguments)
        assert result.is_error, f"{name} should refuse {arguments}"
        assert result.structured_content is None
        assert [block.type for block in result.content] == ["text"], result.content
        text = result.content[0].text
        assert re.fullmatch(rf"{code}: .+\. .+\.", text, re.DOTALL), text
        return text

    async def fails(asking, code):
        """An error of the protocol itself."""
        try:
            answer = await asking
        except MCPError as error:
            assert error.code == code, error
        else:
            raise AssertionError(f"this should not have an answer: {answer}")

    async def listed():
        return [task["id"] for task in (await call("list_tasks"))["tasks"]]

    # Who is there. A client that was told the version has asked nothing yet.
    if MODE in ("legacy", "auto"):
        assert client.server_info.name == "sayso"
        assert "to-do list" in client.instructions
    assert client.protocol_version == ("2025-11-25" if MODE == "legacy" else "2026-07-28")

    # The tools: every schema is one, and every hint is said.
    tools = (await client.list_tools()).tools
    for tool in tools:
        for schema in (tool.input_schema, tool.output_schema):
            assert schema["type"] == "object", tool.name
            Draft202012Validator.check_schema(schema)
        assert tool.title and tool.description, tool.name
        hints = tool.annotations
        for hint in (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint):
            assert isinstance(hint, bool), tool.name
        assert "user_id" in tool.input_schema["properties"], tool.name
        assert "user_id" not in tool.input_schema.get("required", []), tool.name
    names = [tool.name for tool in tools]
    assert {"add_task", "list_tasks", "update_task", "complete_task", "delete_task", "undo_change"} <= set(names), names
    assert names == sorted(names)

    # A task, from its first day to its last, and back.
    added = await call("add_task", title="Call the dentist", due="tomorrow 9am")
    task_id = added["task_id"]
    assert added["status"] == "created", added
    assert "T09:00" in added["task"]["due_at"], added
    assert task_id in await listed()

    updated = await call("update_task", task_id=task_id, title="Call the surgery", priority="high")
    assert updated["status"] == "updated", updated
    assert updated["title"] == "Call the surgery", updated
    assert sorted(updated["changed"]) == ["priority", "title"], updated

    completed = await call("complete_task", task_id=task_id)
    assert completed["status"] == "completed", completed
    assert (await call("complete_task", task_id=task_id))["already"] is True

    deleted = await call("delete_task", task_id=task_id)
    assert deleted["status"] == "deleted", deleted
    assert task_id not in await listed()

    await call("undo_change", change_id=deleted["change_id"])
    await call("undo_change", change_id=completed["change_id"])
    tasks = (await call("list_tasks"))["tasks"]
    assert [task["completed"] for task in tasks if task["id"] == task_id] == [False], tasks

    # What is refused, and changes nothing.
    before = await listed()
    await refused("not_found", "delete_task", task_id=999_999)
    await refused("forbidden", "add_task", title="Not mine", user_id="somebody-else")
    assert "dew" in await refused("invalid_arguments", "add_task", title="Misspelt", dew="today")
    await refused("invalid_due", "add_task", title="Unclear", due="whenever the moon is blue")
    await refused("invalid_title", "add_task", title="   ")
    assert await listed() == before
    await fails(client.call_tool("no_such_tool", {}), -32602)

    # Prompts.
    prompts = (await client.list_prompts()).prompts
    assert "plan_my_day" in [prompt.name for prompt in prompts]
    steps = await client.get_prompt("break_down_task", {"task_id": str(task_id)})
    assert steps.messages[0].role == "user"
    assert "Call the surgery" in steps.messages[0].content.text
    await fails(client.get_prompt("break_down_task", {}), -32602)

    # Resources.
    for resource in (await client.list_resources()).resources:
        contents = (await client.read_resource(resource.uri)).contents
        assert [content.mime_type for content in contents] == [resource.mime_type], resource
        assert contents[0].text
    templates = (await client.list_resource_templates()).resource_templates
    assert "todo://tasks/{task_id}" in [template.uri_template for template in templates]
    contents = (await client.read_resource(f"todo://tasks/{task_id}")).contents
    assert "Call the surgery" in contents[0].text
    missing = client.read_resource("todo://tasks/999999")
    await fails(missing, -32002 if MODE == "legacy" else -32602)

    # Completions.
    for ref in (
        PromptReference(name="break_down_task"),
        ResourceTemplateReference(uri="todo://tasks/{task_id}"),
    ):
        completion = (await client.complete(ref, {"name": "task_id", "value": "surg"})).completion
        assert str(task_id) in completion.values, ref


async def main() -> None:
    async with connect() as client:
        await life(client)


asyncio.run(main())
