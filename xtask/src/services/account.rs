//! The account of a server that refuses to run as root: `postgres` or `nobody`, when we are root.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

/// A command as that account.
pub fn program(program: &Path) -> Result<Command> {
    let mut command = Command::new(program);
    // A working directory that the account may not enter would be warned about by each program.
    command.current_dir("/");
    if let Some((uid, gid)) = ids()? {
        command.uid(uid).gid(gid);
    }
    Ok(command)
}

/// The account to run as, when we are root.
pub fn ids() -> Result<Option<(u32, u32)>> {
    // SAFETY: geteuid reads a number and cannot fail.
    if unsafe { libc::geteuid() } != 0 {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd")?;
    for name in ["postgres", "nobody"] {
        if let Some(ids) = accounts.lines().find_map(|line| ids_of(line, name)) {
            return Ok(Some(ids));
        }
    }
    bail!("root may not run PostgreSQL, and there is neither `postgres` nor `nobody`")
}

fn ids_of(line: &str, name: &str) -> Option<(u32, u32)> {
    let fields: Vec<&str> = line.split(':').collect();
    match fields.as_slice() {
        [found, _, uid, gid, ..] if *found == name => Some((uid.parse().ok()?, gid.parse().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_lines_are_read_by_name() {
        let line = "postgres:x:105:110:PostgreSQL administrator:/var/lib/postgresql:/bin/bash";
        assert_eq!(ids_of(line, "postgres"), Some((105, 110)));
        assert_eq!(ids_of(line, "nobody"), None);
        assert_eq!(ids_of("postgres:x:bad:110", "postgres"), None);
    }
}
