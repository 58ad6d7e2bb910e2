-- What SQLite is to think of the tables when it chooses an index: users with a thousand tasks. Left to itself it takes
-- ten rows for granted wherever a user is named, and reads all of somebody's 100,000.
ANALYZE;

DELETE FROM sqlite_stat1;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('tasks', 'tasks', '100000 1000 1'),
    ('tasks', 'tasks_by_due', '100000 1000 400 4 3 2 1 1 1'),
    ('tasks', 'tasks_by_completion', '100000 1000 400 2 1'),
    ('tasks', 'tasks_by_update', '100000 1000 400 2 1'),
    ('tasks', 'tasks_by_parent', '100000 1000 10'),
    ('projects', 'projects', '1000 10 1'),
    ('journal', 'journal', '200000 2000 1'),
    ('journal', 'journal_key', '100000 1000 1'),
    ('journal', 'journal_undone', '20000 200 1'),
    ('journal_rows', 'journal_rows', '300000 3000 2900 3 1'),
    ('conversations', 'conversations', '5000 50 1'),
    ('messages', 'messages', '100000 1000 20 1'),
    ('messages', 'messages_key', '50000 500 1');

-- Reads them.
ANALYZE sqlite_schema;
