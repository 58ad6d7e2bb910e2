//! What every page has around it: the bar, the lists, the last change with its undo.

use app::Looser;
use axum::http::{HeaderMap, HeaderName, Uri};
use domain::{
    Actor, Command, CountTasks, Days, Door, Filter, Origin, Outcome, Project, Receipt, SavedFilter,
    Seq, Settings, Tag, View,
};
use jiff::Timestamp;
use language::say;

use super::places::label_address;
use super::{Visitor, assets, encoded};
use crate::auth::cookies;
use crate::{Problem, Server};

/// What a page is drawn from: for whom, and what they see now.
pub(super) struct Scene<'a> {
    pub(super) server: &'a Server,
    pub(super) visitor: &'a Visitor,
    pub(super) settings: Settings,
    pub(super) view: View,
    pub(super) projects: Vec<Project>,
}

impl<'a> Scene<'a> {
    pub(super) async fn of(server: &'a Server, visitor: &'a Visitor) -> Result<Self, Problem> {
        let settings = server.app.settings(&visitor.user).await?;
        Ok(Self {
            server,
            visitor,
            view: View::new(&settings, server.app.clock().now()),
            settings,
            projects: server.app.projects(&visitor.user).await?,
        })
    }

    /// Runs a command that only looks.
    pub(super) async fn look(&self, command: Command) -> Result<Outcome, Problem> {
        let origin = Origin::person(Door::Web, "");
        Ok(self
            .server
            .app
            .run(&self.visitor.user, &command, origin)
            .await?)
    }

    /// How many tasks a filter finds.
    pub(super) async fn count(&self, filter: Filter) -> Result<i64, Problem> {
        let filter = Some(filter);
        match self
            .look(Command::CountTasks(CountTasks { filter }))
            .await?
        {
            Outcome::Counts(counts) => Ok(counts.matching),
            _ => Err(Problem::internal()),
        }
    }

    /// The nearest filter that finds something, where one finds nothing.
    pub(super) async fn looser(&self, filter: &Filter) -> Result<Option<Looser>, Problem> {
        let Self {
            server, visitor, ..
        } = self;
        Ok(server.app.looser(&visitor.user, filter).await?)
    }

    /// Whether there is no task, not even in the trash.
    pub(super) async fn is_new(&self) -> Result<bool, Problem> {
        Ok(self.count(Filter::All).await? + self.count(Filter::Trash).await? == 0)
    }

    /// The tasks that are due today or should have been done.
    pub(super) fn due_by_today(&self) -> Filter {
        Filter::Due(Days::Between(None, Some(self.view.now.date())))
    }

    /// A moment, as somebody who reads it today says it.
    pub(super) fn time(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.view.now.time_zone().clone());
        let format = if at.date() == self.view.now.date() {
            "%H:%M"
        } else {
            "%a %-d %b %H:%M"
        };
        at.strftime(format).to_string()
    }

    /// A change, ready to be shown.
    pub(super) fn change(&self, receipt: Receipt) -> ChangeView {
        let by = match &receipt.actor {
            Actor::Person => "you".to_owned(),
            Actor::Model(name) | Actor::Agent(name) => name.clone(),
        };
        let door = match receipt.door {
            Door::Web => "",
            Door::Chat => " through the assistant",
            Door::Rest => " through the API",
            Door::Mcp => " through an agent",
            Door::Cli => " on the command line",
            Door::Upkeep => " beforehand, by the setting TRASH_DAYS",
        };
        let is_undo = receipt.undoes.is_some();
        ChangeView {
            id: receipt.change_id,
            when: self.time(receipt.at),
            by,
            door,
            can_undo: receipt.undone_by.is_none() && !is_undo,
            can_redo: receipt.undone_by.is_some() && !is_undo,
            text: say::outcome(&Outcome::Changed(receipt), &self.view, &self.projects),
        }
    }

    /// The frame of the page at `address`.
    pub(super) async fn frame(
        &self,
        address: &str,
        change: Option<i64>,
        problem: Option<String>,
    ) -> Result<Frame, Problem> {
        let (app, user) = (&self.server.app, &self.visitor.user);
        let change = match change {
            Some(change) => app.change(user, Seq(change)).await?,
            None => None,
        };
        let path = address
            .parse::<Uri>()
            .map_or_else(|_| "/".to_owned(), |uri| uri.path().to_owned());
        let project = |project: &Project| ListLink {
            address: format!("/projects/{}", project.id),
            name: project.name.to_string(),
            colour: project.colour.as_ref().map(ToString::to_string),
        };
        let labels = app.labels(user).await?;
        let more_labels = labels.len() > LABELS_SHOWN;
        let label = |(label, _): &(Tag, i64)| ListLink::new(label_address(label), label);
        let filter = |saved: &SavedFilter| {
            let filter = encoded(&saved.filter.to_string());
            ListLink::new(format!("/search?filter={filter}"), &saved.name)
        };
        Ok(Frame {
            assets: assets::folder(),
            fragment: self.visitor.fragment,
            look: self.visitor.look.clone(),
            keeper: self.visitor.keeper(),
            seq: app.head(user).await?,
            name: self.visitor.name.clone(),
            csrf: self.visitor.csrf(),
            key: accounts::random_name(),
            back: address.to_owned(),
            path,
            today: self.view.now.strftime("%a %-d %b").to_string(),
            due_count: self.count(self.due_by_today()).await?,
            inbox_count: self.count(Filter::Inbox).await?,
            proposals: app.count_proposals(user).await?,
            projects: self
                .projects
                .iter()
                .filter(|project| project.archived_at.is_none())
                .map(project)
                .collect(),
            labels: labels.iter().take(LABELS_SHOWN).map(label).collect(),
            more_labels,
            filters: self.settings.filters.iter().map(filter).collect(),
            problem,
            in_the_way: None,
            change: change.map(|receipt| self.change(receipt)),
        })
    }
}

/// What every page has around it.
pub(super) struct Frame {
    /// The folder of the files it loads.
    pub(super) assets: &'static str,
    /// Whether only the regions are asked for, by a page that is there already.
    pub(super) fragment: bool,
    pub(super) look: Look,
    /// What stands for the user where a browser keeps their pages.
    pub(super) keeper: String,
    /// The journal's number as this page knows it.
    pub(super) seq: Seq,
    pub(super) name: String,
    pub(super) csrf: String,
    /// What adding a task is called if its form is sent twice.
    pub(super) key: String,
    /// The address of this page, for its forms to come back to.
    pub(super) back: String,
    /// The path of it, for the list of lists.
    pub(super) path: String,
    pub(super) today: String,
    pub(super) due_count: i64,
    pub(super) inbox_count: i64,
    /// How many proposals of agents wait.
    pub(super) proposals: i64,
    pub(super) projects: Vec<ListLink>,
    /// The labels in use, those used most first.
    pub(super) labels: Vec<ListLink>,
    pub(super) more_labels: bool,
    /// The filters that are saved.
    pub(super) filters: Vec<ListLink>,
    pub(super) problem: Option<String>,
    /// The later change because of which the one in question could not be undone.
    pub(super) in_the_way: Option<InTheWay>,
    pub(super) change: Option<ChangeView>,
}

impl Frame {
    /// Whether this is the page at `address`.
    pub(super) fn is_at(&self, address: &str) -> bool {
        self.path == address || self.back == address
    }
}

/// A later change of the same, which an undoing would silently take back.
pub(super) struct InTheWay {
    /// What was to be undone.
    pub(super) change: Seq,
    pub(super) later: ChangeView,
}

impl InTheWay {
    /// `None` if the later change is not there any more.
    pub(super) async fn of(
        scene: &Scene<'_>,
        change: Seq,
        later: Seq,
    ) -> Result<Option<Self>, Problem> {
        let app = &scene.server.app;
        let later = app.change(&scene.visitor.user, later).await?;
        Ok(later.map(|later| Self {
            change,
            later: scene.change(later),
        }))
    }
}

/// A list in the list of lists.
pub(super) struct ListLink {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) colour: Option<String>,
}

impl ListLink {
    fn new(address: String, name: &impl ToString) -> Self {
        Self {
            address,
            name: name.to_string(),
            colour: None,
        }
    }
}

/// How many labels are in the list of lists; the others are on a page of their own.
const LABELS_SHOWN: usize = 12;

/// A change, ready to be shown.
pub(super) struct ChangeView {
    pub(super) id: Seq,
    pub(super) text: String,
    pub(super) when: String,
    pub(super) by: String,
    pub(super) door: &'static str,
    pub(super) can_undo: bool,
    pub(super) can_redo: bool,
}

/// Asks for the regions of a page without its shell.
pub(super) const FRAGMENT: HeaderName = HeaderName::from_static("sayso-fragment");

/// How this browser shows the page. It is the browser's and not the user's: a phone in bed is not the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    pub(super) theme: &'static str,
    pub(super) density: &'static str,
    /// Whether single letters are commands.
    pub(super) keys: bool,
    /// Letters in the place of others: pairs of the usual one and the chosen one, all in one word.
    pub(super) letters: String,
    /// Whether answers are shown only when they are complete.
    pub(super) whole: bool,
    /// Whether one can speak instead of typing.
    pub(crate) voice: bool,
}

impl Look {
    /// The cookie it is kept in.
    const COOKIE: &str = "look";
    /// What the word with the letters begins with.
    const LETTERS: &str = "letters-";

    /// What the browser's cookie says.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let said = cookies::find(headers, Self::COOKIE).unwrap_or_default();
        Self::saying(&said.split('.').collect::<Vec<_>>())
    }

    /// What these words say. What they do not say is as usual.
    pub(super) fn saying(words: &[&str]) -> Self {
        let one_of = |names: &[&'static str]| {
            let said = names.iter().find(|name| words.contains(name));
            said.copied().unwrap_or(names[0])
        };
        let letters = words
            .iter()
            .find_map(|word| word.strip_prefix(Self::LETTERS))
            .filter(|pairs| pairs.bytes().all(|letter| letter.is_ascii_lowercase()));
        Self {
            theme: one_of(&["system", "light", "dark"]),
            density: one_of(&["comfortable", "compact"]),
            keys: !words.contains(&"nokeys"),
            letters: letters.unwrap_or_default().to_owned(),
            whole: words.contains(&"whole"),
            voice: words.contains(&"voice"),
        }
    }

    /// The letter that does what `usual` usually does.
    pub(super) fn letter(&self, usual: char) -> char {
        let mut pairs = self.letters.as_bytes().chunks_exact(2);
        pairs
            .find(|pair| char::from(pair[0]) == usual)
            .map_or(usual, |pair| char::from(pair[1]))
    }

    /// The cookie that says it for a year.
    pub(super) fn cookie(&self) -> String {
        let letters = format!("{}{}", Self::LETTERS, self.letters);
        let said = [
            (true, self.theme),
            (true, self.density),
            (!self.keys, "nokeys"),
            (!self.letters.is_empty(), letters.as_str()),
            (self.whole, "whole"),
            (self.voice, "voice"),
        ];
        let words: Vec<&str> = said
            .into_iter()
            .filter_map(|(is_so, word)| is_so.then_some(word))
            .collect();
        format!(
            "{}={}; Path=/; Max-Age=31536000; SameSite=Lax",
            Self::COOKIE,
            words.join(".")
        )
    }
}
