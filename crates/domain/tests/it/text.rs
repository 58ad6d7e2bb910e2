//! Texts as they are taken: cleaned, counted, and never empty where that would mean nothing.

use domain::{Colour, Description, Tag, Title};
use insta::assert_snapshot;
use proptest::prelude::*;

fn title(text: &str) -> String {
    text.parse::<Title>().map_or_else(
        |error| error.to_string(),
        |title| format!("{:?}", title.as_str()),
    )
}

fn tag(text: &str) -> String {
    text.parse::<Tag>()
        .map_or_else(|error| error.to_string(), |tag| tag.to_string())
}

#[test]
fn what_shows_nothing_is_empty() {
    for text in [
        "",
        "   ",
        "\u{200b}",
        "\u{feff}",
        " \u{200b} \u{feff}\t",
        "\u{2060}\u{ad}",
        "\u{200d}\u{fe0f}",
        "\u{3164}",
        "\0",
        "\u{7}\u{1b}",
        "\u{202e}",
        "\u{2028}",
        "\u{2800}",
    ] {
        assert_eq!(title(text), "a title cannot be empty", "{text:?}");
    }
    assert_snapshot!(tag("#\u{200b}"), @"a tag cannot be empty");
}

#[test]
fn what_is_taken_out_and_what_stays() {
    assert_eq!(title("\u{feff} milk\u{200b} "), "\"milk\"");
    assert_eq!(title("mi\0lk\u{1b}[31m\r\nnow"), "\"milk[31m  now\"");
    assert_eq!(title("pay \u{202e}lla"), "\"pay lla\"");
    assert_eq!(title("one\u{2028}two"), "\"one two\"");
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{2764}\u{fe0f}";
    assert_eq!(family.parse::<Title>().unwrap().as_str(), family);
    let lines: Description = "\u{feff}one\r\n\ttwo\n".parse().unwrap();
    assert_eq!(lines.as_str(), "one\n two");
}

#[test]
fn how_long_a_text_may_be() {
    assert!("\u{e9}".repeat(500).parse::<Title>().is_ok());
    assert_snapshot!(title(&"x".repeat(501)), @"a title can have at most 500 characters; this one has 501");
}

#[test]
fn labels() {
    assert_snapshot!(tag("##Home-2/a_b"), @"Home-2/a_b");
    assert_snapshot!(tag("two words"), @"a tag is one word of letters, digits, - and _: “two words” is not");
    assert_snapshot!(tag("a&b"), @"a tag is one word of letters, digits, - and _: “a&b” is not");
    assert_eq!("Home".parse::<Tag>(), "@home".parse::<Tag>());
}

#[test]
fn colours() {
    assert_snapshot!("2a58cc".parse::<Colour>().unwrap(), @"#2A58CC");
    assert_snapshot!("blue".parse::<Colour>().unwrap_err(), @"a colour looks like #2A58CC; “blue” does not");
}

proptest! {
    #[test]
    fn what_is_taken_stays_as_it_is(text in "\\PC{0,20}|[ \u{200b}\u{feff}\u{200d}\n\ra\0]{0,10}") {
        if let Ok(title) = text.parse::<Title>() {
            prop_assert_eq!(title.as_str().parse::<Title>().unwrap(), title);
        }
        if let Ok(tag) = text.parse::<Tag>() {
            prop_assert_eq!(tag.as_str().parse::<Tag>().unwrap().to_string(), tag.to_string());
        }
    }
}
