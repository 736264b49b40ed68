//! Settings: precedence, provenance, redaction, refusals.

use std::collections::BTreeMap;

use hanok_config::{ConfigError, Resolved, Settings, Source, resolve};

fn values(env: &[(&str, &str)]) -> Result<Vec<Resolved>, ConfigError> {
    let env: BTreeMap<String, String> = env
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    resolve(&BTreeMap::new(), &|name| env.get(name).cloned(), None)
}

fn settings(env: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    Settings::from_resolved(&values(env)?, Some("/people/kim"))
}

#[test]
fn defaults_are_embedded_and_on_loopback() {
    let s = settings(&[]).unwrap();
    assert_eq!(
        s.stores.database.url.expose(),
        "sqlite:///people/kim/.hanok/hanok.db"
    );
    assert!(s.loopback());
    assert_eq!(s.port, 8080);
}

#[test]
fn flag_wins_over_environment_over_file_over_default() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hanok.toml");
    std::fs::write(&file, "[server]\nport = 7000\nhost = '::1'\n").unwrap();
    let env = |name: &str| (name == "PORT").then(|| "8000".to_owned());
    let flags = BTreeMap::from([("PORT", "9000".to_owned())]);

    let by_flag = resolve(&flags, &env, Some(&file)).unwrap();
    let by_env = resolve(&BTreeMap::new(), &env, Some(&file)).unwrap();
    let of = |v: &[Resolved], name: &str| {
        let r = v.iter().find(|r| r.setting.name == name).unwrap();
        (r.value.clone(), r.source.clone())
    };
    assert_eq!(of(&by_flag, "PORT"), ("9000".into(), Source::Flag));
    assert_eq!(
        of(&by_env, "PORT"),
        ("8000".into(), Source::Environment("PORT".into()))
    );
    assert_eq!(of(&by_env, "HOST"), ("::1".into(), Source::File(file)));
    assert_eq!(of(&by_env, "LOG_LEVEL"), ("info".into(), Source::Default));
}

#[test]
fn secrets_are_read_from_files_and_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key");
    std::fs::write(&file, "hk_canary\n").unwrap();
    let v = values(&[("HANOK_KEY_FILE", file.to_str().unwrap())]).unwrap();
    let key = v.iter().find(|r| r.setting.name == "HANOK_KEY").unwrap();
    assert_eq!(key.value, "hk_canary");
    assert_eq!(key.shown(), "********");
}

#[test]
fn unknown_key_in_the_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hanok.toml");
    std::fs::write(&file, "prot = 1\n").unwrap();
    let error = resolve(&BTreeMap::new(), &|_| None, Some(&file)).unwrap_err();
    assert!(
        error.to_string().contains("unknown setting 'prot'"),
        "{error}"
    );
}

#[test]
fn bad_values_name_their_origin() {
    let error = settings(&[("PORT", "eighty")]).unwrap_err().to_string();
    assert_eq!(
        error,
        "PORT (environment PORT): 'eighty' is not a number in range"
    );
    assert!(settings(&[("WORKER_TIMEOUT", "soon")]).is_err());
    assert!(settings(&[("APP_ENV", "prod")]).is_err());
}

#[test]
fn production_refuses_plain_http_off_loopback() {
    let refused = settings(&[("APP_ENV", "production"), ("HOST", "0.0.0.0")]).unwrap_err();
    assert!(refused.to_string().contains("HOST=127.0.0.1"), "{refused}");
    assert!(settings(&[("NODE_ENV", "production")]).unwrap().production);
}

const STRONG: &str = "b1f4e6c09a7d2358b1f4e6c09a7d2358b1f4e6c09a7d2358b1f4e6c09a7d2358";

#[test]
fn a04_secrets_that_can_be_guessed_are_refused_with_the_fix() {
    for name in ["JWT_SECRET", "SESSION_SECRET"] {
        for weak in [
            "   ",
            "x",
            "secret",
            "changeme",
            "b1f4e6c09a7d2358b1f4e6c09a7d235",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "your-256-bit-secret-0a1b2c3d4e5f6071",
            "Change-This-To-Something-Long-And-Random",
            "my-development-key-0a1b2c3d4e5f60718293",
            "12345678901234567890123456789012",
            "passwordpasswordpasswordpasswordpassword",
        ] {
            for production in ["development", "production"] {
                let refused = settings(&[(name, weak), ("APP_ENV", production)]);
                let told = refused.map(drop).unwrap_err().to_string();
                assert!(told.starts_with(name), "{weak}: {told}");
                assert!(told.contains("openssl rand -hex 32"), "{weak}: {told}");
                assert!(
                    !told.contains(weak.trim()) || weak.trim().len() < 2,
                    "{told}"
                );
            }
        }
        let strong = settings(&[(name, STRONG)]).unwrap();
        let kept = [strong.secrets.jwt, strong.secrets.session];
        assert_eq!(kept.iter().flatten().count(), 1);
    }
}

#[test]
fn a04_a_blank_file_of_a_secret_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jwt");
    std::fs::write(&file, "\n").unwrap();
    let refused = settings(&[("JWT_SECRET_FILE", file.to_str().unwrap())]);
    let told = refused.map(drop).unwrap_err().to_string();
    assert!(
        told.contains("JWT_SECRET") && told.contains("blank"),
        "{told}"
    );
}

#[test]
fn a04_a_master_key_is_random_and_earlier_ones_are_keys_too() {
    let zero = "0".repeat(64);
    for (name, wrong) in [
        ("SECRET_KEY", "secret"),
        ("SECRET_KEY", zero.as_str()),
        ("SECRET_KEY_PREVIOUS", "secret"),
        ("SECRET_KEY_PREVIOUS", &format!("{STRONG},short")),
    ] {
        let told = settings(&[(name, wrong)])
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(told.starts_with(name) && !told.contains(STRONG), "{told}");
    }
    let both = format!("{STRONG}, {STRONG}");
    let set = settings(&[("SECRET_KEY", STRONG), ("SECRET_KEY_PREVIOUS", &both)]).unwrap();
    assert_eq!(set.secrets.key.unwrap().expose(), STRONG);
    assert_eq!(set.secrets.previous.len(), 2);
}

#[test]
fn production_off_loopback_needs_tls_or_a_proxy_in_front() {
    let off = [("APP_ENV", "production"), ("HOST", "0.0.0.0")];
    let with = |more: &[(&str, &str)]| settings(&[&off[..], more].concat());
    let refused = with(&[]).unwrap_err().to_string();
    for way in ["TLS_CERT_FILE", "ACME_DOMAINS", "TRUSTED_PROXIES"] {
        assert!(refused.contains(way), "{refused}");
    }
    assert!(with(&[("TRUSTED_PROXIES", "10.0.0.0/8")]).is_ok());
    assert!(with(&[("TLS_CERT_FILE", "/c"), ("TLS_KEY_FILE", "/k")]).is_ok());
    assert!(with(&[("ACME_DOMAINS", "studio.example.com"), ("HTTP_PORT", "80")]).is_ok());
}

#[test]
fn transports_that_cannot_work_are_refused() {
    let files = [("TLS_CERT_FILE", "/c"), ("TLS_KEY_FILE", "/k")];
    let refused: [&[(&str, &str)]; 11] = [
        &[("TLS_CERT_FILE", "/c")],
        &[("TLS_KEY_FILE", "/k")],
        &[("HTTP_PORT", "80")],
        &[("ACME_DOMAINS", "studio.example.com")],
        &[("ACME_DOMAINS", "*.example.com"), ("HTTP_PORT", "80")],
        &[("ACME_DOMAINS", "192.0.2.1"), ("HTTP_PORT", "80")],
        &[
            ("ACME_DOMAINS", "studio.example.com:443"),
            ("HTTP_PORT", "80"),
        ],
        &[
            ("ACME_DOMAINS", "studio.example.com"),
            ("HTTP_PORT", "80"),
            ("ACME_DIRECTORY_URL", "http://plain.example"),
        ],
        &[
            files[0],
            files[1],
            ("ACME_DOMAINS", "a.example"),
            ("HTTP_PORT", "80"),
        ],
        &[("TRUSTED_PROXIES", "proxy.example")],
        &[("TRUSTED_PROXIES", "10.0.0.0/40")],
    ];
    for values in refused {
        assert!(settings(values).is_err(), "{values:?}");
    }
    let transport = settings(&[("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7")]).unwrap();
    assert_eq!(transport.transport.trusted_proxies.len(), 2);
    assert!(settings(&files).unwrap().transport.tls.is_some());
}

#[test]
fn a_provider_of_identities_is_whole_or_refused() {
    assert!(settings(&[]).unwrap().identity.oidc.is_none());
    let issuer = ("OIDC_ISSUER", "https://id.example/realms/a");
    let id = ("OIDC_CLIENT_ID", "hanok");
    let groups = ("OIDC_ADMIN_VALUES", " admins, root ,");
    let provider = settings(&[issuer, id, groups])
        .unwrap()
        .identity
        .oidc
        .unwrap();
    assert_eq!(provider.issuer, "https://id.example/realms/a");
    assert_eq!(provider.admin_values, ["admins", "root"]);
    assert!(provider.create_users && provider.scopes.contains("openid"));
    let production = ("APP_ENV", "production");
    let plain = ("OIDC_ISSUER", "http://id.example");
    let near = ("OIDC_ISSUER", "http://127.0.0.1:9000");
    assert!(settings(&[plain, id]).is_ok());
    assert!(settings(&[near, id, production]).is_ok());
    for refused in [
        &[issuer][..],
        &[plain, id, production],
        &[("OIDC_ISSUER", "id.example"), id],
        &[
            ("OIDC_ISSUER", "http://127.0.0.1.evil.example"),
            id,
            production,
        ],
        &[issuer, id, ("OIDC_SCOPES", "profile email")],
        &[issuer, id, ("OIDC_CREATE_USERS", "perhaps")],
        &[("REQUIRE_SECOND_FACTOR", "some")],
    ] {
        assert!(settings(refused).is_err(), "{refused:?}");
    }
}
