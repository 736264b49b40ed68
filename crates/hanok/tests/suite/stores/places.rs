//! Where an installation of a test keeps its rows and objects, as a program is told of it.

use std::sync::atomic::{AtomicU32, Ordering};

/// Variables of the environment.
pub type Settings = Vec<(&'static str, String)>;

/// Master key of tests.
pub const MASTER: &str = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";
/// Key of encrypted databases of tests.
pub const KEY: &str = "c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff";

/// As a command takes them.
pub fn told(settings: &Settings) -> Vec<(&str, &str)> {
    settings.iter().map(|(k, v)| (*k, v.as_str())).collect()
}

/// A bucket of its own, where there is a service.
pub fn bucket() -> Option<Settings> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let service = std::env::var("HANOK_TEST_S3").ok()?;
    let (scheme, rest) = service.split_once("://").expect("a URL");
    let (keys, host) = rest.split_once('@').expect("keys");
    let (user, password) = keys.split_once(':').expect("a secret key");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("test-{}-{number}", std::process::id());
    Some(vec![
        ("MINIO_ENDPOINT", format!("{scheme}://{host}")),
        ("MINIO_USER", user.to_owned()),
        ("MINIO_PASSWORD", password.to_owned()),
        ("MINIO_BUCKET", name),
    ])
}

/// Objects sealed.
pub fn sealed() -> Settings {
    vec![
        ("OBJECT_ENCRYPTION", "true".to_owned()),
        ("SECRET_KEY", MASTER.to_owned()),
    ]
}

/// An encrypted file of rows.
pub fn encrypted() -> Settings {
    vec![("DB_ENCRYPTION_KEY", KEY.to_owned())]
}
