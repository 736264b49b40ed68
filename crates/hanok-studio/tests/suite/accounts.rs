//! Credentials: a secret signs in once, keys and sessions end when they are ended.

use hanok_studio::access::Origin;
use hanok_studio::keys::NewKey;
use hanok_testkit::on_each_database;

use crate::world::World;

#[tokio::test]
async fn a23_a_one_time_secret_works_once() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let studio = &world.studio;
        let from = Origin::default();
        let void = studio.issue_sign_in_secret().await.unwrap();
        let secret = studio.issue_sign_in_secret().await.unwrap();
        assert!(studio.sign_in(&void, &from).await.is_err());
        let token = studio.sign_in(&secret, &from).await.unwrap();
        let again = studio.sign_in(&secret, &from).await.unwrap_err();
        assert_eq!(again.code, "sign_in_failed");

        let caller = studio
            .caller_of_session(&token)
            .await
            .unwrap()
            .expect("a session");
        assert_eq!(caller.user_name, "admin");
        studio.sign_out(&token, &from).await.unwrap();
        assert!(studio.caller_of_session(&token).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a12_keys_are_stored_as_hashes_and_end_when_revoked() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let studio = &world.studio;
        let new = NewKey {
            name: "ci".into(),
            ..NewKey::default()
        };
        let made = studio.create_key(&world.caller, new).await.unwrap();
        let caller = studio
            .caller_of_key(&made.key)
            .await
            .unwrap()
            .expect("a caller");
        assert_eq!(caller.key_id(), Some(made.id.as_str()));
        assert_eq!(caller.project_id, world.caller.project_id);
        if let Some(file) = database.file() {
            for name in ["", "-wal"] {
                let path = format!("{}{name}", file.display());
                let bytes = std::fs::read(path).unwrap_or_default();
                let key = made.key.as_bytes();
                assert!(
                    !bytes.windows(key.len()).any(|w| w == key),
                    "the key is in a file"
                );
            }
        }
        studio.revoke_key(&world.caller, &made.id).await.unwrap();
        assert!(studio.caller_of_key(&made.key).await.unwrap().is_none());
        assert!(studio.revoke_key(&world.caller, &made.id).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a13_odd_credentials_are_nobody() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        for odd in [
            "",
            "hk_",
            "' OR 1=1 --",
            "\0",
            &"x".repeat(65_536),
            "hk_ünïcode",
        ] {
            assert!(world.studio.caller_of_key(odd).await.unwrap().is_none());
            assert!(world.studio.caller_of_session(odd).await.unwrap().is_none());
        }
    })
    .await;
}
