//! A backup is one file: a line that names the format, then everything as lines of JSON (compressed, and encrypted if
//! there is a key), then the manifest, then a line that ends it. The manifest says what is in it without opening it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Contents, Giver, Piece, Record, Table, Tally};

use crate::sealed::{Opening, Sealing};
use crate::{Error, Key};

/// The format that is written. A change that this program could not read is another.
const FORMAT: u32 = 1;
/// What a backup begins with, before the format.
const BEGINS: &str = "sayso backup ";
/// What it ends with. Before it are the manifest's digest and its length, each as text of fixed width.
const ENDS: &str = "\nsayso backup ends\n";
const DIGEST: usize = 64;
const LENGTH: usize = 8;
/// A manifest is far shorter.
const MANIFEST_MAX: u64 = 1 << 20;
/// Records given at a time.
const BATCH: usize = 256;

/// Where a backup comes from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Origin {
    /// The version of the program.
    pub version: String,
    /// The commit it was built from, if it knows.
    pub commit: Option<String>,
    /// `sqlite` or `postgres`.
    pub backend: String,
    /// When it was begun: it holds everything from before, and nothing from after it was opened a moment later.
    pub created_at: Timestamp,
}

/// What a backup says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of the file.
    pub format: u32,
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
    /// How long it took.
    pub milliseconds: u64,
    /// Whether a key is needed.
    pub encrypted: bool,
    /// SHA-256 of everything before the manifest.
    pub sha256: String,
    /// What is in it.
    #[serde(flatten)]
    pub tally: Tally,
}

/// A backup that is there.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Where what is in it begins and ends.
    body: (u64, u64),
}

/// The line before the records of a table, or of all.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Heading {
    Table(Table),
    Schema { schema_version: i64 },
}

/// Hashes what is written.
struct Hashing<W> {
    out: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What is written to, encrypted or not.
enum Body<W: Write> {
    Plain(W),
    Sealed(Sealing<W>),
}

impl<W: Write> Write for Body<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Sealed(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Sealed(out) => out.flush(),
        }
    }
}

/// Writes a backup to `file`, down to the disk.
pub(crate) fn write(
    file: &File,
    path: &Path,
    mut contents: Contents,
    key: Option<&Key>,
    origin: Origin,
    took: impl FnOnce() -> u64,
) -> Result<(), Error> {
    let io = |error| Error::Io(path.to_owned(), error);
    let mut out = Hashing {
        out: BufWriter::new(file),
        hash: Sha256::new(),
    };
    out.write_all(format!("{BEGINS}{FORMAT}\n").as_bytes())
        .map_err(io)?;
    let body = match key {
        Some(key) => Body::Sealed(Sealing::new(out, key).map_err(io)?),
        None => Body::Plain(out),
    };
    // Text as regular as this gains little from more effort.
    let mut body = GzEncoder::new(body, Compression::fast());
    while let Some(piece) = contents.blocking_next()? {
        match piece {
            Piece::Schema(schema_version) => line(&mut body, &Heading::Schema { schema_version }),
            Piece::Table(table) => line(&mut body, &Heading::Table(table)),
            Piece::Records(records) => {
                let mut each = records.iter();
                each.try_for_each(|record| line(&mut body, record))
            }
            Piece::End => Ok(()),
        }
        .map_err(io)?;
    }
    let out = match body.finish().map_err(io)? {
        Body::Plain(out) => out,
        Body::Sealed(out) => out.finish().map_err(io)?,
    };
    let manifest = Manifest {
        format: FORMAT,
        origin,
        milliseconds: took(),
        encrypted: key.is_some(),
        sha256: hex(out.hash),
        tally: contents.tally(),
    };
    let manifest = serde_json::to_string(&manifest).map_err(|error| io(error.into()))?;
    let digest = hex(Sha256::new_with_prefix(&manifest));
    let end = format!("{manifest}{digest}{:0LENGTH$}{ENDS}", manifest.len());
    let mut out = out.out;
    out.write_all(end.as_bytes()).map_err(io)?;
    out.flush().map_err(io)?;
    file.sync_all().map_err(io)
}

fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

fn hex(hash: Sha256) -> String {
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Backup {
    /// The backup in a file. Its manifest is checked, what is in it not yet.
    ///
    /// # Errors
    /// If it is none, of another format, or cut short.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let io = |error| Error::Io(path.to_owned(), error);
        let damaged = |what: &str| Error::Damaged(path.to_owned(), what.to_owned());
        let file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        let begins = format(path, &file)?;
        let end = (DIGEST + LENGTH + ENDS.len()) as u64;
        if bytes < begins + end {
            return Err(Error::CutShort(path.to_owned()));
        }
        let last = text(&file, bytes - end, end).map_err(io)?;
        let (Some(last), true) = (
            last.as_deref().and_then(|last| last.strip_suffix(ENDS)),
            last.as_deref().is_some_and(str::is_ascii),
        ) else {
            return Err(Error::CutShort(path.to_owned()));
        };
        let (digest, length) = last.split_at(DIGEST);
        let length: u64 = length
            .parse()
            .ok()
            .filter(|length| *length <= MANIFEST_MAX && begins + length + end <= bytes)
            .ok_or_else(|| damaged("its manifest has no length"))?;
        let ends = bytes - end - length;
        let manifest = text(&file, ends, length)
            .map_err(io)?
            .filter(|manifest| hex(Sha256::new_with_prefix(manifest)) == digest)
            .ok_or_else(|| damaged("its manifest is not what was written"))?;
        let manifest =
            serde_json::from_str(&manifest).map_err(|error| damaged(&error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            bytes,
            manifest,
            body: (begins, ends),
        })
    }

    /// That every byte is the one that was written.
    ///
    /// # Errors
    /// [`Error::Damaged`] if not.
    pub fn check(&self) -> Result<(), Error> {
        let io = |error| Error::Io(self.path.clone(), error);
        let file = File::open(&self.path).map_err(io)?;
        let mut hash = Hashing {
            out: io::sink(),
            hash: Sha256::new(),
        };
        let mut bytes = BufReader::with_capacity(1 << 20, file.take(self.body.1));
        io::copy(&mut bytes, &mut hash).map_err(io)?;
        if hex(hash.hash) == self.manifest.sha256 {
            Ok(())
        } else {
            let what = "its checksum is not the one in its manifest".to_owned();
            Err(Error::Damaged(self.path.clone(), what))
        }
    }

    /// What is in it. It ends with an error unless it is all there.
    ///
    /// # Errors
    /// If the key is missing or another.
    pub fn contents(&self, key: Option<&Key>) -> Result<Contents, Error> {
        let io = |error| Error::Io(self.path.clone(), error);
        let mut file = BufReader::new(File::open(&self.path).map_err(io)?);
        let (begins, ends) = self.body;
        file.seek(SeekFrom::Start(begins)).map_err(io)?;
        let length = ends - begins;
        let body: Box<dyn Read + Send> = match (self.manifest.encrypted, key) {
            (false, _) => Box::new(file.take(length)),
            (true, None) => return Err(Error::KeyNeeded(self.path.clone())),
            (true, Some(key)) => {
                let opening = Opening::new(file, length, key).map_err(io)?;
                Box::new(opening.ok_or_else(|| Error::WrongKey(self.path.clone()))?)
            }
        };
        let (giver, contents) = Contents::channel();
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || {
            let given = give(body, &giver).map_err(|error| {
                store::Error::Unavailable(Error::Damaged(path, error.to_string()).into())
            });
            // If nobody takes any more, there is nobody to tell.
            let _ = giver.blocking_give(given.map(|()| Piece::End));
        });
        Ok(contents.expect(self.manifest.tally.clone()))
    }
}

/// Reads the first line; how long it is.
fn format(path: &Path, file: &File) -> Result<u64, Error> {
    /// A longer first line is none of ours.
    const LINE_MAX: u64 = 32;
    let mut first = String::new();
    let read = BufReader::new(file.take(LINE_MAX)).read_line(&mut first);
    let found = first
        .strip_prefix(BEGINS)
        .and_then(|rest| rest.strip_suffix('\n'))
        .and_then(|number| number.parse::<u32>().ok());
    let (path, known) = (path.to_owned(), FORMAT);
    match (read, found) {
        (Ok(length), Some(FORMAT)) => Ok(length as u64),
        (Ok(_), Some(found)) if found > known => Err(Error::NewerFormat { path, found, known }),
        (Ok(_), Some(found)) => Err(Error::OlderFormat { path, found, known }),
        _ => Err(Error::NotOne(path)),
    }
}

/// A part of a file as text. `None` if it is none.
fn text(mut file: &File, from: u64, length: u64) -> io::Result<Option<String>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(String::from_utf8(bytes).ok())
}

fn give(body: impl Read, giver: &Giver) -> io::Result<()> {
    let mut lines = BufReader::new(GzDecoder::new(body));
    let mut line = Vec::new();
    let mut batch: Vec<Record> = Vec::with_capacity(BATCH);
    let give = |piece| giver.blocking_give(Ok(piece)).map_err(io::Error::other);
    loop {
        line.clear();
        let is_end = lines.read_until(b'\n', &mut line)? == 0;
        let is_record = line.first() == Some(&b'[');
        if !batch.is_empty() && (is_end || !is_record || batch.len() == BATCH) {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            give(Piece::Records(full))?;
        }
        if is_end {
            return Ok(());
        }
        if is_record {
            batch.push(serde_json::from_slice(&line)?);
        } else {
            give(match serde_json::from_slice(&line)? {
                Heading::Schema { schema_version } => Piece::Schema(schema_version),
                Heading::Table(table) => Piece::Table(table),
            })?;
        }
    }
}
