//! What agents propose, until the person has answered.

use domain::{ProposalId, Settings, UserId};
use jiff::Timestamp;

use crate::db::{Row, Statement, params};
use crate::journal::micros;
use crate::rows::{from_json, instant, to_json};
use crate::{Error, Store};

/// A proposal as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptProposal {
    /// Its number.
    pub id: ProposalId,
    /// What was asked for, as the application keeps it.
    pub command: serde_json::Value,
    /// The name under which logs know the request.
    pub request_id: String,
    /// In words.
    pub text: String,
    /// What is proposed, as the application keeps it.
    pub proposal: serde_json::Value,
    /// Since when it waits.
    pub proposed_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// What became of it. `None` while it waits, or when its time went by.
    pub decision: Option<Decision>,
}

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The person said yes, to all of it or to a part.
    Accepted,
    /// The person said no.
    Dismissed,
    /// Another says the same as things are now.
    Replaced,
}

impl Decision {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Dismissed => "dismissed",
            Self::Replaced => "replaced",
        }
    }
}

/// That a proposal waits no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// Which.
    pub id: ProposalId,
    /// What became of it.
    pub decision: Decision,
    /// When.
    pub at: Timestamp,
}

impl Decided {
    /// It changes one row, or what it is part of is a conflict: each proposal is decided once.
    pub(crate) fn statement(&self, user: &UserId) -> Statement {
        Statement::new(
            "UPDATE proposals SET decision = $3, decided_at = $4 \
             WHERE user_id = $1 AND id = $2 AND decided_at IS NULL",
            params![
                user.as_str(),
                self.id.0,
                self.decision.as_str(),
                micros(self.at)
            ],
        )
        .must_change_one()
    }
}

impl KeptProposal {
    /// Keeps it under its number, which must still be the next one.
    pub(crate) fn statements(&self, user: &UserId) -> [Statement; 2] {
        [
            Statement::new(
                "INSERT INTO profile (user_id, settings, seq, hash, next_task, next_project, next_conversation, next_proposal) \
                 VALUES ($1, $2, 0, $3, 1, 1, 1, $4 + 1) ON CONFLICT (user_id) DO UPDATE SET \
                 next_proposal = profile.next_proposal + 1 WHERE profile.next_proposal = $4",
                params![
                    user.as_str(),
                    to_json(&Settings::default()),
                    domain::Hash::default().to_string(),
                    self.id.0,
                ],
            )
            .must_change_one(),
            Statement::new(
                "INSERT INTO proposals (user_id, id, command, request_id, text, proposal, proposed_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                params![
                    user.as_str(),
                    self.id.0,
                    self.command.to_string(),
                    self.request_id.clone(),
                    self.text.clone(),
                    self.proposal.to_string(),
                    micros(self.proposed_at),
                    micros(self.expires_at),
                ],
            ),
        ]
    }
}

const PROPOSALS: &str = "SELECT id, command, request_id, text, proposal, proposed_at, expires_at, decision FROM proposals";

fn kept(mut row: Row) -> Result<KeptProposal, Error> {
    Ok(KeptProposal {
        id: ProposalId(row.int()?),
        command: from_json(&row.text()?)?,
        request_id: row.text()?,
        text: row.text()?,
        proposal: from_json(&row.text()?)?,
        proposed_at: instant(row.int()?)?,
        expires_at: instant(row.int()?)?,
        decision: row
            .text_or_null()?
            .map(|word| decision(&word))
            .transpose()?,
    })
}

fn decision(word: &str) -> Result<Decision, Error> {
    [Decision::Accepted, Decision::Dismissed, Decision::Replaced]
        .into_iter()
        .find(|decision| decision.as_str() == word)
        .ok_or_else(|| Error::Corrupt(format!("{word} is no decision")))
}

/// Those that wait at `$2`.
const WAITING: &str = "user_id = $1 AND decided_at IS NULL AND expires_at >= $2";

impl Store {
    /// The proposals of a user that wait at `now`, oldest first, and the number of the next one.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn waiting_proposals(
        &self,
        user: &UserId,
        now: Timestamp,
    ) -> Result<(Vec<KeptProposal>, ProposalId), Error> {
        let next = "SELECT next_proposal FROM profile WHERE user_id = $1";
        let waiting = format!("{PROPOSALS} WHERE {WAITING} ORDER BY id");
        let statements = vec![
            Statement::new(next, params![user.as_str()]),
            Statement::new(waiting, params![user.as_str(), micros(now)]),
        ];
        let mut answers = self.db.of(user).read(statements).await?.into_iter();
        let mut next = answers.next().unwrap_or_default();
        let next = next.first_mut().map_or(Ok(1), Row::int)?;
        let waiting = answers.next().unwrap_or_default();
        let waiting = waiting.into_iter().map(kept).collect::<Result<_, _>>()?;
        Ok((waiting, ProposalId(next)))
    }

    /// How many proposals of a user wait at `now`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn count_proposals(&self, user: &UserId, now: Timestamp) -> Result<i64, Error> {
        let sql = format!("SELECT COUNT(*) FROM proposals WHERE {WAITING}");
        let statement = Statement::new(sql, params![user.as_str(), micros(now)]);
        let mut rows = self.db.of(user).query(statement).await?;
        rows.first_mut().map_or(Ok(0), Row::int)
    }

    /// One proposal, whether it waits or not. `None` if there is none with this number, or not any more.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn proposal(
        &self,
        user: &UserId,
        id: ProposalId,
    ) -> Result<Option<KeptProposal>, Error> {
        let sql = format!("{PROPOSALS} WHERE user_id = $1 AND id = $2");
        let statement = Statement::new(sql, params![user.as_str(), id.0]);
        let found = self.db.of(user).query(statement).await?;
        found.into_iter().next().map(kept).transpose()
    }

    /// Removes a user's proposals that have not waited since before `before`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn remove_proposals(&self, user: &UserId, before: Timestamp) -> Result<(), Error> {
        let sql =
            "DELETE FROM proposals WHERE user_id = $1 AND COALESCE(decided_at, expires_at) < $2";
        let statement = Statement::new(sql, params![user.as_str(), micros(before)]);
        self.db.of(user).write(vec![statement]).await.map(|_| ())
    }
}
