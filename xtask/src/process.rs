//! Running a command to its end: its output shown and kept, nothing of it left behind.
//!
//! A signal to xtask is only noted here; the command's whole process group is told to end, and
//! the caller unwinds as after any failure, so that services are stopped by their owners.

use std::io::{BufRead, BufReader, PipeReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How long a command may take to end after it was told to.
const GRACE: Duration = Duration::from_secs(10);

/// Turns Ctrl-C, a hang-up and `kill` into a note that [`interrupted`] reads.
pub fn catch_signals() {
    extern "C" fn note(_signal: libc::c_int) {
        INTERRUPTED.store(true, Ordering::SeqCst);
    }
    let handler = note as extern "C" fn(libc::c_int) as libc::sighandler_t;
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the handler only stores to an atomic, which is async-signal-safe.
        unsafe { libc::signal(signal, handler) };
    }
}

/// Whether someone asked xtask to end.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Whether a process of this number runs.
pub fn is_alive(pid: libc::pid_t) -> bool {
    // SAFETY: signal 0 is only a question.
    let asked = unsafe { libc::kill(pid, 0) };
    asked == 0 || std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

/// How a shown command ended, and every line it printed.
pub struct Shown {
    pub success: bool,
    pub lines: Vec<String>,
}

/// Runs a command, passing its lines (both streams, in order) to standard output.
pub fn show(command: Command) -> Result<Shown> {
    let (mut child, reader) = spawn(command)?;
    let lines = pass_lines(reader);
    let status = wait(&mut child)?;
    // Whatever the command left running in its group would hold the pipe open for ever.
    signal_group(&child, libc::SIGKILL);
    let deadline = Instant::now() + Duration::from_secs(2);
    let mut kept = Vec::new();
    while let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        kept.push(line);
    }
    Ok(Shown {
        success: status.success() && !interrupted(),
        lines: kept,
    })
}

/// Runs a short command with its output kept from view, out of reach of the terminal's Ctrl-C.
pub fn quiet(command: &mut Command) -> Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::null())
        .process_group(0)
        .output()
        .with_context(|| format!("cannot run {name}"))
}

fn spawn(mut command: Command) -> Result<(Child, PipeReader)> {
    let name = command.get_program().to_string_lossy().into_owned();
    let (reader, writer) = std::io::pipe()?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0);
    let child = command
        .spawn()
        .with_context(|| format!("cannot run {name}"))?;
    // The command goes out of scope here, and with it our writing ends of the pipe.
    Ok((child, reader))
}

fn pass_lines(reader: PipeReader) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for bytes in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&bytes).into_owned();
            // A closed standard output must not end the run before its services are stopped.
            let _ = writeln!(std::io::stdout(), "{line}");
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn wait(child: &mut Child) -> Result<ExitStatus> {
    let mut told: Option<Instant> = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        match told {
            None if interrupted() => {
                signal_group(child, libc::SIGINT);
                told = Some(Instant::now());
            }
            Some(since) if since.elapsed() > GRACE => signal_group(child, libc::SIGKILL),
            _ => {}
        }
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn signal_group(child: &Child, signal: libc::c_int) {
    // SAFETY: kill has no memory effects; a group that is gone makes it fail, which is fine.
    unsafe { libc::kill(-(child.id() as libc::pid_t), signal) };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_streams_are_kept_in_order() {
        let shown = show(shell("echo one; echo two >&2; echo three; exit 3")).unwrap();
        assert_eq!(shown.lines, ["one", "two", "three"]);
        assert!(!shown.success);
    }

    #[test]
    fn a_left_over_child_does_not_hold_the_run() {
        let begun = Instant::now();
        let shown = show(shell("sleep 60 & echo done")).unwrap();
        assert!(shown.success);
        assert_eq!(shown.lines, ["done"]);
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}
