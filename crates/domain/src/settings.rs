//! What a user has chosen about how they are served.

use jiff::civil::Weekday;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ZoneName;

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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_zone: ZoneName::utc(),
            locale: "en".to_owned(),
            week_start: WeekStart::default(),
            model_mode: None,
        }
    }
}
