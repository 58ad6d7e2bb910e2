//! Filters, pages and look-ups at their edges; what they mean is compared with the model in `histories`.

use domain::{AddTask, AddTasks, Command, Filter, Needs, Order, Rows, Seq, TaskId, UndoChange};
use store::Error;

use crate::database::{ALL, Database, Ran, add, at, run, user};

#[tokio::test]
async fn filters_of_any_width_and_depth() {
    let milk = || Filter::Text("milk".to_owned());
    let mut deep = milk();
    for _ in 0..20 {
        deep = Filter::Not(Box::new(Filter::And(vec![deep, milk()])));
    }
    let filters = [
        (Filter::Or(vec![milk(); 1_000]), 1),
        (Filter::And(vec![milk(); 1_000]), 1),
        (Filter::Or(Vec::new()), 0),
        (Filter::And(Vec::new()), 1),
        (deep, 1),
        (Filter::Text("milk\0".to_owned()), 0),
        (Filter::Not(Box::new(Filter::Text("\0".to_owned()))), 1),
        (Filter::Project("\0".to_owned()), 0),
        (Filter::Label("\0".to_owned()), 0),
        (Filter::Text("%".repeat(40_000)), 0),
        (Filter::Text("m".repeat(200_000)), 0),
        (Filter::Text("' OR 1 = 1 --".to_owned()), 0),
        ("-009999-01-01..9999-12-31".parse().unwrap(), 0),
        (Filter::Number(TaskId(i64::MIN)), 0),
        (Filter::Number(TaskId(i64::MAX)), 0),
    ];
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        run(store, &user("ana"), &add("Milk"), at(0)).await;
        for (filter, total) in &filters {
            let page = store
                .list(&user("ana"), filter, Order::Due, 10, None, at(0))
                .await
                .unwrap();
            assert_eq!(page.total, *total, "{kind:?}: {filter}");
        }
    }
}

#[tokio::test]
async fn what_is_no_cursor() {
    let orders = [Order::Due, Order::Added, Order::Place, Order::Completed];
    let cursors = [
        "",
        "_",
        "x",
        "d",
        "d_",
        "a",
        "a_",
        "a_x",
        "a_1_2",
        "p_1",
        "c_1_99999999999999999999",
        "d_~_1_2",
        "d_~_1_2_3_4",
        "d_\0_1_2_3",
        "d_2026 01_1_2_3",
        "d_é_1_2_3",
        "' OR 1=1",
    ];
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        run(store, &user("ana"), &add("One"), at(0)).await;
        run(store, &user("ana"), &add("Two"), at(0)).await;
        let list = async |order, cursor: Option<&str>| {
            let all = Filter::All;
            store
                .list(&user("ana"), &all, order, 1, cursor, at(0))
                .await
        };
        for order in orders {
            for cursor in cursors {
                let listed = list(order, Some(cursor)).await;
                assert!(
                    matches!(listed, Err(Error::BadCursor)),
                    "{order:?} {cursor:?} {listed:?}"
                );
            }
            // Another order's cursor is none either.
            let cursor = list(order, None).await.unwrap().next_cursor.unwrap();
            for other in orders {
                let listed = list(other, Some(&cursor)).await;
                assert_eq!(listed.is_ok(), other == order, "{other:?} {cursor}");
            }
        }
    }
}

#[tokio::test]
async fn other_peoples_rows_are_not_there() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let (ana, ben) = (user("ana"), user("ben"));
        run(store, &ana, &add("Hers"), at(0)).await;
        let needs = Needs {
            tasks: vec![TaskId(1)],
            steps: true,
            projects: true,
            filter: Some(Filter::All),
            entry: Some(domain::EntryNeed::At(Seq(1))),
        };
        assert_eq!(
            store.read(&ben, &needs, at(0)).await.unwrap(),
            Rows::default()
        );
        assert_eq!(store.task(&ben, TaskId(1)).await.unwrap(), None);
        assert!(
            store
                .in_sight(&ben, &["hers".to_owned()])
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            store
                .history(&ben, None, None, None, 9)
                .await
                .unwrap()
                .changes
                .is_empty()
        );
        assert_eq!(store.verify(&ben).await.unwrap().entries, 0);
    }
}

#[tokio::test]
async fn a_day_is_over_when_it_is_over() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        for due in [
            "2026-11-24",
            "2026-11-25",
            "2026-11-26",
            "2026-11-25T23:59",
            "2026-11-26T00:00",
        ] {
            let task = AddTask {
                due: Some(due.parse().unwrap()),
                ..AddTask::new(due.parse().unwrap())
            };
            run(store, &user("ana"), &Command::AddTask(task), at(0)).await;
        }
        for (now, overdue) in [
            ("2026-11-25T23:59:00Z", "2026-11-24"),
            ("2026-11-25T23:59:30Z", "2026-11-24 2026-11-25T23:59"),
            (
                "2026-11-26T00:00:00Z",
                "2026-11-24 2026-11-25 2026-11-25T23:59",
            ),
            (
                "2026-11-26T00:00:00.000001Z",
                "2026-11-24 2026-11-25 2026-11-25T23:59 2026-11-26T00:00",
            ),
        ] {
            let page = store
                .list(
                    &user("ana"),
                    &Filter::Overdue,
                    Order::Due,
                    10,
                    None,
                    now.parse().unwrap(),
                )
                .await
                .unwrap();
            let titles: Vec<&str> = page.tasks.iter().map(|task| task.title.as_str()).collect();
            assert_eq!(titles.join(" "), overdue, "{kind:?} at {now}");
        }
    }
}

fn thousand() -> Command {
    let tasks = (0..1_000).map(|n| AddTask::new(format!("Task {n}").parse().unwrap()));
    Command::AddTasks(AddTasks {
        tasks: tasks.collect(),
    })
}

#[tokio::test]
async fn a_thousand_at_once_and_back() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let ana = user("ana");
        assert!(matches!(
            run(store, &ana, &thousand(), at(0)).await,
            Ran::Changed(_)
        ));
        let undo = Command::UndoChange(UndoChange::default());
        assert!(matches!(
            run(store, &ana, &undo, at(1)).await,
            Ran::Changed(_)
        ));
        assert_eq!(store.counts(&ana, None, at(1)).await.unwrap().open, 0);
        let redo = Command::RedoChange(domain::RedoChange::default());
        assert!(matches!(
            run(store, &ana, &redo, at(2)).await,
            Ran::Changed(_)
        ));
        assert_eq!(store.counts(&ana, None, at(2)).await.unwrap().open, 1_000);
        assert_eq!(store.verify(&ana).await.unwrap().entries, 3);
    }
}

#[tokio::test]
async fn a_task_among_many_is_in_sight_when_it_is_named() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let ana = user("ana");
        run(store, &ana, &add("Call 100% of the GÄRTNER"), at(0)).await;
        run(store, &ana, &thousand(), at(1)).await;
        let seen = async |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            let seen = store.in_sight(&ana, &words).await.unwrap();
            assert!(seen.len() <= 560, "{}", seen.len());
            seen.iter().any(|task| task.id == TaskId(1))
        };
        assert!(!seen(&[]).await);
        assert!(!seen(&["100_", "other"]).await);
        assert!(seen(&["other", "gärtner"]).await);
        assert!(seen(&["100%"]).await);
    }
}
