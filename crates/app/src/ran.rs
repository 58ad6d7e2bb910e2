//! What is told of tools that were run and of messages that were answered: a line each in the log, and figures.

use std::time::{Duration, Instant};

use domain::Door;

use crate::{App, Usage};

/// What came of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// It was done, or there was nothing to do.
    Done,
    /// The person has to say yes first.
    Proposed,
    /// By the rules, or because the call made no sense.
    Refused,
    /// The database did not let it be done.
    Failed,
}

impl Came {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "ok",
            Self::Proposed => "proposed",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// Tools that were run one after the other.
#[derive(Debug)]
pub(crate) struct Ran {
    runs: Vec<(String, Came, Duration)>,
    since: Instant,
}

impl Ran {
    pub(crate) fn new() -> Self {
        Self {
            runs: Vec::new(),
            since: Instant::now(),
        }
    }

    /// Notes a tool that was run just now, after the one before it.
    pub(crate) fn note(&mut self, tool: &str, came: Came) {
        self.runs
            .push((tool.to_owned(), came, self.since.elapsed()));
        self.since = Instant::now();
    }
}

impl App {
    /// Tells of tools that were run. Only after the commit: what was not committed did not happen.
    pub(crate) fn tell(&self, door: Door, request_id: &str, ran: Ran) {
        for (tool, came, took) in ran.runs {
            let (outcome, took_ms) = (came.as_str(), milliseconds(took));
            self.figures().tool(&tool, door.as_str(), outcome, took);
            tracing::info!(
                tool,
                door = door.as_str(),
                outcome,
                took_ms,
                request_id,
                "tool"
            );
        }
    }

    /// Tells of a message that was answered.
    pub(crate) fn tell_turn(&self, engine: &'static str, request_id: &str, usage: &Usage) {
        self.figures().turn(engine);
        tracing::info!(
            engine,
            took_ms = rounded(usage.took_ms),
            end = ?usage.end,
            provider = usage.provider,
            requests = usage.requests,
            input_tokens = usage.input_tokens,
            output_tokens = usage.output_tokens,
            request_id,
            "turn"
        );
    }
}

fn milliseconds(took: Duration) -> f64 {
    rounded(took.as_secs_f64() * 1000.0)
}

/// Milliseconds, to the microsecond.
fn rounded(milliseconds: f64) -> f64 {
    (milliseconds * 1000.0).round() / 1000.0
}
