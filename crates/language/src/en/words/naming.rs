//! How tasks are named: nouns, pronouns, places in a list, numbers, and other words for the same.

/// What a task is called when it is not named.
pub(crate) const NOUNS: &[&str] = &[
    "reminder",
    "task",
    "todo",
    "to-do",
    "item",
    "event",
    "alert",
    "notification",
    "alarm",
    "entry",
    "one",
    "remidner",
];

/// What may be said of a reminder before the word itself.
pub(crate) const ADJECTIVES: &[&str] = &[
    "daily",
    "weekly",
    "monthly",
    "annual",
    "yearly",
    "recurring",
    "repeating",
    "next",
    "current",
    "old",
    "existing",
    "new",
    "whole",
    "entire",
    "scheduled",
    "upcoming",
];

/// Words between a reminder and what it reminds of.
pub(crate) const LINKS: &[&str] = &[
    "to",
    "for",
    "about",
    "of",
    "that",
    "called",
    "named",
    "saying",
    "titled",
    "which",
    "says",
    "say",
    "set",
    "regarding",
    "on",
    "me",
    "with",
    "i",
    "have",
];

/// Words before "reminders" that do not say which.
pub(crate) const BEFORE_NOUNS: &[&str] = &[
    "all", "every", "of", "the", "my", "our", "both", "two", "most", "recent", "upcoming", "set",
    "existing",
];

/// Words between "reminders" and what they are about.
pub(crate) const AFTER_NOUNS: &[&str] = &[
    "about",
    "for",
    "to",
    "regarding",
    "with",
    "of",
    "that",
    "are",
    "referencing",
    "on",
    "concerning",
    "mentioning",
    "created",
    "set",
    "i",
    "have",
    "upcoming",
    "the",
    "a",
    "an",
];

/// What was last spoken of, one or several.
pub(crate) const PRONOUNS: &[&str] = &[
    "it",
    "that",
    "this",
    "that one",
    "this one",
    "the task",
    "that task",
    "this task",
    "the same",
    "the same one",
    "it all",
];

/// What was last spoken of, several.
pub(crate) const PLURALS: &[&str] = &[
    "them",
    "those",
    "these",
    "both",
    "them all",
    "all of them",
    "all of those",
    "all of these",
    "all those",
    "all these",
    "both of them",
    "those tasks",
    "these tasks",
    "the both",
    "both tasks",
];

/// Everything.
pub(crate) const EVERYTHING: &[&str] = &["all", "everything", "every", "all of it", "anything"];

/// Ordinals by which a place in a list is named.
pub(crate) const ORDINALS: &[(&str, usize)] = &[
    ("first", 1),
    ("1st", 1),
    ("second", 2),
    ("2nd", 2),
    ("third", 3),
    ("3rd", 3),
    ("fourth", 4),
    ("4th", 4),
    ("fifth", 5),
    ("5th", 5),
    ("sixth", 6),
    ("6th", 6),
    ("seventh", 7),
    ("7th", 7),
    ("eighth", 8),
    ("8th", 8),
    ("ninth", 9),
    ("9th", 9),
    ("tenth", 10),
    ("10th", 10),
];

/// Small numbers in words.
pub(crate) const NUMBERS: &[(&str, i64)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
];

/// Words that name no task.
pub(crate) const STOP_WORDS: &[&str] = &[
    "a",
    "an",
    "the",
    "my",
    "to",
    "of",
    "for",
    "with",
    "about",
    "and",
    "at",
    "in",
    "on",
    "that",
    "this",
    "from",
    "by",
    "our",
    "some",
    "it",
    "be",
    "is",
    "was",
    "i",
    "me",
    "task",
    "tasks",
    "todo",
    "todos",
    "to-do",
    "item",
    "items",
    "reminder",
    "reminders",
    "one",
    "ones",
    "thing",
    "called",
    "named",
    "entry",
    "titled",
];

/// Words that begin a question or an order, never the name of a task that something is said of.
pub(crate) const NO_NAME_BEGINS: &[&str] = &[
    "what", "what's", "whats", "why", "how", "how's", "who", "where", "when", "which", "does",
    "do", "did", "is", "are", "should", "can", "could", "would", "tell", "give", "show", "list",
    "find", "clear", "remove", "delete", "erase", "just",
];

/// Ways to say the same, stemmed, by one of them.
pub(crate) const SYNONYMS: &[(&str, &[&str])] = &[
    ("call", &["ring", "phon", "telephon", "dial"]),
    ("appointment", &["appt", "apt", "appointment"]),
    ("mum", &["mom", "mother", "mam", "mommy", "mummy"]),
    ("dad", &["father", "daddy"]),
    ("email", &["mail", "e-mail"]),
    ("doctor", &["dr", "doc"]),
    ("purchas", &["buy", "bought", "purchas"]),
    ("pay", &["paid", "payment"]),
    ("send", &["sent"]),
    ("write", &["wrote", "written"]),
    ("1", &["one"]),
    ("2", &["two"]),
    ("3", &["three", "thre"]),
    ("4", &["four"]),
    ("5", &["five", "fiv"]),
    ("6", &["six"]),
    ("7", &["seven"]),
    ("8", &["eight"]),
    ("9", &["nine", "nin"]),
    ("10", &["ten"]),
];
