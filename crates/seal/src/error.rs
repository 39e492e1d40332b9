//! What can go wrong when sealing or opening. No variant carries a secret or a sealed value.

/// A failure of sealing, opening, splitting or rebuilding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// An area id needs more than the 31 bits that a token has for it.
    #[error("area id {0} does not fit in 31 bits")]
    AreaOutOfRange(u32),
    /// The bytes are not a key of this kind: wrong length, or not a point or number of the curve.
    #[error("not a valid {0}")]
    BadKey(&'static str),
    /// The bytes do not have the layout expected of what they should be.
    #[error("not a well-formed {0}")]
    Malformed(&'static str),
    /// The key, the purpose or the place does not fit, or the bytes were altered; these can't be told apart.
    #[error("cannot be opened: another key, another place, or altered bytes")]
    CannotOpen,
    /// The plaintext could not be sealed (longer than the cipher takes, or an unusable recipient).
    #[error("cannot be sealed")]
    CannotSeal,
    /// A signature was not made by this key over these bytes.
    #[error("the signature does not fit")]
    BadSignature,
    /// The passphrase is not the one that the key was protected with, or the blob was altered.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The passphrase is shorter than the rule asks.
    #[error("the passphrase has {found} characters; at least {needed} are needed")]
    PassphraseTooShort {
        /// Characters given, after Unicode composition.
        found: usize,
        /// Characters needed.
        needed: usize,
    },
    /// The passphrase's cost settings are outside what Argon2 or this program accepts.
    #[error("passphrase cost settings out of range")]
    BadCost,
    /// A secret is shared among 2 to 16 officers.
    #[error("{0} officers; a secret is shared among 2 to 16")]
    OfficerCount(usize),
    /// The same officer was named twice among those who get shares.
    #[error("officer {0} is named twice")]
    OfficerTwice(u64),
    /// Both sets of shares are of one officer, who alone can't rebuild the secret.
    #[error("both sets of shares are of officer {0}; two different officers are needed")]
    SameOfficer(u64),
    /// The two sets of shares have no pair in common, or one is empty or of several officers.
    #[error("these two sets of shares have no pair in common")]
    NoCommonPair,
    /// The two shares do not belong to the same splitting, or one was altered.
    #[error("the shares do not fit together")]
    SharesDisagree,
}
