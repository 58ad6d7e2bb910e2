//! The rules about projects and settings.

use super::{Decision, Draft};
use crate::{
    AddProject, Change, Colour, DeleteProject, Filter, Project, ProjectId, ProjectName, ProjectRef,
    Refusal, SavedFilter, Task, Unchanged, UpdateProject, UpdateSettings, WhyUnchanged,
};

/// Every task in a project, done and trashed ones too.
pub(super) fn everything_in(named: &ProjectRef) -> Filter {
    let project = match named {
        ProjectRef::Id(id) => Filter::ProjectNumber(*id),
        ProjectRef::Name(name) => Filter::Project(name.as_str().to_owned()),
    };
    Filter::And(vec![project, Filter::Or(vec![Filter::All, Filter::Trash])])
}

impl Draft<'_> {
    /// Makes a project called `name`, unless one was made on the way already.
    pub(super) fn new_project(&mut self, name: ProjectName, colour: Option<Colour>) -> ProjectId {
        let same =
            |project: &&Project| crate::fold(project.name.as_str()) == crate::fold(name.as_str());
        if let Some(project) = self.new_projects.iter().find(same) {
            return project.id;
        }
        let id = self.next_project;
        let project = Project {
            id,
            name,
            colour,
            archived_at: None,
            version: self.version,
        };
        self.next_project = ProjectId(id.0 + 1);
        self.changes.push(Change::Project {
            before: None,
            after: Some(Box::new(project.clone())),
        });
        self.new_projects.push(project);
        id
    }

    pub(super) fn add_project(&mut self, it: &AddProject) -> Result<(), Refusal> {
        self.free_name(&it.name, None)?;
        self.new_project(it.name.clone(), it.colour.clone());
        Ok(())
    }

    /// Refuses a name that another project in use has.
    fn free_name(&self, name: &ProjectName, besides: Option<ProjectId>) -> Result<(), Refusal> {
        match self.rows.project(&ProjectRef::Name(name.clone())) {
            Some(project) if Some(project.id) != besides => {
                Err(Refusal::ProjectExists(project.name.clone()))
            }
            _ => Ok(()),
        }
    }

    fn named(&self, named: &ProjectRef) -> Result<Project, Refusal> {
        let project = self.rows.project(named).cloned();
        project.ok_or_else(|| {
            Refusal::NoSuchProject(match named {
                ProjectRef::Id(id) => id.to_string(),
                ProjectRef::Name(name) => format!("called \u{201c}{name}\u{201d}"),
            })
        })
    }

    pub(super) fn update_project(mut self, it: &UpdateProject) -> Result<Decision, Refusal> {
        if it.name.is_none() && it.colour.is_none() && it.archived.is_none() {
            return Err(Refusal::NothingToChange);
        }
        let before = self.named(&it.project)?;
        let mut after = before.clone();
        if let Some(name) = &it.name {
            after.name = name.clone();
        }
        if it.colour.is_some() {
            after.colour.clone_from(&it.colour);
        }
        match it.archived {
            Some(true) => after.archived_at = after.archived_at.or(Some(self.at)),
            Some(false) => after.archived_at = None,
            None => {}
        }
        if after == before {
            return Ok(Decision::Unchanged(Unchanged {
                why: WhyUnchanged::AlreadySo,
                tasks: Vec::new(),
            }));
        }
        if after.archived_at.is_none() {
            self.free_name(&after.name, Some(before.id))?;
        }
        after.version = self.version;
        self.changes.push(Change::Project {
            before: Some(Box::new(before)),
            after: Some(Box::new(after)),
        });
        Ok(self.finish())
    }

    pub(super) fn delete_project(&mut self, it: &DeleteProject) -> Result<(), Refusal> {
        let project = self.named(&it.project)?;
        for task in self
            .rows
            .tasks
            .values()
            .filter(|task| task.project == Some(project.id))
        {
            self.change_task(
                task,
                Task {
                    project: None,
                    ..task.clone()
                },
            );
        }
        self.changes.push(Change::Project {
            before: Some(Box::new(project)),
            after: None,
        });
        Ok(())
    }

    pub(super) fn update_settings(mut self, it: &UpdateSettings) -> Result<Decision, Refusal> {
        if *it == UpdateSettings::default() {
            return Err(Refusal::NothingToChange);
        }
        let before = self.rows.settings.clone();
        let mut after = before.clone();
        if let Some(zone) = &it.time_zone {
            after.time_zone = zone.clone();
        }
        if let Some(locale) = &it.locale {
            after.locale.clone_from(locale);
        }
        if let Some(week_start) = it.week_start {
            after.week_start = week_start;
        }
        if it.model_mode.is_some() {
            after.model_mode = it.model_mode;
        }
        if let Some(filters) = &it.filters {
            SavedFilter::check(filters)?;
            after.filters.clone_from(filters);
        }
        if after == before {
            return Ok(Decision::Unchanged(Unchanged {
                why: WhyUnchanged::AlreadySo,
                tasks: Vec::new(),
            }));
        }
        self.changes.push(Change::Settings {
            before: Box::new(before),
            after: Box::new(after),
        });
        Ok(self.finish())
    }
}
