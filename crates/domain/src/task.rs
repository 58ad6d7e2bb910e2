//! A task, and the projects tasks are kept in.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    Colour, Description, Due, ProjectId, ProjectName, Repeat, Seq, Tag, TaskId, TextError, Title,
};

/// How much it matters. Shown as P1 (high) to P3 (low).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Priority {
    /// No more than anything else.
    #[default]
    None,
    /// P3.
    Low,
    /// P2.
    Medium,
    /// P1.
    High,
}

impl Priority {
    /// Its place in a list, most important first: 1 (high) to 4 (none).
    pub fn rank(self) -> i64 {
        4 - self as i64
    }

    /// The priority at `rank`. `None` if there is no such rank.
    pub fn from_rank(rank: i64) -> Option<Self> {
        [Self::High, Self::Medium, Self::Low, Self::None]
            .into_iter()
            .find(|priority| priority.rank() == rank)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}

/// The labels of a task: each once, in order, at most 20.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Vec<Tag>", into = "Vec<Tag>")]
#[schemars(inline)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// The most labels a task may have.
    pub const MAX: usize = 20;

    /// The labels, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether `tag` is one of them.
    pub fn contains(&self, tag: &Tag) -> bool {
        self.0.binary_search(tag).is_ok()
    }
}

impl From<Vec<Tag>> for Tags {
    fn from(tags: Vec<Tag>) -> Self {
        tags.into_iter().collect()
    }
}

impl From<Tags> for Vec<Tag> {
    fn from(tags: Tags) -> Self {
        tags.0
    }
}

impl FromIterator<Tag> for Tags {
    fn from_iter<I: IntoIterator<Item = Tag>>(tags: I) -> Self {
        let mut tags: Vec<Tag> = tags.into_iter().collect();
        tags.sort();
        tags.dedup();
        Self(tags)
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// What is to be done.
    pub title: Title,
    /// More about it.
    #[serde(default)]
    pub description: Description,
    /// When it is due.
    #[serde(rename = "due_date", default)]
    pub due: Option<Due>,
    /// How it comes back once done.
    #[serde(default)]
    pub repeat: Option<Repeat>,
    /// How much it matters.
    #[serde(default)]
    pub priority: Priority,
    /// Its labels.
    #[serde(default)]
    pub tags: Tags,
    /// The project it is in; none is the inbox.
    #[serde(rename = "project_id", default)]
    pub project: Option<ProjectId>,
    /// The task it is a step of.
    #[serde(rename = "parent_id", default)]
    pub parent: Option<TaskId>,
    /// Its place among others, smaller first, when nothing else decides.
    pub position: i64,
    /// When it was done.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub completed_at: Option<Timestamp>,
    /// When it went to the trash.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub deleted_at: Option<Timestamp>,
    /// When it was added.
    #[schemars(with = "String")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schemars(with = "String")]
    pub updated_at: Timestamp,
    /// The journal entry that last changed it.
    pub version: Seq,
}

impl Task {
    /// The space between two new tasks' positions, so that others fit between them.
    pub const POSITION_STEP: i64 = 1 << 20;

    /// Still to be done, and not in the trash.
    pub fn is_open(&self) -> bool {
        self.completed_at.is_none() && self.deleted_at.is_none()
    }

    /// Done, and not in the trash.
    pub fn is_done(&self) -> bool {
        self.completed_at.is_some() && self.deleted_at.is_none()
    }

    /// In the trash.
    pub fn is_trashed(&self) -> bool {
        self.deleted_at.is_some()
    }
}

/// Where tasks that belong together are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Its number.
    pub id: ProjectId,
    /// What it is called; no two projects of a user that are in use share a name.
    pub name: ProjectName,
    /// Its colour.
    #[serde(default)]
    pub colour: Option<Colour>,
    /// When it was put away; its tasks stay where they are.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub archived_at: Option<Timestamp>,
    /// The journal entry that last changed it.
    pub version: Seq,
}

/// A project as somebody names it: by number or by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum ProjectRef {
    /// By number.
    Id(ProjectId),
    /// By name; case does not count.
    Name(ProjectName),
}

impl<'de> Deserialize<'de> for ProjectRef {
    // Written out because what serde makes of an untagged enum does not say what is wrong with a name.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Named;

        impl Visitor<'_> for Named {
            type Value = ProjectRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number or the name of a project")
            }

            fn visit_i64<E: Error>(self, id: i64) -> Result<ProjectRef, E> {
                Ok(ProjectRef::Id(ProjectId(id)))
            }

            fn visit_u64<E: Error>(self, id: u64) -> Result<ProjectRef, E> {
                match i64::try_from(id) {
                    Ok(id) => self.visit_i64(id),
                    Err(_) => Err(E::invalid_value(Unexpected::Unsigned(id), &self)),
                }
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<ProjectRef, E> {
                name.parse().map(ProjectRef::Name).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Named)
    }
}

impl std::str::FromStr for ProjectRef {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => text.trim_start_matches('#').parse().map(Self::Name),
        }
    }
}
