//! Floating-point numbers to and from the bytes of a tensor.

use half::{bf16, f16};
use safetensors::Dtype;

/// The type in which weights are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatType {
    /// 32 bits; nothing is lost.
    F32,
    /// 16 bits: 5 of exponent, 10 of fraction.
    F16,
    /// 16 bits: 8 of exponent, 7 of fraction.
    Bf16,
}

impl FloatType {
    pub(super) fn dtype(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::F16 => Dtype::F16,
            Self::Bf16 => Dtype::BF16,
        }
    }

    /// Size of one number in bytes.
    pub(super) fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    /// Appends the numbers, rounded to the nearest.
    pub(super) fn encode(self, values: &[f32], into: &mut Vec<u8>) {
        match self {
            Self::F32 => into.extend(values.iter().flat_map(|v| v.to_le_bytes())),
            Self::F16 => into.extend(values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes())),
            Self::Bf16 => into.extend(values.iter().flat_map(|v| bf16::from_f32(*v).to_le_bytes())),
        }
    }
}

/// Appends the numbers of a floating-point type; of any other type, none.
pub(super) fn decode(dtype: Dtype, bytes: &[u8], into: &mut Vec<f32>) {
    let pairs = || bytes.as_chunks::<2>().0.iter();
    match dtype {
        Dtype::F16 => into.extend(pairs().map(|b| f16::from_le_bytes(*b).to_f32())),
        Dtype::BF16 => into.extend(pairs().map(|b| bf16::from_le_bytes(*b).to_f32())),
        Dtype::F32 => {
            into.extend(
                bytes
                    .as_chunks::<4>()
                    .0
                    .iter()
                    .map(|b| f32::from_le_bytes(*b)),
            );
        }
        Dtype::F64 => {
            into.extend(
                bytes
                    .as_chunks::<8>()
                    .0
                    .iter()
                    .map(|b| f64::from_le_bytes(*b) as f32),
            );
        }
        _ => {}
    }
}
