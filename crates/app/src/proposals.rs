//! What agents propose: a change is kept until its owner accepts or dismisses it.

use domain::{
    Actor, Approval, Command, Door, Origin, Outcome, ProposalId, Seq, TaskId, UserId, approval,
    decide, needs,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Batch, Decided, Decision, KeptProposal};

use crate::run::ATTEMPTS_MAX;
use crate::turn::draft::Draft;
use crate::{App, Block, Content, Error, Proposal};

/// Most proposals that wait at a time.
const WAITING_MAX: usize = 100;
/// Most bytes in all that wait: each time another comes they are read.
const WAITING_BYTES_MAX: usize = 1024 * 1024;

/// What came of the wish to propose a change.
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time")]
#[derive(Debug, Clone, PartialEq)]
pub enum Proposing {
    /// It waits for its owner.
    Waits(Proposed),
    /// It would come to this and change nothing, so nobody is asked.
    Outcome(Outcome),
}

/// A change that waits for its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Proposed {
    /// Its number.
    pub id: ProposalId,
    /// In words.
    pub text: String,
    /// Until when it waits.
    #[schemars(with = "String")]
    pub expires_at: Timestamp,
}

/// A change that waits, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WaitingProposal {
    /// Its number.
    pub id: ProposalId,
    /// Who proposes it.
    pub agent: String,
    /// In words.
    pub text: String,
    /// The tasks it changes, some of which can be accepted without the others; none if it only makes something new.
    pub task_ids: Vec<TaskId>,
    /// Since when it waits.
    #[schemars(with = "String")]
    pub proposed_at: Timestamp,
    /// Until when it waits.
    #[schemars(with = "String")]
    pub expires_at: Timestamp,
    /// What is proposed.
    #[serde(skip)]
    pub proposal: Proposal,
}

/// What came of an owner's yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Accepted {
    /// In words, made from what was committed.
    pub text: String,
    /// What did not go as it was proposed, such as tasks that were left out; it is in the text too.
    pub notices: Vec<String>,
    /// The changes that were made, by their numbers in the journal, each of which can be undone.
    pub change_ids: Vec<Seq>,
    /// What has to be asked now: once more, as before the trash is emptied, or because more would change than was shown.
    pub asked_again: Option<Proposed>,
}

/// Whose changes a proposal's are: the agent's, also when somebody else has said yes.
fn origin(agent: Actor, request_id: &str) -> Origin {
    Origin {
        actor: agent,
        ..Origin::person(Door::Mcp, request_id)
    }
}

/// What a draft has proposed, with its words. `None` if it has proposed nothing.
fn proposed(content: &Content) -> Option<(&str, &Proposal)> {
    content.blocks.iter().find_map(|block| match block {
        Block::Approval { text, proposal } => Some((text.as_str(), proposal)),
        _ => None,
    })
}

/// What did not go as it was proposed.
fn notices(content: &Content) -> Vec<String> {
    let notices = content.blocks.iter().filter_map(|block| match block {
        Block::Notice { text } => Some(text.clone()),
        _ => None,
    });
    notices.collect()
}

fn json(value: &impl Serialize) -> serde_json::Value {
    // Commands and proposals are plain data, which always has a JSON form.
    serde_json::to_value(value).unwrap_or_default()
}

/// What it takes to keep one, about.
fn bytes(kept: &KeptProposal) -> usize {
    kept.command.to_string().len() + kept.proposal.to_string().len()
}

fn read(kept: &KeptProposal) -> Result<Proposal, Error> {
    serde_json::from_value(kept.proposal.clone())
        .map_err(|error| Error::Corrupt(store::Error::Corrupt(error.to_string())))
}

fn waiting(kept: KeptProposal) -> Result<WaitingProposal, Error> {
    let proposal = read(&kept)?;
    Ok(WaitingProposal {
        id: kept.id,
        agent: match &proposal.actor {
            Actor::Agent(name) | Actor::Model(name) => name.clone(),
            Actor::Person => String::new(),
        },
        text: kept.text,
        task_ids: proposal.rows.iter().map(|(id, _)| *id).collect(),
        proposed_at: kept.proposed_at,
        expires_at: kept.expires_at,
        proposal,
    })
}

impl From<&KeptProposal> for Proposed {
    fn from(kept: &KeptProposal) -> Self {
        Self {
            id: kept.id,
            text: kept.text.clone(),
            expires_at: kept.expires_at,
        }
    }
}

impl App {
    /// Keeps a change that `agent` wants made until `user` decides. The same change again, while it waits, is the same
    /// proposal; one that reads otherwise by now takes the place of the first.
    ///
    /// # Errors
    /// Why the command could not be done as things are now, as with [`App::run`], or [`Error::TooManyProposals`]; nothing
    /// is kept then.
    pub async fn propose(
        &self,
        user: &UserId,
        command: &Command,
        agent: &str,
        request_id: &str,
    ) -> Result<Proposing, Error> {
        if let Some(outcome) = self.look(user, command).await? {
            return Ok(Proposing::Outcome(outcome));
        }
        let agent = Actor::Agent(agent.to_owned());
        for _ in 0..ATTEMPTS_MAX {
            let memory = self.without_words(user).await?;
            let origin = origin(agent.clone(), request_id);
            let mut draft = Draft::new(self, user, origin, "", &memory, Content::default());
            let rows = draft.rows(needs(command)).await?;
            let changes = match decide(&rows, command, memory.now)? {
                domain::Decision::Change(changes) => changes,
                domain::Decision::Unchanged(unchanged) => {
                    return Ok(Proposing::Outcome(Outcome::Unchanged(unchanged)));
                }
                domain::Decision::Reads => {
                    unreachable!("look() has answered every reading command")
                }
            };
            let needed = approval(command, &agent, &changes).max(Approval::Once);
            let changes = vec![(command.clone(), changes)];
            let (text, proposal) = draft.proposal(changes, Vec::new(), needed);
            let (all, id) = self.store().waiting_proposals(user, memory.now).await?;
            let command = json(command);
            let mut decided = None;
            for earlier in all.iter().filter(|earlier| earlier.command == command) {
                let before = read(earlier)?;
                if before.actor != agent {
                    continue;
                }
                if (&before.commands, &before.rows) == (&proposal.commands, &proposal.rows) {
                    return Ok(Proposing::Waits(earlier.into()));
                }
                decided = Some(Decided {
                    id: earlier.id,
                    decision: Decision::Replaced,
                    at: memory.now,
                });
            }
            let kept = KeptProposal {
                id,
                command,
                request_id: request_id.to_owned(),
                text,
                proposal: json(&proposal),
                proposed_at: memory.now,
                expires_at: proposal.expires_at,
                decision: None,
            };
            let bytes: usize = all.iter().chain([&kept]).map(bytes).sum();
            if decided.is_none() && (all.len() >= WAITING_MAX || bytes > WAITING_BYTES_MAX) {
                return Err(Error::TooManyProposals);
            }
            let proposed = Proposed::from(&kept);
            let batch = Batch {
                decided,
                proposal: Some(kept),
                ..Batch::default()
            };
            match self.store().commit(user, &batch).await {
                Ok(()) => return Ok(Proposing::Waits(proposed)),
                Err(store::Error::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// The proposals that wait for `user`, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn proposals(&self, user: &UserId) -> Result<Vec<WaitingProposal>, Error> {
        let (all, _) = self
            .store()
            .waiting_proposals(user, self.clock().now())
            .await?;
        all.into_iter().map(waiting).collect()
    }

    /// How many proposals wait for `user`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn count_proposals(&self, user: &UserId) -> Result<i64, Error> {
        let now = self.clock().now();
        Ok(self.store().count_proposals(user, now).await?)
    }

    /// Makes the changes of a proposal, or those to `some` of its tasks; the rest of it is dismissed. Only tasks that still
    /// are what was shown change, and the answer says which were left out. The entries are the agent's.
    ///
    /// # Errors
    /// [`Error::NoSuchProposal`]; [`Error::ProposalEnded`] if it waits no more; [`Error::NotProposed`].
    pub async fn accept_proposal(
        &self,
        user: &UserId,
        id: ProposalId,
        some: Option<&[TaskId]>,
    ) -> Result<Accepted, Error> {
        let _turn = self.queue(user).await;
        for _ in 0..ATTEMPTS_MAX {
            let kept = self.kept(user, id).await?;
            let proposal = read(&kept)?;
            let ids = || proposal.rows.iter().map(|(id, _)| id);
            let stranger =
                some.and_then(|some| some.iter().find(|some| ids().all(|id| id != *some)));
            if let Some(stranger) = stranger {
                return Err(Error::NotProposed(*stranger, id));
            }
            let memory = self.without_words(user).await?;
            let origin = origin(proposal.actor.clone(), &kept.request_id);
            let (door, request_id) = (origin.door, origin.request_id.clone());
            let mut draft = Draft::new(self, user, origin, "", &memory, Content::default());
            draft.accept(proposal.clone(), some).await?;
            let (batch, content, ran) = draft.finish();
            let again = match proposed(&content) {
                Some((text, again)) => Some(KeptProposal {
                    id: self.store().waiting_proposals(user, memory.now).await?.1,
                    // A second question alone would not say what it is about.
                    text: if again.yes_needed < proposal.yes_needed {
                        format!("{}\n{text}", kept.text)
                    } else {
                        text.to_owned()
                    },
                    proposal: json(again),
                    proposed_at: memory.now,
                    expires_at: again.expires_at,
                    ..kept
                }),
                None => None,
            };
            let accepted = Accepted {
                text: content.text(),
                notices: notices(&content),
                change_ids: content.receipts().collect(),
                asked_again: again.as_ref().map(Proposed::from),
            };
            let batch = Batch {
                decided: Some(Decided {
                    id,
                    decision: Decision::Accepted,
                    at: memory.now,
                }),
                proposal: again,
                ..batch
            };
            match self.store().commit(user, &batch).await {
                Ok(()) => {
                    self.tell(door, &request_id, ran);
                    return Ok(accepted);
                }
                Err(store::Error::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// Drops a proposal; nothing changes.
    ///
    /// # Errors
    /// [`Error::NoSuchProposal`]; [`Error::ProposalEnded`] if it waits no more.
    pub async fn dismiss_proposal(&self, user: &UserId, id: ProposalId) -> Result<(), Error> {
        for _ in 0..ATTEMPTS_MAX {
            self.kept(user, id).await?;
            let batch = Batch {
                decided: Some(Decided {
                    id,
                    decision: Decision::Dismissed,
                    at: self.clock().now(),
                }),
                ..Batch::default()
            };
            match self.store().commit(user, &batch).await {
                Ok(()) => return Ok(()),
                Err(store::Error::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// The proposal with this number, if it still waits.
    async fn kept(&self, user: &UserId, id: ProposalId) -> Result<KeptProposal, Error> {
        let found = self.store().proposal(user, id).await?;
        let kept = found.ok_or(Error::NoSuchProposal(id))?;
        let how = match kept.decision {
            Some(Decision::Accepted) => "was accepted already",
            Some(Decision::Dismissed) => "was dismissed",
            Some(Decision::Replaced) => "was replaced by a newer one",
            None if kept.expires_at < self.clock().now() => "has waited too long",
            None => return Ok(kept),
        };
        Err(Error::ProposalEnded(id, how))
    }
}
