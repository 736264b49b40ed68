//! Where a reader stands in each of its topics. As text it is the `id:` of a stream, so that
//! `Last-Event-ID` brings back exactly what is missing, whatever order topics were written in.

use std::collections::BTreeMap;
use std::fmt;

use hanok_store::Change;

use super::EventView;

/// A position in every topic followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(BTreeMap<String, i64>);

impl Cursor {
    /// At the beginning of the topics, or where `last` (an earlier cursor as text) left them.
    /// What `last` says of other topics is ignored, and so is what does not parse.
    pub fn new(topics: &[String], last: Option<&str>) -> Self {
        let mut positions: BTreeMap<String, i64> = topics.iter().map(|t| (t.clone(), 0)).collect();
        for (topic, seq) in last
            .unwrap_or_default()
            .split(',')
            .filter_map(|p| p.split_once(':'))
        {
            if let (Some(position), Ok(seq)) = (positions.get_mut(topic), seq.parse::<i64>()) {
                *position = seq.max(0);
            }
        }
        Self(positions)
    }

    /// Moves past an event.
    pub fn advance(&mut self, event: &EventView) {
        if let Some(position) = self.0.get_mut(&event.topic) {
            *position = (*position).max(event.seq);
        }
    }

    /// Whether a change may have brought events for this cursor.
    pub fn follows(&self, change: &Change) -> bool {
        self.0.contains_key(&change.topic)
    }

    /// Topics with the number of the last event seen.
    pub fn positions(&self) -> impl Iterator<Item = (&str, i64)> {
        self.0.iter().map(|(topic, seq)| (topic.as_str(), *seq))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (topic, seq)) in self.0.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            write!(f, "{comma}{topic}:{seq}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_brings_the_cursor_back() {
        let topics = ["run_a".to_owned(), "ds_b".to_owned()];
        let cursor = Cursor::new(&topics, Some("run_a:7,ds_b:2"));
        assert_eq!(Cursor::new(&topics, Some(&cursor.to_string())), cursor);
    }

    #[test]
    fn foreign_topics_and_nonsense_are_ignored() {
        let topics = ["run_a".to_owned()];
        let fresh = Cursor::new(&topics, None);
        for last in ["run_z:9", "run_a", "run_a:x", ":::", "run_a:-5"] {
            assert_eq!(Cursor::new(&topics, Some(last)), fresh, "{last}");
        }
    }
}
