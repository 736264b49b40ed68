//! Flags that say how text is generated.

use serde_json::{Value, json};

/// What differs from the server's defaults.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SamplingArgs {
    /// 0 takes the likeliest token each time, 2 is wild.
    #[arg(long, value_name = "T", help_heading = "Sampling")]
    temperature: Option<f64>,
    /// Share of the probability that tokens are drawn from.
    #[arg(long, value_name = "P", help_heading = "Sampling")]
    top_p: Option<f64>,
    /// The most tokens to write.
    #[arg(long, value_name = "N", help_heading = "Sampling")]
    max_tokens: Option<u64>,
    /// Number that fixes what is random.
    #[arg(long, value_name = "N", help_heading = "Sampling")]
    seed: Option<i64>,
}

impl SamplingArgs {
    /// Puts what was said into a request.
    pub fn apply(&self, body: &mut Value) {
        for (name, value) in [
            ("temperature", self.temperature.map(|n| json!(n))),
            ("top_p", self.top_p.map(|n| json!(n))),
            ("max_tokens", self.max_tokens.map(|n| json!(n))),
            ("seed", self.seed.map(|n| json!(n))),
        ] {
            if let Some(value) = value {
                body[name] = value;
            }
        }
    }
}
