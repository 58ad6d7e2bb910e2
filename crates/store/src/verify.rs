//! Whether a journal is whole, and whether the rows are what it says.

use std::collections::BTreeMap;

use domain::{Change, Hash, Rows, Seq, UserId};

use crate::{Error, Store};

/// What a look through a journal came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are, all of them right.
    pub entries: u64,
}

impl Store {
    /// Walks the journal from its first entry: numbers without gaps, hashes that follow from each other and from what
    /// is stored, every change from the state before it; and at the end exactly the rows that are there.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the first thing that is wrong.
    pub async fn verify(&self, user: &UserId) -> Result<Verified, Error> {
        /// Entries fetched at a time.
        const PAGE: u32 = 1_000;
        let stored = self.everything(user).await?;
        let mut rows = Rows::default();
        let (mut last, mut hash) = (Seq(0), Hash::default());
        loop {
            // What is written meanwhile comes after it.
            let page = self
                .entries_after(user, last, stored.head.seq, PAGE)
                .await?;
            if page.is_empty() {
                break;
            }
            for (entry, changes) in page {
                let wrong =
                    |what: &str| Err(Error::Corrupt(format!("entry {}: {what}", entry.seq)));
                if entry.seq != last.next() {
                    return wrong("an entry before it is missing");
                }
                if entry.previous_hash != hash {
                    return wrong("it does not follow from the entry before it");
                }
                if entry.hash_with(&changes) != entry.hash {
                    return wrong("it is not what was written");
                }
                if !entry
                    .changes
                    .iter()
                    .all(|change| starts_from(change, &rows))
                {
                    return wrong("it starts from a state that was not there");
                }
                rows.apply(&entry.changes);
                (last, hash) = (entry.seq, entry.hash);
            }
        }
        let wrong = |what: String| Err(Error::Corrupt(what));
        if (stored.head.seq, stored.head.hash) != (last, hash) {
            let head = stored.head.seq;
            return wrong(format!(
                "the journal ends at {last}, the profile says {head}"
            ));
        }
        if stored.settings != rows.settings {
            return wrong("the settings are not what the journal says".to_owned());
        }
        if let Some(id) = difference(&stored.tasks, &rows.tasks) {
            return wrong(format!("task {id} is not what the journal says"));
        }
        if let Some(id) = difference(&stored.projects, &rows.projects) {
            return wrong(format!("project {id} is not what the journal says"));
        }
        Ok(Verified {
            entries: last.0.unsigned_abs(),
        })
    }
}

/// Whether a change starts from what is there.
fn starts_from(change: &Change, rows: &Rows) -> bool {
    match change {
        Change::Task { before, after } => {
            let id = after.as_ref().or(before.as_ref()).map(|task| task.id);
            before.as_deref() == id.and_then(|id| rows.tasks.get(&id))
        }
        Change::Project { before, after } => {
            let id = after.as_ref().or(before.as_ref()).map(|project| project.id);
            before.as_deref() == id.and_then(|id| rows.projects.get(&id))
        }
        Change::Settings { before, .. } => **before == rows.settings,
    }
}

/// A key under which the two differ. `None` if they are the same.
fn difference<K: Ord + Copy, V: PartialEq>(
    one: &BTreeMap<K, V>,
    other: &BTreeMap<K, V>,
) -> Option<K> {
    one.keys()
        .chain(other.keys())
        .find(|key| one.get(key) != other.get(key))
        .copied()
}
