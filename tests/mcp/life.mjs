// The life of a task, and what goes with it, through an official TypeScript client; ends with an error at the first thing
// that is not as it should be.
//
//     node life.mjs sdk|client legacy|auto|2026-07-28 URL                   the token is in SAYSO_TOKEN
//     node life.mjs sdk|client legacy|auto|2026-07-28 PROGRAM ARGUMENT...   over stdio

import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020.js';
import { connect } from './connect.mjs';

const [line, mode, ...where] = process.argv.slice(2);
const client = await connect(line, mode, where);

/** What a tool answers: the client has held it against the tool's schema. */
async function call(name, args = {}) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, `${name}: ${result.content[0]?.text}`);
  assert.equal(result.content.length, 1, `${name} answers with one block`);
  assert.equal(result.content[0].type, 'text');
  assert.notEqual(result.content[0].text, '');
  return result.structuredContent;
}

/** The words of an error of a tool: `code: what. What next.`, and nothing that could be taken for an answer. */
async function refused(code, name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert.equal(result.isError, true, `${name} should refuse ${JSON.stringify(args)}`);
  assert.equal(result.structuredContent, undefined);
  assert.equal(result.content.length, 1);
  const { text } = result.content[0];
  assert.match(text, new RegExp(`^${code}: .+\\. .+\\.$`, 's'));
  return text;
}

const listed = async () => (await call('list_tasks')).tasks.map((task) => task.id);

// Who is there.

assert.equal(client.getServerVersion()?.name, 'sayso');
assert.match(client.getInstructions(), /to-do list/);
if (mode !== 'auto' && line === 'client') {
  const version = client.getNegotiatedProtocolVersion();
  assert.equal(version, mode === 'legacy' ? '2025-11-25' : mode);
}

// The tools: every schema is one, and every hint is said.
const { tools } = await client.listTools();
const ajv = new Ajv({ strict: false, validateFormats: false });
for (const tool of tools) {
  for (const schema of [tool.inputSchema, tool.outputSchema]) {
    assert.equal(schema.type, 'object', tool.name);
    ajv.compile(schema);
  }
  assert.ok(tool.title && tool.description, tool.name);
  for (const hint of ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']) {
    assert.equal(typeof tool.annotations[hint], 'boolean', `${tool.name} ${hint}`);
  }
  assert.ok(tool.inputSchema.properties.user_id, tool.name);
  assert.ok(!tool.inputSchema.required?.includes('user_id'), tool.name);
}
const names = tools.map((tool) => tool.name);
for (const name of ['add_task', 'list_tasks', 'update_task', 'complete_task', 'delete_task', 'undo_change']) {
  assert.ok(names.includes(name), name);
}
assert.deepEqual(names, names.toSorted());

// A task, from its first day to its last, and back.
const added = await call('add_task', { title: 'Call the dentist', due: 'tomorrow 9am' });
const id = added.task_id;
assert.equal(added.status, 'created');
assert.match(added.task.due_at, /T09:00/);
assert.ok((await listed()).includes(id));

const updated = await call('update_task', { task_id: id, title: 'Call the surgery', priority: 'high' });
assert.equal(updated.status, 'updated');
assert.equal(updated.title, 'Call the surgery');
assert.deepEqual(updated.changed.toSorted(), ['priority', 'title']);

const completed = await call('complete_task', { task_id: id });
assert.equal(completed.status, 'completed');
assert.equal((await call('complete_task', { task_id: id })).already, true);

const deleted = await call('delete_task', { task_id: id });
assert.equal(deleted.status, 'deleted');
assert.ok(!(await listed()).includes(id));

await call('undo_change', { change_id: deleted.change_id });
await call('undo_change', { change_id: completed.change_id });
const { tasks } = await call('list_tasks');
assert.equal(tasks.find((task) => task.id === id)?.completed, false);

// What is refused, and changes nothing.
const before = await listed();
await refused('not_found', 'delete_task', { task_id: 999_999 });
await refused('forbidden', 'add_task', { title: 'Not mine', user_id: 'somebody-else' });
assert.match(await refused('invalid_arguments', 'add_task', { title: 'Misspelt', dew: 'today' }), /dew/);
await refused('invalid_due', 'add_task', { title: 'Unclear', due: 'whenever the moon is blue' });
await refused('invalid_title', 'add_task', { title: '   ' });
assert.deepEqual(await listed(), before);
await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }), { code: -32602 });

// Prompts.
const { prompts } = await client.listPrompts();
assert.ok(prompts.some((prompt) => prompt.name === 'plan_my_day'));
const steps = await client.getPrompt({ name: 'break_down_task', arguments: { task_id: String(id) } });
assert.equal(steps.messages[0].role, 'user');
assert.match(steps.messages[0].content.text, /Call the surgery/);
await assert.rejects(client.getPrompt({ name: 'break_down_task', arguments: {} }), { code: -32602 });

// Resources.
const { resources } = await client.listResources();
for (const { uri, mimeType } of resources) {
  const { contents } = await client.readResource({ uri });
  assert.equal(contents.length, 1, uri);
  assert.equal(contents[0].mimeType, mimeType);
  assert.notEqual(contents[0].text, '');
}
const { resourceTemplates } = await client.listResourceTemplates();
assert.ok(resourceTemplates.some(({ uriTemplate }) => uriTemplate === 'todo://tasks/{task_id}'));
const { contents } = await client.readResource({ uri: `todo://tasks/${id}` });
assert.match(contents[0].text, /Call the surgery/);
await assert.rejects(client.readResource({ uri: 'todo://tasks/999999' }), /no such resource/);

// Completions.
for (const ref of [
  { type: 'ref/prompt', name: 'break_down_task' },
  { type: 'ref/resource', uri: 'todo://tasks/{task_id}' },
]) {
  const { completion } = await client.complete({ ref, argument: { name: 'task_id', value: 'surg' } });
  assert.ok(completion.values.includes(String(id)), ref.type);
}

await client.close();
