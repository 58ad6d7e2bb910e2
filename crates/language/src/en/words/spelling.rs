//! Slips of the pen.

/// Slips of the pen that a distance of one letter does not cover, and short ways of writing.
pub(crate) const SPELLINGS: &[(&str, &str)] = &[
    ("ad", "add"),
    ("tsk", "task"),
    ("taks", "task"),
    ("u", "you"),
    ("ur", "your"),
    ("tmrw", "tomorrow"),
    ("wat", "what"),
    ("wats", "what's"),
    ("dlete", "delete"),
    ("mrak", "mark"),
    ("makr", "mark"),
    ("shwo", "show"),
    ("hsow", "show"),
    ("lsit", "list"),
    ("evrything", "everything"),
];

/// Command words in which slips are forgiven: one letter, or two in the long ones.
pub(crate) const COMMAND_WORDS: &[&str] = &[
    "delete",
    "deleted",
    "remove",
    "complete",
    "completed",
    "finish",
    "finished",
    "remind",
    "reminder",
    "reminders",
    "reschedule",
    "postpone",
    "priority",
    "rename",
    "change",
    "update",
    "reopen",
    "restore",
    "create",
    "cancel",
    "uncheck",
    "overdue",
    "pending",
    "tasks",
    "everything",
    "description",
    "undo",
    "done",
    "show",
];

/// Words so close to a command word that they would pass for a slip of the pen.
pub(crate) const NOT_COMMAND_WORDS: &[&str] = &[
    "chance",
    "charge",
    "compete",
    "completes",
    "crate",
    "finnish",
    "removed",
    "removes",
    "tacks",
    "talks",
    "tanks",
];
