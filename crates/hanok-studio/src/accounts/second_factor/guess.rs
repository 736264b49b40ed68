//! Wrong codes of somebody who is signed in: counted together with failed sign-ins, so that whoever has a session
//! alone does not guess a way past the second factor.

use hanok_domain::fault::Fault;
use hanok_store::Tx;

use crate::access::{Caller, Credential};
use crate::accounts::lockout::{self, Subjects};
use crate::audit::{Deed, record};

/// Refuses a caller who is locked. Whoever can read the data directory never is.
pub(super) async fn check_lock(tx: &Tx, caller: &Caller) -> Result<(), Fault> {
    match caller.credential {
        Credential::Local => Ok(()),
        _ => lockout::check_lock(tx, &subjects(caller)).await,
    }
}

/// Counts a wrong code and gives it back, to be the answer; other faults stay faults.
pub(super) async fn note(tx: &Tx, caller: &Caller, fault: Fault) -> Result<Fault, Fault> {
    if fault.code != "wrong_code" {
        return Err(fault);
    }
    let failed = |action| Deed {
        object: Some(("user", &caller.user_id)),
        ..Deed::failed(action)
    };
    record(tx, caller, failed("second_factor.check")).await?;
    let counts = caller.credential != Credential::Local;
    if counts && lockout::note_failure(tx, &subjects(caller)).await? {
        record(tx, caller, failed("account.locked")).await?;
    }
    Ok(fault)
}

fn subjects(caller: &Caller) -> Subjects {
    Subjects::account(&caller.user_id, &caller.origin)
}
