//! What is kept no longer than the settings promise.

use app::Retention;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use server::Edge;

use crate::harness::{BOTH, Harness, NOW, fresh, settings};

#[tokio::test]
async fn the_trash_messages_and_entries_go_when_their_time_is_over() {
    for database in BOTH {
        let (_, store) = fresh(database).await;
        let now = NOW.parse::<Timestamp>().unwrap();
        let on = |day: i64| {
            let now = now + SignedDuration::from_hours(24 * day);
            Harness::with(store.clone(), &now.to_string(), settings(), Edge::default())
        };
        let days = |days: i64| Some(SignedDuration::from_hours(24 * days));
        let mut ana = on(0).user("ana").await;
        let (old, young) = (
            ana.add(json!({ "title": "Old" })).await,
            ana.add(json!({ "title": "Young" })).await,
        );
        ana.say("add a third").await;
        ana.send("DELETE", &format!("/tasks/{old}"), None, &[])
            .await;
        let later = on(20);
        later
            .client(ana.id.clone())
            .await
            .send("DELETE", &format!("/tasks/{young}"), None, &[])
            .await;

        let last = on(31);
        let retention = Retention {
            trash: days(30),
            messages: days(30),
            journal: None,
        };
        last.app.remove_old(&ana.id, &retention).await.unwrap();
        let hers = last.client(ana.id.clone()).await;
        let trash = hers.get("/tasks?filter=trash").await.json();
        assert_eq!(trash.as_array().unwrap().len(), 1, "{trash}");
        assert_eq!(trash[0]["title"], "Young");
        assert_eq!(hers.get("/conversations").await.json(), json!([]));
        assert_eq!(hers.get(&format!("/tasks/{old}")).await.status, 404);
        // What the server removed by itself is in the journal, and can be taken back while the journal has it.
        let change = hers.get("/journal?limit=1").await.json();
        let change = &change["changes"][0];
        assert_eq!(change["door"], "upkeep", "{change}");
        let undo = hers
            .post(&format!("/journal/{}/undo", change["change_id"]), json!({}))
            .await;
        assert_eq!(undo.status, 200, "{undo:?}");

        let retention = Retention {
            journal: days(10),
            ..Retention::default()
        };
        last.app.remove_old(&ana.id, &retention).await.unwrap();
        let journal = hers.get("/journal").await.json();
        assert!(
            journal["changes"].as_array().unwrap().len() <= 3,
            "{journal}"
        );
        assert_eq!(
            last.app.audit(&[ana.id.clone()]).await.unwrap()[0].problem,
            None
        );
    }
}
