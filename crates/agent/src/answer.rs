//! What a model says to a request.

use std::ops::AddAssign;

use crate::Call;

/// The whole of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its words.
    pub text: String,
    /// The tools it calls, in the order it named them.
    pub calls: Vec<Call>,
    /// Why it ended.
    pub finish: Finish,
    /// What it took, with what was spent on attempts that failed.
    pub usage: Usage,
    /// Who answered.
    pub provider: String,
    /// The model that was asked for there.
    pub model: String,
    /// How many HTTP requests it took.
    pub requests: u32,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// All is said, or the tools are waited for.
    Complete,
    /// The most tokens were reached. The arguments of the last call may be unreadable.
    Length,
    /// The provider would not let the rest through.
    Filtered,
}

/// The tokens spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// On what was put to the model.
    pub input_tokens: u64,
    /// On what it said.
    pub output_tokens: u64,
    /// The provider did not say all of it: a token is taken for four bytes.
    pub estimated: bool,
}

impl Usage {
    /// What so many bytes come to.
    pub(crate) fn estimate(input_bytes: usize, output_bytes: usize) -> Self {
        let tokens = |bytes: usize| bytes.div_ceil(4) as u64;
        Self {
            input_tokens: tokens(input_bytes),
            output_tokens: tokens(output_bytes),
            estimated: true,
        }
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.estimated = self.estimated || other.estimated;
    }
}
