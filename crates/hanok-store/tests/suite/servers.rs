//! PostgreSQL as operators set it up: secured connections, and two roles of which only one may change the
//! schema.

use std::path::Path;
use std::process::Command;

use hanok_store::rows::events::NewEvent;
use hanok_store::{PostgresTls, Store, StoreConfig, StoreError};
use hanok_testkit::{PrivatePostgres, TestDatabase};
use serde_json::json;

fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    let output = command
        .current_dir(folder)
        .args(arguments.split(' '))
        .output();
    let output = output.expect("openssl");
    assert!(output.status.success(), "{arguments}: {output:?}");
}

/// Two authorities, a server's certificate and a client's by the first of them.
fn certificates(folder: &Path) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for name in ["right", "wrong"] {
        let subject = format!("-subj /CN={name} -days 2");
        openssl(
            folder,
            &format!("req -x509 {key} -keyout {name}.key -out {name}.pem {subject}"),
        );
    }
    std::fs::write(
        folder.join("names"),
        "subjectAltName=DNS:localhost,IP:127.0.0.1\n",
    )
    .unwrap();
    for (name, subject) in [("server", "localhost"), ("client", "hanok")] {
        openssl(
            folder,
            &format!("req -new {key} -keyout {name}.key -out {name}.csr -subj /CN={subject}"),
        );
        let signed = "-CA right.pem -CAkey right.key -CAcreateserial -days 2 -extfile names";
        openssl(
            folder,
            &format!("x509 -req -in {name}.csr {signed} -out {name}.pem"),
        );
    }
}

async fn opens(config: &StoreConfig) -> Result<(), StoreError> {
    let store = Store::open(config).await?;
    store.read(async |tx| tx.version().await).await?;
    store.close().await
}

async fn refused(config: &StoreConfig, said: &str) {
    let begun = std::time::Instant::now();
    match opens(config).await {
        Err(StoreError::Config(message)) => assert!(message.contains(said), "{message}"),
        other => panic!("expected '{said}', got {other:?}"),
    }
    // No waiting mends it.
    assert!(begun.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn a_connection_is_as_secure_as_it_is_asked_to_be() {
    let Some(server) = PrivatePostgres::start() else {
        return;
    };
    let mut config = StoreConfig::new(server.url("hanok"));
    config.tls.mode = Some("require".to_owned());
    refused(&config, "no secure connection").await;
    config.tls.mode = Some("prefer".to_owned());
    opens(&config).await.expect("in clear");

    let folder = server.folder();
    certificates(folder);
    let (cert, key) = (server.give("server.pem"), server.give("server.key"));
    server.set(&format!(
        "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\nssl_ca_file = '{}'",
        cert.display(),
        key.display(),
        server.give("right.pem").display()
    ));
    server.let_in("hostssl all all 127.0.0.1/32 cert clientcert=verify-full\n");
    server.stop();
    server.resume();

    let file = |name: &str| Some(folder.join(name));
    let tls = |root: &str| PostgresTls {
        mode: Some("verify-full".to_owned()),
        root_cert: file(root),
        cert: file("client.pem"),
        key: file("client.key"),
    };
    config.tls = tls("right.pem");
    opens(&config).await.expect("verified, both ways");
    let names = format!(
        "{}?sslmode=verify-full&sslrootcert={}&sslcert={}&sslkey={}",
        server.url("hanok"),
        folder.join("right.pem").display(),
        folder.join("client.pem").display(),
        folder.join("client.key").display()
    );
    opens(&StoreConfig::new(names))
        .await
        .expect("the address says all of it");
    config.tls = tls("wrong.pem");
    refused(&config, "no secure connection").await;
    config.tls = PostgresTls {
        cert: None,
        key: None,
        ..tls("right.pem")
    };
    refused(&config, "the server").await;
    config.tls = PostgresTls {
        mode: Some("disable".to_owned()),
        ..PostgresTls::default()
    };
    refused(&config, "the server does not let us in").await;
    config.tls = tls("absent.pem");
    refused(&config, "absent.pem cannot be read").await;
}

#[tokio::test]
async fn the_role_that_runs_hanok_needs_no_right_to_change_the_schema() {
    let Some(server) = PrivatePostgres::start() else {
        return;
    };
    let admin = TestDatabase::at(StoreConfig::new(server.url("hanok")));
    admin
        .execute(
            "CREATE ROLE owner LOGIN; CREATE ROLE \"a'pp\" LOGIN; CREATE SCHEMA studio AUTHORIZATION owner; \
             GRANT USAGE ON SCHEMA studio TO \"a'pp\"; REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        )
        .await;
    let mut config = StoreConfig::new(server.url("a%27pp"));
    config.schema = Some("studio".to_owned());
    refused(&config, "set DATABASE_MIGRATION_URL").await;
    config.migration_url = Some(server.url("a%27pp"));
    refused(
        &config,
        "the role of DATABASE_MIGRATION_URL may not change it",
    )
    .await;
    config.migration_url = Some(server.url("owner"));
    for _ in 0..2 {
        let store = Store::open(&config).await.expect("opens");
        let name = hanok_domain::id::new("name");
        let (_, project) = TestDatabase::account(&store, &name).await;
        let event = NewEvent {
            kind: "log".to_owned(),
            data: json!({}),
        };
        let wrote = store.write(async |tx| {
            tx.events()
                .append(&project.id, "topic", std::slice::from_ref(&event))
                .await?;
            tx.projects().remove_member(&project.id, "nobody").await
        });
        wrote.await.expect("writes rows and counts");
        store.close().await.expect("closes");
        // From then on the address for migrations is called for no more.
        config.migration_url = None;
    }
    let mut own = TestDatabase::at(config);
    own.config.url = server.url("a%27pp");
    let tables =
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'studio' AND tableowner = 'owner'";
    assert!(own.number(tables).await > 10);
    let may = "SELECT has_schema_privilege(current_user, 'studio', 'CREATE')::int::bigint";
    assert_eq!(own.number(may).await, 0);
}
