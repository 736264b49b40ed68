//! A moment for each subject, in this process: in shards, so that callers seldom wait for each other, and
//! bounded, so that no crowd of addresses fills the memory. Moments that are over are dropped first, then those
//! that are nearest.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

const SHARDS: usize = 16;

/// Moments by subject, µs on a clock of the owner's.
pub(crate) struct Table {
    shards: [Mutex<HashMap<u128, i64>>; SHARDS],
    seeds: [RandomState; 2],
    most: usize,
}

impl Table {
    /// With room for so many.
    pub fn new(most: usize) -> Self {
        Self {
            shards: Default::default(),
            seeds: [RandomState::new(), RandomState::new()],
            most: (most / SHARDS).max(2),
        }
    }

    /// Changes the moment of a subject; `change` gets 0 where there is none and says what to keep.
    pub fn change<T>(
        &self,
        subject: &str,
        now: i64,
        change: impl FnOnce(i64) -> (Option<i64>, T),
    ) -> T {
        let name = self.name(subject);
        let mut shard = self.shard(name);
        let (moment, told) = change(shard.get(&name).copied().unwrap_or_default());
        if let Some(moment) = moment {
            if shard.len() >= self.most && !shard.contains_key(&name) {
                thin(&mut shard, now);
            }
            shard.insert(name, moment);
        }
        told
    }

    /// How many there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        let shards = self.shards.iter();
        shards
            .map(|s| s.lock().map_or(0, |shard| shard.len()))
            .sum()
    }

    /// Names are hashed with seeds that nobody outside knows, so that none can be made to meet another.
    fn name(&self, subject: &str) -> u128 {
        let [a, b] = self.seeds.each_ref().map(|seed| seed.hash_one(subject));
        (u128::from(a) << 64) | u128::from(b)
    }

    fn shard(&self, name: u128) -> MutexGuard<'_, HashMap<u128, i64>> {
        let at = usize::try_from(name % SHARDS as u128).unwrap_or_default();
        self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room: what is over goes, and if that is not half, the half whose moments are nearest.
fn thin(shard: &mut HashMap<u128, i64>, now: i64) {
    let half = shard.len() / 2;
    shard.retain(|_, moment| *moment > now);
    if shard.len() <= half {
        return;
    }
    let mut moments: Vec<i64> = shard.values().copied().collect();
    let (_, middle, _) = moments.select_nth_unstable(half);
    let middle = *middle;
    shard.retain(|_, moment| *moment > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_does_not_fill_the_memory_and_the_worst_stay() {
        let table = Table::new(16 * 64);
        let put = |subject: &str, moment| table.change(subject, 0, |_| (Some(moment), ()));
        put("worst", i64::MAX);
        for n in 0..50_000 {
            put(&format!("addr:{n}"), 10 + n);
        }
        assert!(table.len() <= 16 * 64, "{}", table.len());
        assert_eq!(table.change("worst", 0, |moment| (None, moment)), i64::MAX);
    }

    #[test]
    fn what_is_over_makes_room_for_what_is_not() {
        let table = Table::new(32);
        for n in 0..1000 {
            table.change(&format!("old:{n}"), 0, |_| (Some(5), ()));
        }
        for n in 0..4 {
            table.change(&format!("new:{n}"), 9, |_| (Some(20), ()));
        }
        let kept = (0..4).filter(|n| table.change(&format!("new:{n}"), 9, |m| (None, m == 20)));
        assert_eq!(kept.count(), 4);
    }
}
