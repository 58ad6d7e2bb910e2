//! Words to meaning and back: a pure function of a text, the tasks in sight and the time.
//!
//! The way of a text: `token` cuts it into words with their places; [`dates`] finds dates, times and repeats;
//! [`read`](read()) splits it into requests, matches their frames and resolves which tasks are meant; [`say`] turns what came of
//! it into words. What belongs to one language (its words and frames) is in a folder of its own, `en`.

pub mod dates;
mod en;
mod read;
pub mod say;
mod token;

pub use dates::{Found, find, when};
pub use read::{
    Choice, Question, Reading, Sight, Span, SpanKind, Step, Talk, capture, needs_tasks, read,
    tasks_meant,
};
