//! Our own cards, through `domain::card::own_card` and the reader at the gate.
#![no_main]

use arbitrary::Arbitrary;
use data_encoding::BASE64URL_NOPAD;
use domain::card::own_card::{MASKED_NAME_BYTES_MAX, OwnCard, SIGNATURE_BYTES, SignedCard, TokenError};
use domain::card::{Kind, Reason, Verdict, read};
use domain::time::{date_of_day_number, day_number};
use jiff::civil::{Date, date};
use libfuzzer_sys::fuzz_target;

const TODAY: Date = date(2026, 11, 23);

#[derive(Arbitrary, Debug)]
struct Issued<'a> {
    key_id: u8,
    number: [u8; 8],
    /// Days since 1970; some lie outside what a card can say.
    last_day: i32,
    signature: [u8; SIGNATURE_BYTES],
    name: &'a str,
}

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Issued(Issued<'a>),
    /// The bytes of a token.
    Token(&'a [u8]),
    /// The text behind the `#`.
    Text(&'a str),
}

fuzz_target!(|input: Input<'_>| {
    match input {
        Input::Issued(issued) => check_issued(issued),
        Input::Token(bytes) => check_token(&BASE64URL_NOPAD.encode(bytes)),
        Input::Text(text) => check_token(text),
    }
});

/// A card that can be written is read as it was written, here and at the gate.
fn check_issued(issued: Issued<'_>) {
    let Issued { key_id, number, last_day, signature, name } = issued;
    let expires_on = date_of_day_number(i64::from(last_day % 100_000));
    let card = OwnCard { key_id, number, expires_on, masked_name: name.to_owned() };
    let url = match card.url("https://vaora.example/", &signature) {
        Ok(url) => url,
        Err(TokenError::NameTooLong) => return assert!(name.len() > MASKED_NAME_BYTES_MAX, "{name}"),
        Err(error) => {
            assert_eq!(error, TokenError::ExpiryOutOfRange);
            return assert!(!(0..=65_535).contains(&day_number(expires_on)), "{expires_on}");
        }
    };
    let signed = SignedCard::parse_url(&url).expect("what was written");
    assert!(signed.card == card && signed.signature == signature, "the same card");
    assert_eq!(Ok(signed.message), card.message(), "the signed bytes");
    let reading = read(&url, TODAY);
    let reason = if expires_on < TODAY { Reason::CardExpired } else { Reason::SignatureUnchecked };
    assert_eq!((reading.kind, &reading.reasons[..]), (Kind::Card, &[reason][..]));
    assert_eq!(reading.fields.card_number, Some(card.number_hex()));
    assert_eq!((reading.fields.card_key_id, reading.fields.id_number), (Some(key_id), None));
}

/// A token that can be taken apart is one that can be written, letter by letter.
fn check_token(token: &str) {
    let parsed = SignedCard::parse(token);
    if let Ok(signed) = &parsed {
        let url = signed.card.url("https://vaora.example", &signed.signature).expect("a card");
        assert_eq!(url.split_once('#').map(|(_, token)| token), Some(token), "one text for one card");
    }
    let reading = read(&format!("HTTPS://VAORA.EXAMPLE/C#{token}"), TODAY);
    assert_ne!(reading.verdict, Verdict::Accept, "no card is taken without its signature being checked");
    if parsed.is_ok() {
        assert_eq!(reading.kind, Kind::Card);
    }
}
