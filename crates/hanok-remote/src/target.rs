//! An address that may be asked: read strictly, judged by who named it. What its name leads to is judged
//! where the connection is made.

use std::net::IpAddr;

use reqwest::Url;

use crate::addresses::is_public;
use crate::ports::is_web;
use crate::refusal::Refusal;
use crate::resolver::Reach;
use crate::{Exceptions, Trust};

/// Longest address that is read.
const LONGEST: usize = 8 << 10;

/// An address with what its host may lead to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) reach: Reach,
}

/// Scheme, host and port: what credentials are for.
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

impl Target {
    /// Reads an address as its owner wrote it.
    pub(crate) fn parse(text: &str, trust: Trust, allowed: &Exceptions) -> Result<Self, Refusal> {
        let host = plain_host(text)?;
        let url = Url::parse(text).map_err(|_| Refusal::Spelling)?;
        // Whatever `Url` had to mend (127.1, 0x7f.1, 2130706433) was meant to look like something else.
        let parsed = url.host_str().ok_or(Refusal::Spelling)?;
        let same = match (ip(parsed), ip(&host)) {
            (Some(parsed), Some(written)) => parsed == written,
            _ => parsed == host,
        };
        if !same {
            return Err(Refusal::Spelling);
        }
        Self::judge(url, trust, allowed)
    }

    /// Where a redirect leads. Away from its origin an operator's trust ends.
    pub(crate) fn follow(
        &self,
        location: &str,
        trust: Trust,
        allowed: &Exceptions,
    ) -> Result<(Self, Trust), Refusal> {
        if strange(location) {
            return Err(Refusal::Spelling);
        }
        let next = self.url.join(location).map_err(|_| Refusal::Spelling)?;
        let here = origin(&next) == origin(&self.url);
        let trust = if here { trust } else { Trust::Request };
        let absolute = location.contains("://") || location.starts_with("//");
        let next = match absolute {
            // The same strictness as for an address of its own.
            true if location.contains("://") => Self::parse(location, trust, allowed)?,
            true => Self::parse(&format!("{}:{location}", self.url.scheme()), trust, allowed)?,
            false => Self::judge(next, trust, allowed)?,
        };
        if self.url.scheme() == "https" && next.url.scheme() == "http" {
            return Err(Refusal::Downgrade);
        }
        Ok((next, trust))
    }

    fn judge(url: Url, trust: Trust, allowed: &Exceptions) -> Result<Self, Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Userinfo);
        }
        let host = url.host_str().ok_or(Refusal::Spelling)?;
        let port = url.port_or_known_default().ok_or(Refusal::Port)?;
        if trust == Trust::Operator {
            return Ok(Self {
                reach: Reach::Private,
                url,
            });
        }
        let permitted = allowed.permit(host, port);
        if !is_web(port) && !allowed.name_port(host, port) {
            return Err(Refusal::Port);
        }
        let public = match ip(host) {
            Some(address) => is_public(address),
            None => host.contains('.') && !host.ends_with(".localhost"),
        };
        match (permitted, public) {
            (true, _) => Ok(Self {
                reach: Reach::Private,
                url,
            }),
            (false, true) => Ok(Self {
                reach: Reach::Public,
                url,
            }),
            (false, false) => Err(Refusal::NotPublic),
        }
    }
}

/// The host as it is written, of an address that is written plainly.
fn plain_host(text: &str) -> Result<String, Refusal> {
    if strange(text) {
        return Err(Refusal::Spelling);
    }
    let (scheme, rest) = text.split_once(':').ok_or(Refusal::Spelling)?;
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(Refusal::Scheme);
    }
    let rest = rest.strip_prefix("//").ok_or(Refusal::Spelling)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    if authority.contains('@') {
        return Err(Refusal::Userinfo);
    }
    let after = authority
        .rsplit_once(']')
        .map_or(authority, |(_, after)| after);
    let port = after.rsplit_once(':').map_or(0, |(_, port)| port.len() + 1);
    let host = authority[..authority.len() - port].to_ascii_lowercase();
    if host.is_empty() || host.ends_with('.') || host.contains('%') {
        return Err(Refusal::Spelling);
    }
    Ok(host)
}

/// Only visible ASCII is taken, and no backslash: the rest is read differently by different readers.
fn strange(text: &str) -> bool {
    let odd = |byte: u8| !byte.is_ascii_graphic() || byte == b'\\';
    text.is_empty() || text.len() > LONGEST || text.bytes().any(odd)
}

fn ip(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Result<Target, Refusal> {
        let allowed = Exceptions::parse(["files.lan:9000", "db.lan:5432"]).unwrap();
        Target::parse(text, Trust::Request, &allowed)
    }

    #[test]
    fn public_addresses_are_taken_as_they_are() {
        for text in [
            "https://example.com/a?b=c#d",
            "http://example.com",
            "HTTPS://Example.com:8443/",
            "http://1.1.1.1/",
            "http://[2606:4700::1111]:8080/",
            "http://xn--bcher-kva.example/",
            "http://files.lan:9000/x",
            "http://db.lan:5432/",
        ] {
            assert!(asked(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_redirect_is_read_as_strictly_and_an_operators_trust_ends_with_his_origin() {
        let none = Exceptions::default();
        let at = Target::parse("https://10.0.0.1:8443/a/b", Trust::Operator, &none).unwrap();
        let follow = |location: &str| at.follow(location, Trust::Operator, &none);
        let (next, trust) = follow("../c?d").unwrap();
        assert_eq!(
            (next.url.as_str(), trust),
            ("https://10.0.0.1:8443/c?d", Trust::Operator)
        );
        for inward in [
            "https://10.0.0.1:9443/",
            "//10.0.0.2/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://u@example.com/",
            "http://10.0.0.1:8443/",
            "/\\example.com",
            "gopher://a.b/",
        ] {
            assert!(follow(inward).is_err(), "{inward}");
        }
        let (_, trust) = follow("https://example.com/").unwrap();
        assert_eq!(trust, Trust::Request);
        assert_eq!(
            follow("http://example.com/").unwrap_err(),
            Refusal::Downgrade
        );
    }
}
