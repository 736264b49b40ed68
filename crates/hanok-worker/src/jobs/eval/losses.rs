//! Losses of a base and a tuned model on the same conversations: means, and an interval for their
//! difference from paired resampling of conversations.

use hanok_train::sft::ConversationLoss;
use serde::Serialize;

/// Times that the conversations are drawn anew.
const DRAWS: usize = 2000;

/// One model over all conversations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Mean loss of a token of an answer, nats.
    pub loss: f64,
    /// Its exponential.
    pub perplexity: f64,
    /// Share of those tokens that were the likeliest.
    pub accuracy: f64,
    /// How many there are.
    pub tokens: usize,
    /// Conversations.
    pub rows: usize,
}

/// Tuned minus base.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Of the mean losses; below zero when tuning helped.
    pub delta: f64,
    /// 95 % interval of it.
    pub interval: Interval,
    /// Conversations on which the tuned model has the lower loss.
    pub wins: usize,
    /// Those on which the base has.
    pub losses: usize,
}

/// Two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// The means of one model.
pub fn figures(rows: &[ConversationLoss]) -> Figures {
    let tokens: usize = rows.iter().map(|row| row.tokens).sum();
    let correct: usize = rows.iter().map(|row| row.correct).sum();
    let loss = rows.iter().map(|row| row.loss).sum::<f64>() / tokens.max(1) as f64;
    Figures {
        loss,
        perplexity: loss.exp(),
        accuracy: correct as f64 / tokens.max(1) as f64,
        tokens,
        rows: rows.len(),
    }
}

/// How the two differ; row by row the same conversations.
pub fn difference(base: &[ConversationLoss], tuned: &[ConversationLoss]) -> Difference {
    let pairs: Vec<(f64, f64)> = base
        .iter()
        .zip(tuned)
        .map(|(base, tuned)| (tuned.loss - base.loss, base.tokens as f64))
        .collect();
    let mean = |drawn: &mut dyn Iterator<Item = (f64, f64)>| {
        let sums = drawn.fold((0.0, 0.0), |(d, t), (delta, tokens)| {
            (d + delta, t + tokens)
        });
        sums.0 / f64::max(sums.1, 1.0)
    };
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| mean(&mut (0..pairs.len()).map(|_| pairs[random.below(pairs.len())])))
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means[((DRAWS - 1) as f64 * share).round() as usize];
    Difference {
        delta: mean(&mut pairs.iter().copied()),
        interval: Interval {
            low: at(0.025),
            high: at(0.975),
        },
        wins: pairs.iter().filter(|(delta, _)| *delta < 0.0).count(),
        losses: pairs.iter().filter(|(delta, _)| *delta > 0.0).count(),
    }
}

/// xorshift64*: the same draws each time, so that a report can be had again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        ((u128::from(drawn) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(losses: &[f64]) -> Vec<ConversationLoss> {
        let row = |(row, loss): (usize, &f64)| ConversationLoss {
            row,
            loss: loss * 4.0,
            tokens: 4,
            correct: 2,
        };
        losses.iter().enumerate().map(row).collect()
    }

    #[test]
    fn means_are_per_token_and_intervals_hold_them() {
        let base = rows(
            &(0..40)
                .map(|i| 2.0 + f64::from(i % 5) * 0.1)
                .collect::<Vec<_>>(),
        );
        let tuned = rows(
            &(0..40)
                .map(|i| 1.5 + f64::from(i % 7) * 0.1)
                .collect::<Vec<_>>(),
        );
        let figures = figures(&base);
        assert!((figures.loss - 2.2).abs() < 1e-9 && figures.accuracy == 0.5);
        assert!((figures.perplexity - 2.2f64.exp()).abs() < 1e-9);
        let found = difference(&base, &tuned);
        let Interval { low, high } = found.interval;
        assert!(
            low < found.delta && found.delta < high && high < 0.0,
            "{found:?}"
        );
        assert!(found.wins > 30 && found.wins + found.losses <= 40);
    }

    #[test]
    fn no_difference_is_no_difference() {
        let same = rows(&[1.0, 2.0, 3.0]);
        let found = difference(&same, &same);
        assert_eq!(
            (found.delta, found.interval.low, found.interval.high),
            (0.0, 0.0, 0.0)
        );
        assert_eq!((found.wins, found.losses), (0, 0));
    }
}
