//! How to generate, as requests say it: ranges are checked here, by the field's name.

use hanok_domain::fault::Fault;
use hanok_protocol::inference::Sampling;
use serde::Deserialize;
use serde_json::Value;

/// Answers to one request at most.
const MAX_CHOICES: u64 = 4;
/// Texts that end an answer at most.
const MAX_STOPS: usize = 4;

/// The fields that chat and text completions share.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SamplingFields {
    /// The most tokens to generate.
    pub max_tokens: Option<u64>,
    /// The same, as newer clients call it.
    pub max_completion_tokens: Option<u64>,
    /// 0 to 2.
    pub temperature: Option<f32>,
    /// Above 0, at most 1.
    pub top_p: Option<f32>,
    /// At least 1.
    pub top_k: Option<u64>,
    /// Seed of chance.
    pub seed: Option<i64>,
    /// One text or up to four.
    pub stop: Option<Stop>,
    /// -2 to 2.
    pub frequency_penalty: Option<f32>,
    /// -2 to 2.
    pub presence_penalty: Option<f32>,
    /// Number of answers.
    pub n: Option<u64>,
    /// Refused: no probabilities are given out.
    pub logprobs: Option<Value>,
    /// Refused likewise.
    pub top_logprobs: Option<Value>,
}

/// Texts that end an answer.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Stop {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl SamplingFields {
    /// How many answers.
    pub fn choices(&self) -> Result<u32, Fault> {
        match self.n.unwrap_or(1) {
            n @ 1..=MAX_CHOICES => Ok(u32::try_from(n).unwrap_or(1)),
            _ => Err(invalid(
                "n",
                format!("a whole number from 1 to {MAX_CHOICES}"),
            )),
        }
    }

    /// The settings, once every one is in its range.
    pub fn check(&self) -> Result<Sampling, Fault> {
        for (field, value) in [
            ("logprobs", &self.logprobs),
            ("top_logprobs", &self.top_logprobs),
        ] {
            let asked = !matches!(value, None | Some(Value::Null | Value::Bool(false)));
            if asked {
                let text = format!("{field} is not supported here.");
                return Err(Fault::invalid("unsupported_logprobs", text)
                    .field(field)
                    .remedy("Leave it out."));
            }
        }
        within("temperature", self.temperature, 0.0, 2.0)?;
        within("top_p", self.top_p, f32::MIN_POSITIVE, 1.0)?;
        within("frequency_penalty", self.frequency_penalty, -2.0, 2.0)?;
        within("presence_penalty", self.presence_penalty, -2.0, 2.0)?;
        let max_tokens = self.max_completion_tokens.or(self.max_tokens);
        for (field, value) in [("max_tokens", max_tokens), ("top_k", self.top_k)] {
            if value == Some(0) {
                return Err(invalid(field, "at least 1"));
            }
        }
        Ok(Sampling {
            max_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            seed: self.seed.map(i64::cast_unsigned),
            stop: self.stops()?,
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
        })
    }

    fn stops(&self) -> Result<Vec<String>, Fault> {
        let stops = match &self.stop {
            None => Vec::new(),
            Some(Stop::One(text)) => vec![text.clone()],
            Some(Stop::Many(texts)) => texts.clone(),
        };
        let short = |text: &String| !text.is_empty() && text.len() <= 1024;
        if stops.len() > MAX_STOPS || !stops.iter().all(short) {
            let wanted = format!("up to {MAX_STOPS} texts of 1 to 1024 bytes");
            return Err(invalid("stop", wanted));
        }
        Ok(stops)
    }
}

fn within(field: &'static str, value: Option<f32>, least: f32, most: f32) -> Result<(), Fault> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            let shown = if least == f32::MIN_POSITIVE {
                0.0
            } else {
                least
            };
            Err(invalid(field, format!("a number from {shown} to {most}")))
        }
        _ => Ok(()),
    }
}

fn invalid(field: &'static str, wanted: impl std::fmt::Display) -> Fault {
    let code = format!("invalid_{field}");
    Fault::invalid(code, format!("{field} is {wanted}.")).field(field)
}
