//! A limit on work.

/// More work was asked for than there is left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMuchWork;

/// How much work may still be done.
pub(crate) struct Budget(pub u64);

impl Budget {
    pub fn spend(&mut self, steps: usize) -> Result<(), TooMuchWork> {
        crate::text::work::count(steps);
        self.0 = self.0.checked_sub(steps as u64).ok_or(TooMuchWork)?;
        Ok(())
    }
}
