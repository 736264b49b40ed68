//! The change of the master key, over more values than one transaction takes.

use hanok_domain::role::UserRole;
use hanok_store::rows::sealed::SealedColumn;
use hanok_store::rows::users::{NewUser, UserChange};
use hanok_store::{Redacted, Store, StoreError};
use hanok_studio::Studio;
use hanok_studio::sealing::{Place, Purpose, Resealed, Sealer, Secrets};
use hanok_testkit::on_each_database;

use crate::world::World;

const OLD: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const NEW: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

/// Any column of text that may be missing.
const COLUMN: SealedColumn = SealedColumn {
    table: "users",
    id: "id",
    column: "password_hash",
    purpose: "totp",
};
const VALUES: usize = 450;

fn place(id: &str) -> Place<'_> {
    Place {
        table: COLUMN.table,
        column: COLUMN.column,
        id,
    }
}

fn secrets(current: &str, previous: &[&str]) -> Secrets {
    Secrets {
        sealer: Sealer::new(current, previous).unwrap(),
        ..Secrets::random().unwrap()
    }
}

async fn put(store: &Store, id: &str, text: &str) {
    let change = UserChange {
        password_hash: Some(Redacted::new(text)),
        ..UserChange::default()
    };
    let write = store.write::<_, StoreError, _>(async |tx| tx.users().update(id, &change).await);
    write.await.unwrap();
}

/// Accounts with a value each, and one without.
async fn filled(store: &Store, sealer: &Sealer) -> Vec<String> {
    let ids = store.write::<_, StoreError, _>(async |tx| {
        let mut ids = Vec::new();
        for number in 0..=VALUES {
            let new = NewUser {
                name: format!("user-{number}"),
                email: None,
                role: UserRole::User,
                password_hash: None,
            };
            let id = tx.users().insert(&new).await?.id;
            if number > 0 {
                let sealed = sealer
                    .seal(Purpose::Totp, place(&id), id.as_bytes())
                    .unwrap();
                let change = UserChange {
                    password_hash: Some(Redacted::new(sealed)),
                    ..UserChange::default()
                };
                tx.users().update(&id, &change).await?;
                ids.push(id);
            }
        }
        Ok(ids)
    });
    let mut ids = ids.await.unwrap();
    ids.sort();
    ids
}

async fn text(studio_store: &Store, id: &str) -> String {
    let read = studio_store.look::<_, StoreError, _>(async |tx| tx.users().get(id).await);
    let user = read.await.unwrap().expect("an account");
    user.password_hash.expect("a value").expose().to_owned()
}

async fn under(studio: &Studio) -> Vec<(Option<String>, bool, u64)> {
    let found = studio.columns_under(&[COLUMN]).await.unwrap();
    found
        .into_iter()
        .map(|u| (u.key, u.opens, u.values))
        .collect()
}

#[tokio::test]
async fn g05_a_rotation_seals_all_anew_goes_on_after_a_stop_and_does_nothing_twice() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let old = Sealer::new(OLD, &[]).unwrap();
        let ids = filled(&world.store, &old).await;
        let total = ids.len() as u64;
        let studio = world.studio_with(secrets(NEW, &[OLD]));
        let key = |sealer: &Sealer| Some(sealer.key_id().to_owned());
        let new = studio.secrets().sealer.clone();
        assert_eq!(under(&studio).await, [(key(&old), true, total)]);

        // Something in the second batch stops it; the first one stays done.
        let broken = &ids[300];
        let sound = text(&world.store, broken).await;
        put(&world.store, broken, &text(&world.store, &ids[0]).await).await;
        let fault = studio.rotate_columns(&[COLUMN]).await.unwrap_err();
        assert_eq!(fault.code, "sealed_value_broken");
        assert!(fault.message.contains(broken.as_str()), "{fault}");
        let found = under(&studio).await;
        assert!(found.contains(&(key(&new), true, 200)), "{found:?}");

        put(&world.store, broken, &sound).await;
        let done = studio.rotate_columns(&[COLUMN]).await.unwrap();
        let expected = Resealed {
            resealed: total - 200,
            current: 200,
        };
        assert_eq!(done, expected);
        assert_eq!(under(&studio).await, [(key(&new), true, total)]);
        for id in [&ids[0], broken, &ids[VALUES - 1]] {
            let sealed = text(&world.store, id).await;
            let alone = Sealer::new(NEW, &[]).unwrap();
            assert_eq!(
                alone.open(Purpose::Totp, place(id), &sealed).unwrap(),
                id.as_bytes()
            );
        }
        let again = studio.rotate_columns(&[COLUMN]).await.unwrap();
        assert_eq!(
            again,
            Resealed {
                resealed: 0,
                current: total
            }
        );
    })
    .await;
}

#[tokio::test]
async fn g05_a_key_that_is_missing_is_named_and_nothing_is_changed() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let old = Sealer::new(OLD, &[]).unwrap();
        let ids = filled(&world.store, &old).await;
        let studio = world.studio_with(secrets(NEW, &[]));
        let before = text(&world.store, &ids[0]).await;
        let fault = studio.rotate_columns(&[COLUMN]).await.unwrap_err();
        assert_eq!(fault.code, "sealed_key_missing");
        assert!(fault.to_string().contains(old.key_id()), "{fault}");
        assert!(fault.to_string().contains("SECRET_KEY_PREVIOUS"), "{fault}");
        assert_eq!(text(&world.store, &ids[0]).await, before);
        let found = under(&studio).await;
        assert_eq!(
            found,
            [(Some(old.key_id().to_owned()), false, ids.len() as u64)]
        );
    })
    .await;
}
