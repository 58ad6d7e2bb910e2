-- The labels of open tasks, so that they can be counted without a look at the tasks.
CREATE INDEX tasks_by_labels ON tasks (user_id, tags, state) WHERE state = 1 AND tags <> '[]';
