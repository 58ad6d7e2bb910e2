//! What is known of backups, for whoever watches the server.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::App;

/// A backup that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupMade {
    /// When it was begun.
    pub at: Timestamp,
    /// How long it took.
    pub took: SignedDuration,
}

/// When backups are made, and the newest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BackupState {
    /// How often one is due. `None` if this server makes none.
    pub every: Option<SignedDuration>,
    /// The newest that is known of.
    pub last: Option<BackupMade>,
    /// Since when one is due that was tried in vain.
    pub failing_since: Option<Timestamp>,
}

impl BackupState {
    /// Whether somebody should look: two in a row are missing, or the first one failed.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let Some(every) = self.every else {
            return false;
        };
        match self.last {
            Some(last) => now.duration_since(last.at) > every.saturating_mul(2),
            None => self.failing_since.is_some(),
        }
    }
}

/// Holds the state; whoever makes backups writes it.
#[derive(Debug, Clone, Default)]
pub struct Backups(Arc<Mutex<BackupState>>);

impl Backups {
    /// The state now.
    pub fn state(&self) -> BackupState {
        // It is plain data, which is whole even if whoever wrote it has panicked.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state.
    pub fn update(&self, change: impl FnOnce(&mut BackupState)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl App {
    /// What is known of backups.
    pub fn backups(&self) -> &Backups {
        &self.0.backups
    }
}
