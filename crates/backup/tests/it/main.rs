//! Backups of real databases, and what becomes of them in an unkind world.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;

use backup::{Backup, Error, Folder, Key, Origin};
use jiff::{SignedDuration, Timestamp};
use store::{NewUser, Store};
use tempfile::TempDir;

const ONE: &str = "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISEhISE=";
const OTHER: &str = "YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE=";

/// A database with a few users, and a folder.
struct Place {
    home: TempDir,
    store: Store,
}

fn at(hours: i64) -> Timestamp {
    "2026-11-25T09:15:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

impl Place {
    async fn new() -> Self {
        let store = Store::open("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        for n in 0..3_000 {
            let (id, email) = (format!("user {n}"), format!("{n}@example.com"));
            let new = NewUser {
                id: &id,
                name: "a name",
                email: &email,
                image: None,
                password: None,
            };
            store.create_user(&new, at(0)).await.unwrap();
        }
        let home = tempfile::tempdir().unwrap();
        Self { home, store }
    }

    fn folder(&self) -> Folder {
        Folder::new(self.home.path().join("backups"))
    }

    async fn made(&self, key: Option<&str>, now: Timestamp) -> Backup {
        let key: Option<Key> = key.map(|key| key.parse().unwrap());
        let origin = Origin {
            version: "1".to_owned(),
            commit: None,
            backend: self.store.kind().to_owned(),
            created_at: now,
        };
        let made = self.folder().make(&self.store, key.as_ref(), origin).await;
        made.unwrap()
    }
}

/// What restoring a file comes to: how many records, or why not.
async fn restored(path: PathBuf, key: Option<&str>) -> Result<u64, Error> {
    let backup = Backup::open(&path)?;
    backup.check()?;
    let key: Option<Key> = key.map(|key| key.parse().unwrap());
    let store = Store::open("sqlite::memory:").await?;
    let filled = store.fill(backup.contents(key.as_ref())?).await;
    if filled.is_err() {
        assert_eq!(store.schema_version().await?, 0);
    }
    Ok(filled?.rows())
}

#[tokio::test]
async fn what_is_put_in_comes_out() {
    let place = Place::new().await;
    let there = place.store.contents().count().await.unwrap();
    for (key, hour) in [(None, 0), (Some(ONE), 1)] {
        let made = place.made(key, at(hour)).await;
        assert_eq!(made.manifest.tally, there);
        assert_eq!(made.manifest.encrypted, key.is_some());
        assert_eq!(restored(made.path, key).await.unwrap(), there.rows());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_them() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new().await;
    let made = place.made(None, at(0)).await;
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(made.path), 0o600);
    assert_eq!(mode(place.folder().path().to_owned()), 0o700);
}

#[tokio::test]
async fn an_encrypted_one_says_nothing_and_opens_with_its_key_alone() {
    let place = Place::new().await;
    let made = place.made(Some(ONE), at(0)).await;
    let none = restored(made.path.clone(), None).await;
    assert!(matches!(none, Err(Error::KeyNeeded(_))), "{none:?}");
    let other = restored(made.path.clone(), Some(OTHER)).await;
    assert!(matches!(other, Err(Error::WrongKey(_))), "{other:?}");
    // What compresses so well would be a stream of its own kind, known by its first two bytes.
    let bytes = std::fs::read(made.path).unwrap();
    assert!(!bytes.windows(2).take(64).any(|two| two == [0x1f, 0x8b]));
    assert!(matches!("short".parse::<Key>(), Err(Error::BadKey)));
}

#[tokio::test]
async fn a_flipped_byte_and_a_missing_end_are_noticed_wherever_they_are() {
    let place = Place::new().await;
    for (key, hour) in [(None, 0), (Some(ONE), 1)] {
        let made = place.made(key, at(hour)).await;
        let whole = std::fs::read(&made.path).unwrap();
        let path = place.home.path().join("broken");
        let places = (0..whole.len()).step_by(whole.len() / 60);
        for place in places.chain([whole.len() - 1]) {
            let mut broken = whole.clone();
            broken[place] ^= 1;
            std::fs::write(&path, broken).unwrap();
            let came_to = restored(path.clone(), key).await;
            assert!(came_to.is_err(), "byte {place} of {}", whole.len());
            std::fs::write(&path, &whole[..place]).unwrap();
            let came_to = restored(path.clone(), key).await;
            assert!(
                matches!(came_to, Err(Error::CutShort(_) | Error::NotOne(_))),
                "{place} of {}: {came_to:?}",
                whole.len()
            );
        }
        let middle = whole.len() / 2;
        let mut broken = whole.clone();
        broken[middle] ^= 1;
        std::fs::write(&path, broken).unwrap();
        let came_to = restored(path, key).await.unwrap_err().to_string();
        assert!(came_to.contains("its checksum is not the one"), "{came_to}");
    }
}

#[tokio::test]
async fn other_formats_are_told_from_files_that_are_none() {
    let place = Place::new().await;
    let made = place.made(None, at(0)).await;
    let whole = String::from_utf8_lossy(&std::fs::read(made.path).unwrap()).into_owned();
    let path = place.home.path().join("other");
    for (begins, words) in [
        ("sayso backup 2\n", "restore it with a newer one"),
        (
            "sayso backup 0\n",
            "restore it with the program that made it",
        ),
        ("SQLite format 3\n", "is not a backup of Sayso"),
        ("sayso backup x\n", "is not a backup of Sayso"),
    ] {
        std::fs::write(&path, whole.replacen("sayso backup 1\n", begins, 1)).unwrap();
        let came_to = restored(path.clone(), None).await.unwrap_err().to_string();
        assert!(came_to.contains(words), "{came_to}");
    }
}

#[tokio::test]
async fn what_a_killed_program_left_is_removed_and_what_is_being_made_is_not() {
    let place = Place::new().await;
    place.made(None, at(0)).await;
    let file = |name: &str| place.folder().path().join(name);
    std::fs::write(file("sayso-left.part"), "half").unwrap();
    std::fs::write(file("notes.part"), "somebody else's").unwrap();
    let being_made = std::fs::File::create(file("sayso-being-made.part")).unwrap();
    being_made.lock().unwrap();
    place.made(None, at(1)).await;
    assert!(!file("sayso-left.part").exists());
    assert!(file("notes.part").exists());
    assert!(file("sayso-being-made.part").exists());
    let (backups, wrong) = place.folder().list().unwrap();
    assert_eq!((backups.len(), wrong.len()), (2, 0));
}

#[tokio::test]
async fn old_ones_are_removed_and_the_newest_never() {
    let place = Place::new().await;
    let days = SignedDuration::from_hours(24) * 8;
    for day in 0..12 {
        place.made(None, at(24 * day)).await;
    }
    std::fs::write(place.folder().path().join("sayso-broken.backup"), "half").unwrap();
    let left = |now| {
        let removed = place.folder().prune(days, now).unwrap().len();
        (removed, place.folder().list().unwrap().0.len())
    };
    assert_eq!(left(at(24 * 11)), (3, 9));
    assert_eq!(left(at(24 * 11)), (0, 9));
    assert_eq!(left(at(24 * 1_000)), (8, 1));
    let (backups, wrong) = place.folder().list().unwrap();
    assert_eq!(backups[0].manifest.origin.created_at, at(24 * 11));
    assert_eq!(wrong.len(), 1);
}
