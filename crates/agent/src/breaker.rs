//! Leaves a provider alone for a while that has failed too often.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::Settings;

/// How long it takes, more or less, until whoever finds out knows.
const PROBE: Duration = Duration::from_secs(1);

/// How one provider has been lately.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Failures in a row.
    failures: u32,
    resting_until: Option<Instant>,
    /// Somebody is finding out whether it is well again.
    probing: bool,
}

/// Leave to make one request. Dropped without a word, as when a person hangs up, it tells nothing about the provider.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    breaker: &'a Breaker,
    probe: bool,
}

impl Breaker {
    /// Leave to ask, or how long the provider still rests.
    pub(crate) fn enter(&self, now: Instant) -> Result<Pass<'_>, Duration> {
        let mut state = self.state();
        let probe = match state.resting_until {
            None => false,
            Some(until) if now < until => return Err(until - now),
            Some(_) if state.probing => return Err(PROBE),
            Some(_) => true,
        };
        state.probing |= probe;
        drop(state);
        Ok(Pass {
            breaker: self,
            probe,
        })
    }

    /// Whether it is left alone now.
    pub(crate) fn is_resting(&self, now: Instant) -> bool {
        self.state().resting_until.is_some_and(|until| now < until)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// It has answered, whatever it said.
    pub(crate) fn well(self) {
        let mut state = self.breaker.state();
        state.failures = 0;
        // An answer that was long under way does not end a rest that began meanwhile.
        if self.probe {
            state.resting_until = None;
        }
    }

    /// It has failed.
    pub(crate) fn failed(self, now: Instant, settings: &Settings) {
        let mut state = self.breaker.state();
        state.failures = state.failures.saturating_add(1);
        if self.probe || state.failures >= settings.rest_after {
            state.resting_until = Some(now + settings.rest);
        }
    }

    /// It is to be left alone until then, as it said itself or because asking it is of no use.
    pub(crate) fn rest(self, until: Instant) {
        self.breaker.state().resting_until = Some(until);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.probe {
            self.breaker.state().probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Breaker;
    use crate::Settings;

    const REST: Duration = Duration::from_secs(30);

    fn resting(now: Instant) -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..5 {
            breaker.enter(now).unwrap().failed(now, &settings());
        }
        breaker
    }

    fn settings() -> Settings {
        Settings::default()
    }

    #[test]
    fn rests_after_failures_in_a_row() {
        let now = Instant::now();
        let breaker = Breaker::default();
        for _ in 0..4 {
            breaker.enter(now).unwrap().failed(now, &settings());
        }
        breaker.enter(now).unwrap().well();
        breaker.enter(now).unwrap().failed(now, &settings());
        assert!(breaker.enter(now).is_ok());
        assert_eq!(resting(now).enter(now).unwrap_err(), REST);
    }

    #[test]
    fn one_probe_goes_through() {
        let now = Instant::now();
        let breaker = resting(now);
        let later = now + REST;
        let probe = breaker.enter(later).unwrap();
        assert!(breaker.enter(later).is_err());
        probe.well();
        assert!(breaker.enter(later).is_ok());
        assert!(breaker.enter(later).is_ok());
    }

    #[test]
    fn a_probe_that_fails_begins_the_rest_anew() {
        let now = Instant::now();
        let breaker = resting(now);
        let later = now + REST;
        breaker.enter(later).unwrap().failed(later, &settings());
        assert_eq!(breaker.enter(later).unwrap_err(), REST);
    }

    #[test]
    fn who_was_told_to_wait_has_one_attempt_after_it() {
        let now = Instant::now();
        let breaker = Breaker::default();
        breaker.enter(now).unwrap().rest(now + REST);
        let later = now + REST;
        breaker.enter(later).unwrap().failed(later, &settings());
        assert_eq!(breaker.enter(later).unwrap_err(), REST);
    }

    #[test]
    fn a_probe_that_is_dropped_lets_another_through() {
        let now = Instant::now();
        let breaker = resting(now);
        let later = now + REST;
        drop(breaker.enter(later).unwrap());
        assert!(breaker.enter(later).is_ok());
    }
}
