//! One order from account to certificate.

use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};

use super::AcmePlan;
use super::http::Authority;
use super::place::Place;
use crate::tls::{Challenges, Held};

/// Authorities look from several places and take their time.
const RETRIES: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(120));
/// The authority has no account for our key: it was reset, or restored from an older day.
const NO_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// Has a certificate issued; key and chain as PEM. The error is a sentence for the operator.
pub async fn issue(
    plan: &AcmePlan,
    authority: &Authority,
    place: &Place,
    challenges: &Challenges,
) -> Result<String, String> {
    let known = place.account();
    let fresh = known.is_none();
    let account = match known {
        Some(known) => builder(authority).from_credentials(known).await,
        None => register(plan, authority, place).await,
    };
    let ordered = match account {
        Ok(account) => order(plan, &account, challenges).await,
        Err(error) => Err(error.into()),
    };
    match ordered {
        Err(Failed::Api(problem)) if !fresh && problem == NO_ACCOUNT => {
            let account = register(plan, authority, place).await;
            let account = account.map_err(|error| error.to_string())?;
            order(plan, &account, challenges)
                .await
                .map_err(String::from)
        }
        ordered => ordered.map_err(String::from),
    }
}

/// Why an order failed.
enum Failed {
    /// A kind of problem that the authority names.
    Api(String),
    /// Anything else, in a sentence.
    Said(String),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        match &error {
            Error::Api(problem) if problem.r#type.as_deref() == Some(NO_ACCOUNT) => {
                Self::Api(NO_ACCOUNT.to_owned())
            }
            _ => Self::Said(error.to_string()),
        }
    }
}

impl From<Failed> for String {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Api(text) | Failed::Said(text) => text,
        }
    }
}

fn builder(authority: &Authority) -> instant_acme::AccountBuilder {
    Account::builder_with_http(Box::new(authority.clone()))
}

async fn register(plan: &AcmePlan, authority: &Authority, place: &Place) -> Result<Account, Error> {
    let contact = plan.email.as_ref().map(|email| format!("mailto:{email}"));
    let contact: Vec<&str> = contact.as_deref().into_iter().collect();
    let new = NewAccount {
        contact: &contact,
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let made = builder(authority).create(&new, plan.directory.clone(), None);
    let (account, credentials) = made.await?;
    place
        .keep_account(&credentials)
        .map_err(|error| Error::Other(error.into()))?;
    Ok(account)
}

async fn order(
    plan: &AcmePlan,
    account: &Account,
    challenges: &Challenges,
) -> Result<String, Failed> {
    let names: Vec<Identifier> = plan.domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await?;
    let _held = offer(&mut order, challenges).await?;
    match order.poll_ready(&RETRIES).await {
        Ok(OrderStatus::Ready | OrderStatus::Valid) => {}
        Ok(status) => {
            let why = refusal(&mut order).await;
            return Err(Failed::Said(format!("the order became {status:?}: {why}")));
        }
        Err(error) => return Err(error.into()),
    }
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&RETRIES).await?;
    Ok(format!("{key}{chain}"))
}

/// Offers the answers and asks the authority to look for them.
async fn offer(order: &mut Order, challenges: &Challenges) -> Result<Vec<Held>, Failed> {
    let mut held = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status != AuthorizationStatus::Pending {
            continue;
        }
        let mut challenge = authorization
            .challenge(ChallengeType::Http01)
            .ok_or_else(|| {
                Failed::Said("the authority does not look over HTTP (http-01)".to_owned())
            })?;
        let answer = challenge.key_authorization();
        held.push(challenges.offer(&challenge.token, answer.as_str()));
        challenge.set_ready().await?;
    }
    Ok(held)
}

/// What the authority says of the names that it could not look at.
async fn refusal(order: &mut Order) -> String {
    let mut said = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else {
            continue;
        };
        let problems = state.challenges.iter().filter_map(|c| c.error.as_ref());
        said.extend(problems.map(ToString::to_string));
    }
    // Its words go to the log: one line, and not all of a page that it found.
    let said: String = said.join("; ").chars().take(500).collect();
    said.replace(['\r', '\n'], " ")
}
