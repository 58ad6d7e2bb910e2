//! What agents propose: decided once, and together with what it comes to or not at all.

use domain::{Command, Decision as Decided, ProposalId, UserId, decide, needs};
use serde_json::json;
use store::{Batch, Decision, Error, KeptProposal, Store};

use crate::database::{ALL, Database, Ran, add, at, origin, run, user};

/// A proposal that waits for a hundred seconds from `second` on.
pub(crate) fn proposal(id: i64, text: &str, second: i64) -> KeptProposal {
    KeptProposal {
        id: ProposalId(id),
        command: json!({ "name": "add_task" }),
        request_id: "request".to_owned(),
        text: text.to_owned(),
        proposal: json!({ "commands": [] }),
        proposed_at: at(second),
        expires_at: at(second + 100),
        decision: None,
    }
}

async fn keep(store: &Store, user: &UserId, proposal: KeptProposal) -> Result<(), Error> {
    let batch = Batch {
        proposal: Some(proposal),
        ..Batch::default()
    };
    store.commit(user, &batch).await
}

fn decided(id: i64, decision: Decision, second: i64) -> store::Decided {
    store::Decided {
        id: ProposalId(id),
        decision,
        at: at(second),
    }
}

/// The batch that makes what `command` comes to and accepts a proposal with it.
async fn accepting(store: &Store, user: &UserId, command: &Command, id: i64) -> Batch {
    let rows = store.read(user, &needs(command), at(1)).await.unwrap();
    let Ok(Decided::Change(changes)) = decide(&rows, command, at(1)) else {
        panic!("it changes something");
    };
    let (entry, head) = changes.entry(&rows.head, command, origin(), at(1));
    Batch {
        head_before: rows.head,
        head,
        entries: vec![entry],
        decided: Some(decided(id, Decision::Accepted, 1)),
        ..Batch::default()
    }
}

async fn waiting(store: &Store, user: &UserId, second: i64) -> Vec<i64> {
    let (waiting, _) = store.waiting_proposals(user, at(second)).await.unwrap();
    let count = store.count_proposals(user, at(second)).await.unwrap();
    assert_eq!(usize::try_from(count).unwrap(), waiting.len());
    waiting.iter().map(|proposal| proposal.id.0).collect()
}

#[tokio::test]
async fn a_proposal_is_decided_with_its_entries_or_not_at_all() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let ana = user("ana");
        keep(store, &ana, proposal(1, "one", 0)).await.unwrap();
        let late = accepting(store, &ana, &add("proposed"), 1).await;
        let Ran::Changed(_) = run(store, &ana, &add("faster"), at(1)).await else {
            panic!("it is added");
        };
        // Somebody else's entry came in between: the proposal still waits.
        assert!(matches!(
            store.commit(&ana, &late).await,
            Err(Error::Conflict)
        ));
        assert_eq!(waiting(store, &ana, 1).await, [1]);
        let batch = accepting(store, &ana, &add("proposed"), 1).await;
        store.commit(&ana, &batch).await.unwrap();
        assert_eq!(waiting(store, &ana, 1).await, [0_i64; 0]);
        let kept = store.proposal(&ana, ProposalId(1)).await.unwrap().unwrap();
        assert_eq!(kept.decision, Some(Decision::Accepted));
        // It was decided: no entry is written for it.
        let again = accepting(store, &ana, &add("again"), 1).await;
        assert!(matches!(
            store.commit(&ana, &again).await,
            Err(Error::Conflict)
        ));
        let dismissal = Batch {
            decided: Some(decided(1, Decision::Dismissed, 2)),
            ..Batch::default()
        };
        assert!(matches!(
            store.commit(&ana, &dismissal).await,
            Err(Error::Conflict)
        ));
        assert_eq!(store.verify(&ana).await.unwrap().entries, 2);
    }
}

#[tokio::test]
async fn a_number_is_given_once_and_each_has_their_own() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let (ana, ben) = (user("ana"), user("ben"));
        let both = tokio::join!(
            keep(store, &ana, proposal(1, "one", 0)),
            keep(store, &ana, proposal(1, "other", 0))
        );
        assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
        keep(store, &ben, proposal(1, "his", 50)).await.unwrap();
        keep(store, &ana, proposal(2, "two", 50)).await.unwrap();
        assert_eq!(waiting(store, &ana, 100).await, [1, 2]);
        assert_eq!(waiting(store, &ana, 101).await, [2], "the first has ended");
        store.remove_proposals(&ana, at(1000)).await.unwrap();
        assert_eq!(store.proposal(&ana, ProposalId(2)).await.unwrap(), None);
        assert_eq!(waiting(store, &ben, 100).await, [1]);
        let (_, next) = store.waiting_proposals(&ana, at(0)).await.unwrap();
        assert_eq!(next, ProposalId(3));
        assert!(keep(store, &ana, proposal(1, "again", 0)).await.is_err());
    }
}
