//! Accounts, members and what lets them in.

use std::time::Duration;

use hanok_domain::role::{MemberRole, UserRole};
use hanok_store::rows::keys::NewKey;
use hanok_store::rows::projects::Member;
use hanok_store::rows::secrets::NewSecret;
use hanok_store::rows::sessions::NewSession;
use hanok_store::rows::users::{NewUser, UserChange, UserFilter};
use hanok_store::{Page, Redacted, StoreError};
use hanok_testkit::{TestDatabase, on_all_databases};
use serde_json::json;

#[tokio::test]
async fn names_and_addresses_of_accounts_are_unique_and_secrets_are_not_shown() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let mut new = NewUser {
            name: "ann".to_owned(),
            email: Some("ann@example.org".to_owned()),
            role: UserRole::Admin,
            password_hash: Some(Redacted::new("$2b$hush")),
        };
        let add = async |new: &NewUser| store.write(async |tx| tx.users().insert(new).await).await;
        let user = add(&new).await.expect("adds");
        assert!(matches!(add(&new).await, Err(StoreError::Conflict(_))));
        new.name = "ann2".to_owned();
        assert!(matches!(add(&new).await, Err(StoreError::Conflict(_))));
        let shown = format!("{user:?} {}", json!(user));
        assert!(!shown.contains("hush"), "{shown}");

        let change = UserChange {
            disabled: Some(true),
            ..Default::default()
        };
        let disabled = store
            .write(async |tx| {
                tx.users().update(&user.id, &change).await?;
                tx.users().by_name("ann").await
            })
            .await
            .expect("changes")
            .expect("is there");
        assert!(disabled.disabled_at.is_some());
        assert_eq!(disabled.password_hash, Some(Redacted::new("$2b$hush")));
    })
    .await;
}

/// Few are found by an index, many by going through the list: both give the same order and the same accounts.
#[tokio::test]
async fn accounts_are_found_by_the_beginning_of_name_or_address_however_many_there_are() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let new = |name: String, email: Option<&str>| NewUser {
            name,
            email: email.map(str::to_owned),
            role: UserRole::User,
            password_hash: None,
        };
        store
            .write(async |tx| {
                let users = tx.users();
                users.insert(&new("ann".into(), Some("p_1@x.org"))).await?;
                for i in 0..1010 {
                    users.insert(&new(format!("p{i:04}"), None)).await?;
                }
                users.insert(&new("bob".into(), Some("p%2@x.org"))).await
            })
            .await
            .expect("adds");
        let find = async |begins: &str, after: Option<String>| {
            let page = after.map_or(Page::first(3), |id| Page::after(id, 3));
            let filter = UserFilter {
                begins: Some(begins.to_owned()),
                ..UserFilter::default()
            };
            let found = store.look(async |tx| tx.users().search(&filter, &page).await);
            let found: Result<_, StoreError> = found.await;
            let found = found.expect("finds");
            let last = found.last().map(|user| user.id.clone());
            let names = found.into_iter().map(|user| user.name);
            (names.collect::<Vec<_>>().join(" "), last)
        };
        let (names, last) = find("p", None).await;
        assert_eq!(names, "bob p1009 p1008");
        assert_eq!(find("p", last).await.0, "p1007 p1006 p1005");
        assert_eq!(find("p000", None).await.0, "p0009 p0008 p0007");
        assert_eq!(find("p_", None).await.0, "ann");
        assert_eq!(find("p%", None).await.0, "bob");
        assert_eq!(find("q", None).await.0, "");
    })
    .await;
}

#[tokio::test]
async fn members_have_one_role_that_can_change() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, project) = TestDatabase::account(&store, "ann").await;
        let (bob, _) = TestDatabase::account(&store, "bob").await;
        let mut member = Member {
            project_id: project.id.clone(),
            user_id: bob.id.clone(),
            role: MemberRole::Viewer,
        };
        let role = async |member: &Member| {
            store
                .write(async |tx| {
                    tx.projects().set_member(member).await?;
                    tx.projects().role(&project.id, &bob.id).await
                })
                .await
                .expect("sets")
        };
        assert_eq!(role(&member).await, Some(MemberRole::Viewer));
        member.role = MemberRole::Editor;
        assert_eq!(role(&member).await, Some(MemberRole::Editor));
        let (mine, members) = store
            .read(async |tx| {
                let mine = tx.projects().of_user(&bob.id).await?;
                let members = tx.projects().members(&project.id).await?;
                Ok::<_, StoreError>((mine, members))
            })
            .await
            .expect("reads");
        assert_eq!(mine.len(), 2);
        assert_eq!(members.len(), 2);
        let removed = store
            .write(async |tx| tx.projects().remove_member(&project.id, &bob.id).await)
            .await;
        assert!(removed.expect("removes"));
        assert_eq!(project.object_key.expose().len(), 64);
    })
    .await;
}

#[tokio::test]
async fn a_one_time_secret_works_once_in_time_and_for_its_purpose() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (ann, _) = TestDatabase::account(&store, "ann").await;
        let secret = |hash: &str, lifetime: u64| NewSecret {
            purpose: "first sign-in".to_owned(),
            hash: hash.to_owned(),
            user_id: ann.id.clone(),
            lifetime: Duration::from_secs(lifetime),
        };
        let redeem = async |purpose: &str, hash: &str| {
            store
                .write(async |tx| tx.secrets().redeem(purpose, hash).await)
                .await
                .expect("runs")
                .is_some()
        };
        store
            .write(async |tx| {
                tx.secrets().insert(&secret("late", 0)).await?;
                tx.secrets().insert(&secret("good", 60)).await
            })
            .await
            .expect("adds");
        assert!(!redeem("first sign-in", "late").await);
        assert!(!redeem("first sign-in", "unknown").await);
        assert!(!redeem("password reset", "good").await);
        assert!(redeem("first sign-in", "good").await);
        assert!(!redeem("first sign-in", "good").await);
    })
    .await;
}

#[tokio::test]
async fn sessions_end_by_time_and_by_revocation() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (ann, _) = TestDatabase::account(&store, "ann").await;
        let session = |token: &str, lifetime: u64| NewSession {
            user_id: ann.id.clone(),
            token_hash: token.to_owned(),
            lifetime: Duration::from_secs(lifetime),
            user_agent: "test".to_owned(),
            address: "127.0.0.1".to_owned(),
            method: "secret".to_owned(),
        };
        let opened = store
            .write(async |tx| {
                tx.sessions().insert(&session("late", 0)).await?;
                tx.sessions().insert(&session("other", 60)).await?;
                tx.sessions().insert(&session("good", 60)).await
            })
            .await
            .expect("adds");
        let valid = async |token: &str| {
            let found = store.read(async |tx| tx.sessions().by_token(token).await);
            found.await.expect("reads").is_some()
        };
        assert!(!valid("late").await);
        assert!(valid("good").await);
        let (wrong, right, rest) = store
            .write(async |tx| {
                tx.sessions().touch(&opened.id).await?;
                let wrong = tx.sessions().revoke("user_other", &opened.id).await?;
                let right = tx.sessions().revoke(&ann.id, &opened.id).await?;
                let rest = tx.sessions().of_user(&ann.id).await?.len();
                Ok::<_, StoreError>((wrong, right, rest))
            })
            .await
            .expect("revokes");
        assert_eq!((wrong, right, rest), (false, true, 1));
        assert!(!valid("good").await);
        let ended = store
            .write(async |tx| tx.sessions().revoke_all(&ann.id).await)
            .await;
        // The expired one was not revoked before either.
        assert_eq!(ended.expect("revokes"), 2);
    })
    .await;
}

#[tokio::test]
async fn keys_end_by_time_and_by_revocation_and_keep_their_scopes() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (ann, project) = TestDatabase::account(&store, "ann").await;
        let new = |hash: &str, lifetime: Option<u64>| NewKey {
            project_id: project.id.clone(),
            user_id: ann.id.clone(),
            name: "laptop".to_owned(),
            prefix: "hk_ab".to_owned(),
            hash: hash.to_owned(),
            scopes: vec!["infer".to_owned(), "train".to_owned()],
            limits: Default::default(),
            lifetime: lifetime.map(Duration::from_secs),
        };
        let key = store
            .write(async |tx| {
                tx.keys().insert(&new("late", Some(0))).await?;
                let key = tx.keys().insert(&new("good", None)).await?;
                tx.keys().touch(&key.id, "192.0.2.7").await?;
                Ok::<_, StoreError>(key)
            })
            .await
            .expect("adds");
        let by_hash = async |hash: &str| {
            let found = store.look(async |tx| tx.callers().of_key(hash).await);
            found.await.expect("reads")
        };
        assert_eq!(by_hash("late").await, None);
        let found = by_hash("good").await.expect("valid");
        assert_eq!(found.credential_id, key.id);
        assert_eq!(found.project_id, project.id);
        assert!(found.used_at > 0);
        let kept = store.look(async |tx| tx.keys().get(&project.id, &key.id).await);
        let kept = kept.await.expect("reads").expect("is there");
        assert_eq!(kept.scopes, ["infer", "train"]);
        assert_eq!(kept.last_used_from.as_deref(), Some("192.0.2.7"));
        let revoked = store
            .write(async |tx| tx.keys().revoke(&project.id, &key.id).await)
            .await;
        assert!(revoked.expect("revokes"));
        assert_eq!(by_hash("good").await, None);
    })
    .await;
}
