//! Passwords: bcrypt over an HMAC with a secret that is not in the database, so that none is truncated and a
//! copy of the rows alone is not enough to guess them. Hashing takes long by design: it runs on threads of its
//! own, as many at once as there are cores, and those who wait are bounded.

mod common;
mod policy;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hanok_domain::fault::{Fault, FaultKind};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha384;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::settings::{AccountSettings, Pepper};

pub(super) use policy::bounded;
pub use policy::check;

/// Says how the rest is to be read: the name of the pepper, then bcrypt's own string.
const SCHEME: &str = "$hmac-sha384$k=";
/// Those who wait beyond this are told to come back.
const QUEUE: usize = 64;

/// Hashes passwords and checks them.
#[derive(Clone)]
pub struct Passwords(Arc<Shared>);

struct Shared {
    pepper: Pepper,
    cost: u32,
    gate: Arc<Semaphore>,
    waiting: AtomicUsize,
    at_once: AtomicUsize,
    most: AtomicUsize,
    ran: AtomicU64,
}

/// The right to hash now.
pub(super) struct Turn {
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

impl Passwords {
    /// By these settings.
    pub(crate) fn new(settings: &AccountSettings) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Shared {
            pepper: settings.pepper.clone(),
            cost: settings.bcrypt_cost,
            gate: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            ran: AtomicU64::new(0),
        }))
    }

    /// Hashes run so far.
    pub fn ran(&self) -> u64 {
        self.0.ran.load(Ordering::Relaxed)
    }

    /// Most hashes that ever ran at the same time.
    pub fn most_at_once(&self) -> usize {
        self.0.most.load(Ordering::Relaxed)
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// 503 where too many wait already.
    pub(super) async fn turn(&self) -> Result<Turn, Fault> {
        let _waiting = Waiting::enter(&self.0)?;
        let permit = self.0.gate.clone().acquire_owned().await;
        let permit = permit.map_err(|e| Fault::internal(format!("no turn to hash: {e}")))?;
        Ok(Turn {
            shared: self.0.clone(),
            _permit: permit,
        })
    }

    /// The hash of a new password, in its turn.
    pub(super) async fn hash(&self, password: &str) -> Result<String, Fault> {
        self.turn().await?.hash(password).await
    }
}

struct Waiting<'s>(&'s Shared);

impl<'s> Waiting<'s> {
    fn enter(shared: &'s Shared) -> Result<Self, Fault> {
        if shared.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            shared.waiting.fetch_sub(1, Ordering::Relaxed);
            let text = "Too many people sign in at the moment.";
            return Err(Fault::new(FaultKind::Overloaded, "sign_in_busy", text)
                .remedy("Try again in a few seconds.")
                .retry_after(5));
        }
        Ok(Self(shared))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Turn {
    /// Whether the password has this hash. Without a hash it takes as long and is wrong.
    pub(super) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Fault> {
        let (cost, pepper) = (self.shared.cost, &self.shared.pepper);
        let stored = hash.and_then(read).and_then(|(name, stored)| {
            let key = pepper.named(name)?;
            Some((*key, stored.to_owned()))
        });
        let known = stored.is_some();
        let (key, stored) = stored.unzip();
        let key = key.unwrap_or(*pepper.current().1);
        let right = self.run(&key, password, move |text| {
            let stored = stored.map_or_else(|| nobodys(cost), Ok)?;
            bcrypt::verify(text, &stored)
        });
        Ok(right.await? && known)
    }

    /// The hash of a password, as it is stored.
    pub(super) async fn hash(&self, password: &str) -> Result<String, Fault> {
        let cost = self.shared.cost;
        let (name, key) = self.shared.pepper.current();
        let hash = self.run(key, password, move |text| bcrypt::hash(text, cost));
        Ok(format!("{SCHEME}{name}{}", hash.await?))
    }

    /// Whether a hash was made at less than the present cost, with an earlier pepper, or in another way.
    pub(super) fn is_outdated(&self, hash: &str) -> bool {
        let Some((name, stored)) = read(hash) else {
            return true;
        };
        let cost = stored.split('$').nth(2).and_then(|cost| cost.parse().ok());
        name != self.shared.pepper.current().0
            || cost.is_none_or(|cost: u32| cost < self.shared.cost)
    }

    async fn run<T: Send + 'static>(
        &self,
        key: &[u8; 32],
        password: &str,
        work: impl FnOnce(&str) -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, Fault> {
        let shared = self.shared.clone();
        let prehashed = prehash(key, password)?;
        let done = tokio::task::spawn_blocking(move || {
            let now = shared.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            shared.most.fetch_max(now, Ordering::SeqCst);
            let done = work(&prehashed);
            shared.ran.fetch_add(1, Ordering::Relaxed);
            shared.at_once.fetch_sub(1, Ordering::SeqCst);
            done
        });
        let done = done
            .await
            .map_err(|e| Fault::internal(format!("hashing ended: {e}")))?;
        done.map_err(|e| Fault::internal(format!("hashing failed: {e}")))
    }
}

/// The name of the pepper and bcrypt's own string.
fn read(hash: &str) -> Option<(&str, &str)> {
    let rest = hash.strip_prefix(SCHEME)?;
    Some(rest.split_at(rest.find('$')?))
}

/// 64 characters whatever the password: bcrypt reads no more than 72 bytes.
fn prehash(pepper: &[u8; 32], password: &str) -> Result<String, Fault> {
    let mac = Hmac::<Sha384>::new_from_slice(pepper);
    let mut mac = mac.map_err(|e| Fault::internal(format!("the pepper is no key: {e}")))?;
    mac.update(password.as_bytes());
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}

/// The hash of nothing that anybody knows, at this cost.
fn nobodys(cost: u32) -> Result<String, bcrypt::BcryptError> {
    let cheap = bcrypt::hash("nobody", 4)?;
    Ok(cheap.replacen("$04$", &format!("${cost:02}$"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(cost: u32) -> Passwords {
        let mut settings = AccountSettings::new(Pepper::new([7; 32], Vec::new()));
        settings.bcrypt_cost = cost;
        Passwords::new(&settings)
    }

    #[tokio::test]
    async fn a22_no_byte_of_a_long_password_is_passed_over() {
        let passwords = passwords(4);
        let (long, other) = ("x".repeat(100), format!("{}y", "x".repeat(99)));
        let hash = passwords.hash(&long).await.unwrap();
        let turn = passwords.turn().await.unwrap();
        assert!(turn.verify(&long, Some(&hash)).await.unwrap());
        assert!(!turn.verify(&other, Some(&hash)).await.unwrap());
        assert!(!turn.verify(&long[..72], Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a21_without_a_hash_one_is_run_all_the_same_and_nothing_is_right() {
        let passwords = passwords(4);
        let turn = passwords.turn().await.unwrap();
        for hash in [None, Some("nonsense"), Some("$2b$04$nonsense")] {
            let before = passwords.ran();
            assert!(!turn.verify("nobody", hash).await.unwrap());
            assert_eq!(passwords.ran(), before + 1);
        }
    }

    #[tokio::test]
    async fn a_hash_says_how_it_was_made_and_another_pepper_fits_none() {
        let cheap = passwords(4);
        let hash = cheap.hash("correct horse battery").await.unwrap();
        assert!(
            hash.starts_with("$hmac-sha384$k=") && hash.contains("$2b$04$"),
            "{hash}"
        );
        let dear = passwords(5).turn().await.unwrap();
        assert!(dear.is_outdated(&hash) && dear.is_outdated("$other$1"));
        assert!(!cheap.turn().await.unwrap().is_outdated(&hash));
        let with = |pepper| Passwords::new(&AccountSettings::new(pepper));
        let other = with(Pepper::new([8; 32], Vec::new())).turn().await.unwrap();
        let right = other.verify("correct horse battery", Some(&hash)).await;
        assert!(!right.unwrap());
    }

    #[tokio::test]
    async fn g05_a_password_of_an_earlier_pepper_is_right_and_to_be_hashed_anew() {
        let hash = passwords(4).hash("correct horse battery").await.unwrap();
        let pepper = Pepper::new([8; 32], vec![[7; 32]]);
        let mut settings = AccountSettings::new(pepper);
        settings.bcrypt_cost = 4;
        let turn = Passwords::new(&settings).turn().await.unwrap();
        let right = turn.verify("correct horse battery", Some(&hash)).await;
        assert!(right.unwrap() && turn.is_outdated(&hash));
        assert!(!turn.verify("another", Some(&hash)).await.unwrap());
    }
}
