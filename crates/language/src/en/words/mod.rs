//! The words of English that requests are made of.

mod answers;
mod around;
mod carried;
mod claims;
mod lists;
mod looking;
mod matters;
mod naming;
mod notes;
mod points;
mod spelling;
mod verbs;

pub(crate) use answers::{
    ALL, ALL_OF_IT, ANSWER_BEGINS, ANSWER_ENDS, BOTH, BUT, LIMITS, NO, NO_TO_A_QUESTION, OTHER,
    PLACES_OF_TWO, TITLE_BEGINS, YES, YES_BEGINS, YES_GOES_ON,
};
pub(crate) use around::{
    ASKING, ASKING_OPENERS, CLOSERS, COMMANDS, DIRECTED, HESITATIONS, NEED_OPENERS, OPENERS,
    REASONS,
};
pub(crate) use carried::{
    AWAY_WORDS, BACK_WORDS, CHANGE_WORDS, DENIALS, DONE_WORDS, EXCEPTIONS, INJECTIONS, LOOKUPS,
    NAMELESS, NEW_WORDS, OPEN_WORDS, PRELUDES, REDO_WORDS, UNDO_PHRASES, UNDO_WORDS,
};
pub(crate) use claims::CLAIMS;
pub(crate) use lists::{
    KNOWN_LISTS, LIST_KINDS, LIST_NOUNS, LIST_OWNERS, LIST_PLACES, LIST_PLURALS, LIST_TAILS,
    LISTS_OF_OTHERS, NO_LIST_NAMES,
};
pub(crate) use looking::{ABOUT, ABOUT_TASKS, EVENTS, LISTING, SAYS_LISTING, STATES};
pub(crate) use matters::{
    ABOUT_US, ELSEWHERE, MACHINES, OCCASIONS, OUR_NOUNS, TASK_NOUNS, TASK_WORDS,
};
pub(crate) use naming::{
    ADJECTIVES, AFTER_NOUNS, BEFORE_NOUNS, EVERYTHING, LINKS, NO_NAME_BEGINS, NOUNS, NUMBERS,
    ORDINALS, PLURALS, PRONOUNS, STOP_WORDS, SYNONYMS,
};
pub(crate) use notes::{ACTIONS, ERRANDS, FILLERS, NEEDS, NOT_NOTE_PHRASES, NOT_NOTES, SOFTENERS};
pub(crate) use points::{BOXES, BULLETS, HEADINGS, POINT_REQUESTS, POINTS};
pub(crate) use spelling::{COMMAND_WORDS, NOT_COMMAND_WORDS, SPELLINGS};
pub(crate) use verbs::{CHANGING, DELETING, KNOWING, LOOKING, LOWERING, RAISING};

/// Sets of words that patterns name by `%set`, each as alternatives.
pub(crate) const SETS: &[(&str, &str)] = &[
    ("done", "done|complete|completed|finished|finish"),
    ("task", "task|todo|to-do|item|reminder|entry|event"),
    ("tasks", "tasks|todos|to-dos|items|reminders|events"),
    (
        "reminder",
        "reminder|alert|notification|alarm|remidner|remainder",
    ),
    (
        "kind",
        "new|daily|weekly|monthly|annual|yearly|recurring|reoccurring|repeating|repeat|quick|generic|calendar|regular|another|custom|location|event|one-time",
    ),
    ("list", "list|lists|to-do-list|todo-list"),
    (
        "show",
        "show|list|display|see|view|give|get|read|print|pull|bring",
    ),
    (
        "hear",
        "show|list|display|see|view|give|get|read|print|pull|bring|hear|know|recite|repeat|describe|iterate|tell|review|check|open|play|provide|name|say|state|dictate|refresh|recall|share|evaluate|present|remember",
    ),
    (
        "delete",
        "delete|remove|erase|trash|drop|scrap|bin|discard|cancel|del|rid",
    ),
    (
        "add",
        "add|put|insert|include|place|throw|stick|enter|append|jot|write|note|log|record|pop|toss|chuck|create|set|schedule|save",
    ),
    (
        "set",
        "set|make|create|schedule|add|setup|put|give|get|start|reset",
    ),
    (
        "move",
        "move|reschedule|shift|push|postpone|delay|defer|bring|snooze|bump|put|change|set|make|schedule",
    ),
    (
        "later",
        "move|reschedule|shift|push|postpone|delay|defer|snooze|bump|change|bring|slide|carry|adjust",
    ),
    ("make", "make|set|mark|change|turn|update|switch"),
    (
        "past",
        "done|finished|completed|bought|paid|called|sent|cleaned|fixed|booked|posted|written|wrote|submitted|watered|ordered|emailed|returned|picked|made|taken|took|washed|renewed|cooked|fed|walked|wrapped|knocked|ticked|checked|handled|sorted|mailed|filed|signed|cancelled|scheduled|vacuumed|ironed|mowed|packed|printed|delivered|phoned|texted|collected|prepared|replied|answered|reviewed|dropped",
    ),
    ("sort", "kind|kinds|sort|sorts|type|types"),
    (
        "topic",
        "questions|question|things|thing|stuff|topics|topic|subjects|subject|info|information|queries|areas|skills|commands|features|help|services|tricks",
    ),
];
