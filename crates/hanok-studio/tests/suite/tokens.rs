//! Tokens and the second factor over time, on every database: what grows old is no good.

use hanok_studio::access::{Approach, Caller, Credential, Origin};
use hanok_studio::accounts::tokens::{Grant, TokenPair};
use hanok_studio::projects::{DeleteProject, NewTeam};
use hanok_testkit::on_each_database;

use crate::world::World;

async fn pair(world: &World) -> TokenPair {
    let secret = world.studio.issue_sign_in_secret().await.unwrap();
    let grant = Grant::OneTimeSecret { secret };
    let origin = Origin::default();
    let pair = world.studio.sign_in_for_tokens(&grant, &origin);
    pair.await.unwrap()
}

async fn caller(world: &World, pair: &TokenPair) -> Option<Caller> {
    let caller = world.studio.caller_of_bearer(&pair.access_token).await;
    caller.unwrap()
}

async fn refresh(world: &World, pair: &TokenPair) -> Result<TokenPair, String> {
    let origin = Origin::default();
    let next = world.studio.refresh_tokens(&pair.refresh_token, &origin);
    next.await.map_err(|fault| fault.code.into_owned())
}

#[tokio::test]
async fn a16_tokens_end_with_their_time_and_their_session() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let week = pair(&world).await;
        assert_eq!(week.refresh_expires_in, 7 * 24 * 3600);
        assert_eq!(caller(&world, &week).await.unwrap().user_name, "admin");
        let week = refresh(&world, &week).await.unwrap();
        // Not used for a week: no more tokens, and the last one runs out by itself.
        database
            .execute("UPDATE refresh_tokens SET expires_at = 1")
            .await;
        assert_eq!(
            refresh(&world, &week).await.unwrap_err(),
            "invalid_refresh_token"
        );

        let month = pair(&world).await;
        // A refresh never leads past the end of the session.
        database
            .execute("UPDATE sessions SET expires_at = created_at + 3600000000")
            .await;
        let month = refresh(&world, &month).await.unwrap();
        assert!(month.refresh_expires_in <= 3600);
        database.execute("UPDATE sessions SET expires_at = 1").await;
        assert!(caller(&world, &month).await.is_none());
        assert_eq!(
            refresh(&world, &month).await.unwrap_err(),
            "invalid_refresh_token"
        );
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_goes_only_after_a_fresh_sign_in_or_by_the_data_directory() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let pair = pair(&world).await;
        let own = caller(&world, &pair).await.unwrap();
        assert!(!own.second_factor);
        let offered = world.studio.offer_second_factor(&own).await.unwrap();
        assert!(offered.otpauth_url.contains(&offered.secret));
        database
            .execute("UPDATE users SET totp_confirmed_at = 1")
            .await;
        assert!(caller(&world, &pair).await.unwrap().second_factor);
        let fresh = world
            .studio
            .disable_second_factor(&own, "12")
            .await
            .unwrap_err();
        assert_eq!(fresh.code, "wrong_code");
        database
            .execute("UPDATE sessions SET created_at = created_at - 960000000")
            .await;
        let stale = world
            .studio
            .disable_second_factor(&own, "12")
            .await
            .unwrap_err();
        assert_eq!(stale.code, "sign_in_not_fresh");
        let local = world.studio.local_caller().await.unwrap();
        world
            .studio
            .disable_second_factor(&local, "")
            .await
            .unwrap();
        assert!(!world.studio.second_factor(&local).await.unwrap().enrolled);
    })
    .await;
}

#[tokio::test]
async fn a_token_stays_in_its_project_unless_the_request_names_another_of_theirs() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let (studio, admin) = (&world.studio, &world.caller);
        let pair = pair(&world).await;
        let own = caller(&world, &pair).await.unwrap();
        assert_eq!(own.project_id, admin.project_id);
        let new = NewTeam {
            name: "A team".into(),
        };
        let team = studio.create_project(admin, new, None).await.unwrap().id;
        let named = |project| {
            let approach = Approach {
                project: Some(project),
                ..Approach::default()
            };
            let token = &pair.access_token;
            async move { studio.token_caller(token, &approach).await }
        };
        let there = named(&team).await.unwrap().unwrap();
        assert_eq!(there.project_id, team);
        assert!(matches!(there.credential, Credential::Token { .. }));
        // A session can go elsewhere, a token cannot: whoever has it names the project each time.
        let entered = studio.select_project(&there, &team).await.unwrap_err();
        assert_eq!(entered.code, "no_session");
        let back = caller(&world, &pair).await.unwrap();
        assert_eq!(back.project_id, admin.project_id);
        assert_eq!(named("proj_x").await.unwrap_err().code, "not_found");
        let binned = studio.delete_project(admin, &team, DeleteProject::default());
        binned.await.unwrap();
        assert_eq!(named(&team).await.unwrap_err().code, "not_found");
    })
    .await;
}
