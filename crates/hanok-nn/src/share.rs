//! A slice that several threads write at once, each its own part.

use std::marker::PhantomData;

/// Lets tasks that own disjoint, interleaved parts of a slice write them without copies.
pub(crate) struct Shared<'a> {
    start: *mut f32,
    len: usize,
    slice: PhantomData<&'a mut [f32]>,
}

// SAFETY: writes go through `at` and `part` only, whose callers promise disjoint parts.
unsafe impl Sync for Shared<'_> {}
// SAFETY: as above.
unsafe impl Send for Shared<'_> {}

impl<'a> Shared<'a> {
    pub(crate) fn new(slice: &'a mut [f32]) -> Self {
        Self {
            start: slice.as_mut_ptr(),
            len: slice.len(),
            slice: PhantomData,
        }
    }

    /// The place of number `offset`.
    pub(crate) fn at(&self, offset: usize) -> *mut f32 {
        assert!(offset < self.len, "within the slice");
        // SAFETY: within the slice.
        unsafe { self.start.add(offset) }
    }

    /// `len` numbers from `offset` on.
    ///
    /// # Safety
    /// No two parts that are alive at once may overlap.
    #[allow(
        clippy::mut_from_ref,
        reason = "that is what the type is for; see Safety"
    )]
    pub(crate) unsafe fn part(&self, offset: usize, len: usize) -> &mut [f32] {
        assert!(offset + len <= self.len, "within the slice");
        // SAFETY: within the slice; the caller keeps parts disjoint.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(offset), len) }
    }
}
