//! Floors: what a model must beat to be worth anything.
//!
//! Multinomial naive Bayes over word counts with Laplace smoothing 1 (Manning, Raghavan & Schütze,
//! *Introduction to Information Retrieval*, 2008, chapter 13), and the most frequent label.

use std::collections::HashMap;

/// Multinomial naive Bayes over lower-cased words.
#[derive(Debug, Clone)]
pub struct NaiveBayes {
    vocabulary: HashMap<String, usize>,
    /// `[V, C]`: log probability of each word within each class.
    log_words: Vec<f64>,
    /// `[C]`: log share of the rows; minus infinity for a class without rows.
    log_priors: Vec<f64>,
}

impl NaiveBayes {
    /// Counts the words of texts with labels below `classes`.
    pub fn fit<S: AsRef<str>>(rows: &[(S, usize)], classes: usize) -> Self {
        let mut vocabulary = HashMap::new();
        let mut counts: Vec<f64> = Vec::new();
        let (mut words_of, mut rows_of) = (vec![0.0; classes], vec![0.0; classes]);
        for (text, label) in rows {
            rows_of[*label] += 1.0;
            for word in words(text.as_ref()) {
                let next = vocabulary.len();
                let id = *vocabulary.entry(word).or_insert(next);
                if id == next {
                    counts.resize(counts.len() + classes, 0.0);
                }
                counts[id * classes + label] += 1.0;
                words_of[*label] += 1.0;
            }
        }
        let size = vocabulary.len() as f64;
        for (i, count) in counts.iter_mut().enumerate() {
            *count = ((*count + 1.0) / (words_of[i % classes] + size)).ln();
        }
        let all = rows.len().max(1) as f64;
        Self {
            vocabulary,
            log_words: counts,
            log_priors: rows_of.iter().map(|n| (n / all).ln()).collect(),
        }
    }

    /// The most probable class, the first one on a tie; unknown words are ignored.
    pub fn predict(&self, text: &str) -> usize {
        let classes = self.log_priors.len();
        let mut scores = self.log_priors.clone();
        for word in words(text) {
            if let Some(id) = self.vocabulary.get(&word) {
                let row = &self.log_words[id * classes..(id + 1) * classes];
                scores.iter_mut().zip(row).for_each(|(s, w)| *s += w);
            }
        }
        (1..classes).fold(0, |best, c| if scores[c] > scores[best] { c } else { best })
    }
}

/// The most frequent label, the first one on a tie.
pub fn majority(labels: impl IntoIterator<Item = usize>, classes: usize) -> usize {
    let mut counts = vec![0_usize; classes];
    labels.into_iter().for_each(|label| counts[label] += 1);
    (1..classes).fold(0, |best, c| if counts[c] > counts[best] { c } else { best })
}

/// Runs of letters, digits and underscores, lower-cased.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}
