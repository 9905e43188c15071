//! A reader that passes bytes on after it has seen that they are UTF-8: what Python's `open` does for text.

use std::io::{self, Read};

use simdutf8::compat::{self, Utf8Error};

/// Passes bytes on after it has seen that they are UTF-8.
///
/// Python decodes a file before it looks for quotes. Decoding each field instead would let through a character that a
/// quote splits.
pub struct Utf8Reader<R> {
    bytes: R,
    /// The start of a character whose end has not been read yet.
    pending: [u8; 4],
    pending_length: usize,
}

impl<R: Read> Utf8Reader<R> {
    /// A reader of these bytes.
    pub fn new(bytes: R) -> Utf8Reader<R> {
        Utf8Reader { bytes, pending: [0; 4], pending_length: 0 }
    }

    /// Takes as many bytes as complete the pending character; how many those were.
    fn complete_pending(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (taken, byte) in bytes.iter().enumerate() {
            if self.pending_length == 0 {
                return Ok(taken);
            }
            self.pending[self.pending_length] = *byte;
            self.pending_length += 1;
            match compat::from_utf8(&self.pending[..self.pending_length]) {
                Ok(_) => self.pending_length = 0,
                // At four bytes a character is either whole or wrong, so that `pending` never overflows.
                Err(error) if error.error_len().is_none() => {}
                Err(error) => return Err(invalid(error)),
            }
        }
        Ok(bytes.len())
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.bytes.read(buffer)?;
        if length == 0 && self.pending_length > 0 && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file ends inside a character"));
        }
        let taken = self.complete_pending(&buffer[..length])?;
        if let Err(error) = compat::from_utf8(&buffer[taken..length]) {
            if error.error_len().is_some() {
                return Err(invalid(error));
            }
            let rest = &buffer[taken + error.valid_up_to()..length];
            self.pending[..rest.len()].copy_from_slice(rest);
            self.pending_length = rest.len();
        }
        Ok(length)
    }
}

fn invalid(error: Utf8Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One byte at a time, so that every character is split at every place.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read(&mut buffer[..length])
        }
    }

    #[test]
    fn a_character_may_be_split_between_reads() {
        let text = "aé€😀\n".repeat(3);
        let mut read = String::new();
        Utf8Reader::new(Drip(text.as_bytes())).read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
        for invalid in [&b"a\xc3("[..], b"\xf0\x9f\x98", b"\xf5\x80\x80\x80", b"\xe2\x82\xff"] {
            let error = Utf8Reader::new(Drip(invalid)).read_to_end(&mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{invalid:?}");
        }
    }
}
