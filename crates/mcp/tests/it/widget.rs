//! The widget in a real browser, as `tests/widget` tries it.

use std::path::Path;

use tokio::process::Command;

#[tokio::test]
async fn the_widget_shows_and_does_what_it_should() {
    let test = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/widget/test.mjs");
    let output = Command::new("node").arg(test).output().await.unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
