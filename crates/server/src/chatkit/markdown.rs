//! Messages are Markdown where they are shown. What is ours to say is not, and titles in it are anybody's: it is to look as it is.

/// `text`, such that it is shown to the letter.
pub(super) fn literal(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for (n, line) in text.lines().enumerate() {
        if n > 0 {
            // A plain line break is only a space.
            written.push_str("\\\n");
        }
        // What begins a list, a heading's underline or a block of code only does so where a line begins.
        let line = line.trim_start();
        let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        for (at, c) in line.char_indices() {
            let marks = match c {
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '$' | '&' => {
                    true
                }
                '-' | '+' | '=' => at == 0,
                '.' | ')' => digits > 0 && at == digits,
                _ => false,
            };
            if marks {
                written.push('\\');
            }
            written.push(c);
        }
    }
    written
}

/// Markdown of a model's without pictures: whoever made it ask for one from elsewhere would learn what is in its address.
pub(super) fn without_pictures(text: &str) -> String {
    text.replace("![", "!\\[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_is_shown_to_the_letter() {
        for (text, written) in [
            (
                "Added \u{201c}Buy milk\u{201d}.",
                "Added \u{201c}Buy milk\u{201d}.",
            ),
            ("1. Buy milk\n   2. a-b", "1\\. Buy milk\\\n2\\. a-b"),
            (
                "![x](https://evil.example/?q)",
                "!\\[x\\](https://evil.example/?q)",
            ),
            ("- a * b_c <b> $x$", "\\- a \\* b\\_c \\<b\\> \\$x\\$"),
            ("10) v1.2 &lt; `x`", "10\\) v1.2 \\&lt; \\`x\\`"),
            ("", ""),
        ] {
            assert_eq!(literal(text), written);
        }
    }

    #[test]
    fn a_text_that_grows_keeps_what_it_has() {
        let text = "See ![a](b) and [c](d)! ![";
        let all = without_pictures(text);
        assert!(!all.contains("!["));
        for (end, _) in text.char_indices() {
            assert!(all.starts_with(&without_pictures(&text[..end])), "{end}");
        }
    }
}
