//! The lines of a generation as they come from a hosting worker.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::inference::Piece;

use crate::workers::gone;

/// Longest line that a worker may send.
const MAX_LINE: usize = 1 << 20;

/// Reads pieces from a worker's answer. Dropping it hangs up, which cancels the generation.
pub(super) struct Pieces {
    response: reqwest::Response,
    buffer: Vec<u8>,
}

impl Pieces {
    pub(super) fn new(response: reqwest::Response) -> Self {
        Self {
            response,
            buffer: Vec::new(),
        }
    }

    /// The next piece. An answer that stops before its end is a fault.
    pub(super) async fn next(&mut self) -> Result<Piece, Fault> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return serde_json::from_slice(&line)
                    .map_err(|e| broken(format!("The worker's answer cannot be read: {e}.")));
            }
            if self.buffer.len() > MAX_LINE {
                return Err(broken("The worker's answer has a line without end.".into()));
            }
            match self.response.chunk().await.map_err(|e| gone(&e))? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => {
                    return Err(broken(
                        "The worker stopped in the middle of an answer.".into(),
                    ));
                }
            }
        }
    }
}

fn broken(message: String) -> Fault {
    Fault::new(FaultKind::Upstream, "worker_broken", message).remedy("Send the request again.")
}
