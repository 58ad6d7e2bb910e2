//! The ways in which Urdu asks for something and English does not, in English words: the verb comes last, and what English
//! puts before a word comes after it.

use crate::en::frames::Ask::{self, Add, Change, Complete, Count, Delete, List, Overview, Undo};

/// Every frame.
pub(crate) const FRAMES: &[(Ask, &str)] = &[
    (Add, "me|us? remind to|ko? <title>"),
    (Add, "me|us <title> ko? remind"),
    (Add, "<title> ko? me|us? ko? remind"),
    (
        Add,
        "<title> ko? a|ek? %reminder ko? set|add|create|make kar?",
    ),
    (
        Add,
        "me|us? a|ek? %reminder set|add|create|make kar? to|ko? <title>",
    ),
    (Add, "{list} <title> ko? add kar?"),
    (Add, "<title> ko? {list} ko? add kar?"),
    (Add, "<title> ko? add kar?"),
    (Complete, "<task> wala? ko? is-done|mark-done"),
    (Complete, "<task> wala? ko? %done|mark %done|mark? kar?"),
    (Change, "<task> ko? {marks} par|pe? ko? kar|move"),
    (
        Delete,
        "{list} <task> wala? ko? %reminder|task? ko? delete kar?",
    ),
    (
        Delete,
        "<task> wala? ko? %reminder|task? ko? {list}? ko? delete kar?",
    ),
    (Undo, "undo kar?"),
    (Overview, "{list} show"),
    (Count, "{date}? ko? how many <x>"),
    (List, "<x> what <y>?"),
    (List, "<x> ko? show kar?"),
];
