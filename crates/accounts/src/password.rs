//! Passwords: what is kept of them, and the check of one. Never on the threads that serve others, and few at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use aws_lc_rs::constant_time;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::Error;
use crate::secret::hex;

/// How new passwords are kept. Both are always read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Argon2id, 19 MiB, two passes: a PHC string.
    #[default]
    Argon2id,
    /// scrypt as Better Auth writes it, for a database that is to move there.
    BetterAuth,
}

/// How many hashes are computed at a time; each takes tens of megabytes.
const AT_ONCE: usize = 2;
/// How many may be computed or wait for it; more are told to come back.
const PLACES: usize = 34;
/// The fewest characters of a password, in UTF-16 as JavaScript counts them.
const LENGTH_MIN: usize = 8;
/// The most.
const LENGTH_MAX: usize = 128;

#[derive(Debug)]
pub(crate) struct Passwords {
    format: Format,
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }

    /// What to keep of `password`.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Error> {
        check_length(password)?;
        let (format, password) = (self.format, password.to_owned());
        self.aside(move || hash(format, &password)).await?
    }

    /// Whether `password` is the one of which `kept` was kept. Without one it takes as long and is not.
    pub(crate) async fn verify(&self, password: &str, kept: Option<String>) -> Result<bool, Error> {
        if is_too_long(password) {
            return Ok(false);
        }
        let (format, password) = (self.format, password.to_owned());
        self.aside(move || match kept {
            Some(kept) => verify(&password, &kept),
            None => hash(format, &password).is_err(),
        })
        .await
    }

    /// Whether `kept` is in another form than new ones are.
    pub(crate) fn is_outdated(&self, kept: &str) -> bool {
        kept.starts_with("$argon2id$") != (self.format == Format::Argon2id)
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        // Given back when it is dropped, also by somebody who goes while waiting.
        let place = self.places.clone().try_acquire_owned();
        let place = place.map_err(|_| Error::Busy)?;
        let turn = self.turns.clone().acquire_owned().await;
        let turn = turn.map_err(|_| Error::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also if whoever asked for it has gone.
            let _held = (place, turn);
            work()
        });
        done.await.map_err(|_| Error::Busy)
    }
}

pub(crate) fn check_length(password: &str) -> Result<(), Error> {
    match password.encode_utf16().count() {
        ..LENGTH_MIN => Err(Error::PasswordTooShort),
        LENGTH_MIN..=LENGTH_MAX => Ok(()),
        _ => Err(Error::PasswordTooLong),
    }
}

/// Whether no password can be this long.
pub(crate) fn is_too_long(password: &str) -> bool {
    password.encode_utf16().count() > LENGTH_MAX
}

fn hash(format: Format, password: &str) -> Result<String, Error> {
    match format {
        Format::Argon2id => Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|_| Error::Busy),
        Format::BetterAuth => {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt).map_err(|_| Error::Busy)?;
            let salt = hex(&salt);
            let key = scrypt_key(password, &salt).ok_or(Error::Busy)?;
            Ok(format!("{salt}:{key}"))
        }
    }
}

fn verify(password: &str, kept: &str) -> bool {
    if let Ok(kept) = PasswordHash::new(kept) {
        return Argon2::default()
            .verify_password(password.as_bytes(), &kept)
            .is_ok();
    }
    let Some((salt, key)) = kept.split_once(':') else {
        return false;
    };
    scrypt_key(password, salt).is_some_and(|computed| {
        constant_time::verify_slices_are_equal(computed.as_bytes(), key.as_bytes()).is_ok()
    })
}

/// Better Auth's key: the salt goes in as its hex text, the password in Unicode's NFKC.
fn scrypt_key(password: &str, salt: &str) -> Option<String> {
    const LOG_N: u8 = 14;
    let parameters = scrypt::Params::new(LOG_N, 16, 1).ok()?;
    let password: String = password.nfkc().collect();
    let mut key = [0; 64];
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &parameters, &mut key).ok()?;
    Some(hex(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_verified() {
        for format in [Format::Argon2id, Format::BetterAuth] {
            // A letter and an accent, which NFKC makes one; the same hash is expected from either way of typing it.
            let kept = hash(format, "correct horse e\u{301}").unwrap();
            assert!(verify("correct horse e\u{301}", &kept), "{kept}");
            assert!(!verify("correct horse 2", &kept));
            assert_eq!(
                verify("correct horse \u{e9}", &kept),
                format == Format::BetterAuth
            );
        }
        assert!(!verify("anything", ""));
        assert!(!verify("anything", "no hash"));
    }

    #[tokio::test]
    async fn those_who_go_while_waiting_leave_their_place() {
        let passwords = Passwords::new(Format::Argon2id);
        for _ in 0..10 {
            let all = (0..PLACES).map(|_| passwords.hash("correct horse 1"));
            let mut all: Vec<_> = all.map(Box::pin).collect();
            for one in &mut all {
                // Asked once, and given up.
                let mut context = std::task::Context::from_waker(std::task::Waker::noop());
                let _ = one.as_mut().poll(&mut context);
            }
        }
        // Those under way are finished; nobody else is in the way.
        let all = passwords
            .places
            .acquire_many(u32::try_from(PLACES).unwrap());
        let all = tokio::time::timeout(std::time::Duration::from_secs(30), all).await;
        drop(all.expect("every place is given back").unwrap());
        assert!(passwords.hash("correct horse 1").await.is_ok());
    }

    #[test]
    fn the_argon2id_form_is_what_the_documents_say() {
        let kept = hash(Format::Argon2id, "correct horse 1").unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
    }

    #[test]
    fn lengths_are_counted_as_javascript_counts_them() {
        assert!(matches!(
            check_length("1234567"),
            Err(Error::PasswordTooShort)
        ));
        assert!(check_length("\u{1f600}\u{1f600}\u{1f600}\u{1f600}").is_ok());
        assert!(matches!(
            check_length(&"x".repeat(129)),
            Err(Error::PasswordTooLong)
        ));
    }
}
