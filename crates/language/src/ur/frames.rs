//! The ways in which Urdu asks for something and English does not, in English words: the verb comes last, and what English
//! puts before a word comes after it.

use crate::en::frames::Ask::{self, Add, Complete, Count, Delete, List, Overview, Undo};

/// Every frame.
pub(crate) const FRAMES: &[(Ask, &str)] = &[
    (Add, "me|us? remind to? <title>"),
    (Add, "me|us <title> ko? remind"),
    (Add, "<title> me|us? ko? remind"),
    (Add, "{list} <title> ko? add"),
    (Add, "<title> ko? {list} add"),
    (Add, "<title> ko? add"),
    (Complete, "<task> wala? ko? is-done|mark-done"),
    (Complete, "<task> wala? ko? done"),
    (Delete, "{list} <task> wala? ko? delete"),
    (Delete, "<task> wala? ko? {list}? ko? delete"),
    (Undo, "undo"),
    (Overview, "{list} show"),
    (Count, "{date}? ko? how many <x>"),
    (List, "<x> what <y>?"),
    (List, "<x> show"),
];
