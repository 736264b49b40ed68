//! Rotary positions as a config states them, in its old form and in that of `rope_parameters`.

use hanok_nn::RopeScaling;

use super::fields::Fields;
use crate::ModelError;

const SUPPORTED: &str = "default, linear and llama3 are";

/// Base and scaling of the rotary positions.
pub(super) fn read(config: &Fields) -> Result<(f64, RopeScaling), ModelError> {
    let old = config.object("rope_scaling")?;
    let new = config.object("rope_parameters")?;
    let inner = new.as_ref().or(old.as_ref());
    let theta = match &new {
        Some(new) => new.number("rope_theta")?,
        None => None,
    };
    let theta = theta.or(config.number("rope_theta")?).unwrap_or(10_000.0);
    if !(theta.is_finite() && theta > 0.0) {
        return Err(config.invalid("rope_theta", "is not above 0"));
    }
    refuse_partial(config)?;
    let Some(inner) = inner else {
        return Ok((theta, RopeScaling::None));
    };
    refuse_partial(inner)?;
    Ok((theta, scaling(inner)?))
}

fn refuse_partial(fields: &Fields) -> Result<(), ModelError> {
    match fields.number("partial_rotary_factor")? {
        Some(factor) if factor != 1.0 => Err(fields.unsupported(
            format!("partial_rotary_factor {factor}"),
            "positions rotate whole heads",
        )),
        _ => Ok(()),
    }
}

fn scaling(fields: &Fields) -> Result<RopeScaling, ModelError> {
    let kind = fields.text("rope_type")?.or(fields.text("type")?);
    match kind.unwrap_or("default") {
        "default" => Ok(RopeScaling::None),
        "linear" => Ok(RopeScaling::Linear {
            factor: factor(fields, "factor")?,
        }),
        "llama3" => llama3(fields),
        other => Err(fields.unsupported(format!("the RoPE scaling {other}"), SUPPORTED)),
    }
}

fn llama3(fields: &Fields) -> Result<RopeScaling, ModelError> {
    const ORIGINAL: &str = "original_max_position_embeddings";
    let original = fields.required(ORIGINAL, fields.size(ORIGINAL)?)?;
    let (low, high) = (
        factor(fields, "low_freq_factor")?,
        factor(fields, "high_freq_factor")?,
    );
    if low >= high {
        return Err(fields.invalid("low_freq_factor", "is not below high_freq_factor"));
    }
    if !(1..=super::MAX_POSITIONS).contains(&original) {
        return Err(fields.invalid(ORIGINAL, "is out of bounds"));
    }
    Ok(RopeScaling::Llama3 {
        factor: factor(fields, "factor")?,
        low_freq_factor: low,
        high_freq_factor: high,
        original_max_position: original,
    })
}

fn factor(fields: &Fields, field: &str) -> Result<f64, ModelError> {
    let value = fields.required(field, fields.number(field)?)?;
    if !(value.is_finite() && value > 0.0) {
        return Err(fields.invalid(field, "is not above 0"));
    }
    Ok(value)
}
