//! Decodes a server-sent event stream from chunks of bytes, however they are cut. No network here.

/// One event of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// `id:`, kept from an earlier event where this one has none.
    pub id: Option<String>,
    /// `event:`; `message` where none was named.
    pub event: String,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
}

/// A line longer than this is not ours: it is dropped rather than kept in memory.
const MAX_LINE: usize = 4 << 20;

/// Collects bytes until an event is whole.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    after_cr: bool,
    last_id: Option<String>,
    event: String,
    data: Option<String>,
}

impl Decoder {
    /// Takes a chunk and gives the events that it completed.
    pub fn push(&mut self, chunk: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        for &byte in chunk {
            let was_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if was_cr => {}
                b'\n' | b'\r' => frames.extend(self.end_of_line()),
                _ if self.line.len() < MAX_LINE => self.line.push(byte),
                _ => {}
            }
        }
        frames
    }

    fn end_of_line(&mut self) -> Option<Frame> {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
        if line.is_empty() {
            return self.end_of_event();
        }
        let (field, value) = line.split_once(':').unwrap_or((line.as_str(), ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" if !value.contains('\0') => self.last_id = Some(value.to_owned()),
            "event" => value.clone_into(&mut self.event),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // Comments (keep-alive), `retry` and what later versions add.
            _ => {}
        }
        None
    }

    fn end_of_event(&mut self) -> Option<Frame> {
        let event = std::mem::take(&mut self.event);
        let data = self.data.take()?;
        Some(Frame {
            id: self.last_id.clone(),
            event: if event.is_empty() {
                "message".to_owned()
            } else {
                event
            },
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] =
        b": hello\n\nid: 7\nevent: metric\ndata: {\"loss\":\ndata: 1}\n\ndata:x\r\n\r\nevent: log\n\nid: 9\rdata: \xea\xb0\x80\r\r";

    fn frame(id: &str, event: &str, data: &str) -> Frame {
        Frame {
            id: Some(id.to_owned()),
            event: event.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let whole = Decoder::default().push(STREAM);
        assert_eq!(
            whole,
            [
                frame("7", "metric", "{\"loss\":\n1}"),
                frame("7", "message", "x"),
                frame("9", "message", "가"),
            ]
        );
        for size in 1..STREAM.len() {
            let mut decoder = Decoder::default();
            let cut: Vec<Frame> = STREAM.chunks(size).flat_map(|c| decoder.push(c)).collect();
            assert_eq!(cut, whole, "chunks of {size}");
        }
    }

    #[test]
    fn an_event_that_is_not_whole_is_not_given() {
        let mut decoder = Decoder::default();
        assert!(decoder.push(b"data: a\n").is_empty());
        assert_eq!(decoder.push(b"\n").len(), 1);
    }
}
