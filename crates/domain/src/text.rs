//! Texts that are already right: cleaned, counted and never empty where that would mean nothing.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a text cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but space.
    #[error("a {what} cannot be empty")]
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// More characters than there is room for.
    #[error("a {what} can have at most {max} characters; this one has {length}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// The most it may have.
        max: usize,
        /// What it has.
        length: usize,
    },
    /// A tag with space or a mark in it.
    #[error("a tag is one word of letters, digits, - and _: \u{201c}{0}\u{201d} is not")]
    Tag(String),
    /// A colour that is not six hexadecimal digits.
    #[error("a colour looks like #2A58CC; \u{201c}{0}\u{201d} does not")]
    Colour(String),
}

/// `text` without the characters nobody can see or type: control characters are dropped (a tab or, outside
/// `multiline`, a line break becomes a space) and so are the bidirectional overrides that can hide what a text says.
/// Characters of no width stay where they join others, as in emoji, but not at either end or by themselves.
fn clean(text: &str, multiline: bool) -> String {
    let visible = |c: char| match c {
        '\n' if multiline => Some('\n'),
        '\n' | '\r' | '\t' => Some(' '),
        '\u{2028}' | '\u{2029}' if !multiline => Some(' '),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => None,
        c => Some(c),
    };
    let text = if multiline {
        text.replace("\r\n", "\n")
    } else {
        text.to_owned()
    };
    let text: String = text.chars().filter_map(visible).collect();
    if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return String::new();
    }
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
    })
    .to_owned()
}

/// Whether `c` shows nothing by itself: Unicode's `Default_Ignorable_Code_Point`, and the empty Braille pattern.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $least:literal..=$most:literal, multiline: $multiline:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(inline, extend("minLength" = $least, "maxLength" = $most))]
        pub struct $name(String);

        impl $name {
            /// The most characters it may have.
            pub const MAX: usize = $most;

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                let text = clean(&text, $multiline);
                let length = text.chars().count();
                if length == 0 && $least > 0 {
                    Err(TextError::Empty { what: $what })
                } else if length > $most {
                    Err(TextError::TooLong { what: $what, max: $most, length })
                } else {
                    Ok(Self(text))
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text! {
    /// What is to be done, in 1 to 500 characters with no space around them.
    Title, "title", 1..=500, multiline: false
}
text! {
    #[derive(Default)]
    /// More about a task: up to 10,000 characters, line breaks kept.
    Description, "description", 0..=10_000, multiline: true
}
text! {
    /// What somebody says in a conversation: 1 to 4,096 characters, line breaks kept.
    MessageText, "message", 1..=4_096, multiline: true
}
text! {
    /// What a project is called: 1 to 100 characters.
    ProjectName, "project name", 1..=100, multiline: false
}
text! {
    /// What a saved filter is called: 1 to 100 characters.
    FilterName, "filter name", 1..=100, multiline: false
}
text! {
    /// What a client calls one request, so that a repeat of it changes nothing: 1 to 200 characters.
    IdempotencyKey, "idempotency key", 1..=200, multiline: false
}

impl Description {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a program calls itself, as it is shown to people: one line of at most `max` characters, without those that cannot
/// be seen or turn the direction of text, which could make one name look like another. `None` if nothing is left.
pub fn shown_name(name: &str, max: usize) -> Option<String> {
    let hidden = |c: char| (c.is_control() && !c.is_whitespace()) || is_invisible(c);
    let seen: String = name.chars().filter(|c| !hidden(*c)).collect();
    let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = seen.chars().take(max).collect();
    (!short.is_empty()).then_some(short)
}

/// `text` as it is compared: case and outer space do not count.
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A label on a task: one word of 1 to 50 letters, digits, `-`, `_` or `/`, without its `@` or `#`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline, extend("minLength" = 1, "maxLength" = 50))]
pub struct Tag(String);

impl Tag {
    /// The most characters it may have.
    pub const MAX: usize = 50;

    /// The label as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The label as it is compared.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl TryFrom<String> for Tag {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let text = clean(&text, false);
        let word = text.trim_start_matches(['#', '@']);
        let length = word.chars().count();
        if length == 0 {
            Err(TextError::Empty { what: "tag" })
        } else if length > Self::MAX {
            Err(TextError::TooLong {
                what: "tag",
                max: Self::MAX,
                length,
            })
        } else if word.chars().all(|c| {
            c.is_alphanumeric()
                || matches!(c, '-' | '_' | '/' | '\u{200d}')
                || !(c.is_ascii() || c.is_whitespace())
        }) {
            Ok(Self(word.to_owned()))
        } else {
            Err(TextError::Tag(word.to_owned()))
        }
    }
}

impl std::str::FromStr for Tag {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        text.to_owned().try_into()
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> String {
        tag.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Labels that differ only in case are the same label.
impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for Tag {}

impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tag {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(&other.folded())
    }
}

/// A project's colour, as `#RRGGBB`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline)]
pub struct Colour(String);

impl TryFrom<String> for Colour {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let digits = text.trim().trim_start_matches('#');
        if digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
            Ok(Self(format!("#{}", digits.to_uppercase())))
        } else {
            Err(TextError::Colour(text))
        }
    }
}

impl std::str::FromStr for Colour {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        text.to_owned().try_into()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> String {
        colour.0
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
