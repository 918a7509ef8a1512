//! What is left out of the protocol, to see that the search finds what follows from it.

/// One flaw of the driver or of the conditions of its writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Writes to children have no condition.
    Blind,
    /// Writes test the value that they replace, and no epoch.
    ValueOnly,
    /// Commands do not raise the record's epoch.
    Unbumped,
    /// Nothing is stamped before anything else is written: a write brings its stamp along, and lands where no
    /// newer one is.
    Unstamped,
    /// A run that finds a pause takes the record over, and one that held it before leaves the stamps to the other.
    PauseLeft,
    /// Manifests are applied whatever is there.
    BlindApply,
    /// Objects are created by an apply, which changes what is there already.
    BlindBirth,
}
