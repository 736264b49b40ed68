//! Ids: `run_01jd…`, a prefix and a UUIDv7 as 26 lower-case Crockford digits,
//! so that ids of one kind sort by the time at which they were made.
//!
//! Does not own which prefixes exist beyond the list below.

use uuid::Uuid;

/// Prefix of a project's id.
pub const PROJECT: &str = "proj";
/// Prefix of a user's id.
pub const USER: &str = "user";
/// Prefix of a session's id.
pub const SESSION: &str = "sess";
/// Prefix of a one-time secret's id.
pub const SECRET: &str = "otp";
/// Prefix of an invitation's id.
pub const INVITATION: &str = "inv";
/// Prefix of a mail's id.
pub const MAIL: &str = "mail";
/// Prefix of a refresh token's id (not of the token itself).
pub const REFRESH_TOKEN: &str = "rft";
/// Prefix of a recovery code's id.
pub const RECOVERY_CODE: &str = "rcv";
/// Prefix of the id of somebody's identity at a provider.
pub const IDENTITY: &str = "idn";
/// Prefix of the id of a sign-in that is on its way to a provider and back.
pub const OIDC_FLOW: &str = "oidc";
/// Prefix of an API key's id (not of the key itself).
pub const KEY: &str = "key";
/// Prefix of a data set's id.
pub const DATASET: &str = "ds";
/// Prefix of the id of a data set's version.
pub const DATASET_VERSION: &str = "dsv";
/// Prefix of a run's id.
pub const RUN: &str = "run";
/// Prefix of a job's id.
pub const JOB: &str = "job";
/// Prefix of a model's id.
pub const MODEL: &str = "model";
/// Prefix of an uploaded file's id, which is of the dashed form.
pub const FILE: &str = "file";
/// Prefix of a fine-tuning job's id, which is of the dashed form.
pub const FINE_TUNE: &str = "ftjob";
/// Prefix of the id of a row of the audit log.
pub const AUDIT: &str = "aud";
/// Prefix of an evaluation's id.
pub const EVAL: &str = "eval";
/// Prefix of a deployment's id.
pub const DEPLOYMENT: &str = "dep";
/// Prefix of a usage row's id.
pub const USAGE: &str = "use";
/// Prefix of a worker's id.
pub const WORKER: &str = "wkr";

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

/// Makes an id. Ids made by one process sort in the order in which they were made.
pub fn new(prefix: &str) -> String {
    encode(prefix, '_', Uuid::now_v7().as_u128())
}

/// Makes an id in the form of the OpenAI surface, `file-01jd…`.
pub fn dashed(prefix: &str) -> String {
    encode(prefix, '-', Uuid::now_v7().as_u128())
}

/// An id that sorts before every one of its kind that was made at this time (µs UTC) or later, and after those
/// made a millisecond earlier.
pub fn earliest(prefix: &str, micros: i64) -> String {
    let millis = u128::try_from(micros.max(0) / 1000).unwrap_or(0) & 0xffff_ffff_ffff;
    encode(prefix, '_', millis << 80)
}

/// Whether `id` is well formed and of this kind. Says nothing of whether it exists.
pub fn is_valid(prefix: &str, id: &str) -> bool {
    let Some(digits) = id
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
    else {
        return false;
    };
    // 26 digits carry 130 bits; the first one holds only the top three of the 128.
    digits.len() == LENGTH
        && digits.bytes().all(|digit| DIGITS.contains(&digit))
        && digits.as_bytes()[0] <= b'7'
}

fn encode(prefix: &str, between: char, value: u128) -> String {
    let mut id = String::with_capacity(prefix.len() + 1 + LENGTH);
    id.push_str(prefix);
    id.push(between);
    for place in (0..LENGTH).rev() {
        let digit = (value >> (5 * place)) & 31;
        id.push(char::from(DIGITS[digit as usize]));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_valid_distinct_and_sorted() {
        let ids: Vec<String> = (0..2000).map(|_| new(RUN)).collect();
        assert!(ids.iter().all(|id| is_valid(RUN, id)));
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(dashed(FILE).starts_with("file-") && dashed(FILE) < dashed(FILE));
    }

    #[test]
    fn the_whole_range_is_encoded() {
        assert_eq!(encode("x", '_', 0), format!("x_{}", "0".repeat(26)));
        assert_eq!(
            encode("x", '_', u128::MAX),
            format!("x_7{}", "z".repeat(25))
        );
        assert_eq!(encode("x", '_', 33), format!("x_{}11", "0".repeat(24)));
    }

    #[test]
    fn other_kinds_and_odd_texts_are_refused() {
        let id = new(RUN);
        assert!(!is_valid(JOB, &id));
        assert!(!is_valid("ru", &id));
        assert!(!is_valid(RUN, &id.to_uppercase()));
        assert!(!is_valid(RUN, &id[..id.len() - 1]));
        assert!(!is_valid(RUN, &format!("{id}0")));
        assert!(!is_valid(RUN, "run_"));
        assert!(!is_valid(RUN, "run_é"));
        assert!(!is_valid(RUN, &format!("run_8{}", "0".repeat(25))));
        assert!(!is_valid(RUN, &format!("run_{}l", "0".repeat(25))));
    }
}
