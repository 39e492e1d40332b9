//! Secrets must not be printable or copyable: a log line or panic could then hold one.

use std::{fmt::Debug, marker::PhantomData};

use seal::{
    identity::IdentityKey,
    index::{BlindIndex, IndexKey},
    keyfile::KeyFile,
    officer::OfficerKey,
    shares::PairShare,
    sign::SigningKey,
    sitting::Sender,
    symmetric::{CaseKey, SymmetricKey},
    token::MovementKey,
    wrap::{KeyPair, PrivateKey},
};

/// Says whether a type has a trait: the constants below win over the ones here where they apply.
struct Probe<T>(PhantomData<T>);

trait Lacks {
    const DEBUG: bool = false;
    const CLONE: bool = false;
}
impl<T> Lacks for Probe<T> {}

impl<T: Debug> Probe<T> {
    const DEBUG: bool = true;
}
impl<T: Clone> Probe<T> {
    const CLONE: bool = true;
}

macro_rules! neither_printed_nor_copied {
    ($($secret:ty),+ $(,)?) => {
        $(
            const { assert!(!Probe::<$secret>::DEBUG, concat!(stringify!($secret), " can be printed")) };
            const { assert!(!Probe::<$secret>::CLONE, concat!(stringify!($secret), " can be copied")) };
        )+
    };
}

#[test]
fn secrets_can_be_neither_printed_nor_copied() {
    const { assert!(Probe::<u8>::DEBUG && Probe::<u8>::CLONE, "the probe sees what is there") };
    neither_printed_nor_copied!(
        MovementKey,
        IdentityKey,
        IndexKey,
        Sender,
        SymmetricKey,
        CaseKey,
        PrivateKey,
        KeyPair,
        SigningKey,
        OfficerKey,
        PairShare,
        KeyFile,
    );
    const { assert!(!Probe::<BlindIndex>::DEBUG, "an index in a log would link its lines to a person") };
}
