//! Makes the files a page loads ready to be embedded: comments and indentation go, sizes are held to their budgets, and
//! each is compressed once, here.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Bytes a file may have when it is served uncompressed. What loads with every page comes first.
const BUDGETS: &[(&str, usize)] = &[
    ("style.css", 25_000),
    ("core.js", 9_000),
    ("list.js", 6_000),
    ("capture.js", 6_000),
    ("live.js", 3_000),
    ("keys.js", 3_000),
    ("chat.js", 12_000),
    ("md.js", 3_000),
    ("detail.js", 6_000),
    ("palette.js", 5_000),
    ("commands.js", 3_600),
    ("hands.js", 4_500),
    ("trouble.js", 3_000),
    ("offline.js", 3_000),
    ("sw.js", 7_000),
];

fn main() {
    println!("cargo::rerun-if-changed=assets");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut files = vec![("style.css".to_owned(), style())];
    for path in within("assets/js") {
        let script = script(&read(&path), &path);
        files.push((name_of(&path), script));
    }
    for path in within("assets/icons") {
        files.push((name_of(&path), read(&path)));
    }
    let mut table = String::from("&[\n");
    for (name, text) in files {
        let budget = BUDGETS.iter().find(|(file, _)| *file == name);
        if let Some((_, budget)) = budget.filter(|(_, budget)| text.len() > *budget) {
            println!(
                "cargo::error={name} has {} bytes; it may have {budget}",
                text.len()
            );
        }
        fs::write(out.join(&name), &text).expect("OUT_DIR can be written");
        let zipped = gzip(text.as_bytes());
        fs::write(out.join(format!("{name}.gz")), zipped).expect("OUT_DIR can be written");
        table.push_str(&format!("    asset!({name:?}),\n"));
    }
    table.push_str("]\n");
    fs::write(out.join("assets.rs"), table).expect("OUT_DIR can be written");
}

/// One stylesheet of all its parts, in the order of their names.
fn style() -> String {
    let parts: String = within("assets/style")
        .iter()
        .map(|part| read(part))
        .collect();
    minifier::css::minify(&parts)
        .expect("the stylesheet can be read")
        .to_string()
}

/// A module without comments and without the spaces that no one needs. Nothing else is touched, so it does what its source
/// does as long as no line of it is within a literal.
fn script(source: &str, path: &Path) -> String {
    let mut script = String::new();
    let mut in_comment = false;
    for (line, number) in source.lines().map(str::trim).zip(1..) {
        let is_comment =
            line.starts_with("/*") && line.find("*/").is_none_or(|at| at + 2 == line.len());
        if in_comment || is_comment {
            in_comment = !line.ends_with("*/");
            continue;
        }
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        if line.matches('`').count() % 2 != 0 {
            println!(
                "cargo::error={}:{number}: a literal may not go over several lines",
                path.display()
            );
        }
        script.push_str(&tight(line));
        script.push('\n');
    }
    script
}

/// A line of a module without its comments in between and without spaces around signs. Literals stay as they are; so do
/// plus and minus, which mean something else when they come together.
fn tight(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(next) = rest.chars().next() {
        let before = out.chars().rev().find(|c| *c != ' ');
        let is_literal = match next {
            '\'' | '"' | '`' => true,
            // What divides comes after a value.
            '/' => before.is_none_or(|c| "(,=:[!&|?{};".contains(c)),
            _ => false,
        };
        let length = if rest.starts_with("/**") {
            let end = rest.find("*/").map_or(rest.len(), |at| at + 2);
            rest = rest[end..].trim_start();
            continue;
        } else if is_literal {
            literal(rest, next)
        } else {
            next.len_utf8()
        };
        let sign = |c: char| !c.is_alphanumeric() && !"_$+-'\"`/ ".contains(c);
        let after = rest[length..].chars().next();
        let is_spare = next == ' ' && (before.is_some_and(sign) || after.is_some_and(sign));
        if !is_spare {
            out.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    out
}

/// How long the literal is that `text` begins with. What stands in a template is passed over with it.
fn literal(text: &str, quote: char) -> usize {
    let (mut escaped, mut in_class, mut depth) = (false, false, 0);
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if quote == '/' => in_class = true,
            ']' if quote == '/' => in_class = false,
            '{' if quote == '`' && text[..at].ends_with('$') => depth += 1,
            '}' if quote == '`' && depth > 0 => depth -= 1,
            _ if c == quote && !in_class && depth == 0 => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("memory can be written")
}

/// The files of a folder, in the order of their names.
fn within(folder: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the file is text")
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
