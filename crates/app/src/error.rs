//! What can go wrong with a request, as far as its caller can tell it apart.

use domain::{ConversationId, MessageId, ProposalId, Refusal, Seq, TaskId};

/// What went wrong with a request. The words are for whoever made it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Words that are no date and no repeat.
    #[error(
        "\u{201c}{0}\u{201d} is not a date I can read; try \u{201c}2026-12-01\u{201d}, \u{201c}next friday 14:00\u{201d} or \u{201c}every 2 weeks\u{201d}"
    )]
    UnreadableDate(String),
    /// No conversation of this user has the number.
    #[error("there is no conversation {0}; leave the number out to begin a new one")]
    NoSuchConversation(ConversationId),
    /// No message of this conversation has the number.
    #[error("there is no reply {0} in this conversation; list its messages to see their numbers")]
    NoSuchMessage(MessageId),
    /// A reply of this conversation is still being written.
    #[error("a reply is still being written in this conversation; wait for it or stop it first")]
    StillWriting,
    /// Only the last message can be said anew.
    #[error("only your last message of a conversation can be edited; send a new one instead")]
    NotTheLast,
    /// What an edited message did at first still stands.
    #[error(
        "what this message did at first still stands ({}). Say whether it is to be taken back: send undo_earlier as true or false", numbers(.0)
    )]
    EarlierChanges(Vec<Seq>),
    /// There is no proposal that waits for an answer, or another came after it.
    #[error("this proposal does not wait for an answer any more; look at the conversation again")]
    NothingToApprove,
    /// No proposal of this user has the number, or not any more.
    #[error("there is no proposal {0}; list the proposals to see their numbers")]
    NoSuchProposal(ProposalId),
    /// A proposal that does not wait any more, and why.
    #[error("proposal {0} {1}; list the proposals to see what waits")]
    ProposalEnded(ProposalId, &'static str),
    /// A task was accepted that the proposal does not change.
    #[error("task {0} is not part of proposal {1}; list the proposals to see what each is about")]
    NotProposed(TaskId, ProposalId),
    /// As many proposals wait as there may be.
    #[error(
        "as many proposals wait for an answer as there may be; ask the owner to accept or dismiss some first"
    )]
    TooManyProposals,
    /// As many replies are being written as there may be.
    #[error("too many replies are being written; try again in a few seconds")]
    ModelBusy,
    /// As many listen to a user's changes as may at once.
    #[error("{0} streams of your changes are open already; close one first")]
    TooManyListeners(usize),
    /// A page was asked for by something that is no cursor of ours.
    #[error("that is not a cursor of this list; leave it out to begin at the start")]
    BadCursor,
    /// More on a page than there may be, or nothing.
    #[error("limit is a number from 1 to {0}")]
    BadLimit(u32),
    /// The idempotency key was used for something else.
    #[error("this idempotency key was used for another request; use a new one")]
    KeyReused,
    /// Too much is going on at once.
    #[error("too many requests are waiting; try again in a second")]
    Busy,
    /// The database does not answer.
    #[error("the database did not answer; nothing was changed. Try again in a moment")]
    Unavailable(#[source] store::Error),
    /// The database holds something it should not.
    #[error("something is wrong with the stored data; nothing was changed")]
    Corrupt(#[source] store::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict | store::Error::Busy => Self::Busy,
            store::Error::BadCursor => Self::BadCursor,
            store::Error::Unavailable(_) => Self::Unavailable(error),
            _ => Self::Corrupt(error),
        }
    }
}

fn numbers(changes: &[Seq]) -> String {
    let numbers: Vec<String> = changes.iter().map(|seq| format!("change {seq}")).collect();
    numbers.join(", ")
}
