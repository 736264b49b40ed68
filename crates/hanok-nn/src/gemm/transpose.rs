//! Rows to columns: what packing spends its time on.

/// Side of the square that AVX-512 turns at once.
#[cfg(target_arch = "x86_64")]
const SIDE: usize = 16;

/// `to[col · to_stride + row] = from[row · from_stride + col]` for `rows × cols` numbers.
pub(super) fn transpose(
    from: &[f32],
    from_stride: usize,
    (rows, cols): (usize, usize),
    to: &mut [f32],
    to_stride: usize,
) {
    if rows == 0 || cols == 0 {
        return;
    }
    let (from, to) = (
        &from[..(rows - 1) * from_stride + cols],
        &mut to[..(cols - 1) * to_stride + rows],
    );
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") {
        for top in (0..rows).step_by(SIDE) {
            for left in (0..cols).step_by(SIDE) {
                let size = (SIDE.min(rows - top), SIDE.min(cols - left));
                let from = from[top * from_stride + left..].as_ptr();
                let to = to[left * to_stride + top..].as_mut_ptr();
                // SAFETY: the instructions exist, and both slices reach to the end of the square.
                unsafe { avx512(from, from_stride, size, to, to_stride) };
            }
        }
        return;
    }
    portable(from, from_stride, (rows, cols), to, to_stride);
}

fn portable(
    from: &[f32],
    from_stride: usize,
    (rows, cols): (usize, usize),
    to: &mut [f32],
    to_stride: usize,
) {
    // In strips, so that both sides stay within the cache.
    const STRIP: usize = 16;
    for left in (0..cols).step_by(STRIP) {
        for row in 0..rows {
            let line = &from[row * from_stride + left..][..STRIP.min(cols - left)];
            for (col, &value) in line.iter().enumerate() {
                to[(left + col) * to_stride + row] = value;
            }
        }
    }
}

/// A square of at most 16 × 16 numbers.
///
/// # Safety
/// `from` must be readable and `to` writable for `rows × cols` numbers at their strides.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512(
    from: *const f32,
    from_stride: usize,
    (rows, cols): (usize, usize),
    to: *mut f32,
    to_stride: usize,
) {
    use std::arch::x86_64::{_mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_setzero_ps};
    let (row_mask, col_mask) = (u16::MAX >> (SIDE - rows), u16::MAX >> (SIDE - cols));
    let mut lines = [_mm512_setzero_ps(); SIDE];
    for (row, line) in lines.iter_mut().enumerate().take(rows) {
        // SAFETY: the mask keeps to the columns that exist.
        *line = unsafe { _mm512_maskz_loadu_ps(col_mask, from.add(row * from_stride)) };
    }
    for (col, column) in turn(lines).into_iter().enumerate().take(cols) {
        // SAFETY: the mask keeps to the rows that exist.
        unsafe { _mm512_mask_storeu_ps(to.add(col * to_stride), row_mask, column) };
    }
}

/// A square of 16 × 16: pairs, then fours within 128 bits, then the quarters.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn turn(lines: [std::arch::x86_64::__m512; SIDE]) -> [std::arch::x86_64::__m512; SIDE] {
    use std::arch::x86_64::{
        _mm512_castpd_ps, _mm512_castps_pd, _mm512_shuffle_f32x4, _mm512_unpackhi_pd,
        _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
    };
    const EVEN: i32 = 0b10_00_10_00;
    const ODD: i32 = 0b11_01_11_01;
    // fours[4·g + j], in each quarter q: column 4·q + j of rows 4·g to 4·g + 3.
    let mut fours = lines;
    for group in 0..4 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|row| lines[4 * group + row]);
        let (low, high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
        let (low2, high2) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
        let [low, high, low2, high2] = [low, high, low2, high2].map(|x| _mm512_castps_pd(x));
        fours[4 * group] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, low2));
        fours[4 * group + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, low2));
        fours[4 * group + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high, high2));
        fours[4 * group + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high, high2));
    }
    let mut columns = lines;
    for j in 0..4 {
        let [a, b, c, d] = [0, 4, 8, 12].map(|group| fours[group + j]);
        let (even, odd) = (
            _mm512_shuffle_f32x4::<EVEN>(a, b),
            _mm512_shuffle_f32x4::<ODD>(a, b),
        );
        let (even2, odd2) = (
            _mm512_shuffle_f32x4::<EVEN>(c, d),
            _mm512_shuffle_f32x4::<ODD>(c, d),
        );
        columns[j] = _mm512_shuffle_f32x4::<EVEN>(even, even2);
        columns[4 + j] = _mm512_shuffle_f32x4::<EVEN>(odd, odd2);
        columns[8 + j] = _mm512_shuffle_f32x4::<ODD>(even, even2);
        columns[12 + j] = _mm512_shuffle_f32x4::<ODD>(odd, odd2);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_goes_to_its_place() {
        for (rows, cols) in [(1, 1), (14, 384), (16, 16), (17, 33), (32, 5), (3, 40)] {
            let (from_stride, to_stride) = (cols + 3, rows + 2);
            let from: Vec<f32> = (0..rows * from_stride).map(|i| i as f32).collect();
            let mut expected = vec![-1.0; cols * to_stride];
            for row in 0..rows {
                for col in 0..cols {
                    expected[col * to_stride + row] = from[row * from_stride + col];
                }
            }
            let mut found = vec![-1.0; cols * to_stride];
            transpose(&from, from_stride, (rows, cols), &mut found, to_stride);
            assert_eq!(found, expected, "{rows} × {cols}");
            found.fill(-1.0);
            portable(&from, from_stride, (rows, cols), &mut found, to_stride);
            assert_eq!(found, expected, "{rows} × {cols}");
        }
    }
}
