//! What the system says of this process. Where it has no `/proc`, nothing is told.

use super::text::Text;

/// Writes memory and descriptors.
pub fn write(text: &mut Text) {
    if let Some(bytes) = status("VmRSS:") {
        text.gauge(
            "hanok_process_resident_memory_bytes",
            "Memory of the server.",
        )
        .value(&[], bytes);
    }
    if let Ok(entries) = std::fs::read_dir("/proc/self/fd") {
        text.gauge("hanok_process_open_fds", "Open descriptors of the server.")
            .value(&[], entries.count() as f64);
    }
    if let Some(limit) = descriptor_limit() {
        text.gauge("hanok_process_max_fds", "Descriptors that it may open.")
            .value(&[], limit);
    }
    if let Some(threads) = field("/proc/self/status", "Threads:") {
        text.gauge("hanok_process_threads", "Threads of the server.")
            .value(&[], threads);
    }
}

fn status(name: &str) -> Option<f64> {
    field("/proc/self/status", name).map(|kib| kib * 1024.0)
}

fn field(file: &str, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn descriptor_limit() -> Option<f64> {
    field("/proc/self/limits", "Max open files")
}
