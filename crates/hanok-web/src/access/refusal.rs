//! What a caller who is known is told when they may not do something.

use hanok_domain::fault::{Fault, FaultKind};

pub(super) fn second_factor_needed() -> Fault {
    Fault::new(
        FaultKind::Forbidden,
        "second_factor_needed",
        "This account must have a second factor before it can do anything else.",
    )
    .remedy("Enrol one at /account/second-factor.")
}

pub(super) fn forbidden() -> Fault {
    Fault::new(
        FaultKind::Forbidden,
        "forbidden",
        "Your role in this project does not permit this.",
    )
}

pub(super) fn out_of_scope() -> Fault {
    Fault::new(
        FaultKind::Forbidden,
        "scope_denied",
        "The scopes of this key do not permit this.",
    )
    .remedy("'hanok key list' shows what a key is for.")
}
