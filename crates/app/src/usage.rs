//! What a reply cost, and what of the person's left the server for it.

use std::collections::BTreeSet;

use domain::{ModelMode, Outcome, TaskId, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{ModelUse, ModelUsed};

use crate::{App, Error};

/// What a reply cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Usage {
    /// How long it took, in milliseconds.
    pub took_ms: f64,
    /// How it ended.
    pub end: End,
    /// Who ran the language model, if one was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The language model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How often it was told what came of its calls, and asked to go on, the first time included.
    pub rounds: u32,
    /// Requests to providers, those that failed too.
    pub requests: u32,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
    /// Whether the tokens are a guess, because the provider did not say.
    pub estimated: bool,
    /// What of the person's left the server.
    pub sent: Sent,
}

/// How a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum End {
    /// It is complete.
    #[default]
    Complete,
    /// It was stopped, by the person or because the server ended.
    Stopped,
    /// The model, or the database, gave up on the way.
    Failed,
}

/// What of the person's left the server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Sent {
    /// How many messages of the conversation.
    pub messages: usize,
    /// Tasks: their titles, dates, repeats, priorities, labels and projects.
    pub tasks: BTreeSet<TaskId>,
    /// Tasks whose notes went along.
    pub notes: BTreeSet<TaskId>,
}

impl Sent {
    /// Notes what was found and told.
    pub(crate) fn note(&mut self, found: &Outcome) {
        match found {
            Outcome::Tasks(page) => self.tasks.extend(page.tasks.iter().map(|task| task.id)),
            Outcome::Task(detail) => {
                self.tasks.insert(detail.task.id);
                self.tasks.extend(detail.steps.iter().map(|step| step.id));
                if !detail.task.description.is_empty() {
                    self.notes.insert(detail.task.id);
                }
            }
            _ => {}
        }
    }
}

/// When and how far language models are asked.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// When, unless the user has chosen. With [`ModelMode::Rules`] nobody's words leave the server, whatever they chose.
    pub mode: ModelMode,
    /// Replies that are written at once; one more is told to come back.
    pub replies_max: usize,
    /// How long a reply may take.
    pub reply_timeout: std::time::Duration,
    /// How much may be used on one day (UTC).
    pub limits: ModelLimits,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            mode: ModelMode::Unsure,
            replies_max: 100,
            reply_timeout: std::time::Duration::from_mins(2),
            limits: ModelLimits::default(),
        }
    }
}

/// How much may be used on one day (UTC); `None` for as much as anybody likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ModelLimits {
    /// Requests of one user.
    pub user_requests: Option<u64>,
    /// Tokens of one user, sent and received.
    pub user_tokens: Option<u64>,
    /// Requests of everybody.
    pub requests: Option<u64>,
    /// Tokens of everybody.
    pub tokens: Option<u64>,
}

impl ModelLimits {
    /// Whether anything is limited.
    pub(crate) fn is_any(&self) -> bool {
        *self != Self::default()
    }

    /// Whether nothing more may be used today.
    pub(crate) fn is_used_up(&self, used: &ModelUsed) -> bool {
        let over = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used >= limit);
        over(self.user_requests, used.user_requests)
            || over(self.user_tokens, used.user_tokens)
            || over(self.requests, used.requests)
            || over(self.tokens, used.tokens)
    }
}

impl App {
    /// What a user's messages cost on each of the last days, the latest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn model_uses(&self, user: &UserId, limit: u32) -> Result<Vec<ModelUse>, Error> {
        Ok(self.store().model_uses(user, limit).await?)
    }

    /// When a language model is asked for somebody who has `chosen` this.
    pub fn model_mode(&self, chosen: Option<ModelMode>) -> ModelMode {
        match self.model_settings().mode {
            _ if self.models().is_empty() => ModelMode::Rules,
            ModelMode::Rules => ModelMode::Rules,
            usual => chosen.unwrap_or(usual),
        }
    }

    /// Whether today's limits are used up.
    pub(crate) async fn is_used_up(&self, user: &UserId) -> Result<bool, Error> {
        let limits = &self.model_settings().limits;
        if !limits.is_any() {
            return Ok(false);
        }
        let today = self.clock().now().to_zoned(jiff::tz::TimeZone::UTC).date();
        Ok(limits.is_used_up(&self.store().model_used(user, today).await?))
    }
}
