//! The check of a run's hyper-parameters against the tables of what is known.

use hanok_domain::fault::Fault;
use hanok_protocol::model::ModelKind;
use serde_json::{Map, Value};

use super::tables::{DEEP_PARAMS, LORA_PARAMS, PARAMS, Param};
use crate::models::Base;

/// Code of the refusal of a name.
const UNKNOWN: &str = "unknown_param";
/// Hyper-parameters that only language models have.
const OF_DECODERS: [&str; 2] = ["gradient_accumulation", "train_on"];

/// What may stand in `params`, by what is tuned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// A head on the starter encoder.
    Head,
    /// A BERT-family encoder.
    Encoder,
    /// A language model.
    Decoder,
}

impl Table {
    /// For a base.
    pub(super) fn of(base: &Base) -> Self {
        match (base, base.kind()) {
            (_, ModelKind::Decoder) => Self::Decoder,
            (Base::Starter(_), _) => Self::Head,
            (Base::Row(..), _) => Self::Encoder,
        }
    }

    fn params(self) -> impl Iterator<Item = &'static Param> {
        let all = match self {
            Self::Head => PARAMS,
            Self::Encoder | Self::Decoder => DEEP_PARAMS,
        };
        all.iter()
            .filter(move |p| self == Self::Decoder || !OF_DECODERS.contains(&p.name))
    }
}

/// Refuses what is unknown or out of range.
pub(super) fn check(table: Table, params: &Map<String, Value>) -> Result<(), Fault> {
    let (deep, decoder) = (table != Table::Head, table == Table::Decoder);
    for (name, value) in params {
        match (name.as_str(), value) {
            ("lora", Value::Object(lora)) if deep => check_lora(lora)?,
            ("train_on", value) if decoder => check_word(name, value, &["assistant", "all"])?,
            ("overlong", value) if decoder => {
                check_word(name, value, &["skip", "truncate", "refuse"])?;
            }
            _ => check_number(&mut table.params(), "params", name, value)?,
        }
    }
    Ok(())
}

/// Refuses what makes no sense whatever is tuned: for a request whose base follows from its data.
pub(super) fn check_any(params: &Map<String, Value>) -> Result<(), Fault> {
    let of_head = check(Table::Head, params);
    match (check(Table::Decoder, params), of_head) {
        (Ok(()), _) | (_, Ok(())) => Ok(()),
        // A name that one of them knows is no mistake in the name.
        (Err(of_decoder), Err(of_head)) if of_head.code == UNKNOWN => Err(of_decoder),
        (_, of_head) => of_head,
    }
}

fn check_word(name: &str, value: &Value, known: &[&str]) -> Result<(), Fault> {
    if known.iter().any(|known| value == known) {
        return Ok(());
    }
    let text = format!("{name} is {}.", known.join(", "));
    Err(Fault::invalid("invalid_param", text).field(format!("params.{name}")))
}

fn check_lora(lora: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in lora {
        let names = value.as_array().filter(|names| names.len() <= 64);
        if name == "targets" && names.is_some_and(|names| names.iter().all(Value::is_string)) {
            continue;
        }
        check_number(&mut LORA_PARAMS.iter(), "params.lora", name, value)?;
    }
    Ok(())
}

fn check_number(
    table: &mut dyn Iterator<Item = &'static Param>,
    place: &str,
    name: &str,
    value: &Value,
) -> Result<(), Fault> {
    let table: Vec<&Param> = table.collect();
    let Some(param) = table.iter().find(|p| p.name == name) else {
        let known: Vec<&str> = table.iter().map(|p| p.name).collect();
        return Err(
            Fault::invalid(UNKNOWN, format!("There is no hyper-parameter '{name}'."))
                .field(format!("{place}.{name}"))
                .remedy(format!("Known: {}.", known.join(", "))),
        );
    };
    let number = value
        .as_f64()
        .filter(|n| *n >= param.least && *n <= param.most && (!param.whole || n.fract() == 0.0));
    if number.is_some() {
        return Ok(());
    }
    let kind = if param.whole {
        "a whole number"
    } else {
        "a number"
    };
    Err(Fault::invalid(
        "invalid_param",
        format!("{name} is {kind} from {} to {}.", param.least, param.most),
    )
    .field(format!("{place}.{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verdict(params: Value) -> Result<(), Fault> {
        check(Table::Head, params.as_object().unwrap())
    }

    #[test]
    fn range_kind_and_name_are_checked() {
        assert!(verdict(json!({ "epochs": 3, "learning_rate": 0.5 })).is_ok());
        for bad in [
            json!({ "epochs": 0 }),
            json!({ "epochs": 2.5 }),
            json!({ "epochs": "3" }),
            json!({ "learning_rate": -1 }),
            json!({ "epoch": 3 }),
        ] {
            assert!(verdict(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_refusal_is_that_of_a_table_which_knows_the_names() {
        let refused = |params: Value| check_any(params.as_object().unwrap()).unwrap_err();
        let of_decoder = refused(json!({ "epochs": 200, "checkpoint_steps": 5 }));
        assert_eq!(of_decoder.field.as_deref(), Some("params.epochs"));
        let of_head = refused(json!({ "epochs": 900, "l2": 0.1 }));
        assert_eq!(of_head.field.as_deref(), Some("params.epochs"));
        assert_eq!(refused(json!({ "epoch": 1 })).code, UNKNOWN);
    }

    #[test]
    fn nested_settings_are_checked_where_they_belong() {
        let deep = |params: Value| check(Table::Decoder, params.as_object().unwrap());
        let good = json!({ "lora": { "rank": 8, "targets": ["q_proj"] }, "train_on": "all" });
        assert!(deep(good.clone()).is_ok());
        assert!(verdict(good).is_err());
        for bad in [
            json!({ "lora": { "rank": 0 } }),
            json!({ "lora": { "targets": [1] } }),
            json!({ "lora": { "colour": 1 } }),
            json!({ "lora": 8 }),
            json!({ "train_on": "user" }),
        ] {
            assert!(deep(bad.clone()).is_err(), "{bad}");
        }
        let encoder = |params: Value| check(Table::Encoder, params.as_object().unwrap());
        assert!(encoder(json!({ "lora": { "rank": 8 }, "epochs": 2 })).is_ok());
        assert!(encoder(json!({ "train_on": "all" })).is_err());
        assert!(encoder(json!({ "gradient_accumulation": 2 })).is_err());
    }
}
