//! Limits that a worker puts on itself before it touches anybody's bytes.

use crate::{WorkerConfig, WorkerError};

/// Applies the memory limit and makes this process the first to go when memory runs out.
pub fn apply(config: &WorkerConfig) -> Result<(), WorkerError> {
    // The kernel should end a worker before the server; where it may not be said, nothing is lost.
    let _ = std::fs::write("/proc/self/oom_score_adj", "500");
    let Some(bytes) = config.memory else {
        return Ok(());
    };
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    // SAFETY: setrlimit reads the struct we pass and nothing else.
    if unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) } != 0 {
        return Err(WorkerError::io("cannot set the memory limit")(
            std::io::Error::last_os_error(),
        ));
    }
    Ok(())
}
