//! The ways in which French asks for something and English does not, in English words.

use crate::en::frames::Ask::{self, Add, Complete, List};

/// Every frame.
pub(crate) const FRAMES: &[(Ask, &str)] = &[
    (Add, "remind me to? of|to|that <title>"),
    (Complete, "mark <task> as %past"),
    (Complete, "i have already? %past <task>"),
    (List, "show|find me? that|what i? <x>"),
];
