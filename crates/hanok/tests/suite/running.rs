//! A command at work: what it prints as it prints it, a terminal to ask on, its end.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::FromRawFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longest that any command of these tests may take.
const LIMIT: Duration = Duration::from_secs(240);
/// Longest that a question may take to be asked.
const ENDS: Duration = Duration::from_secs(30);

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A command at work.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    stdout: String,
    stderr: Heard,
    keyboard: Option<File>,
}

/// What a command said on standard error so far.
struct Heard {
    bytes: Arc<Mutex<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

impl Heard {
    fn listen(mut source: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let heard = bytes.clone();
        let thread = std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            // The end of a terminal reads as an error.
            while let Ok(count @ 1..) = source.read(&mut chunk) {
                heard
                    .lock()
                    .expect("a lock")
                    .extend_from_slice(&chunk[..count]);
            }
        });
        Self {
            bytes,
            thread: Some(thread),
        }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().expect("a lock")).into_owned()
    }

    fn hear_out(&mut self) -> String {
        if let Some(thread) = self.thread.take() {
            thread.join().expect("a listener");
        }
        self.so_far()
    }
}

impl Running {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        command.stderr(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary");
        let stderr = Heard::listen(child.stderr.take().expect("a pipe"));
        Self::follow(child, stderr, None)
    }

    /// With a terminal on standard input and standard error.
    pub fn start_on_terminal(mut command: Command) -> Self {
        let (ours, theirs) = terminal();
        let clone = |file: &File| file.try_clone().expect("a descriptor");
        command.stdin(clone(&theirs)).stderr(theirs);
        let child = command.stdout(Stdio::piped()).spawn().expect("the binary");
        Self::follow(child, Heard::listen(clone(&ours)), Some(ours))
    }

    fn follow(mut child: Child, stderr: Heard, keyboard: Option<File>) -> Self {
        let (send, lines) = channel();
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self {
            child,
            lines,
            stdout: String::new(),
            stderr,
            keyboard,
        }
    }

    /// Reads standard output until a line holds the word; gives everything so far.
    pub fn until(&mut self, word: &str) -> &str {
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.stdout.push_str(&line);
                    self.stdout.push('\n');
                    if line.contains(word) {
                        return &self.stdout;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("no '{word}' in:\n{}", self.stdout),
                Err(RecvTimeoutError::Disconnected) => {
                    let said = self.stderr.hear_out();
                    panic!("ended before '{word}':\n{}\n{said}", self.stdout);
                }
            }
        }
    }

    /// Waits until standard error holds the word.
    pub fn until_asked(&self, word: &str) {
        let begun = Instant::now();
        while !self.stderr.so_far().contains(word) {
            assert!(
                begun.elapsed() < ENDS,
                "no '{word}': {}",
                self.stderr.so_far()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        signal(&self.child, libc::SIGINT);
    }

    /// Types a line.
    pub fn answer(&mut self, line: &str) {
        let keyboard = self.keyboard.as_mut().expect("a terminal");
        writeln!(keyboard, "{line}").expect("a terminal that takes a line");
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Outcome {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                break status;
            }
            if begun.elapsed() > LIMIT {
                let _ = self.child.kill();
                panic!("took longer than {LIMIT:?}:\n{}", self.stdout);
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        while let Ok(line) = self.lines.recv() {
            self.stdout.push_str(&line);
            self.stdout.push('\n');
        }
        Outcome {
            code: status.code(),
            stdout: std::mem::take(&mut self.stdout),
            stderr: self.stderr.hear_out(),
        }
    }
}

/// Sends a signal to a child.
pub fn signal(child: &Child, number: libc::c_int) {
    let pid = libc::pid_t::try_from(child.id()).expect("a process id");
    // Nothing but a number goes in; the process is our own child and not yet waited for.
    unsafe { libc::kill(pid, number) };
}

/// Both ends of a new terminal: ours and that of the command.
fn terminal() -> (File, File) {
    let (mut ours, mut theirs) = (-1, -1);
    let none = std::ptr::null_mut();
    // SAFETY: two places for descriptors, and nothing else asked for.
    let made = unsafe { libc::openpty(&mut ours, &mut theirs, none, none.cast(), none.cast()) };
    assert_eq!(made, 0, "no terminal");
    // SAFETY: both are open and nobody else's.
    unsafe { (File::from_raw_fd(ours), File::from_raw_fd(theirs)) }
}

impl Outcome {
    /// It ended well; gives standard output.
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// It ended well and printed one document.
    pub fn document(self) -> Value {
        let said = self.stderr.clone();
        let text = self.ok();
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}\n{said}"))
    }

    /// It failed with exit code 1 and a document that says why; gives the error in it.
    pub fn error(self) -> Value {
        assert_eq!(self.code, Some(1), "{}\n{}", self.stdout, self.stderr);
        let document: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr));
        document["error"].clone()
    }
}
