//! Registration, verification, invitations, forgotten passwords: by mail, to a mail server of the test.

use hanok_domain::fault::Fault;
use hanok_studio::accounts::{AccountSettings, NewInvite, Register, Registration, UpdateUser};
use hanok_studio::mail::{MailSettings, Sender};
use hanok_testkit::{MailSink, TestDatabase, on_each_database};

use crate::passwords::{PASSWORD, from, person, sign_in};
use crate::world::{World, accounts};

fn settings(mode: Registration, sink: &MailSink) -> AccountSettings {
    let mut settings = accounts();
    settings.registration = mode;
    settings.mail = Some(MailSettings {
        url: sink.url(),
        from: "Hanok <hanok@example.org>".into(),
        ca_file: None,
    });
    settings
}

async fn deliver(world: &World) {
    let sender = Sender::new(world.studio.account_settings().mail.as_ref().unwrap()).unwrap();
    world
        .studio
        .deliver_mail(&sender, "https://h.example")
        .await
        .unwrap();
}

fn new(name: &str, email: &str) -> Register {
    Register {
        name: name.into(),
        email: Some(email.into()),
        password: PASSWORD.into(),
        ..Register::default()
    }
}

fn token(mail: &str, path: &str) -> String {
    let rest = mail
        .split(&format!("https://h.example{path}="))
        .nth(1)
        .expect("a link");
    rest.split_whitespace().next().unwrap().to_owned()
}

fn code(outcome: Result<impl Sized, Fault>) -> String {
    outcome
        .err()
        .map(|fault| fault.code.into_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn who_registers_verifies_the_address_and_signs_in_and_sets_a_new_password() {
    on_each_database(|database| async move {
        let sink = MailSink::start().await;
        let world = World::with_accounts(&database, settings(Registration::Open, &sink)).await;
        let studio = &world.studio;
        assert!(
            !studio
                .register(&new("Ann", "Ann@Example.org"), &from("10.0.0.1"))
                .await
                .unwrap()
        );
        let early = studio
            .authenticate(&sign_in("ann", PASSWORD), &from(""))
            .await;
        assert_eq!(code(early), "account_unverified");
        deliver(&world).await;
        let mail = sink.last("ann@example.org");
        let link = token(&mail, "/verify?token");
        assert!(studio.verify_email(&link, &from("")).await.unwrap());
        assert_eq!(
            code(studio.verify_email(&link, &from("")).await),
            "link_invalid"
        );
        let caller = studio
            .sign_in_with_password(&sign_in("ann", PASSWORD), &from(""))
            .await
            .unwrap();
        let caller = studio
            .caller_of_session(&caller)
            .await
            .unwrap()
            .expect("a session");
        assert!(
            caller.may_own() && !caller.may_administer(),
            "with a project of their own"
        );

        studio
            .forgot_password("ANN@example.org", None, &from(""))
            .await
            .unwrap();
        deliver(&world).await;
        let link = token(&sink.last("ann@example.org"), "/reset?token");
        let stored = format!("SELECT count(*) FROM one_time_secrets WHERE hash = '{link}'");
        assert_eq!(database.number(&stored).await, 0, "only its hash is stored");
        studio
            .reset_password(&link, "another long passphrase", &from(""))
            .await
            .unwrap();
        assert!(
            studio
                .authenticate(&sign_in("ann", PASSWORD), &from(""))
                .await
                .is_err()
        );
        studio
            .authenticate(&sign_in("ann", "another long passphrase"), &from(""))
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a21_registering_and_forgetting_answer_the_same_for_every_address() {
    on_each_database(|database| async move {
        let sink = MailSink::start().await;
        let world = World::with_accounts(&database, settings(Registration::Open, &sink)).await;
        let studio = &world.studio;
        person(&world, "ann").await;
        let mut costs = Vec::new();
        for (name, email) in [
            ("bea", "bea@example.org"),
            ("cat", "ann@example.org"),
            ("ann", "dan@example.org"),
        ] {
            let before = studio.passwords().ran();
            assert!(
                !studio.register(&new(name, email), &from("")).await.unwrap(),
                "{name}"
            );
            costs.push(studio.passwords().ran() - before);
        }
        assert_eq!(costs, [1, 1, 1]);
        for email in ["ann@example.org", "nobody@example.org"] {
            studio
                .forgot_password(email, Some("ko"), &from(""))
                .await
                .unwrap();
        }
        deliver(&world).await;
        assert!(sink.last("bea@example.org").contains("/verify?token="));
        assert!(
            sink.all("ann@example.org")
                .iter()
                .any(|mail| mail.contains("/forgot")),
            "the owner is told"
        );
        assert!(
            sink.last("dan@example.org").contains("/register"),
            "the name is taken"
        );
        assert!(sink.all("nobody@example.org").is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_administrator_approves_or_nobody_gets_in() {
    on_each_database(|database| async move {
        let sink = MailSink::start().await;
        let world = World::with_accounts(&database, settings(Registration::Approval, &sink)).await;
        let studio = &world.studio;
        studio
            .register(&new("ann", "ann@example.org"), &from(""))
            .await
            .unwrap();
        deliver(&world).await;
        let link = token(&sink.last("ann@example.org"), "/verify?token");
        assert!(!studio.verify_email(&link, &from("")).await.unwrap());
        assert_eq!(
            code(
                studio
                    .authenticate(&sign_in("ann", PASSWORD), &from(""))
                    .await
            ),
            "account_unapproved"
        );
        let approve = UpdateUser {
            approve: Some(true),
            ..UpdateUser::default()
        };
        studio
            .update_user(&world.caller, "ann", &approve)
            .await
            .unwrap();
        studio
            .authenticate(&sign_in("ann", PASSWORD), &from(""))
            .await
            .unwrap();
        deliver(&world).await;
        assert!(sink.last("ann@example.org").contains("/login"));
    })
    .await;
}

#[tokio::test]
async fn an_invitation_makes_one_account_and_closed_is_closed() {
    on_each_database(|database| async move {
        let closed = World::new(&database).await;
        let refused = closed
            .studio
            .register(&new("ann", "ann@example.org"), &from(""))
            .await;
        assert_eq!(code(refused), "registration_closed");
        assert_eq!(
            code(
                closed
                    .studio
                    .invite(&closed.caller, &NewInvite::default())
                    .await
            ),
            "registration_closed"
        );

        let mut settings = accounts();
        settings.registration = Registration::Invite;
        let world = World::reopened_with(&database, settings).await;
        let studio = &world.studio;
        assert_eq!(
            code(
                studio
                    .register(&new("ann", "ann@example.org"), &from(""))
                    .await
            ),
            "registration_closed"
        );
        let invite = NewInvite {
            email: Some("bea@example.org".into()),
            project: Some(world.caller.project_id.clone()),
            project_role: Some("editor".into()),
            ..NewInvite::default()
        };
        let (made, link) = studio.invite(&world.caller, &invite).await.unwrap();
        let mut bea = new("bea", "eve@example.org");
        bea.invitation = Some(link.expect("no mail goes out: the link is shown"));
        assert!(studio.register(&bea, &from("")).await.unwrap());
        let user = studio.user("bea").await.unwrap();
        assert_eq!(
            user.email.as_deref(),
            Some("bea@example.org"),
            "the invitation's address"
        );
        bea.name = "carl".into();
        assert_eq!(
            code(studio.register(&bea, &from("")).await),
            "invitation_invalid"
        );
        assert_eq!(
            code(studio.revoke_invitation(&world.caller, &made.id).await),
            "not_found"
        );

        let (made, link) = studio
            .invite(&world.caller, &NewInvite::default())
            .await
            .unwrap();
        studio
            .revoke_invitation(&world.caller, &made.id)
            .await
            .unwrap();
        bea.invitation = link;
        assert_eq!(
            code(studio.register(&bea, &from("")).await),
            "invitation_invalid"
        );
    })
    .await;
}

#[tokio::test]
async fn mail_that_cannot_go_out_waits_and_goes_out_later() {
    let database = TestDatabase::sqlite(None);
    let sink = MailSink::start().await;
    let world = World::with_accounts(&database, settings(Registration::Open, &sink)).await;
    sink.refuse(true);
    world
        .studio
        .register(&new("ann", "ann@example.org"), &from(""))
        .await
        .unwrap();
    deliver(&world).await;
    assert!(sink.all("ann@example.org").is_empty());
    sink.refuse(false);
    // Not before its pause is over.
    deliver(&world).await;
    assert!(sink.all("ann@example.org").is_empty());
    database.execute("UPDATE mails SET next_try_at = 0").await;
    deliver(&world).await;
    assert_eq!(sink.all("ann@example.org").len(), 1);
    deliver(&world).await;
    assert_eq!(sink.all("ann@example.org").len(), 1, "once");
}
