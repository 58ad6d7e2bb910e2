//! Words to meaning and back: a pure function of a text, the tasks in sight and the time.
//!
//! The way of a text: `token` cuts it into words with their places; [`dates`] finds dates, times and repeats;
//! [`read`](read()) splits it into requests, matches their frames and resolves which tasks are meant; [`say`] turns what came of
//! it into words. Of what a language model says and proposes, [`Prose`] shows what claims no change, and [`carries`] tells what
//! the person asked for themselves. What belongs to one language (its words, dates and frames) is in a folder of its own:
//! `en`, and the others in terms of it; `language` tells which one a text is in.

pub mod dates;
mod de;
mod en;
mod es;
mod fr;
mod language;
mod prose;
mod read;
pub mod say;
mod token;
mod ur;

pub use dates::{Found, find, when};
pub use language::Language;
pub use prose::Prose;
pub use read::{
    Choice, Line, Mark, Occasion, Question, Reading, Sight, Span, SpanKind, Step, Talk, carries,
    each_line, line, needs_tasks, read, tasks_meant,
};
