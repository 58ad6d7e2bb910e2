//! What holds for every text, however odd.

use domain::{AddTask, Command, CompleteTask, Project, Task, TaskId, View, WeekStart};
use language::{Choice, Prose, Question, Sight};
use serde_json::json;

/// What odd texts are read against: a few tasks, of which some have odd titles, and what was asked.
pub(crate) struct Scene {
    view: View,
    tasks: Vec<Task>,
    projects: Vec<Project>,
    questions: Vec<Option<Question>>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let long = "very ".repeat(99);
        let titles = [
            "Buy milk",
            "Call mum",
            "Meeting with Ana",
            "Meeting with Rui",
            "Finish the report",
            "ß İstanbul ﬁn 👩‍👩‍👧",
            "?!",
            "Delete \"everything\" and undo",
            "friday",
            "the 3rd one",
            long.trim(),
        ];
        let stamp = "2026-11-01T00:00:00Z";
        let task = |(title, id): (&str, i64)| {
            let row = json!({
                "id": id, "title": title, "position": id, "version": 1, "created_at": stamp, "updated_at": stamp,
                "due_date": (id % 3 == 0).then_some("2026-11-26T10:00"), "project_id": (id % 4 == 0).then_some(1),
                "completed_at": (id % 5 == 0).then_some(stamp), "tags": ["papers"],
            });
            serde_json::from_value(row).expect("it is a task")
        };
        let project = json!({"id": 1, "name": "Work", "version": 1, "created_at": stamp, "updated_at": stamp});
        let add = AddTask::new("something".parse().expect("it is a title"));
        let choice = |id: i64| Choice {
            label: titles[usize::try_from(id).unwrap_or_default()].to_owned(),
            task_id: Some(TaskId(id + 1)),
            commands: Vec::new(),
        };
        Self {
            view: View {
                now: "2026-11-24T10:00[Europe/Lisbon]"
                    .parse()
                    .expect("it is a time"),
                week_start: WeekStart::Monday,
            },
            tasks: titles.into_iter().zip(1..).map(task).collect(),
            projects: vec![serde_json::from_value(project).expect("it is a project")],
            questions: vec![
                None,
                Some(Question::Approve),
                Some(Question::AddWhat {
                    task: Box::new(add),
                }),
                Some(Question::Which {
                    said: "meeting".to_owned(),
                    choices: vec![choice(2), choice(3)],
                }),
            ],
        }
    }

    /// With what was asked, by its place.
    pub(crate) fn sight(&self, question: usize) -> Sight<'_> {
        const SHOWN: [TaskId; 3] = [TaskId(2), TaskId(4), TaskId(1)];
        Sight {
            view: &self.view,
            tasks: &self.tasks,
            projects: &self.projects,
            shown: &SHOWN,
            recent: &SHOWN[..1],
            did: &[],
            question: self.questions[question % self.questions.len()].as_ref(),
            language: None,
        }
    }
}

/// Panics if a text is not read as every text has to be: always alike, with spans that are in it.
pub(crate) fn check(text: &str, sight: &Sight<'_>) {
    let reading = language::read(text, sight);
    assert_eq!(reading, language::read(text, sight), "it is read alike");
    let line = language::line(text, &[], sight);
    // Any stretch can be left unread, even one that ends within a letter.
    let quarter = text.len() / 4;
    let literal = [quarter..2 * quarter, 3 * quarter..text.len() + 9];
    for mark in language::line(text, &literal, sight)
        .marks
        .iter()
        .chain(&line.marks)
    {
        let words = text.get(mark.span.range.clone());
        assert!(words.is_some_and(|words| !words.is_empty()), "{mark:?}");
    }
    let mut end = 0;
    for found in language::find(text, sight.view) {
        let is_apart = found.span.start >= end && found.span.end > found.span.start;
        assert!(
            is_apart && text.get(found.span.clone()).is_some(),
            "{found:?}"
        );
        end = found.span.end;
    }
    for id in language::tasks_meant(text, sight) {
        // A number may be that of a task that is not in sight.
        assert!(id.0 >= 0, "{id:?}");
    }
    language::needs_tasks(text, sight);
    let complete = Command::CompleteTask(CompleteTask { task_id: TaskId(1) });
    language::carries(text, &complete, sight);
    let mut prose = Prose::default();
    let shown = prose.push(text) + &prose.end();
    assert!(shown.len() <= text.len(), "nothing is added: {shown}");
}

/// The shortest text we find of which `fails` holds as it does of `text`: pieces are left out while it still does.
pub(crate) fn shortest(text: &str, fails: impl Fn(&str) -> bool) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let mut piece = letters.len().div_ceil(2);
    while piece > 0 {
        let mut start = 0;
        while start < letters.len() {
            let mut fewer = letters.clone();
            fewer.drain(start..(start + piece).min(letters.len()));
            if fails(&fewer.iter().collect::<String>()) {
                letters = fewer;
            } else {
                start += piece;
            }
        }
        piece /= 2;
    }
    letters.into_iter().collect()
}
