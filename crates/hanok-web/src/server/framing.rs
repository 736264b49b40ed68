//! Where one request ends and the next begins, read more strictly than HTTP's libraries do: what two
//! readers could take for different requests is refused (request smuggling). It follows lines and lengths
//! only; what requests mean is hyper's.

/// Of a longer line only the beginning is looked at; lengths and sizes are shorter.
const KEPT: usize = 128;

/// Something that two readers could read differently.
#[derive(Debug, PartialEq, Eq)]
pub struct Ambiguous;

/// What the next bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    RequestLine,
    Header,
    ChunkSize,
    ChunkEnd,
    Trailer,
    /// So many bytes of content; of a chunk, or of all.
    Content {
        left: u64,
        chunk: bool,
    },
}

/// Follows the bytes of one connection.
#[derive(Debug)]
pub struct Framing {
    place: Place,
    line: Vec<u8>,
    /// The line is longer than what is kept of it.
    longer: bool,
    after_cr: bool,
    length: Option<u64>,
    chunked: bool,
}

impl Default for Framing {
    fn default() -> Self {
        Self {
            place: Place::RequestLine,
            line: Vec::with_capacity(KEPT),
            longer: false,
            after_cr: false,
            length: None,
            chunked: false,
        }
    }
}

impl Framing {
    /// Follows further bytes; the error is the place of the byte that must not pass.
    pub fn follow(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut at = 0;
        while at < bytes.len() {
            if let Place::Content { left, chunk } = self.place {
                let here = (bytes.len() - at) as u64;
                let taken = left.min(here);
                at += taken as usize;
                self.place = match (left - taken, chunk) {
                    (0, true) => Place::ChunkEnd,
                    (0, false) => Place::RequestLine,
                    (left, chunk) => Place::Content { left, chunk },
                };
            } else {
                self.byte(bytes[at]).map_err(|Ambiguous| at)?;
                at += 1;
            }
        }
        Ok(())
    }

    /// Lines end with CR LF; neither stands alone.
    fn byte(&mut self, byte: u8) -> Result<(), Ambiguous> {
        match (self.after_cr, byte) {
            (true, b'\n') => {
                self.after_cr = false;
                let line = std::mem::take(&mut self.line);
                let ended = self.line_ended(&line);
                self.line = line;
                self.line.clear();
                self.longer = false;
                ended
            }
            (true, _) | (false, b'\n') => Err(Ambiguous),
            (false, b'\r') => {
                self.after_cr = true;
                Ok(())
            }
            (false, byte) => {
                match self.line.len() < KEPT {
                    true => self.line.push(byte),
                    false => self.longer = true,
                }
                Ok(())
            }
        }
    }

    fn line_ended(&mut self, line: &[u8]) -> Result<(), Ambiguous> {
        match self.place {
            // Empty lines before a request are an old habit of clients.
            Place::RequestLine if line.is_empty() => {}
            Place::RequestLine => {
                (self.length, self.chunked) = (None, false);
                self.place = Place::Header;
            }
            Place::Header if line.is_empty() => self.place = self.after_head()?,
            Place::Header => self.header(line)?,
            Place::ChunkSize => self.place = self.chunk(line)?,
            Place::ChunkEnd if line.is_empty() => self.place = Place::ChunkSize,
            Place::ChunkEnd => return Err(Ambiguous),
            Place::Trailer if line.is_empty() => self.place = Place::RequestLine,
            Place::Trailer if folded(line) => return Err(Ambiguous),
            Place::Trailer | Place::Content { .. } => {}
        }
        Ok(())
    }

    fn header(&mut self, line: &[u8]) -> Result<(), Ambiguous> {
        if folded(line) {
            return Err(Ambiguous);
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return match self.longer {
                // A very long name: whether it is one is hyper's to say.
                true => Ok(()),
                false => Err(Ambiguous),
            };
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.last().is_none_or(u8::is_ascii_whitespace) {
            return Err(Ambiguous);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            if self.longer || self.length.is_some() {
                return Err(Ambiguous);
            }
            self.length = Some(digits(value, 10)?);
        }
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let plain = !self.longer && value.eq_ignore_ascii_case(b"chunked");
            if !plain || self.chunked {
                return Err(Ambiguous);
            }
            self.chunked = true;
        }
        Ok(())
    }

    fn after_head(&self) -> Result<Place, Ambiguous> {
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(Ambiguous),
            (true, None) => Ok(Place::ChunkSize),
            (false, Some(left)) if left > 0 => Ok(Place::Content { left, chunk: false }),
            (false, _) => Ok(Place::RequestLine),
        }
    }

    /// A size alone: readers differ in where an extension ends.
    fn chunk(&self, line: &[u8]) -> Result<Place, Ambiguous> {
        if self.longer {
            return Err(Ambiguous);
        }
        Ok(match digits(line, 16)? {
            0 => Place::Trailer,
            left => Place::Content { left, chunk: true },
        })
    }
}

/// A line that goes on with the one before it.
fn folded(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
}

/// Digits and nothing else: no sign, no blank, no list.
fn digits(text: &[u8], radix: u32) -> Result<u64, Ambiguous> {
    let text = std::str::from_utf8(text).map_err(|_| Ambiguous)?;
    if text.is_empty() || !text.chars().all(|c| c.is_digit(radix)) {
        return Err(Ambiguous);
    }
    u64::from_str_radix(text, radix).map_err(|_| Ambiguous)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict must not depend on how the bytes are cut.
    fn verdict(text: &str) -> bool {
        let whole = Framing::default().follow(text.as_bytes()).is_ok();
        let mut framing = Framing::default();
        let by_byte = text
            .as_bytes()
            .chunks(1)
            .all(|byte| framing.follow(byte).is_ok());
        assert_eq!(whole, by_byte, "{text:?}");
        whole
    }

    fn post(headers_and_body: &str) -> String {
        format!("POST / HTTP/1.1\r\nHost: h\r\n{headers_and_body}")
    }

    #[test]
    fn f01s_what_has_one_reading_passes() {
        for text in [
            "",
            "\r\n",
            "Content-Length: 0\r\n\r\n",
            "Content-Length: 5\r\n\r\nhe\nlo",
            "content-length:5 \r\n\r\nhello",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhe\nlo\r\n0\r\n\r\n",
            "transfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
            "X-Empty:\r\n\r\n",
        ] {
            let next = format!("{}\r\n{}\r\n", post(text), post(""));
            assert!(verdict(&next), "{text:?}");
        }
    }

    #[test]
    fn f01s_what_has_two_readings_does_not() {
        for text in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
            "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
            "Content-Length: 5, 5\r\n\r\n",
            "Content-Length: +5\r\n\r\n",
            "Content-Length: 0x5\r\n\r\n",
            "Content-Length: \r\n\r\n",
            "Content-Length: 99999999999999999999\r\n\r\n",
            "Transfer-Encoding: chunked, identity\r\n\r\n",
            "Transfer-Encoding: identity\r\n\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "Transfer-Encoding: xchunked\r\n\r\n",
            "Transfer-Encoding : chunked\r\n\r\n",
            "Content-Length : 5\r\n\r\n",
            "X: a\r\n folded\r\n\r\n",
            "X: a\r\n\tfolded\r\n\r\n",
            "X: a\n\r\n",
            "X: a\r\n\n",
            "X: a\rb\r\n\r\n",
            ": nameless\r\n\r\n",
            "no colon\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
        ] {
            assert!(!verdict(&post(text)), "{text:?}");
        }
    }
}
