//! The log: lines on standard error, as text or JSON.

use tracing_subscriber::EnvFilter;

/// Starts the log. A filter that does not parse is reported and `info` used.
pub fn start(level: &str, json: bool) {
    let parsed = EnvFilter::try_new(level);
    let wrong = parsed.as_ref().err().map(ToString::to_string);
    let filter = parsed.unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let started = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.try_init()
    };
    if let Err(error) = started {
        eprintln!("the log could not be started: {error}");
    }
    if let Some(wrong) = wrong {
        tracing::warn!(level, wrong, "LOG_LEVEL is not understood; 'info' is used");
    }
}
