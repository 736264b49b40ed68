//! What a failed request means: worth another try, no such key, or something a person must mend.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use object_store::client::HttpError;

use super::wire::Answer;
use crate::ObjectError;

/// What to do about a failure.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It may pass: the reason, for the message if it does not.
    Passing(String),
    /// What was asked for is not there.
    Absent,
    /// Trying again changes nothing.
    Final(ObjectError),
}

/// The bucket, as messages name it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) origin: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the bucket '{}' at {}", self.bucket, self.origin)
    }
}

impl Place {
    pub(super) fn judge(&self, action: &str, error: &object_store::Error) -> Verdict {
        if let Some(answer) = answer_in(error) {
            return self.judge_answer(action, answer);
        }
        let Some(transport) = found_in::<HttpError>(error) else {
            return Verdict::Passing("its answer could not be understood".into());
        };
        let why = root_of(transport);
        if why.starts_with(UNTRUSTED) {
            return Verdict::Final(ObjectError::Refused {
                what: self.to_string(),
                why: format!("cannot {action}: {why}"),
                remedy: "name a file with the certificate of its authority in the settings, or \
                         correct the endpoint",
            });
        }
        Verdict::Passing(why)
    }

    fn judge_answer(&self, action: &str, answer: &Answer) -> Verdict {
        let code = answer.code.as_str();
        match (answer.status, code) {
            (404, "NoSuchBucket") => Verdict::Final(self.missing()),
            (404, _) => Verdict::Absent,
            (507, _) | (_, "XMinioStorageFull" | "QuotaExceeded") => Verdict::Final(self.full()),
            (412 | 416, _) => Verdict::Final(self.unavailable(action, REPLACED)),
            (400, "RequestTimeout") | (408 | 409 | 425 | 429, _) => passing(answer),
            (501, _) => self.refused(action, answer),
            (500.. | 200..=299, _) => passing(answer),
            // Nothing else is tried again: it would fail the same way, and wrong credentials that
            // come again and again look like an attack.
            _ => self.refused(action, answer),
        }
    }

    pub(super) fn missing(&self) -> ObjectError {
        ObjectError::Refused {
            what: self.to_string(),
            why: "it does not exist".into(),
            remedy: "create it, or correct its name in the settings; objects that were in it \
                     have to be restored from a backup",
        }
    }

    fn refused(&self, action: &str, answer: &Answer) -> Verdict {
        let (why, remedy) = advice(answer);
        Verdict::Final(ObjectError::Refused {
            what: self.to_string(),
            why: format!("cannot {action}: {why} ({answer})"),
            remedy,
        })
    }

    fn full(&self) -> ObjectError {
        ObjectError::StorageFull {
            path: PathBuf::from(format!("s3://{}", self.bucket)),
            free: 0,
            reserve: 0,
        }
    }

    pub(super) fn unavailable(&self, action: &str, why: &str) -> ObjectError {
        ObjectError::Unavailable {
            what: self.to_string(),
            why: format!("cannot {action}: {why}"),
        }
    }
}

/// Why the service refuses and what an operator can do about it: by its word, else by the status.
fn advice(answer: &Answer) -> (&'static str, &'static str) {
    let (status, code) = (answer.status, answer.code.as_str());
    let found = WORDS.iter().find(|(words, ..)| words.contains(&code));
    if let Some((_, why, remedy)) = found {
        return (why, remedy);
    }
    match status {
        401 => (WRONG_KEY, COMPARE),
        403 => (
            "the credential is not permitted to",
            "permit it to list the bucket and to get, put and delete its objects; if it should be \
             able to already, compare access key and secret key",
        ),
        300..=399 => (ELSEWHERE, CORRECT_PLACE),
        501 => (
            "the service does not know this request",
            "use a service that does",
        ),
        _ => (
            "the service does not accept the request",
            "look at the service's log",
        ),
    }
}

/// How the TLS library begins to tell that it does not trust a certificate.
const UNTRUSTED: &str = "invalid peer certificate";
const REPLACED: &str = "the object was replaced meanwhile";
const WRONG_KEY: &str = "the access key or the secret key is wrong";
const COMPARE: &str = "compare both with the service's and correct the settings";
const ELSEWHERE: &str = "the bucket is in another region or at another endpoint";
const CORRECT_PLACE: &str = "correct the region and the endpoint in the settings";

/// Words of the service, what they mean, what to do.
const WORDS: [(&[&str], &str, &str); 4] = [
    (
        &["RequestTimeTooSkewed", "RequestExpired"],
        "the clocks of this machine and of the service differ by too much",
        "set this machine's clock, best by NTP",
    ),
    (
        &["ExpiredToken", "TokenRefreshRequired", "InvalidToken"],
        "the credential has expired",
        "put a new access key, secret key and session token into the settings",
    ),
    (
        &["InvalidAccessKeyId", "SignatureDoesNotMatch"],
        WRONG_KEY,
        COMPARE,
    ),
    (
        &[
            "AuthorizationHeaderMalformed",
            "PermanentRedirect",
            "TemporaryRedirect",
            "IllegalLocationConstraintException",
        ],
        ELSEWHERE,
        CORRECT_PLACE,
    ),
];

fn passing(answer: &Answer) -> Verdict {
    Verdict::Passing(format!("it answers {answer}"))
}

/// What the service said, if it said something.
pub(super) fn answer_in(error: &object_store::Error) -> Option<&Answer> {
    found_in(error)
}

/// The first error of that type among an error and what caused it.
fn found_in<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The first cause, which says what the system said; the others hold addresses at most.
fn root_of(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    root.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, code: &str) -> Verdict {
        let place = Place {
            bucket: "hanok".into(),
            origin: "http://host".into(),
        };
        let code = code.into();
        place.judge_answer("write", &Answer { status, code })
    }

    #[test]
    fn what_may_pass_is_told_from_what_a_person_must_mend() {
        for (status, code) in [
            (500, "InternalError"),
            (503, "SlowDown"),
            (502, ""),
            (504, ""),
            (429, ""),
            (400, "RequestTimeout"),
            (200, "InternalError"),
            (409, "OperationAborted"),
        ] {
            assert!(
                matches!(judged(status, code), Verdict::Passing(_)),
                "{status} {code}"
            );
        }
        for (status, code, said) in [
            (403, "RequestTimeTooSkewed", "clock"),
            (400, "ExpiredToken", "expired"),
            (403, "SignatureDoesNotMatch", "secret key is wrong"),
            (403, "AccessDenied", "not permitted"),
            (403, "", "not permitted"),
            (301, "PermanentRedirect", "region"),
            (404, "NoSuchBucket", "does not exist"),
            (501, "NotImplemented", "does not know"),
            (418, "", "does not accept"),
        ] {
            let Verdict::Final(error) = judged(status, code) else {
                panic!("{status} {code}");
            };
            assert!(error.to_string().contains(said), "{error}");
        }
        assert!(matches!(judged(404, "NoSuchKey"), Verdict::Absent));
        let full = judged(507, "XMinioStorageFull");
        assert!(matches!(
            full,
            Verdict::Final(ObjectError::StorageFull { .. })
        ));
    }
}
