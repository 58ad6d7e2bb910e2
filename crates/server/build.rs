//! Makes the files a page loads ready to be embedded: comments and indentation go, sizes are held to their budgets, and
//! each is compressed once, here.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Bytes a file may have when it is served uncompressed. What loads with every page comes first, then what loads when it is
/// first needed.
const BUDGETS: &[(&str, usize)] = &[
    ("style.css", 22_000),
    ("core.js", 9_500),
    ("list.js", 6_700),
    ("capture.js", 6_800),
    ("live.js", 3_150),
    ("keys.js", 3_000),
    ("chat.js", 13_200),
    ("chat.css", 5_200),
    ("md.js", 3_000),
    ("detail.js", 6_000),
    ("palette.js", 5_500),
    ("commands.js", 3_900),
    ("hands.js", 4_900),
    ("trouble.js", 3_000),
    ("offline.js", 3_000),
    ("sw.js", 7_000),
];

fn main() {
    println!("cargo::rerun-if-changed=assets");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut files = vec![
        ("style.css".to_owned(), style(&within("assets/style"))),
        ("chat.css".to_owned(), style(&["assets/chat.css".into()])),
    ];
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

/// One stylesheet of all these parts, in their order.
fn style(parts: &[PathBuf]) -> String {
    let parts: String = parts.iter().map(|part| read(part)).collect();
    minifier::css::minify(&parts)
        .expect("the stylesheet can be read")
        .to_string()
}

/// A module without its comments and its indentation. Nothing else is touched, so it does what its source does as long as no
/// line of it is within a literal.
fn script(source: &str, path: &Path) -> String {
    let mut script = String::new();
    let mut in_comment = false;
    for (line, number) in source.lines().map(str::trim).zip(1..) {
        if in_comment || (line.starts_with("/*") && !line.contains("*/")) {
            in_comment = !line.ends_with("*/");
            continue;
        }
        if line.matches('`').count() % 2 != 0 {
            println!(
                "cargo::error={}:{number}: a literal may not go over several lines",
                path.display()
            );
        }
        let line = uncommented(line);
        if !line.is_empty() {
            script.push_str(&line);
            script.push('\n');
        }
    }
    script
}

/// A line without the types in it, and nothing if it is a comment.
fn uncommented(line: &str) -> String {
    let mut line = line.to_owned();
    while let Some(start) = line.find("/**")
        && let Some(end) = line[start..].find("*/")
    {
        line.replace_range(start..start + end + 2, "");
    }
    if line.starts_with("//") {
        line.clear();
    }
    line.trim().to_owned()
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
