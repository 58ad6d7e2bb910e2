//! The documents say what is so.

use std::path::Path;

use crate::program::Home;

/// Every setting, with its default if it has one, from the program's own help.
fn settings() -> Vec<(String, Option<String>)> {
    let help = Home::new().ok(&["serve", "--help"]);
    let settings = help.split("[env: ").skip(1).map(|rest| {
        let (name, rest) = rest.split_once(['=', ']']).unwrap();
        let default = rest
            .split("[env: ")
            .next()
            .and_then(|own| own.split_once("[default: "))
            .and_then(|(_, default)| default.split_once(']'))
            .map(|(default, _)| default.to_owned());
        (name.to_owned(), default)
    });
    settings.collect()
}

#[test]
fn every_setting_has_a_row_with_its_default() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let document = std::fs::read_to_string(folder).unwrap();
    let settings = settings();
    assert!(settings.len() > 25, "{settings:?}");
    for (name, default) in &settings {
        let row = document
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}`")))
            .unwrap_or_else(|| panic!("{name} has no row"));
        assert_eq!(row.matches(" | ").count(), 3, "{row}");
        if let Some(default) = default {
            assert!(row.contains(&format!("`{default}`")), "{default}: {row}");
        }
    }
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    for row in rows {
        let name = row.split('`').nth(1).unwrap();
        assert!(
            settings.iter().any(|(setting, _)| setting == name),
            "there is no setting {name}"
        );
    }
}

#[test]
fn settings_that_cannot_be_meant_stop_the_start_with_a_sentence() {
    let home = Home::new();
    for (name, value, words) in [
        (
            "BETTER_AUTH_SECRET",
            "short",
            "a secret has at least 32 characters",
        ),
        (
            "BETTER_AUTH_SECRET",
            "change-me-change-me-change-me-123",
            "that is a placeholder, not a secret",
        ),
        (
            "BETTER_AUTH_SECRETS",
            "no version",
            "write the secrets as VERSION:SECRET",
        ),
        ("CORS_ORIGINS", "*", "CORS_ORIGINS cannot hold *"),
        ("SAYSO_MODELS", "gpt", "SAYSO_MODELS is not a JSON list"),
        (
            "SAYSO_MODELS",
            r#"[{"url": "ftp://models", "model": "m"}]"#,
            "has to begin with http:// or https://",
        ),
        (
            "MODEL_TIMEOUT",
            "0",
            "MODEL_TIMEOUT is a number of seconds above 0",
        ),
        (
            "CORS_ORIGINS",
            "app.example.com",
            "is not an address such as https://",
        ),
        (
            "TRUSTED_PROXIES",
            "my-proxy",
            "is not an address or a network",
        ),
        (
            "BETTER_AUTH_URL",
            "http://auth.example.com",
            "BETTER_AUTH_URL has to be https",
        ),
        (
            "PUBLIC_URL",
            "https://todo.example.com/app",
            "is not an address such as https://",
        ),
        (
            "BETTER_AUTH_JWKS_URL",
            "https://auth.example.com/keys",
            "BETTER_AUTH_URL has to say which",
        ),
        (
            "AUTH_JWT_SECRET",
            "short",
            "a secret has at least 32 characters",
        ),
        ("SIGN_UP", "maybe", "possible values: open, invite, closed"),
        (
            "CHATKIT_DOMAIN_KEY",
            "local-dev",
            "CHATKIT_DOMAIN_KEY is a placeholder",
        ),
        ("SAYSO_PORT", "1", "there is no setting SAYSO_PORT"),
    ] {
        let output = home
            .command()
            .arg("serve")
            .env(name, value)
            // Nobody checks the key of a server that only this machine reaches.
            .envs(
                (name == "CHATKIT_DOMAIN_KEY")
                    .then_some(("PUBLIC_URL", "https://todo.example.com")),
            )
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains(words),
            "{name}={value}: {said}"
        );
    }
}
