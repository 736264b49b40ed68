//! Who gets which account: linking, roles, addresses, accounts that are disabled.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_domain::role::UserRole;
use hanok_store::rows::users::{NewUser, User, UserChange};
use serde_json::json;

use super::provider::Provider;
use super::{back, begun, nothing_came_of_it, pair, session, settings, sign_in, who, world};
use crate::world::{World, request};

async fn users(world: &World) -> Vec<User> {
    let users = world
        .store
        .read(|tx| async move { tx.users().list().await });
    users.await.unwrap()
}

async fn change(world: &World, user: &str, change: &UserChange) {
    let changed = world
        .store
        .write(|tx| async move { tx.users().update(user, change).await });
    changed.await.unwrap();
}

#[tokio::test]
async fn a17_a_disabled_account_stays_disabled_and_out() {
    let (world, provider) = pair().await;
    assert_eq!(
        who(&world, &sign_in(&world, &provider).await).await.0,
        "ada-l"
    );
    let ada = users(&world).await.pop().unwrap();
    let disabled = UserChange {
        disabled: Some(true),
        ..UserChange::default()
    };
    change(&world, &ada.id, &disabled).await;
    let answer = sign_in(&world, &provider).await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::FORBIDDEN, "account_disabled".into())
    );
    assert!(session(&answer).is_none());
    let all = users(&world).await;
    assert_eq!(all.len(), 2, "no second account was made");
    assert!(all[1].disabled_at.is_some(), "it was enabled again");
}

#[tokio::test]
async fn a18_an_address_leads_to_nobodys_account() {
    let (world, provider) = pair().await;
    let admin = users(&world).await.pop().unwrap();
    let local = &NewUser {
        name: "ann".into(),
        email: Some("Ann@example.org".into()),
        role: UserRole::User,
        password_hash: None,
    };
    let made = world
        .store
        .write(|tx| async move { tx.users().insert(local).await });
    let ann = made.await.unwrap();
    for (claims, status, code) in [
        (
            json!({ "email": "ann@EXAMPLE.org", "email_verified": true }),
            StatusCode::CONFLICT,
            "oidc_email_taken",
        ),
        (
            json!({ "email": "ann@example.org" }),
            StatusCode::CONFLICT,
            "oidc_email_taken",
        ),
        (
            json!({ "email": "ann@example.org", "email_verified": false }),
            StatusCode::UNAUTHORIZED,
            "oidc_email_unverified",
        ),
        (
            json!({ "email": "new@example.org", "email_verified": false }),
            StatusCode::UNAUTHORIZED,
            "oidc_email_unverified",
        ),
    ] {
        provider.say(|said| said.claims = claims.clone());
        let answer = sign_in(&world, &provider).await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code.to_owned()),
            "{claims}"
        );
        assert!(session(&answer).is_none());
        assert_eq!(
            users(&world).await,
            [admin.clone(), ann.clone()],
            "{claims}"
        );
    }
    // Nor does a name: who calls themself like somebody gets an account of their own.
    provider.say(|said| said.claims = json!({ "preferred_username": "admin", "sub": "s-2" }));
    let answer = sign_in(&world, &provider).await;
    assert_eq!(
        who(&world, &answer).await,
        ("admin-2".into(), "user".into())
    );
    // A provider that does not say that it verified an address gives none.
    provider.say(|said| said.claims = json!({ "email": "free@example.org", "sub": "s-3" }));
    assert!(session(&sign_in(&world, &provider).await).is_some());
    assert_eq!(users(&world).await.pop().unwrap().email, None);
    let verified = json!({ "email": "Kim@example.org", "email_verified": true, "sub": "s-4" });
    provider.say(|said| said.claims = verified);
    assert!(session(&sign_in(&world, &provider).await).is_some());
    let kim = users(&world).await.pop().unwrap();
    assert_eq!(kim.email.as_deref(), Some("kim@example.org"));
}

#[tokio::test]
async fn a18_the_same_subject_of_another_provider_is_somebody_else() {
    let first = Provider::start().await;
    let second = Provider::start().await;
    let world = world(settings(&first.issuer)).await;
    assert!(session(&sign_in(&world, &first).await).is_some());
    // A token of the second provider about the same subject, under its own name or the first's.
    first.say(|said| said.claims = json!({ "iss": second.issuer }));
    let answer = sign_in(&world, &first).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(users(&world).await.len(), 2);
}

#[tokio::test]
async fn groups_make_roles_at_each_sign_in_and_the_last_administrator_stays() {
    let provider = Provider::start().await;
    let mut wanted = settings(&provider.issuer);
    wanted.admin_values = vec!["admins".into()];
    wanted.user_values = vec!["staff".into()];
    let world = world(wanted).await;
    let groups = |groups: &[&str]| provider.say(|said| said.claims = json!({ "groups": groups }));
    groups(&["visitors"]);
    let answer = sign_in(&world, &provider).await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::FORBIDDEN, "oidc_no_role".into())
    );
    nothing_came_of_it(&world, &answer, "no group").await;
    for (now, role) in [
        (["staff"], "user"),
        (["admins"], "admin"),
        (["staff"], "user"),
        (["admins"], "admin"),
    ] {
        groups(&now);
        assert_eq!(who(&world, &sign_in(&world, &provider).await).await.1, role);
    }
    // The other administrator is gone: this one stays whatever the provider says.
    let admin = users(&world).await.remove(0);
    let disabled = UserChange {
        disabled: Some(true),
        ..UserChange::default()
    };
    change(&world, &admin.id, &disabled).await;
    groups(&["staff"]);
    assert_eq!(
        who(&world, &sign_in(&world, &provider).await).await.1,
        "admin"
    );
    groups(&[]);
    assert_eq!(sign_in(&world, &provider).await.code(), "oidc_no_role");
}

#[tokio::test]
async fn without_new_accounts_only_who_is_linked_comes_in() {
    let provider = Provider::start().await;
    let mut wanted = settings(&provider.issuer);
    wanted.create_users = false;
    let world = world(wanted).await;
    let stranger = sign_in(&world, &provider).await;
    assert_eq!(
        (stranger.status, stranger.code()),
        (StatusCode::FORBIDDEN, "oidc_no_account".into())
    );
    nothing_came_of_it(&world, &stranger, "no account").await;

    let own = world.session().await;
    let csrf = hanok_web::access::cookie::csrf_token(&own);
    let csrf = hanok_web::access::csrf::mask(&csrf);
    let link = |csrf: String| {
        let request = request(Method::POST, "/account/identities")
            .header("cookie", format!("hanok_session={own}"))
            .header("content-type", "application/x-www-form-urlencoded");
        world.call(request.body(Body::from(format!("csrf={csrf}"))).unwrap())
    };
    assert_eq!(link(String::new()).await.status, StatusCode::FORBIDDEN);
    let page = link(csrf).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let location = page
        .text
        .split("url=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let location = location.replace("&#38;", "&").replace("&amp;", "&");
    let begun = begun(&page, &location);
    provider.expect(&begun);
    let linked = back(&world, &begun, &format!("&code={}", provider.code())).await;
    assert_eq!(linked.status, StatusCode::OK, "{}", linked.text);
    assert!(session(&linked).is_none(), "linking signs nobody in");
    assert_eq!(
        who(&world, &sign_in(&world, &provider).await).await,
        ("admin".into(), "admin".into())
    );
    let caller = world.studio.local_caller().await.unwrap();
    assert_eq!(world.studio.identities(&caller).await.unwrap().len(), 1);
}
