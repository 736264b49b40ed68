//! A difference with its confidence interval, on a line with zero.

use askama::Template;

use super::Scale;
use crate::ui::lang::Lang;

/// A difference of two shares and the interval in which it lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The difference.
    pub delta: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

#[derive(Template)]
#[template(path = "components/chart_interval.html")]
struct Picture {
    l: Lang,
    i: Interval,
    tone: &'static str,
    zero: f64,
    from: f64,
    at: f64,
    to: f64,
}

impl Interval {
    /// Better, worse, or no difference that the rows can tell.
    pub fn tone(&self) -> &'static str {
        match (self.low > 0.0, self.high < 0.0) {
            (true, _) => "ok",
            (_, true) => "failed",
            _ => "quiet",
        }
    }

    /// The sentence of the verdict.
    pub fn verdict(&self, l: Lang) -> &'static str {
        match self.tone() {
            "ok" => l.t("eval.better"),
            "failed" => l.t("eval.worse"),
            _ => l.t("eval.same"),
        }
    }

    /// The picture.
    pub fn draw(&self, l: Lang) -> crate::ui::parts::Html {
        let reach = self
            .low
            .abs()
            .max(self.high.abs())
            .max(self.delta.abs())
            .max(0.01)
            * 1.15;
        let low = if self.low < 0.0 {
            -reach
        } else {
            -reach * 0.15
        };
        let high = if self.high > 0.0 { reach } else { reach * 0.15 };
        let scale = Scale::linear(low, high);
        let place = |value: f64| (scale.place(value) * 1000.0).round() / 10.0;
        crate::ui::html(&Picture {
            l,
            i: *self,
            tone: self.tone(),
            zero: place(0.0),
            from: place(self.low),
            at: place(self.delta),
            to: place(self.high),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_over_zero_claims_nothing() {
        let at = |low, high| {
            Interval {
                delta: (low + high) / 2.0,
                low,
                high,
            }
            .tone()
        };
        assert_eq!(at(0.01, 0.05), "ok");
        assert_eq!(at(-0.01, 0.05), "quiet");
        assert_eq!(at(-0.05, -0.01), "failed");
    }
}
