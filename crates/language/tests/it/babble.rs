//! Odd texts, each made from a number: the engine's own words at random, sentences run together, repeated words, quotes,
//! digits and arbitrary characters.

use std::path::Path;

/// The longest text, in characters.
pub(crate) const LONGEST: usize = 4_096;

/// What texts are made of.
pub(crate) struct Babble {
    /// Every text in the engine's source: its words and its frames.
    frames: Vec<String>,
    words: Vec<String>,
    sentences: Vec<String>,
}

impl Babble {
    /// From the crate in `folder`: whatever words and sentences it has, in every language.
    pub(crate) fn new(folder: &Path) -> Self {
        let mut frames = Vec::new();
        for source in files(&folder.join("src"), "rs") {
            frames.extend(literals(&source));
        }
        let mut words: Vec<String> = frames
            .iter()
            .flat_map(|frame| frame.split(|c: char| c.is_whitespace() || c == '|'))
            .map(|word| word.trim_end_matches('?').to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        words.sort();
        words.dedup();
        let sentences = files(&folder.join("tests/sentences"), "txt")
            .iter()
            .flat_map(|file| file.lines())
            .filter_map(|line| line.split_once(" => "))
            .map(|(sentence, _)| sentence.trim_start_matches("! ").replace('⏎', "\n"))
            .collect();
        Self {
            frames,
            words,
            sentences,
        }
    }

    /// The text of a number: most are short, some as long as they may be.
    pub(crate) fn text(&self, seed: u64) -> String {
        let mut dice = Dice(seed);
        let kind = dice.roll(10);
        // What is repeated shows by its length whether it is read in time.
        let longest = match dice.roll(if kind == 4 { 5 } else { 20 }) {
            0 => LONGEST,
            1..=3 => 600,
            _ => 90,
        };
        let length = 1 + dice.roll(longest);
        let mut text = String::new();
        // Long texts are of one kind throughout as often as of many.
        let is_mixed = dice.roll(3) == 0;
        while text.chars().count() < length {
            let kind = if is_mixed { dice.roll(10) } else { kind };
            self.more(&mut text, kind, length, &mut dice);
        }
        text.chars().take(length).collect()
    }

    /// Some more of a kind.
    fn more(&self, text: &mut String, kind: usize, length: usize, dice: &mut Dice) {
        match kind {
            0 => text.push(character(dice)),
            1 | 2 => {
                text.push_str(dice.one_of(&self.words).as_str());
                let gap = [
                    " ", " ", " ", " ", " ", " ", " ", ", ", "", "\n", " and ", "-",
                ];
                text.push_str(dice.word(&gap));
            }
            3 => {
                text.push_str(dice.one_of(&self.sentences).as_str());
                let gap = [
                    " and ", ", then ", ". ", "; ", "\n", " ", ", ", " but ", " or ", "",
                ];
                text.push_str(dice.word(&gap));
            }
            4 => {
                // The same few words again and again, often after a request.
                if text.is_empty() && dice.roll(2) == 0 {
                    let sentence = dice.one_of(&self.sentences).as_str();
                    let head = match dice.roll(2) {
                        0 => sentence,
                        _ => sentence.split(' ').next().unwrap_or_default(),
                    };
                    text.push_str(head);
                    text.push(' ');
                }
                let words: Vec<&String> = (0..=dice.roll(3))
                    .map(|_| dice.one_of(&self.words))
                    .collect();
                let gap = dice.word(&[" ", ", ", ", ", "", " and ", "\n", " \" "]);
                let written = text.chars().count();
                let mut left = length.saturating_sub(written) / (1 + dice.roll(3));
                loop {
                    for word in &words {
                        text.push_str(word);
                        text.push_str(gap);
                        left = left.saturating_sub(word.chars().count() + gap.len());
                    }
                    if left == 0 {
                        break;
                    }
                }
            }
            5 => {
                let marks: Vec<char> = ",.;:!?\"'()[]{}#@+\\/-–—…“”‘’«»&*%$€<>|~`^_=⏎ \t"
                    .chars()
                    .collect();
                for _ in 0..=dice.roll(6) {
                    text.push(*dice.one_of(&marks));
                }
                if dice.roll(4) == 0 {
                    text.push_str(dice.one_of(&self.words).as_str());
                }
            }
            6 => {
                let number = dice.next() >> dice.roll(64);
                let after = [
                    " ",
                    "th ",
                    "st of ",
                    ":",
                    "/",
                    ".",
                    "-",
                    "pm ",
                    "am ",
                    " days ",
                    "%",
                    ",",
                    "h",
                    " hours and ",
                    " to ",
                    "",
                ];
                *text += &format!("{number}{}", dice.word(&after));
            }
            7 => {
                let filled = self.filled(dice);
                *text += &filled;
                text.push_str(dice.word(&[" ", ", ", " and ", ". ", "\n"]));
            }
            8 => {
                let sentence = misspelt(dice.one_of(&self.sentences).as_str(), dice);
                *text += &sentence;
                text.push(' ');
            }
            _ => {
                // One character, or a pair, many times over.
                let (one, other) = (character(dice), character(dice));
                for _ in 0..=dice.roll(40) {
                    text.push(one);
                    if dice.roll(3) == 0 {
                        text.push(other);
                    }
                }
            }
        }
    }

    /// A frame with one of its alternatives at each place.
    fn filled(&self, dice: &mut Dice) -> String {
        let frame = dice.one_of(&self.frames);
        let mut words: Vec<&str> = Vec::new();
        for place in frame.split_whitespace() {
            let may_be_missing = place.ends_with('?');
            if may_be_missing && dice.roll(2) == 0 {
                continue;
            }
            let ways: Vec<&str> = place.trim_end_matches('?').split('|').collect();
            let way = dice.word(&ways);
            if way.starts_with(['<', '{', '%']) {
                for _ in 0..=dice.roll(3) {
                    words.push(dice.one_of(&self.words).as_str());
                }
            } else {
                words.push(way);
            }
        }
        words.join(" ")
    }
}

/// Numbers at random, the same for the same seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0, less than `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        let sides = u64::try_from(sides.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % sides).unwrap_or_default()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll(all.len())]
    }

    fn word<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.roll(all.len())]
    }
}

/// Any character, those that are trouble more often than others.
fn character(dice: &mut Dice) -> char {
    // Characters that grow or shrink in another case, that join, turn or hide, and some that look like digits or quotes.
    const TROUBLE: &str = "ßẞİıŉǰΐﬁﬀÅΩſK\u{301}\u{308}\u{200d}\u{200b}\u{202e}\u{feff}\u{0}\u{7f}\u{85}\u{a0}\u{2028}\u{fe0f}\u{1f3fd}٣४Ⅷ½²①“”„‟‹›＂＇﹣﹟＠🎂👩‍👩‍👧🏴󠁧󠁢󠁥󠁮󠁧󠁿";
    let code = match dice.roll(7) {
        0 => u32::try_from(0x20 + dice.roll(0x5f)).ok(),
        1 => u32::try_from(dice.roll(0x300)).ok(),
        2 => u32::try_from(0x300 + dice.roll(0x2d00)).ok(),
        3 => u32::try_from(0x3000 + dice.roll(0xd000)).ok(),
        4 => u32::try_from(0x1f000 + dice.roll(0x1000)).ok(),
        5 => u32::try_from(dice.roll(0x0011_0000)).ok(),
        _ => None,
    };
    let trouble: Vec<char> = TROUBLE.chars().collect();
    code.and_then(char::from_u32)
        .unwrap_or_else(|| *dice.one_of(&trouble))
}

/// A sentence with a few characters lost, doubled, swapped, in capitals or replaced.
fn misspelt(sentence: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = sentence.chars().collect();
    for _ in 0..=dice.roll(4) {
        if letters.len() < 2 {
            break;
        }
        let place = dice.roll(letters.len() - 1);
        match dice.roll(5) {
            0 => drop(letters.remove(place)),
            1 => letters.insert(place, letters[place]),
            2 => letters.swap(place, place + 1),
            3 => letters[place] = letters[place].to_ascii_uppercase(),
            _ => letters[place] = character(dice),
        }
    }
    letters.into_iter().collect()
}

/// The texts of the files of a kind in a folder and those inside it.
fn files(folder: &Path, kind: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the crate's files are at hand");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("it is an entry").path())
        .collect();
    // The same number is the same text on every machine.
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        if path.is_dir() {
            texts.extend(files(&path, kind));
        } else if path.extension().is_some_and(|extension| extension == kind) {
            texts.push(std::fs::read_to_string(&path).expect("it is text"));
        }
    }
    texts
}

/// The texts in quotation marks on the lines of some source that are not comments.
fn literals(source: &str) -> Vec<String> {
    let lines = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|literal| !literal.trim().is_empty())
        .map(str::to_owned)
        .collect()
}
