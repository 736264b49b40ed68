//! An answer: its head, and a body that is read under limits of size, time and pace.

use std::time::Duration;

use bytes::Bytes;
use hanok_domain::fault::Fault;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderValue};
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use crate::Config;
use crate::refusal;

/// What came back. The body is read once, whole or in parts.
pub struct Answer {
    response: Response,
    pace: Pace,
    left: u64,
    limit: u64,
    _place: OwnedSemaphorePermit,
}

/// By when how much must have come.
struct Pace {
    deadline: Instant,
    window: Duration,
    floor: u64,
    window_ends: Instant,
    in_window: u64,
}

impl Answer {
    pub(crate) fn new(
        response: Response,
        config: &Config,
        (limit, deadline): (u64, Instant),
        place: OwnedSemaphorePermit,
    ) -> Result<Self, Fault> {
        if response.headers().len() > config.max_headers {
            return Err(refusal::upstream("it sent too many headers"));
        }
        if response
            .content_length()
            .is_some_and(|length| length > limit)
        {
            return Err(refusal::too_much(limit));
        }
        // Nothing packed was asked for, and nothing is unpacked here.
        let packed = |coding: &HeaderValue| !coding.as_bytes().eq_ignore_ascii_case(b"identity");
        if response.headers().get(CONTENT_ENCODING).is_some_and(packed) {
            return Err(refusal::upstream(
                "it sent a packed body that was not asked for",
            ));
        }
        let pace = Pace {
            deadline,
            window: config.floor_window,
            floor: config.floor_bytes,
            window_ends: Instant::now() + config.floor_window,
            in_window: 0,
        };
        Ok(Self {
            response,
            pace,
            left: limit,
            limit,
            _place: place,
        })
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The body's length, if the other side told it.
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The answer, if it is one of success.
    ///
    /// # Errors
    /// Any status but 2xx, with nothing of the body in it.
    pub fn success(self) -> Result<Self, Fault> {
        match self.status() {
            200..=299 => Ok(self),
            status => Err(refusal::upstream(format!(
                "it answered with status {status}"
            ))),
        }
    }

    /// The next part of the body; none at its end.
    ///
    /// # Errors
    /// A body that is too large, too slow or cut off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            let until = self.pace.deadline.min(self.pace.window_ends);
            let Ok(read) = timeout_at(until, self.response.chunk()).await else {
                self.pace.judge()?;
                continue;
            };
            let Some(bytes) = read.map_err(|error| refusal::of_client(&error))? else {
                return Ok(None);
            };
            let length = bytes.len() as u64;
            let left = self.left.checked_sub(length);
            self.left = left.ok_or_else(|| refusal::too_much(self.limit))?;
            self.pace.in_window += length;
            self.pace.judge()?;
            return Ok(Some(bytes));
        }
    }

    /// The whole body.
    ///
    /// # Errors
    /// As [`Self::chunk`].
    pub async fn bytes(mut self) -> Result<Bytes, Fault> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }

    /// The whole body as a JSON document.
    ///
    /// # Errors
    /// As [`Self::chunk`], or something else than this document.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Fault> {
        let body = self.bytes().await?;
        // What is wrong with it would tell of the body.
        serde_json::from_slice(&body).map_err(|_| refusal::upstream("its answer is not understood"))
    }

    /// The body as a stream, for who stores it.
    pub fn stream(self) -> impl futures_util::Stream<Item = Result<Bytes, Fault>> + Send {
        futures_util::stream::try_unfold(self, |mut answer| async move {
            let chunk = answer.chunk().await?;
            Ok(chunk.map(|bytes| (bytes, answer)))
        })
    }
}

impl Pace {
    /// Ends a body that crawls, or that nobody waits for any more.
    fn judge(&mut self) -> Result<(), Fault> {
        let now = Instant::now();
        if now >= self.deadline {
            return Err(refusal::too_slow("its answer did not end in time"));
        }
        if now < self.window_ends {
            return Ok(());
        }
        if self.in_window < self.floor {
            return Err(refusal::too_slow("its answer came too slowly"));
        }
        self.window_ends = now + self.window;
        self.in_window = 0;
        Ok(())
    }
}
