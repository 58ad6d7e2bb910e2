-- What SQLite is to think of the tables when it chooses an index: users with ten thousand tasks. Left to itself it takes
-- ten rows for granted wherever a user is named, and reads all of somebody's 100,000.
ANALYZE;

DELETE FROM sqlite_stat1;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('tasks', 'tasks', '1000000 10000 1'),
    ('tasks', 'tasks_by_due', '1000000 10000 4000 4 3 2 1 1 1'),
    ('tasks', 'tasks_by_completion', '1000000 10000 4000 2 1'),
    ('tasks', 'tasks_by_update', '1000000 10000 4000 2 1'),
    ('tasks', 'tasks_by_parent', '1000000 10000 4'),
    ('projects', 'projects', '10000 100 1'),
    ('journal', 'journal', '2000000 20000 1'),
    ('journal', 'journal_key', '1000000 10000 1'),
    ('journal', 'journal_undone', '200000 2000 1'),
    ('journal_rows', 'journal_rows', '3000000 30000 29000 3 1'),
    ('conversations', 'conversations', '50000 500 1'),
    ('messages', 'messages', '1000000 10000 20 1'),
    ('messages', 'messages_key', '500000 5000 1');

-- Reads them.
ANALYZE sqlite_schema;
