//! Checks of settings, by the field's name.

use crate::TrainError;

/// Refuses a setting whose rule does not hold.
pub(crate) fn require(field: &'static str, holds: bool, reason: &str) -> Result<(), TrainError> {
    match holds {
        true => Ok(()),
        false => Err(TrainError::invalid(field, reason)),
    }
}

/// Refuses a number outside `1..=most`.
pub(crate) fn count(field: &'static str, value: usize, most: usize) -> Result<(), TrainError> {
    let reason = format!("must be between 1 and {most}");
    require(field, (1..=most).contains(&value), &reason)
}

/// Refuses a number outside 0 to 1.
pub(crate) fn share(field: &'static str, value: f32) -> Result<(), TrainError> {
    require(
        field,
        (0.0..=1.0).contains(&value),
        "must be between 0 and 1",
    )
}

/// Refuses a number that is not above 0.
pub(crate) fn positive(field: &'static str, value: f32) -> Result<(), TrainError> {
    require(field, value.is_finite() && value > 0.0, "must be above 0")
}
