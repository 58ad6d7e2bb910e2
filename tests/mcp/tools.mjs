// Calls every tool that there is, so that the official TypeScript client holds each answer against its tool's schema; ends with
// an error at the first that does not fit, or if a tool was left out.
//
//     node tools.mjs sdk|client legacy|auto|2026-07-28 PROGRAM ARGUMENT...      over stdio; `MCP_TOOLS` has to be `search`

import assert from 'node:assert/strict';
import { connect } from './connect.mjs';

const [line, mode, ...where] = process.argv.slice(2);
const client = await connect(line, mode, where);
const left = new Set((await client.listTools()).tools.map((tool) => tool.name));

async function call(name, args = {}) {
  left.delete(name);
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, `${name}: ${result.content[0]?.text}`);
  return result.structuredContent;
}

const { project_id: project } = await call('add_project', { name: 'Garden' });
const { task_id: task } = await call('add_task', {
  title: 'Water the plants', description: 'The ferns too.', due: 'today 18:00', repeat: 'every day', priority: 'high',
  tags: ['home'], project: 'Garden',
});
const { results: steps } = await call('add_tasks', {
  tasks: [{ title: 'Fill the can', parent_id: task }, { title: 'Buy seeds', due: 'next friday' }, { title: 'Rake' }],
});
assert.equal(steps.length, 3);
const [step, seeds, rake] = steps.map((result) => result.task_id);

const listed = await call('list_tasks', { filter: 'open', limit: 2 });
assert.equal(listed.count, 2);
assert.ok(listed.next_cursor);
await call('list_tasks', { filter: 'open', limit: 2, cursor: listed.next_cursor });
assert.equal((await call('get_task', { task_id: task })).steps.length, 1);
assert.equal((await call('get_overview')).today.length, 1);
assert.deepEqual((await call('list_projects')).projects.map(({ id }) => id), [project]);

// What some hosts look anything up with: the text is the same data.
const found = await client.callTool({ name: 'search', arguments: { query: 'ferns' } });
assert.deepEqual(JSON.parse(found.content[0].text), found.structuredContent);
const [{ id }] = (await call('search', { query: 'ferns' })).results;
assert.match((await call('fetch', { id })).text, /ferns/);

await call('update_task', { task_id: task, add_tags: ['balcony'], clear: ['description'] });
assert.ok((await call('complete_task', { task_id: task })).next_due);
await call('reopen_task', { task_id: task });
await call('update_tasks', { task_ids: [seeds, rake], patch: { priority: 'low' } });
await call('complete_tasks', { task_ids: [seeds, rake] });
await call('delete_tasks', { task_ids: [seeds, rake] });
await call('delete_task', { task_id: step });
await call('empty_trash');
await call('update_project', { project: 'Garden', name: 'Balcony' });
const { change_id: change } = await call('delete_project', { project: 'Balcony' });
await call('undo_change', { change_id: change });

assert.deepEqual([...left], [], 'every tool was called');
await client.close();
