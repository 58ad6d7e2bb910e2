//! Whether a journal is whole, and whether the rows are what it says.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Change, Hash, RowId, Rows, Seq, UserId};

use crate::db::{Row, Statement, params};
use crate::{Error, Store};

/// What a look through a journal came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are, all of them right.
    pub entries: u64,
}

impl Store {
    /// Walks the journal from its first entry: numbers without gaps, hashes that follow from each other and from what
    /// is stored, every change from the state before it; and at the end exactly the rows that are there. Where old
    /// entries have been removed, rows begin as the first entry that is left found them, and only rows that one speaks
    /// of can be told.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the first thing that is wrong.
    pub async fn verify(&self, user: &UserId) -> Result<Verified, Error> {
        /// Entries fetched at a time.
        const PAGE: u32 = 1_000;
        let removed_to = self.removed_to(user).await?;
        let stored = self.everything(user).await?;
        let mut rows = Rows::default();
        let mut spoken_of = BTreeSet::new();
        let (mut last, mut hash, mut entries) = (removed_to, Hash::default(), 0);
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
                // What came before the first that is left cannot be told any more.
                let is_first_left = removed_to > Seq(0) && entries == 0;
                if entry.previous_hash != hash && !is_first_left {
                    return wrong("it does not follow from the entry before it");
                }
                if entry.hash_with(&changes) != entry.hash {
                    return wrong("it is not what was written");
                }
                for change in &entry.changes {
                    if spoken_of.insert(change.row()) && removed_to > Seq(0) {
                        begin_with(change, &mut rows);
                    }
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
                entries += 1;
            }
        }
        let wrong = |what: String| Err(Error::Corrupt(what));
        if removed_to > Seq(0) && entries == 0 {
            // Nothing is left to tell anything by, but that nothing is missing.
            hash = stored.head.hash;
        }
        if (stored.head.seq, stored.head.hash) != (last, hash) {
            let head = stored.head.seq;
            return wrong(format!(
                "the journal ends at {last}, the profile says {head}"
            ));
        }
        let told = |row: RowId| removed_to == Seq(0) || spoken_of.contains(&row);
        if told(RowId::Settings) && stored.settings != rows.settings {
            return wrong("the settings are not what the journal says".to_owned());
        }
        if let Some(id) = difference(&stored.tasks, &rows.tasks, |id| told(RowId::Task(id))) {
            return wrong(format!("task {id} is not what the journal says"));
        }
        if let Some(id) = difference(&stored.projects, &rows.projects, |id| {
            told(RowId::Project(id))
        }) {
            return wrong(format!("project {id} is not what the journal says"));
        }
        Ok(Verified { entries })
    }

    /// The last entry that has been removed from a user's journal.
    async fn removed_to(&self, user: &UserId) -> Result<Seq, Error> {
        let sql = "SELECT removed_to FROM profile WHERE user_id = $1";
        let statement = Statement::new(sql, params![user.as_str()]);
        let mut found = self.db.of(user).query(statement).await?;
        Ok(Seq(found.first_mut().map_or(Ok(0), Row::int)?))
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

/// Lets `rows` begin with what a change starts from.
fn begin_with(change: &Change, rows: &mut Rows) {
    match change {
        Change::Task {
            before: Some(task), ..
        } => {
            rows.tasks.insert(task.id, (**task).clone());
        }
        Change::Project {
            before: Some(project),
            ..
        } => {
            rows.projects.insert(project.id, (**project).clone());
        }
        Change::Settings { before, .. } => rows.settings = (**before).clone(),
        Change::Task { before: None, .. } | Change::Project { before: None, .. } => {}
    }
}

/// A key of those that count under which the two differ. `None` if there is none.
fn difference<K: Ord + Copy, V: PartialEq>(
    one: &BTreeMap<K, V>,
    other: &BTreeMap<K, V>,
    counts: impl Fn(K) -> bool,
) -> Option<K> {
    one.keys()
        .chain(other.keys())
        .filter(|key| counts(**key))
        .find(|key| one.get(key) != other.get(key))
        .copied()
}
