//! Why a request was not sent or came to nothing, and what of that a caller may know.

use std::fmt;

use hanok_domain::fault::{Fault, FaultKind};

/// An address that is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The text is no plain web address.
    Spelling,
    /// Neither http nor https.
    Scheme,
    /// A name or a password in it.
    Userinfo,
    /// A port that is not the web's.
    Port,
    /// Not one of the internet's, or a name that does not lead there only. Whether such a name exists is
    /// not told: that would tell of the network behind us.
    NotPublic,
    /// A cloud's metadata service, by a name.
    Metadata,
    /// From https to http.
    Downgrade,
    /// An operator's name that has no address.
    Unknown,
}

impl Refusal {
    fn reason(self) -> &'static str {
        match self {
            Self::Spelling => "it is not written as a plain web address",
            Self::Scheme => "only http and https are taken",
            Self::Userinfo => "it has a user name in it",
            Self::Port => "its port is not one of a web server",
            Self::NotPublic => "its host does not lead to a public address",
            Self::Metadata => "its host leads to a metadata service",
            Self::Downgrade => "a redirect leads from https to http",
            Self::Unknown => "its name has no address",
        }
    }

    /// As callers get it.
    pub(crate) fn fault(self) -> Fault {
        if self == Self::Unknown {
            return upstream(self);
        }
        let text = format!("The address cannot be used: {}.", self.reason());
        Fault::new(FaultKind::Invalid, "url_not_allowed", text).remedy(
            "Give a public address; the operator can permit others with HANOK_ALLOW_PRIVATE_HOSTS.",
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl std::error::Error for Refusal {}

/// The other side failed.
pub(crate) fn upstream(why: impl fmt::Display) -> Fault {
    let text = format!("The other server failed: {why}.");
    Fault::new(FaultKind::Upstream, "upstream_failed", text)
}

/// The other side took too long.
pub(crate) fn too_slow(why: &str) -> Fault {
    let text = format!("The other server took too long: {why}.");
    Fault::new(FaultKind::UpstreamTimeout, "upstream_timeout", text)
}

/// The other side sent more than is taken.
pub(crate) fn too_much(limit: u64) -> Fault {
    let text = format!("The other server sent more than {limit} bytes.");
    Fault::new(FaultKind::Upstream, "upstream_too_large", text)
}

/// As many requests as may be are under way there.
pub(crate) fn crowded() -> Fault {
    let text = "Too many requests to that server are under way.";
    Fault::new(FaultKind::Overloaded, "upstream_busy", text).remedy("Try again in a moment.")
}

/// What a client's error means. Its own text may hold addresses, so it is not passed on.
pub(crate) fn of_client(error: &reqwest::Error) -> Fault {
    if let Some(refusal) = refused(error) {
        return refusal.fault();
    }
    if error.is_timeout() {
        return too_slow("it did not answer");
    }
    if error.is_connect() {
        return upstream("no connection");
    }
    upstream("its answer cannot be read")
}

/// The refusal that our resolver gave, however deep it is wrapped.
fn refused(error: &reqwest::Error) -> Option<Refusal> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return Some(*refusal);
        }
        cause = error.source();
    }
    None
}
