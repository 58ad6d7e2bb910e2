//! The ids of threads and items: our numbers, and whose they are.

use std::fmt;

use app::Reply;
use domain::{ConversationId, MessageId, UserId};
use sha2::{Digest, Sha256};

use crate::Problem;

/// The ids of one user's threads and items. Numbers are counted for each user, so an id also says for whom: one that somebody
/// else has been shown names nothing here.
#[derive(Debug, Clone)]
pub(super) struct Names(String);

/// The place of an item in its thread: a message of the person's, or a block of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) message: MessageId,
    pub(super) block: Option<usize>,
}

impl Spot {
    /// The place of the block `n` of a reply.
    pub(super) fn of(reply: &Reply, n: usize) -> Self {
        Self {
            message: reply.message,
            block: Some(n),
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.block {
            None => write!(f, "{}", self.message),
            Some(block) => write!(f, "{}_{block}", self.message),
        }
    }
}

impl Names {
    pub(super) fn of(user: &UserId) -> Self {
        let digest = Sha256::digest(user.as_str());
        Self(
            digest
                .iter()
                .take(6)
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    pub(super) fn thread(&self, conversation: ConversationId) -> String {
        format!("thr_{}_{conversation}", self.0)
    }

    pub(super) fn item(&self, conversation: ConversationId, spot: Spot) -> String {
        format!("msg_{}_{conversation}_{spot}", self.0)
    }

    /// The conversation that `id` names.
    pub(super) fn conversation(&self, id: &str) -> Result<ConversationId, Problem> {
        let number = id.rsplit('_').next().and_then(|number| number.parse().ok());
        number
            .map(ConversationId)
            .filter(|conversation| self.thread(*conversation) == id)
            .ok_or_else(no_such_thread)
    }

    /// The place that `id` names in a conversation; whether anything is there is not known yet.
    pub(super) fn spot(&self, conversation: ConversationId, id: &str) -> Result<Spot, Problem> {
        let prefix = format!("msg_{}_{conversation}_", self.0);
        let read = || {
            let mut numbers = id.strip_prefix(&prefix)?.split('_');
            let spot = Spot {
                message: MessageId(numbers.next()?.parse().ok()?),
                block: numbers.next().map(str::parse).transpose().ok()?,
            };
            (self.item(conversation, spot) == id).then_some(spot)
        };
        read().ok_or_else(no_such_item)
    }
}

pub(super) fn no_such_thread() -> Problem {
    let detail = "there is no such thread; list the threads to see their ids";
    Problem::new(axum::http::StatusCode::NOT_FOUND, "no-such-thread", detail)
}

pub(super) fn no_such_item() -> Problem {
    let detail = "there is no such item in this thread; list its items to see their ids";
    Problem::new(axum::http::StatusCode::NOT_FOUND, "no-such-item", detail)
}
