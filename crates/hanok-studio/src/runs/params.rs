//! The hyper-parameters of a run: name, range, meaning in one table, for the check and for the form.

use hanok_domain::fault::Fault;
use serde_json::{Map, Value};

/// One hyper-parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its key.
    pub name: &'static str,
    /// Smallest value.
    pub least: f64,
    /// Largest value.
    pub most: f64,
    /// Whether it is a whole number.
    pub whole: bool,
    /// One sentence.
    pub help: &'static str,
}

/// What may stand in `params` of a run that tunes a head.
pub const PARAMS: &[Param] = &[
    Param {
        name: "epochs",
        least: 1.0,
        most: 200.0,
        whole: true,
        help: "Passes over the training rows; by default chosen by the number of rows.",
    },
    Param {
        name: "batch_size",
        least: 1.0,
        most: 4096.0,
        whole: true,
        help: "Rows in one step.",
    },
    Param {
        name: "learning_rate",
        least: 1e-6,
        most: 10.0,
        whole: false,
        help: "Step size at the height of its schedule.",
    },
    Param {
        name: "l2",
        least: 0.0,
        most: 10.0,
        whole: false,
        help: "Weight of the pull towards zero.",
    },
    Param {
        name: "seed",
        least: 0.0,
        most: 9_007_199_254_740_991.0,
        whole: true,
        help: "Seed of every random choice; the same seed gives the same bits.",
    },
];

/// Refuses what is unknown or out of range.
pub(super) fn check(params: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in params {
        let Some(param) = PARAMS.iter().find(|p| p.name == name) else {
            let known: Vec<&str> = PARAMS.iter().map(|p| p.name).collect();
            return Err(Fault::invalid(
                "unknown_param",
                format!("There is no hyper-parameter '{name}'."),
            )
            .field(format!("params.{name}"))
            .remedy(format!("Known: {}.", known.join(", "))));
        };
        let number = value.as_f64().filter(|n| {
            *n >= param.least && *n <= param.most && (!param.whole || n.fract() == 0.0)
        });
        if number.is_none() {
            let kind = if param.whole {
                "a whole number"
            } else {
                "a number"
            };
            return Err(Fault::invalid(
                "invalid_param",
                format!("{name} is {kind} from {} to {}.", param.least, param.most),
            )
            .field(format!("params.{name}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verdict(params: Value) -> Result<(), Fault> {
        check(params.as_object().unwrap())
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
}
