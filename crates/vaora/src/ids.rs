//! Random ids and secrets, from the system's generator.

use data_encoding::BASE32_NOPAD;
use rand::Rng as _;

/// A random id: positive, so that it reads well in addresses; 63 bits, so that none is guessed or met twice.
#[must_use]
pub fn new_id() -> i64 {
    (rand::rng().next_u64() >> 1).cast_signed()
}

/// A random person or card id: all 64 bits.
#[must_use]
pub fn new_person_id() -> u64 {
    rand::rng().next_u64()
}

/// A secret for links and device cookies: 160 bits in lower-case base32.
#[must_use]
pub fn new_token() -> String {
    let mut bytes = [0_u8; 20];
    rand::rng().fill_bytes(&mut bytes);
    BASE32_NOPAD.encode(&bytes).to_lowercase()
}

/// A one-time code of six digits, for text messages.
#[must_use]
pub fn new_six_digits() -> String {
    // 2^64 is so much larger than 10^6 that the remainder is even enough.
    format!("{:06}", rand::rng().next_u64() % 1_000_000)
}

/// A code to type once, such as a gate's enrolment code: eight easy characters.
#[must_use]
pub fn new_typed_code() -> String {
    const EASY: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bits = rand::rng().next_u64();
    let mut text = String::with_capacity(9);
    for position in 0..8 {
        if position == 4 {
            text.push('-');
        }
        text.push(char::from(EASY[usize::try_from(bits & 31).unwrap_or(0)]));
        bits >>= 5;
    }
    text
}

/// A typed code in the form that is hashed: upper case, no separators, look-alikes put right.
#[must_use]
pub fn normalise_typed_code(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| match letter.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            other => other,
        })
        .collect()
}
