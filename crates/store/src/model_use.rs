//! What language models were used for, by user and day, and by everybody together.

use domain::UserId;
use jiff::civil::Date;

use crate::db::{Row, Statement, params};
use crate::{Error, Store};

/// What language models were used for on one day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelUse {
    /// The day.
    pub day: Date,
    /// Requests to a provider, those that failed too.
    pub requests: u64,
    /// Tokens that were sent.
    pub input_tokens: u64,
    /// Tokens that came back.
    pub output_tokens: u64,
}

/// How much of a day's limits is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ModelUsed {
    /// Requests of the user.
    pub user_requests: u64,
    /// Tokens of the user, sent and received.
    pub user_tokens: u64,
    /// Requests of everybody.
    pub requests: u64,
    /// Tokens of everybody.
    pub tokens: u64,
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn count(row: &mut Row) -> Result<u64, Error> {
    Ok(u64::try_from(row.int()?).unwrap_or_default())
}

impl ModelUse {
    /// Adds it to what was used before.
    pub(crate) fn statements(&self, user: &UserId) -> [Statement; 2] {
        let day = self.day.to_string();
        let tokens = self.input_tokens.saturating_add(self.output_tokens);
        [
            Statement::new(
                "INSERT INTO model_use (user_id, day, requests, input_tokens, output_tokens) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (user_id, day) DO UPDATE SET requests = model_use.requests + excluded.requests, \
                 input_tokens = model_use.input_tokens + excluded.input_tokens, \
                 output_tokens = model_use.output_tokens + excluded.output_tokens",
                params![
                    user.as_str(),
                    day.clone(),
                    whole(self.requests),
                    whole(self.input_tokens),
                    whole(self.output_tokens),
                ],
            ),
            Statement::new(
                "INSERT INTO model_use_total (day, requests, tokens) VALUES ($1, $2, $3) ON CONFLICT (day) DO UPDATE SET \
                 requests = model_use_total.requests + excluded.requests, tokens = model_use_total.tokens + excluded.tokens",
                params![day, whole(self.requests), whole(tokens)],
            ),
        ]
    }
}

impl Store {
    /// What was used of a day's limits.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn model_used(&self, user: &UserId, day: Date) -> Result<ModelUsed, Error> {
        let own = "SELECT requests, input_tokens + output_tokens FROM model_use WHERE user_id = $1 AND day = $2";
        let total = "SELECT requests, tokens FROM model_use_total WHERE day = $1";
        let statements = vec![
            Statement::new(own, params![user.as_str(), day.to_string()]),
            Statement::new(total, params![day.to_string()]),
        ];
        let answers = self.db.of(user).read(statements).await?;
        let mut sums = answers
            .into_iter()
            .map(|rows| match rows.into_iter().next() {
                Some(mut row) => Ok::<_, Error>((count(&mut row)?, count(&mut row)?)),
                None => Ok((0, 0)),
            });
        let (user_requests, user_tokens) = sums.next().unwrap_or(Ok((0, 0)))?;
        let (requests, tokens) = sums.next().unwrap_or(Ok((0, 0)))?;
        Ok(ModelUsed {
            user_requests,
            user_tokens,
            requests,
            tokens,
        })
    }

    /// What a user used on each of the last days, the latest first, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn model_uses(&self, user: &UserId, limit: u32) -> Result<Vec<ModelUse>, Error> {
        let sql = format!(
            "SELECT day, requests, input_tokens, output_tokens FROM model_use WHERE user_id = $1 ORDER BY day DESC LIMIT {limit}"
        );
        let statement = Statement::new(sql, params![user.as_str()]);
        let found = self.db.of(user).query(statement).await?;
        let used = |mut row: Row| {
            let day = row.text()?;
            let day = day
                .parse()
                .map_err(|error: jiff::Error| Error::Corrupt(error.to_string()))?;
            Ok(ModelUse {
                day,
                requests: count(&mut row)?,
                input_tokens: count(&mut row)?,
                output_tokens: count(&mut row)?,
            })
        };
        found.into_iter().map(used).collect()
    }
}
