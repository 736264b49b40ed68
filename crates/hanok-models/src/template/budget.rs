//! What one rendering may hold and write; the calls that [`super::guard`] adds end here.
//!
//! A rendering stays on its thread, so the account is the thread's.

use std::cell::Cell;

use minijinja::value::{Rest, ValueKind};
use minijinja::{Error, ErrorKind, Value};

/// Longest text of one name, and longest result; about as much as is tokenised at once.
pub(super) const MAX_TEXT: usize = 4 << 20;
/// All that names were bound to, together; names keep what they hold.
const MAX_BOUND: usize = 64 << 20;
/// All that was written, including what a macro's caller may drop.
const MAX_WRITTEN: usize = 16 << 20;
/// Rounds of loops and calls of macros, each times the text between the template's tags.
const MAX_STEPS: usize = 32 << 20;
/// Values inside one value.
const MAX_VALUES: usize = 100_000;

#[derive(Clone, Copy, Default)]
struct Account {
    bound: usize,
    written: usize,
    steps: usize,
}

thread_local! {
    static ACCOUNT: Cell<Account> = const {
        Cell::new(Account { bound: 0, written: 0, steps: 0 })
    };
}

/// Begins the account of a rendering.
pub(super) fn reset() {
    ACCOUNT.set(Account::default());
}

fn over(what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("the chat template {what}; the conversation is too long for it, or it has no end"),
    )
}

/// After names were bound.
pub(super) fn keep(values: Rest<Value>) -> Result<(), Error> {
    let mut account = ACCOUNT.get();
    for value in values.iter() {
        let size = size(value)?;
        // What short names hold is bounded by the number of steps.
        account.bound += if size > 64 { size } else { 0 };
    }
    ACCOUNT.set(account);
    if account.bound > MAX_BOUND {
        return Err(over("keeps too much text"));
    }
    Ok(())
}

/// At the beginning of a loop's round and of a macro.
pub(super) fn step(text: usize, values: Rest<Value>) -> Result<(), Error> {
    let mut account = ACCOUNT.get();
    account.steps += text.max(16);
    ACCOUNT.set(account);
    if account.steps > MAX_STEPS {
        return Err(over("repeats too often"));
    }
    values.iter().try_for_each(|value| size(value).map(drop))
}

/// Before a value is written.
pub(super) fn write(value: &Value) -> Result<(), Error> {
    let mut account = ACCOUNT.get();
    account.written += size(value)?;
    ACCOUNT.set(account);
    if account.written > MAX_WRITTEN {
        return Err(over("writes too much"));
    }
    Ok(())
}

/// Bytes of text in a value and all that it holds.
pub(super) fn size(value: &Value) -> Result<usize, Error> {
    let (mut bytes, mut values) = (0, 0);
    add(value, &mut bytes, &mut values, 0)?;
    Ok(bytes)
}

fn add(value: &Value, bytes: &mut usize, values: &mut usize, depth: usize) -> Result<(), Error> {
    *values += 1;
    if *values > MAX_VALUES || depth > 32 {
        return Err(over("builds too large a list"));
    }
    match value.kind() {
        ValueKind::String => *bytes += value.as_str().map_or(0, str::len),
        ValueKind::Seq | ValueKind::Iterable => {
            for item in value.try_iter()? {
                add(&item, bytes, values, depth + 1)?;
            }
        }
        ValueKind::Map => {
            for key in value.try_iter()? {
                add(&value.get_item(&key)?, bytes, values, depth + 1)?;
                add(&key, bytes, values, depth + 1)?;
            }
        }
        _ => *bytes += 8,
    }
    if *bytes > MAX_TEXT {
        return Err(over("builds too long a text"));
    }
    Ok(())
}

/// Refuses a result of so many bytes before it is made.
pub(super) fn allow(bytes: usize) -> Result<(), Error> {
    if bytes > MAX_TEXT {
        return Err(over("builds too long a text"));
    }
    Ok(())
}
