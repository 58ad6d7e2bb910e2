//! What a user has chosen about how they are served.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::Weekday;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Filter, FilterError, FilterName, Refusal, TextError, ZoneName, fold};

/// The first day of a week.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum WeekStart {
    /// As in ISO 8601.
    #[default]
    Monday,
    /// As in most of the Arab world.
    Saturday,
    /// As in the Americas.
    Sunday,
}

impl WeekStart {
    /// The day itself.
    pub fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

/// When a language model is asked.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ModelMode {
    /// Never: nothing leaves the server.
    Rules,
    /// When the engine does not understand a message, or only a part of it.
    Unsure,
    /// First; the engine answers if no model does.
    First,
}

/// A filter under a name, to be found again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct SavedFilter {
    /// What it is called; no other of the user's filters is called so.
    pub name: FilterName,
    /// The filter.
    pub filter: Filter,
}

impl SavedFilter {
    /// The most that a user may have.
    pub const MAX: usize = 50;

    /// That all of `filters` can be kept together.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check(filters: &[Self]) -> Result<(), Refusal> {
        if filters.len() > Self::MAX {
            return Err(Refusal::TooMany {
                what: "saved filters",
                max: Self::MAX,
                count: filters.len(),
            });
        }
        let mut names = BTreeSet::new();
        for Self { name, filter } in filters {
            if !names.insert(fold(name.as_str())) {
                return Err(Refusal::FilterExists(name.clone()));
            }
            // Written out, words get quotation marks; what is kept has to be read again.
            if filter.to_string().chars().count() > Filter::LENGTH_MAX {
                return Err(Refusal::FilterTooLong(name.clone()));
            }
        }
        Ok(())
    }
}

/// Why a text is no saved filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedFilterError {
    /// It has no name.
    #[error("write a name, =, and the filter, such as \u{201c}This week=this week & !done\u{201d}")]
    NoName,
    /// Its name cannot be one.
    #[error(transparent)]
    Name(#[from] TextError),
    /// Its filter cannot be read.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

/// As `NAME=FILTER`.
impl FromStr for SavedFilter {
    type Err = SavedFilterError;

    fn from_str(text: &str) -> Result<Self, SavedFilterError> {
        let (name, filter) = text.split_once('=').ok_or(SavedFilterError::NoName)?;
        Ok(Self {
            name: name.parse()?,
            filter: filter.parse()?,
        })
    }
}

/// A user's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// The zone whose clock the user lives by.
    pub time_zone: ZoneName,
    /// The language to answer in when a message does not tell, as a BCP 47 tag.
    pub locale: String,
    /// When a week begins.
    pub week_start: WeekStart,
    /// When a language model is asked, if there is one; as the server does it without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_mode: Option<ModelMode>,
    /// The filters that the user has saved, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<SavedFilter>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_zone: ZoneName::utc(),
            locale: "en".to_owned(),
            week_start: WeekStart::default(),
            model_mode: None,
            filters: Vec::new(),
        }
    }
}
