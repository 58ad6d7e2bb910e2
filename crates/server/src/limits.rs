//! How often: by address before anything is known about a caller, by user afterwards.
//!
//! Counted in this process. Sign-ins that fail are also counted by account, in the database, for every copy.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::Problem;
use crate::edge::{LimitSettings, network};

/// What a path is worth to somebody who guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Passwords.
    Guessing,
    /// Mail to somebody else.
    Mailing,
    /// Anything else.
    Plain,
}

/// Every limit.
pub(crate) struct Limits {
    by_address: bool,
    guessing: DefaultKeyedRateLimiter<String>,
    mailing: DefaultKeyedRateLimiter<String>,
    plain: Option<DefaultKeyedRateLimiter<String>>,
    users: Option<DefaultKeyedRateLimiter<String>>,
    /// Checks since what has been forgotten was let go of.
    checks: AtomicU32,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Limits")
    }
}

/// After how many checks memory is tidied, so that a flood of addresses does not fill it.
const TIDY_AFTER: u32 = 1024;

/// Better Auth's numbers: so many in so many seconds.
const STRICT: (u32, u64) = (3, 10);
const MAILING: (u32, u64) = (3, 60);
const PLAIN: (u32, u64) = (100, 10);

fn limiter((times, seconds): (u32, u64)) -> DefaultKeyedRateLimiter<String> {
    let times = NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN);
    let each = Duration::from_secs(seconds) / times.get();
    // A period of zero is the only one there is no quota for.
    let quota = Quota::with_period(each).unwrap_or(Quota::per_second(times));
    RateLimiter::keyed(quota.allow_burst(times))
}

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        let guessing = if settings.strict { STRICT } else { PLAIN };
        Self {
            by_address: settings.by_address,
            guessing: limiter(guessing),
            mailing: limiter(if settings.strict { MAILING } else { PLAIN }),
            plain: settings.strict.then(|| limiter(PLAIN)),
            users: settings
                .user_per_minute
                .map(|times| limiter((times.get(), 60))),
            checks: AtomicU32::new(0),
        }
    }

    /// Counts a request of `address` to `path`.
    ///
    /// # Errors
    /// After how many seconds it may be made again.
    pub(crate) fn check(&self, address: &str, path: &str, class: Class) -> Result<(), u32> {
        if !self.by_address {
            return Ok(());
        }
        let limiter = match class {
            Class::Guessing => &self.guessing,
            Class::Mailing => &self.mailing,
            Class::Plain => match &self.plain {
                Some(limiter) => limiter,
                None => return Ok(()),
            },
        };
        // Only the first words: what follows may be a secret, or one of endlessly many.
        let path: String = path.split('/').take(3).collect::<Vec<_>>().join("/");
        self.count(limiter, &format!("{} {path}", network(address)))
    }

    /// Counts a request of a user.
    ///
    /// # Errors
    /// [`Problem`] with status 429 after too many in a minute.
    pub(crate) fn user(&self, user: &str) -> Result<(), Problem> {
        match &self.users {
            Some(limiter) => self
                .count(limiter, &user.to_owned())
                .map_err(Problem::too_many),
            None => Ok(()),
        }
    }

    fn count(&self, limiter: &DefaultKeyedRateLimiter<String>, key: &String) -> Result<(), u32> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % TIDY_AFTER == TIDY_AFTER - 1 {
            let all = [&self.guessing, &self.mailing].into_iter();
            for limiter in all.chain(&self.plain).chain(&self.users) {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
        limiter.check_key(key).map_err(|wait| {
            let wait = wait.wait_time_from(DefaultClock::default().now());
            u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX)
        })
    }
}
