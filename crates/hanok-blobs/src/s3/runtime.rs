//! The few threads that talk to the service. Callers wait for them from whatever thread they are
//! on: a plain one, one of a pool, one of another runtime.

use std::future::Future;
use std::sync::mpsc;

use tokio::runtime::{Builder, Runtime};

use crate::ObjectError;

/// Requests wait for the network, so that few threads carry many of them.
const THREADS: usize = 2;

pub(super) struct Threads(Option<Runtime>);

impl Threads {
    pub(super) fn start() -> Result<Self, ObjectError> {
        let built = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("hanok-s3")
            .enable_all()
            .build();
        let failed = |error| ObjectError::io("start", std::path::Path::new("threads"), error);
        built.map(|runtime| Self(Some(runtime))).map_err(failed)
    }

    /// Runs a future there and waits for it here.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ObjectError>> + Send + 'static,
    ) -> Result<T, ObjectError> {
        let (answer, answered) = mpsc::sync_channel(1);
        if let Some(runtime) = &self.0 {
            runtime.spawn(async move {
                let done = work.await;
                let _ = answer.send(done);
            });
        }
        answered
            .recv()
            .unwrap_or_else(|_| Err(ObjectError::Source("a request was given up".into())))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // A runtime may not be waited for inside another one, and nothing of ours is under way.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
