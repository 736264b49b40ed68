//! How a connection to PostgreSQL is secured: what the address says, and what fills its gaps. Does not
//! speak TLS itself.

use std::fs::File;
use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::{PostgresTls, StoreError};

/// The address wins; the fields fill what it does not say.
pub(super) fn fill(
    mut options: PgConnectOptions,
    url: &str,
    tls: &PostgresTls,
) -> Result<PgConnectOptions, StoreError> {
    let lacks = |name: &str| !says(url, name);
    if let Some(mode) = tls.mode.as_ref().filter(|_| lacks("sslmode")) {
        let parsed: PgSslMode = mode.parse().map_err(|_| {
            StoreError::Config(format!(
                "'{mode}' is no sslmode: it is one of disable, allow, prefer, require, \
                 verify-ca, verify-full"
            ))
        })?;
        options = options.ssl_mode(parsed);
    }
    if let Some(path) = tls.root_cert.as_ref().filter(|_| lacks("sslrootcert")) {
        options = options.ssl_root_cert(readable(path, "sslrootcert")?);
    }
    let (cert, key) = (tls.cert.as_ref(), tls.key.as_ref());
    if (cert.is_some() || says(url, "sslcert")) != (key.is_some() || says(url, "sslkey")) {
        return Err(StoreError::Config(
            "a client certificate (sslcert) and its key (sslkey) must be given together".to_owned(),
        ));
    }
    if let Some(path) = cert.filter(|_| lacks("sslcert")) {
        options = options.ssl_client_cert(readable(path, "sslcert")?);
    }
    if let Some(path) = key.filter(|_| lacks("sslkey")) {
        options = options.ssl_client_key(readable(path, "sslkey")?);
    }
    Ok(options)
}

/// Whether the query of an address has this parameter; sqlx also takes `ssl-mode` and the like.
fn says(url: &str, name: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    names
        .map(|found| found.replace('-', ""))
        .any(|found| found == name)
}

fn readable<'p>(path: &'p Path, what: &str) -> Result<&'p Path, StoreError> {
    match File::open(path) {
        Ok(_) => Ok(path),
        Err(error) => Err(StoreError::Config(format!(
            "the {what} {} cannot be read: {error}",
            path.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_wins_over_the_fields() {
        let tls = PostgresTls {
            mode: Some("require".to_owned()),
            ..PostgresTls::default()
        };
        let mode = |url: &str| {
            let options = fill(url.parse().unwrap(), url, &tls).unwrap();
            format!("{:?}", options.get_ssl_mode())
        };
        assert_eq!(mode("postgres://db/h"), "Require");
        assert_eq!(mode("postgres://db/h?sslmode=disable"), "Disable");
        assert_eq!(mode("postgres://db/h?a=b&ssl-mode=verify-ca"), "VerifyCa");
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let url = "postgres://db/h";
        let refused = |tls: PostgresTls| {
            let error = fill(url.parse().unwrap(), url, &tls).unwrap_err();
            error.to_string()
        };
        let mode = Some("maybe".to_owned());
        let said = refused(PostgresTls {
            mode,
            ..PostgresTls::default()
        });
        assert!(said.contains("'maybe' is no sslmode"), "{said}");
        let root_cert = Some("/nowhere/ca.pem".into());
        let said = refused(PostgresTls {
            root_cert,
            ..PostgresTls::default()
        });
        assert!(said.contains("sslrootcert /nowhere/ca.pem"), "{said}");
        let cert = Some("/nowhere/me.pem".into());
        let said = refused(PostgresTls {
            cert,
            ..PostgresTls::default()
        });
        assert!(said.contains("together"), "{said}");
    }
}
