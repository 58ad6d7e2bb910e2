//! Encryption of a stream: pieces that can neither be changed, nor swapped, nor left out (the STREAM construction), so
//! that nothing is taken from a file before it is known to be right.

use std::io::{self, Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::XChaCha20Poly1305;

use crate::Key;

/// Bytes encrypted at a time.
const PIECE: usize = 64 * 1024;
/// What makes a piece longer once it is encrypted.
const TAG: usize = 16;
/// The random bytes that a stream begins with; the rest of the nonce counts pieces and marks the last.
const NONCE: usize = 19;

/// Encrypts what is written.
pub(crate) struct Sealing<W> {
    out: W,
    cipher: EncryptorBE32<XChaCha20Poly1305>,
    waiting: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    pub(crate) fn new(mut out: W, key: &Key) -> io::Result<Self> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        out.write_all(&nonce)?;
        Ok(Self {
            out,
            cipher: EncryptorBE32::from_aead(key.cipher(), &nonce.into()),
            waiting: Vec::with_capacity(PIECE),
        })
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        let last = self.cipher.encrypt_last(self.waiting.as_slice());
        self.out.write_all(&last.map_err(io::Error::other)?)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece waits until there is more, because the last one is marked.
        if self.waiting.len() == PIECE {
            let piece = self.cipher.encrypt_next(self.waiting.as_slice());
            self.out.write_all(&piece.map_err(io::Error::other)?)?;
            self.waiting.clear();
        }
        let taken = bytes.len().min(PIECE - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Decrypts what is read: `left` bytes, the nonce included.
pub(crate) struct Opening<R> {
    input: R,
    left: u64,
    /// `None` after the last piece.
    cipher: Option<DecryptorBE32<XChaCha20Poly1305>>,
    opened: Vec<u8>,
    read: usize,
}

impl<R: Read> Opening<R> {
    /// `None` if the key is another than it was encrypted with.
    pub(crate) fn new(mut input: R, length: u64, key: &Key) -> io::Result<Option<Self>> {
        let mut nonce = [0; NONCE];
        input.read_exact(&mut nonce)?;
        let mut opening = Self {
            input,
            left: length.saturating_sub(NONCE as u64),
            cipher: Some(DecryptorBE32::from_aead(key.cipher(), &nonce.into())),
            opened: Vec::new(),
            read: 0,
        };
        match opening.next() {
            Ok(()) => Ok(Some(opening)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens the next piece.
    fn next(&mut self) -> io::Result<()> {
        let Some(mut cipher) = self.cipher.take() else {
            return Ok(());
        };
        let length = (PIECE + TAG).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let mut piece = vec![0; length];
        self.input.read_exact(&mut piece)?;
        self.left -= length as u64;
        let opened = if self.left == 0 {
            cipher.decrypt_last(piece.as_slice())
        } else {
            let opened = cipher.decrypt_next(piece.as_slice());
            self.cipher = Some(cipher);
            opened
        };
        self.opened = opened.map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, "it does not open with the key")
        })?;
        self.read = 0;
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.opened.len() {
            self.opened.clear();
            self.read = 0;
            self.next()?;
        }
        let given = buffer.len().min(self.opened.len() - self.read);
        buffer[..given].copy_from_slice(&self.opened[self.read..self.read + given]);
        self.read += given;
        Ok(given)
    }
}
