//! Many writers at once: nothing lost, nothing doubled, no gaps.

use domain::{AddTask, Command, Filter, Order};

use crate::database::{ALL, Database, at, run, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_of_one_user() {
    const WRITERS: usize = 8;
    const EACH: usize = 15;
    for kind in ALL {
        let database = Database::new(kind).await;
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let store = database.store.clone();
            writers.push(tokio::spawn(async move {
                for n in 0..EACH {
                    let title = format!("{writer} {n}").parse().unwrap();
                    run(
                        &store,
                        &user("ana"),
                        &Command::AddTask(AddTask::new(title)),
                        at(0),
                    )
                    .await;
                }
            }));
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let page = database
            .store
            .list(&user("ana"), &Filter::Open, Order::Added, 500, None, at(0))
            .await
            .unwrap();
        let mut titles: Vec<String> = page
            .tasks
            .iter()
            .map(|task| task.title.to_string())
            .collect();
        titles.sort();
        titles.dedup();
        assert_eq!(
            (page.tasks.len(), titles.len()),
            (WRITERS * EACH, WRITERS * EACH),
            "{kind:?}"
        );
        let verified = database.store.verify(&user("ana")).await.unwrap();
        assert_eq!(verified.entries, (WRITERS * EACH) as u64);
    }
}
