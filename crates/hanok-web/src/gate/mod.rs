//! Rate limits: which class a route is of, whom a request counts for, what the answer tells of it. Counting
//! itself is the studio's limiter's; who a caller is, the guard's.

mod admit;
mod check;
mod tell;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hanok_studio::rate::{Limiter, LimiterFigures, Rule};

pub use admit::admit;
pub use check::{Attempt, Passed};

/// What a route costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// What is in no other class.
    General,
    /// What begins work or moves much.
    Expensive,
    /// What calls a model.
    Inference,
    /// Not counted: health, static files, workers, commands on this machine.
    Exempt,
}

/// Requests per minute of one caller, by class; 0 is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// [`Class::General`].
    pub general: u32,
    /// [`Class::Expensive`].
    pub expensive: u32,
    /// [`Class::Inference`].
    pub inference: u32,
    /// Credentials that are none, by address.
    pub failures: u32,
}

/// What is counted together: the classes, and what was no credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    General,
    Expensive,
    Inference,
    Failures,
}

impl Count {
    const ALL: [Self; 4] = [
        Self::General,
        Self::Expensive,
        Self::Inference,
        Self::Failures,
    ];

    fn of(class: Class) -> Option<Self> {
        match class {
            Class::General => Some(Self::General),
            Class::Expensive => Some(Self::Expensive),
            Class::Inference => Some(Self::Inference),
            Class::Exempt => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Expensive => "expensive",
            Self::Inference => "inference",
            Self::Failures => "failures",
        }
    }
}

/// The limits of one server; cheap to clone.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    limiter: Limiter,
    rates: Rates,
    counts: [[AtomicU64; 2]; Count::ALL.len()],
}

impl Gate {
    /// These rates, counted by this limiter.
    pub fn new(limiter: Limiter, rates: Rates) -> Self {
        Self(Arc::new(Inner {
            limiter,
            rates,
            counts: Default::default(),
        }))
    }

    fn rule(&self, count: Count) -> Option<Rule> {
        let rates = &self.0.rates;
        Rule::per_minute(match count {
            Count::General => rates.general,
            Count::Expensive => rates.expensive,
            Count::Inference => rates.inference,
            Count::Failures => rates.failures,
        })
    }

    fn tally(&self, count: Count, allowed: bool) {
        self.0.counts[count as usize][usize::from(allowed)].fetch_add(1, Ordering::Relaxed);
    }

    /// What was counted: class, allowed, refused.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64, u64)> {
        Count::ALL.into_iter().map(|count| {
            let [refused, allowed] = &self.0.counts[count as usize];
            let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
            (count.as_str(), read(allowed), read(refused))
        })
    }

    /// How the counting fares.
    pub fn figures(&self) -> LimiterFigures {
        self.0.limiter.figures()
    }
}
