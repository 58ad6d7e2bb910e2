//! The ways in which German asks for something and English does not, in English words: the verb comes last.

use crate::en::frames::Ask::{self, Add, Change, Complete, Delete, List};

/// Every frame.
pub(crate) const FRAMES: &[(Ask, &str)] = &[
    (Add, "<title> {list} add|put|write"),
    (Add, "{list} <title> add|put|write"),
    (Add, "write|put|note me? <title> {list}"),
    (Add, "write|note me? <title> to"),
    (Add, "put|write <title> {list}? ein|an|to"),
    (Add, "me please? to|about remind <title>"),
    (Add, "me please? an|to|about <title> remind"),
    (Add, "<title> add|note"),
    (Add, "remind me|us an|to <title>"),
    (Complete, "mark <task> as %past"),
    (Complete, "i'm %done with <task>"),
    (Complete, "<task> as %done mark"),
    (Complete, "check|cross <task> off"),
    (Complete, "<task> check-off"),
    (Complete, "i have <task> already? %past"),
    (Complete, "<task> is|are already? %past"),
    (Delete, "cross <task> {list}?"),
    (Delete, "<task> {list}? delete|remove"),
    (Change, "<task> to? {marks} move"),
    (List, "<x> show"),
];
