//! `strace` on the server: it kills at any system call, whoever makes it. It counts per thread, so its Nth
//! call is not the Nth of the process; the loaded library counts those.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Has the process killed before the Nth such call of any of its threads.
pub fn attach(process: u32, call: &str, number: u64) -> Child {
    let mut command = Command::new("strace");
    command
        .args(["-f", "-o", "/dev/null", "-e"])
        .arg(format!("trace={call}"))
        .arg("-e")
        .arg(format!("inject={call}:signal=SIGKILL:when={number}"))
        .args(["-p", &process.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut tracer = command.spawn().expect("strace");
    let said = BufReader::new(tracer.stderr.as_mut().expect("a pipe"));
    let attached = said
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("attached"));
    assert!(attached.is_some(), "strace could not attach");
    tracer
}

/// Lets the process go on by itself.
pub fn detach(mut tracer: Child) {
    crate::running::signal(&tracer, libc::SIGINT);
    tracer.wait().expect("its end");
}
