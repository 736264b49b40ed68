//! Bytes to UTF-8: byte order marks, named encodings. UTF-8 itself passes unchecked, so that
//! whoever reads rows can say which one is broken.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{DataError, ErrorCode};

/// A file that can be read several times.
pub(crate) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// The decoded bytes of a file, from the start.
pub(crate) type Input<'a> = BufReader<Decoded<'a>>;

/// A file with its name and encoding.
pub(crate) struct Source<'a> {
    file: &'a mut dyn ReadSeek,
    pub(crate) name: &'a str,
    pub(crate) encoding: &'static Encoding,
    mark: u64,
}

impl<'a> Source<'a> {
    /// Takes the encoding from the option, else from the byte order mark, else UTF-8.
    pub(crate) fn open(
        file: &'a mut dyn ReadSeek,
        name: &'a str,
        wanted: Option<&str>,
    ) -> Result<Self, DataError> {
        let mut source = Self {
            file,
            name,
            encoding: UTF_8,
            mark: 0,
        };
        let head = source.raw_head(4)?;
        let marked = Encoding::for_bom(&head);
        source.encoding = match (wanted, marked) {
            (Some(label), _) => named(label, name)?,
            (None, Some((encoding, _))) => encoding,
            (None, None) => UTF_8,
        };
        if let Some((encoding, length)) = marked
            && encoding == source.encoding
        {
            source.mark = length as u64;
        }
        Ok(source)
    }

    /// The first bytes as they are in the file.
    pub(crate) fn raw_head(&mut self, length: u64) -> Result<Vec<u8>, DataError> {
        let mut head = Vec::new();
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| (&mut *self.file).take(length).read_to_end(&mut head))
            .map_err(|error| DataError::read(self.name, &error))?;
        Ok(head)
    }

    /// Whether broken bytes show as U+FFFD instead of as invalid UTF-8.
    pub(crate) fn is_transcoded(&self) -> bool {
        self.encoding != UTF_8
    }

    /// Starts over.
    pub(crate) fn rewind(&mut self) -> Result<Input<'_>, DataError> {
        self.file
            .seek(SeekFrom::Start(self.mark))
            .map_err(|error| DataError::read(self.name, &error))?;
        let decoder = (self.encoding != UTF_8).then(|| Transcoder {
            decoder: self.encoding.new_decoder_without_bom_handling(),
            raw: vec![0; 32 << 10],
            raw_range: 0..0,
            ended: false,
        });
        let decoded = Decoded {
            file: &mut *self.file,
            transcoder: decoder,
        };
        Ok(BufReader::with_capacity(128 << 10, decoded))
    }
}

fn named(label: &str, file: &str) -> Result<&'static Encoding, DataError> {
    let wide = match label.to_ascii_lowercase().as_str() {
        "utf-16" | "utf16" => Some(UTF_16LE),
        "utf-16be" => Some(UTF_16BE),
        _ => Encoding::for_label_no_replacement(label.as_bytes()),
    };
    wide.ok_or_else(|| {
        DataError::new(
            ErrorCode::InvalidOption,
            file,
            format!("no character encoding is called {label:?}"),
        )
        .field("encoding")
        .remedy("Common ones are utf-8, windows-1252, euc-kr, shift_jis, utf-16le.")
    })
}

/// The file's text as UTF-8 bytes.
pub(crate) struct Decoded<'a> {
    file: &'a mut dyn ReadSeek,
    transcoder: Option<Transcoder>,
}

struct Transcoder {
    decoder: Decoder,
    raw: Vec<u8>,
    raw_range: std::ops::Range<usize>,
    ended: bool,
}

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.transcoder {
            None => self.file.read(buffer),
            Some(transcoder) => transcoder.read(self.file, buffer),
        }
    }
}

impl Transcoder {
    /// `buffer` must hold at least one character: the `BufReader` around us sees to that.
    fn read(&mut self, file: &mut dyn ReadSeek, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.raw_range.is_empty() && !self.ended {
                let read = file.read(&mut self.raw)?;
                self.raw_range = 0..read;
                self.ended = read == 0;
            }
            let raw = &self.raw[self.raw_range.clone()];
            let (result, read, written, _) = self.decoder.decode_to_utf8(raw, buffer, self.ended);
            self.raw_range.start += read;
            let finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 || finished {
                if finished {
                    // A decoder that has seen the end must not be used again.
                    self.decoder = UTF_8.new_decoder_without_bom_handling();
                }
                return Ok(written);
            }
        }
    }
}
