//! Where a person is sent back to.

use url::Url;

use crate::settings::is_this_machine;

/// A place that a person is sent back to, as they would name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A site, by its host.
    Site(String),
    /// A program on their own machine that listens for it: whatever listens there gets it.
    ThisMachine(String),
    /// A program that their machine opens for addresses of this scheme.
    Program(String),
}

/// The longest address.
const BYTES_MAX: usize = 2048;

/// Schemes that lead to no program of an agent's, some of them into the browser itself.
const REFUSED: [&str; 15] = [
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "javascript",
    "mailto",
    "sms",
    "tel",
    "vbscript",
    "view-source",
    "ws",
];

/// Reads an address that people may be sent back to. `None` if nobody may be: it is no address, has a fragment or a
/// name and password, or leads to another machine in the clear.
pub(super) fn parse(text: &str) -> Option<Url> {
    if text.len() > BYTES_MAX || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let url: Url = text.parse().ok()?;
    let plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let allowed = match url.scheme() {
        "https" => true,
        "http" => is_this_machine(&url),
        scheme => !REFUSED.contains(&scheme) && scheme != "wss",
    };
    (plain && allowed).then_some(url)
}

/// Whether `asked` is the place that was named as `registered`: to the letter, but for the port on this machine, which
/// a program cannot know beforehand (RFC 8252, section 7.3).
pub(super) fn is_same(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    let without_port = |text: &str| {
        let mut url = parse(text)?;
        let local = url.scheme() == "http" && is_this_machine(&url);
        (local && url.set_port(None).is_ok()).then_some(url)
    };
    matches!((without_port(registered), without_port(asked)), (Some(one), Some(other)) if one == other)
}

/// What a person would call the place.
pub(super) fn destination(url: &Url) -> Destination {
    let host = url.host_str().unwrap_or_default().to_owned();
    match url.scheme() {
        "https" | "http" if is_this_machine(url) => Destination::ThisMachine(host),
        "https" | "http" => Destination::Site(host),
        scheme => Destination::Program(scheme.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_to_sites_to_this_machine_and_to_programs() {
        let of = |text: &str| parse(text).map(|url| destination(&url));
        let site = Destination::Site("claude.ai".to_owned());
        assert_eq!(of("https://claude.ai/api/mcp/auth_callback"), Some(site));
        for local in [
            "http://127.0.0.1:33418/",
            "http://localhost/a",
            "http://[::1]:1/",
        ] {
            let found = of(local);
            assert!(
                matches!(found, Some(Destination::ThisMachine(_))),
                "{local}"
            );
        }
        let program = Destination::Program("cursor".to_owned());
        assert_eq!(
            of("cursor://anysphere.cursor-mcp/oauth/callback"),
            Some(program)
        );
        for refused in [
            "http://agent.example/back",
            "http://localhost.agent.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://agent.example/#here",
            "https://me:secret@agent.example/",
            "https://agent.example/a b",
            "/back",
            "",
        ] {
            assert_eq!(of(refused), None, "{refused}");
        }
    }

    #[test]
    fn only_the_port_of_this_machine_may_differ() {
        for (registered, asked, same) in [
            ("https://a.example/b", "https://a.example/b", true),
            ("https://a.example/b", "https://a.example:444/b", false),
            ("https://a.example/b", "https://a.example/b/", false),
            ("https://a.example/b", "https://a.example/b?c=d", false),
            ("http://127.0.0.1/b", "http://127.0.0.1:5000/b", true),
            ("http://127.0.0.1:1/b", "http://127.0.0.1:5000/b", true),
            ("http://localhost/b", "http://localhost:5000/b", true),
            ("http://127.0.0.1/b", "http://localhost:5000/b", false),
            ("http://127.0.0.1/b", "http://127.0.0.1:5000/c", false),
            ("http://127.0.0.1/b", "http://127.0.0.1.a.example/b", false),
            ("http://127.0.0.1/b", "https://127.0.0.1:5000/b", false),
            ("app://x/b", "app://x:1/b", false),
        ] {
            assert_eq!(is_same(registered, asked), same, "{registered} {asked}");
        }
    }
}
