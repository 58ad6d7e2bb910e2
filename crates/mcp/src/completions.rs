//! Completions: numbers of tasks and projects, while somebody types one or a part of a title.

use domain::{Command, ListTasks, Outcome, fold};
use rmcp::ErrorData;
use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionInfo};

use crate::{Caller, Tasks};

impl Tasks {
    pub(crate) async fn completion(
        &self,
        caller: &Caller,
        request: &CompleteRequestParams,
    ) -> Result<CompleteResult, ErrorData> {
        let unavailable = |error: app::Error| ErrorData::internal_error(error.to_string(), None);
        let typed = fold(&request.argument.value);
        let fits =
            |id: i64, name: &str| id.to_string().starts_with(&typed) || fold(name).contains(&typed);
        let user = &caller.guest.user;
        let mut values: Vec<String> = match request.argument.name.as_str() {
            "task_id" => {
                let list = Command::ListTasks(ListTasks {
                    limit: Some(ListTasks::LIMIT_MAX),
                    ..ListTasks::default()
                });
                match self.app.preview(user, &list).await.map_err(unavailable)? {
                    app::Preview::Outcome(Outcome::Tasks(page)) => page
                        .tasks
                        .iter()
                        .filter(|task| fits(task.id.0, task.title.as_str()))
                        .map(|task| task.id.to_string())
                        .collect(),
                    _ => Vec::new(),
                }
            }
            "project_id" => {
                let projects = self.app.projects(user).await.map_err(unavailable)?;
                let open = projects
                    .iter()
                    .filter(|project| project.archived_at.is_none());
                open.filter(|project| fits(project.id.0, project.name.as_str()))
                    .map(|project| project.id.to_string())
                    .collect()
            }
            _ => Vec::new(),
        };
        let total = u32::try_from(values.len()).ok();
        let has_more = values.len() > CompletionInfo::MAX_VALUES;
        values.truncate(CompletionInfo::MAX_VALUES);
        let info = CompletionInfo::with_pagination(values, total, has_more)
            .map_err(|error| ErrorData::internal_error(error, None))?;
        Ok(CompleteResult::new(info))
    }
}
