//! An answer of the OpenAI surface that comes as a stream: chunks of JSON until `[DONE]`. Dropping it
//! hangs up, which ends the generation.

use std::collections::VecDeque;

use reqwest::Response;
use serde_json::Value;

use super::error::refusal;
use super::sse::{Decoder, Frame};
use super::{Client, ClientError};

/// Status under which an error inside a stream is told: the stream itself began with 200.
const BROKEN: u16 = 502;

/// A streamed answer.
pub struct Answer {
    client: Client,
    response: Response,
    decoder: Decoder,
    waiting: VecDeque<Frame>,
    done: bool,
}

impl Answer {
    pub(super) fn new(client: Client, response: Response) -> Self {
        Self {
            client,
            response,
            decoder: Decoder::default(),
            waiting: VecDeque::new(),
            done: false,
        }
    }

    /// The next chunk; nothing once the answer is whole. An answer that breaks off is an error.
    pub async fn next(&mut self) -> Result<Option<Value>, ClientError> {
        while !self.done {
            if let Some(frame) = self.waiting.pop_front() {
                if frame.data == "[DONE]" {
                    self.done = true;
                    break;
                }
                return self.chunk(&frame.data).map(Some);
            }
            let read = self.response.chunk().await;
            match read.map_err(|error| self.client.unreachable(&error))? {
                Some(bytes) => self.waiting.extend(self.decoder.push(&bytes)),
                None => return Err(self.foreign("the answer ended before it was whole")),
            }
        }
        Ok(None)
    }

    fn chunk(&mut self, data: &str) -> Result<Value, ClientError> {
        let chunk: Value =
            serde_json::from_str(data).map_err(|error| self.foreign(&error.to_string()))?;
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            self.done = true;
            return Err(refusal(self.response.url().as_str(), BROKEN, data));
        }
        Ok(chunk)
    }

    fn foreign(&self, reason: &str) -> ClientError {
        ClientError::Foreign {
            url: self.response.url().to_string(),
            reason: reason.to_owned(),
        }
    }
}
