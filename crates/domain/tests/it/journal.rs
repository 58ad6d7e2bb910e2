//! The journal's hash chain, and its words.

use domain::{
    Actor, AddTask, Change, Command, ConversationId, Decision, Door, Entry, Hash, Head, MessageId,
    Origin, Rows, Seq, decide,
};
use jiff::Timestamp;
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-12-01T09:00:00.123456Z".parse().unwrap()
}

/// A journal of three entries.
fn journal() -> Vec<Entry> {
    let mut rows = Rows::default();
    let mut journal = Vec::new();
    for title in ["Milk", "Bread", "Eggs"] {
        let command = Command::AddTask(AddTask::new(title.parse().unwrap()));
        let Decision::Change(changes) = decide(&rows, &command, now()).unwrap() else {
            panic!("a task is added")
        };
        let origin = Origin {
            actor: Actor::Model("small".to_owned()),
            idempotency_key: Some("key-1".parse().unwrap()),
            message: Some((ConversationId(2), MessageId(5))),
            ..Origin::person(Door::Chat, "request-1")
        };
        let (entry, head) = changes.entry(&rows.head, &command, origin, now());
        rows.apply(&entry.changes);
        rows.head = head;
        journal.push(entry);
    }
    journal
}

/// Whether every entry has the hash it should have and follows the one before it.
fn verifies(journal: &[Entry]) -> bool {
    let mut previous = Head::default().hash;
    journal.iter().zip(1..).all(|(entry, seq)| {
        let follows = entry.previous_hash == previous && entry.seq == Seq(seq);
        previous = entry.hash;
        follows && entry.hash == entry.hash_with(&entry.changes_text())
    })
}

#[test]
fn entries_follow_one_another() {
    let journal = journal();
    assert!(verifies(&journal));
    assert_eq!(journal[0].previous_hash, Hash::default());
    assert_ne!(journal[0].hash, journal[1].hash);
}

/// Something done to an entry behind the journal's back.
type Tampering = fn(&mut Entry);

#[test]
fn any_change_of_a_field_is_noticed() {
    let changed: Vec<(&str, Tampering)> = vec![
        ("seq", |entry| entry.seq = Seq(9)),
        ("at", |entry| {
            entry.at = "2026-12-01T09:00:00.123457Z".parse().unwrap();
        }),
        ("actor", |entry| entry.origin.actor = Actor::Person),
        ("its name", |entry| {
            entry.origin.actor = Actor::Model("large".to_owned());
        }),
        ("its kind", |entry| {
            entry.origin.actor = Actor::Agent("small".to_owned());
        }),
        ("door", |entry| entry.origin.door = Door::Web),
        ("request", |entry| entry.origin.request_id.push('2')),
        ("key", |entry| entry.origin.idempotency_key = None),
        ("conversation", |entry| {
            entry.origin.message = Some((ConversationId(25), MessageId(5)));
        }),
        ("message", |entry| {
            entry.origin.message = Some((ConversationId(2), MessageId(6)));
        }),
        ("no message", |entry| entry.origin.message = None),
        ("action", |entry| entry.action = "add_tasks".to_owned()),
        ("undoes", |entry| entry.undoes = Some(Seq(1))),
        ("changes", |entry| entry.changes.clear()),
        ("a title", |entry| {
            if let Change::Task {
                after: Some(task), ..
            } = &mut entry.changes[0]
            {
                task.title = "Malk".parse().unwrap();
            }
        }),
        ("previous hash", |entry| entry.previous_hash.0[31] ^= 1),
        ("hash", |entry| entry.hash.0[0] ^= 0x80),
    ];
    for (what, change) in changed {
        let mut journal = journal();
        change(&mut journal[1]);
        assert!(!verifies(&journal), "{what}");
    }
}

#[test]
fn an_entry_left_out_or_moved_is_noticed() {
    let mut shorter = journal();
    shorter.remove(1);
    assert!(!verifies(&shorter));
    let mut swapped = journal();
    swapped.swap(1, 2);
    assert!(!verifies(&swapped));
}

#[test]
fn fields_do_not_run_together() {
    let mut one = journal().remove(0);
    let mut other = one.clone();
    one.origin.request_id = "ab".to_owned();
    one.action = "c".to_owned();
    other.origin.request_id = "a".to_owned();
    other.action = "bc".to_owned();
    assert_ne!(one.hash_with("[]"), other.hash_with("[]"));
}

#[test]
fn being_undone_is_not_part_of_the_hash() {
    let mut journal = journal();
    journal[0].undone_by = Some(Seq(3));
    assert!(verifies(&journal));
}

#[test]
fn an_entry_still_verifies_when_rows_have_gained_fields() {
    // As an older program wrote it: without a field, and with one that is gone.
    let entry = journal().remove(0);
    let stored = entry
        .changes_text()
        .replace(r#""description":"","#, r#""mood":"good","#);
    let entry = Entry {
        hash: entry.hash_with(&stored),
        ..entry
    };
    let read = Entry {
        changes: serde_json::from_str(&stored).unwrap(),
        ..entry.clone()
    };
    assert_ne!(read.changes_text(), stored);
    assert_eq!(read.hash_with(&stored), entry.hash);
}

#[test]
fn words_of_the_journal() {
    for actor in [
        Actor::Person,
        Actor::Model("openai/gpt:5".to_owned()),
        Actor::Agent(String::new()),
    ] {
        assert_eq!(actor.to_string().parse(), Ok(actor));
    }
    for door in [Door::Web, Door::Chat, Door::Rest, Door::Mcp, Door::Cli] {
        assert_eq!(door.as_str().parse(), Ok(door));
        assert_eq!(serde_json::to_value(door).unwrap(), door.as_str());
    }
    for word in ["", "persona", "model", "Person", "root:x"] {
        assert!(word.parse::<Actor>().is_err(), "{word}");
    }
    for hash in ["", "00", &"g".repeat(64), &"+1".repeat(32), &"é".repeat(32)] {
        assert!(hash.parse::<Hash>().is_err(), "{hash}");
    }
}

proptest! {
    #[test]
    fn any_hash_reads_back(bytes: [u8; 32]) {
        prop_assert_eq!(Hash(bytes).to_string().parse::<Hash>(), Ok(Hash(bytes)));
    }

    #[test]
    fn any_flipped_bit_of_the_stored_changes_is_noticed(place: prop::sample::Index, bit in 0..7_u32) {
        let entry = journal().remove(1);
        let mut stored = entry.changes_text().into_bytes();
        let place = place.index(stored.len());
        stored[place] ^= 1 << bit;
        prop_assert_ne!(entry.hash_with(&String::from_utf8(stored).unwrap()), entry.hash);
    }
}
