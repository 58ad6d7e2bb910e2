// What agents may do by the access they are given, over stdio, with the official TypeScript clients; ends with an error at the
// first thing that is not as it should be.
//
//     node access.mjs sdk|client legacy|auto|2026-07-28 PROGRAM

import assert from 'node:assert/strict';
import { connect } from './connect.mjs';

const [line, mode, program] = process.argv.slice(2);

/** Runs `steps` with a client that has this access, and what it calls tools by. */
async function having(access, steps) {
  const client = await connect(line, mode, [program, 'mcp', '--access', access]);
  await steps((name, args = {}) => client.callTool({ name, arguments: args }));
  await client.close();
}

const titles = async (call) => (await call('list_tasks')).structuredContent.tasks.map(({ title }) => title);

/** Something that each tool for changes does with this task. */
const changes = (task, project) => [
  ['add_task', { title: 'Dig' }],
  ['add_tasks', { tasks: [{ title: 'Dig' }, { title: 'Sow' }] }],
  ['update_task', { task_id: task, title: 'Rake thoroughly' }],
  ['update_tasks', { task_ids: [task], patch: { priority: 'low' } }],
  ['complete_task', { task_id: task }],
  ['complete_tasks', { task_ids: [task] }],
  ['delete_task', { task_id: task }],
  ['delete_tasks', { task_ids: [task] }],
  ['add_project', { name: 'Yard' }],
  ['update_project', { project, name: 'Yard' }],
  ['delete_project', { project }],
  ['empty_trash', {}],
];

let task;
await having('write', async (call) => {
  await call('add_project', { name: 'Garden' });
  task = (await call('add_task', { title: 'Rake', project: 'Garden' })).structuredContent.task_id;
  const { task_id: gone } = (await call('add_task', { title: 'Mow' })).structuredContent;
  await call('delete_task', { task_id: gone });
});

// What is proposed is no change, and says so; the client has held it against the tool's schema.
await having('propose', async (call) => {
  for (const [name, args] of changes(task, 'Garden')) {
    const { isError, content, structuredContent } = await call(name, args);
    assert.ok(!isError, `${name}: ${content[0].text}`);
    assert.equal(structuredContent.status, 'waiting_for_approval', name);
    assert.equal(typeof structuredContent.proposal_id, 'number', name);
    assert.equal(structuredContent.change_id, undefined, name);
    assert.deepEqual(await titles(call), ['Rake'], name);
  }
});

await having('read', async (call) => {
  for (const [name, args] of changes(task, 'Garden')) {
    const { isError, content, structuredContent } = await call(name, args);
    assert.ok(isError, name);
    assert.match(content[0].text, /^forbidden: .+\. .+\.$/s, name);
    assert.equal(structuredContent, undefined);
  }
  assert.deepEqual(await titles(call), ['Rake']);
});

// Whatever can be undone is done; what cannot waits.
await having('undoable', async (call) => {
  assert.equal((await call('empty_trash')).structuredContent.status, 'waiting_for_approval');
  assert.equal((await call('complete_task', { task_id: task })).structuredContent.status, 'completed');
});
