//! What the reference libraries computed (`tests/fixtures/README.md`), and the error of decision 26.

use std::collections::BTreeMap;
use std::path::PathBuf;

use safetensors::{Dtype, SafeTensors};

/// The bound on every error.
pub const BOUND: f64 = 1e-4;

/// A folder of fixtures.
pub fn folder(name: &str) -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    tests.join(name)
}

/// The tensors of a file.
pub struct Tensors(BTreeMap<String, (Vec<usize>, Vec<f32>)>);

impl Tensors {
    pub fn read(fixture: &str, file: &str) -> Self {
        let bytes = std::fs::read(folder(fixture).join(file)).expect("a fixture");
        let file = SafeTensors::deserialize(&bytes).expect("safetensors");
        let tensors = file.iter().map(|(name, view)| {
            let words = view.data().as_chunks::<4>().0.iter();
            let values = match view.dtype() {
                Dtype::F32 => words.map(|b| f32::from_le_bytes(*b)).collect(),
                Dtype::I32 => words.map(|b| i32::from_le_bytes(*b) as f32).collect(),
                other => panic!("{name} is {other:?}"),
            };
            (name.to_owned(), (view.shape().to_vec(), values))
        });
        Self(tensors.collect())
    }

    pub fn get(&self, name: &str) -> &[f32] {
        let found = self.0.get(name).map(|(_, values)| values.as_slice());
        found.unwrap_or_else(|| panic!("the fixture has no {name}"))
    }

    pub fn shape(&self, name: &str) -> &[usize] {
        &self.0[name].0
    }

    /// Whole numbers.
    pub fn ids(&self, name: &str) -> Vec<i64> {
        self.get(name).iter().map(|x| *x as i64).collect()
    }

    /// Names that begin so, without their beginning.
    pub fn under(&self, prefix: &str) -> Vec<String> {
        let names = self.0.keys().filter_map(|name| name.strip_prefix(prefix));
        names.map(str::to_owned).collect()
    }
}

/// Collects errors, prints them as a table, and fails if one is over the bound.
pub struct Table {
    fixture: String,
    worst: Vec<(String, f64)>,
}

impl Table {
    pub fn new(fixture: &str) -> Self {
        Self {
            fixture: fixture.to_owned(),
            worst: Vec::new(),
        }
    }

    /// `max|a−b| / max|b|`
    pub fn check(&mut self, quantity: &str, found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len(), "{}: {quantity}", self.fixture);
        let most = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let off = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
        let error = f64::from(off.fold(0.0, f32::max)) / f64::from(most).max(1e-12);
        // A comparison that a NaN fails too.
        let holds = error <= BOUND;
        assert!(holds, "{}: {quantity} is off by {error:e}", self.fixture);
        self.worst.push((quantity.to_owned(), error));
    }

    /// One line for single quantities, one for all gradients together.
    pub fn print(&self) {
        let is_gradient = |name: &str| name.starts_with("gradient");
        for (quantity, error) in self.worst.iter().filter(|(name, _)| !is_gradient(name)) {
            println!("| {} | {quantity} | {error:.1e} |", self.fixture);
        }
        let gradients = self.worst.iter().filter(|(name, _)| is_gradient(name));
        let count = gradients.clone().count();
        let worst = gradients.max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((name, error)) = worst {
            println!(
                "| {} | {count} gradients; worst {name} | {error:.1e} |",
                self.fixture
            );
        }
    }
}
