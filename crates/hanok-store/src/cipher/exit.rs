//! The end of a process that has encrypted files open. SQLCipher wipes its keys when the process exits, in
//! whatever thread that happens, while others may still encrypt with them: they would crash, or write what
//! no key opens. So the exit waits for connections that are being closed, and ends as a crash does, which
//! harms no database, where others were left open.

use std::ffi::c_int;
use std::sync::Once;
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;

const PATIENCE: Duration = Duration::from_secs(2);
/// Of 15 characters, which is what the system keeps of a thread's name.
const NAME: &str = "hanok-key-";

/// Every connection has a thread, from before its file is opened until after it is closed: its name tells.
pub(crate) fn named(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.thread_name(|number| format!("{NAME}{number}"))
}

fn is_open() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let mut names = threads
        .flatten()
        .map(|thread| std::fs::read_to_string(thread.path().join("comm")));
    names.any(|name| name.is_ok_and(|name| name.starts_with(NAME)))
}

/// To be called once SQLCipher is at work: what is registered last is called first.
pub(crate) fn stand_by() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(register);
}

/// Whether all were closed in time.
fn all_closed() -> bool {
    let deadline = Instant::now() + PATIENCE;
    while is_open() {
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn register() {
    use std::ffi::c_void;

    unsafe extern "C" {
        fn on_exit(function: extern "C" fn(c_int, *mut c_void), argument: *mut c_void) -> c_int;
    }

    extern "C" fn end(status: c_int, _: *mut c_void) {
        if !all_closed() {
            // SAFETY: it ends the process, and touches nothing of it.
            unsafe { libc::_exit(status) };
        }
    }

    // SAFETY: the function lives as long as the program, and uses nothing that ends before.
    let refused = unsafe { on_exit(end, std::ptr::null_mut()) };
    debug_assert_eq!(refused, 0);
}

/// Elsewhere the status that the process ends with is not to be had: it waits, and no more.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn register() {
    extern "C" fn end() {
        all_closed();
    }

    // SAFETY: the function lives as long as the program, and uses nothing that ends before.
    let refused: c_int = unsafe { libc::atexit(end) };
    debug_assert_eq!(refused, 0);
}
