//! From names to addresses: one look-up per connection, judged whole, and the connection goes to what was
//! judged. There is no second look-up that could say something else.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use crate::addresses::{is_metadata, is_public};
use crate::refusal::Refusal;

/// An answer that is on its way.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Who knows the addresses of names.
pub trait Resolve: Send + Sync {
    /// All addresses of a name.
    fn resolve(&self, host: &str) -> Resolving;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Resolve for System {
    fn resolve(&self, host: &str) -> Resolving {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Which addresses a name may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The internet's only.
    Public,
    /// Any but a metadata service.
    Private,
}

/// A resolver that gives all addresses of a name or, if one of them may not be, none.
#[derive(Clone)]
pub(crate) struct Judged {
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) reach: Reach,
}

impl Judged {
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Refusal> {
        let unknown = match self.reach {
            Reach::Public => Refusal::NotPublic,
            Reach::Private => Refusal::Unknown,
        };
        let found = self.resolver.resolve(host).await.map_err(|_| unknown)?;
        let judge = |address: &IpAddr| match self.reach {
            Reach::Public => is_public(*address),
            Reach::Private => !is_metadata(*address),
        };
        match found.iter().all(judge) {
            true if found.is_empty() => Err(unknown),
            true => Ok(found),
            false if self.reach == Reach::Public => Err(Refusal::NotPublic),
            false => Err(Refusal::Metadata),
        }
    }
}

impl reqwest::dns::Resolve for Judged {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let judged = self.clone();
        Box::pin(async move {
            let found = judged.addresses(name.as_str()).await?;
            // The port is the URL's.
            let found = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(found) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use reqwest::dns::Resolve as _;

    use super::*;

    /// Answers in turn; the last one from then on.
    struct Script(Mutex<Vec<Vec<IpAddr>>>);

    impl super::Resolve for Script {
        fn resolve(&self, _: &str) -> Resolving {
            let mut left = self.0.lock().unwrap();
            let next = if left.len() > 1 {
                left.remove(0)
            } else {
                left[0].clone()
            };
            Box::pin(async move { Ok(next) })
        }
    }

    fn judged(reach: Reach, answers: &[&[&str]]) -> Judged {
        let addresses = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Judged {
            resolver: Arc::new(Script(Mutex::new(answers.iter().map(addresses).collect()))),
            reach,
        }
    }

    async fn connected_to(judged: &Judged) -> Result<Vec<IpAddr>, String> {
        let name = "rebinding.test".parse().unwrap();
        let found = judged.resolve(name).await;
        found
            .map(|all| all.map(|address| address.ip()).collect())
            .map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn c05_the_connection_gets_exactly_what_was_judged() {
        let both = ["1.1.1.1", "2606:4700::1111"];
        let judged = judged(Reach::Public, &[&both, &["127.0.0.1"]]);
        let first = connected_to(&judged).await.unwrap();
        assert_eq!(first, both.map(|text| text.parse::<IpAddr>().unwrap()));
        let second = connected_to(&judged).await.unwrap_err();
        assert!(second.contains("public"), "{second}");
    }

    #[tokio::test]
    async fn c05_one_private_answer_among_many_refuses_all() {
        for mixed in [
            ["1.1.1.1", "127.0.0.1"],
            ["2606:4700::1111", "10.0.0.1"],
            ["1.1.1.1", "::1"],
            ["1.1.1.1", "::ffff:1.1.1.1"],
        ] {
            assert!(
                connected_to(&judged(Reach::Public, &[&mixed]))
                    .await
                    .is_err(),
                "{mixed:?}"
            );
        }
        let none: [&str; 0] = [];
        assert!(
            connected_to(&judged(Reach::Public, &[&none]))
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn c03_a_name_never_leads_to_a_metadata_service() {
        let private = judged(Reach::Private, &[&["10.0.0.1"]]);
        assert!(connected_to(&private).await.is_ok());
        for metadata in ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"] {
            let judged = judged(Reach::Private, &[&["10.0.0.1", metadata]]);
            assert!(connected_to(&judged).await.is_err(), "{metadata}");
        }
    }
}
