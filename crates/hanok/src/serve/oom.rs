//! Whether the kernel ended a process for want of memory: it counts what it ends so, per control group
//! and for the whole machine. A count that rose while a worker lived, and a worker ended by `SIGKILL`, are
//! told as one.

use std::path::PathBuf;

/// How many processes the kernel has ended for want of memory, where it can be told.
pub fn kills() -> Option<u64> {
    let group = group_events().and_then(|path| std::fs::read_to_string(path).ok());
    group
        .as_deref()
        .and_then(count)
        .or_else(|| count(&std::fs::read_to_string("/proc/vmstat").ok()?))
}

/// The counters of our own control group (version 2); workers are in it too.
fn group_events() -> Option<PathBuf> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let ours = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let path = PathBuf::from("/sys/fs/cgroup").join(ours);
    Some(path.join("memory.events")).filter(|path| path.exists())
}

fn count(counters: &str) -> Option<u64> {
    let line = counters
        .lines()
        .find_map(|line| line.strip_prefix("oom_kill "));
    line?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_is_found_among_others() {
        let events = "low 0\nhigh 12\nmax 3\noom 2\noom_kill 4\noom_group_kill 0\n";
        assert_eq!(count(events), Some(4));
        assert_eq!(count("low 0\n"), None);
    }

    #[test]
    fn this_machine_has_one() {
        assert!(kills().is_some());
    }
}
