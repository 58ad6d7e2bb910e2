//! What makes words a list as a place.

/// Words before a list that make it a place.
pub(crate) const LIST_PLACES: &[&str] = &[
    "on", "onto", "to", "in", "into", "inside", "from", "off", "of", "out", "at", "within", "for",
    "under",
];

/// Words that say whose a list is.
pub(crate) const LIST_OWNERS: &[&str] = &["my", "the", "our", "a", "this", "that", "your"];

/// What a list is called.
pub(crate) const LIST_NOUNS: &[&str] = &[
    "list",
    "lists",
    "calendar",
    "schedule",
    "agenda",
    "planner",
    "diary",
    "todo-list",
    "to-do-list",
];

/// What a list is called by what is on it, where it is a place.
pub(crate) const LIST_PLURALS: &[&str] = &[
    "tasks",
    "reminders",
    "todos",
    "to-dos",
    "to-do",
    "todo",
    "to-do's",
    "chores",
    "errands",
];

/// Words before the noun that say only that it is a list of things to do.
pub(crate) const LIST_KINDS: &[&str] = &[
    "to do",
    "to do's",
    "to dos",
    "todo",
    "todos",
    "to-do",
    "to-dos",
    "task",
    "tasks",
    "things to do",
    "reminder",
    "reminders",
    "current",
    "main",
    "own",
    "entire",
    "whole",
    "active",
    "complete",
    "full",
    "daily",
    "event",
    "events",
];

/// Words after the noun that say no more than that.
pub(crate) const LIST_TAILS: &[&str] = &[
    "of things to do",
    "of things i have to do",
    "of things i need to do",
    "of things to complete",
    "of tasks",
    "of tasks to complete",
    "of tasks to accomplish",
    "of tasks to do",
    "of reminders",
    "of reminder",
    "of things",
    "of to dos",
    "of to do's",
    "of to-do's",
    "of to-dos",
    "of todos",
    "of chores",
    "of errands",
    "of housework",
    "to do",
    "to-do",
    "of items",
    "items",
    "app",
    "list",
    "of stuff to do",
    "of jobs",
];

/// Lists that are ours by their name alone.
pub(crate) const KNOWN_LISTS: &[&str] = &["shopping", "grocery", "groceries"];

/// Words that are in no list's name.
pub(crate) const NO_LIST_NAMES: &[&str] = &[
    "and", "or", "to", "on", "of", "a", "my", "the", "our", "your", "read", "hear", "see", "show",
    "check", "know", "tell", "view", "go", "clear", "delete", "add", "put", "from", "in", "off",
];

/// Names of lists that are no lists of things to do.
pub(crate) const LISTS_OF_OTHERS: &[&str] = &[
    "contact",
    "contacts",
    "play",
    "playlist",
    "guest",
    "mailing",
    "watch",
    "price",
    "phone",
    "friends",
    "address",
    "waiting",
    "song",
    "music",
    "favorites",
    "favourites",
    "alarm",
    "alarms",
    "email",
];
