//! Which addresses of a provider are asked. The issuer is the operator's word and may be anywhere; what its
//! metadata names may be on the issuer's own host and port, or at a public address elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hanok_domain::fault::Fault;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::upstream;

/// The issuer, from the settings.
pub(super) fn issuer(text: &str) -> Result<Url, Fault> {
    let wrong = || {
        let text = format!("OIDC_ISSUER '{text}' is no address of a provider.");
        Fault::invalid("invalid_setting", text).remedy(
            "Set it as the provider's metadata has it, for example https://id.example/realms/a.",
        )
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    (plain && web).then_some(url).ok_or_else(wrong)
}

/// An endpoint that the metadata names.
pub(super) fn endpoint(issuer: &Url, text: &str) -> Result<Url, Fault> {
    let refused = || {
        upstream(format!(
            "the provider names an endpoint that is not asked: {text}"
        ))
    };
    let url = Url::parse(text).map_err(|_| refused())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let same = url.scheme() == issuer.scheme()
        && url.host_str() == issuer.host_str()
        && url.port_or_known_default() == issuer.port_or_known_default();
    let elsewhere = url.scheme() == "https" && literal(&url).is_none_or(is_public);
    let permitted = plain && url.host().is_some() && (same || elsewhere);
    permitted.then_some(url).ok_or_else(refused)
}

fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

/// Looks names up, and keeps private addresses to the issuer's own name.
pub(super) struct Guarded {
    pub(super) issuer_host: String,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let ours = name.as_str().eq_ignore_ascii_case(&self.issuer_host);
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            let found: Vec<SocketAddr> = found.filter(|at| ours || is_public(at.ip())).collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || shared
        || benchmark)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    // Of what is handed out so far, only this eighth is the public network.
    let global = ip.segments()[0] & 0xe000 == 0x2000;
    // Addresses that carry one of the older kind: 6to4 and Teredo.
    let carries = ip.segments()[0] == 0x2002 || ip.segments()[..2] == [0x2001, 0];
    global && !carries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_plain_address() {
        for good in [
            "https://id.example",
            "https://id.example/realms/a",
            "http://127.0.0.1:9000",
        ] {
            assert!(issuer(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "id.example",
            "ftp://id.example",
            "https://id.example/?a=b",
            "https://a@b/",
        ] {
            assert!(issuer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn metadata_leads_to_the_issuer_or_to_the_public_network() {
        let home = issuer("http://10.0.0.5:9000/a").unwrap();
        for good in [
            "http://10.0.0.5:9000/token",
            "https://oauth2.googleapis.com/token",
            "https://8.8.8.8/token",
        ] {
            assert!(endpoint(&home, good).is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.5:9001/token",
            "http://oauth2.googleapis.com/token",
            "https://127.0.0.1/token",
            "https://169.254.169.254/latest",
            "https://[::1]/token",
            "https://[::ffff:10.0.0.1]/token",
            "https://[2002:7f00:1::]/token",
            "https://100.64.0.1/token",
            "https://user@id.example/token",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "",
        ] {
            assert!(endpoint(&home, bad).is_err(), "{bad}");
        }
    }
}
