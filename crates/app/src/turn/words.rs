//! A model's words on their way into a reply: whole sentences, none that claims a change.

use language::Prose;

use super::brief::RECEIPT;
use crate::{Block, Content};

/// The words of one answer.
#[derive(Debug, Default)]
pub(super) struct Words {
    prose: Prose,
    /// Whether the reply has any of them.
    begun: bool,
    /// The space after them, should they go on.
    space: String,
    /// Whether there were any that imitate how a model is told of receipts.
    imitates: bool,
}

impl Words {
    /// Takes the next piece of the answer. Whether the reply has more words now.
    pub(super) fn push(&mut self, piece: &str, content: &mut Content) -> bool {
        let words = self.prose.push(piece);
        self.write(&words, content)
    }

    /// Takes what is left at the end of the answer.
    pub(super) fn end(&mut self, content: &mut Content) {
        let words = self.prose.end();
        self.write(&words, content);
    }

    /// Whether the reply has any of them.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether something was left out because it claimed a change.
    pub(super) fn withheld(&self) -> bool {
        self.prose.withheld() || self.imitates
    }

    fn write(&mut self, words: &str, content: &mut Content) -> bool {
        let is_own = |line: &&str| !line.contains(RECEIPT);
        self.imitates |= !words.split_inclusive('\n').all(|line| is_own(&line));
        let words: String = words.split_inclusive('\n').filter(is_own).collect();
        let trimmed = words.trim_end();
        if trimmed.trim_start().is_empty() {
            self.space.push_str(&words);
            return false;
        }
        match content.blocks.last_mut() {
            Some(Block::Text { text }) if self.begun => {
                text.push_str(&self.space);
                text.push_str(trimmed);
            }
            _ => content.blocks.push(Block::Text {
                text: trimmed.trim_start().to_owned(),
            }),
        }
        // Space belongs to what comes after it, if anything does.
        self.space = words[trimmed.len()..].to_owned();
        self.begun = true;
        true
    }
}
