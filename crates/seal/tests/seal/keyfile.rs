use proptest::prelude::*;
use seal::{
    index::IndexKind,
    keyfile::{KeyFile, KeyFileError},
};

use crate::rng;

fn text() -> String {
    KeyFile::generate(&mut rng(1)).to_text().to_string()
}

/// The error of a text, as a key file itself can't be shown.
fn error_of(text: &str) -> Option<KeyFileError> {
    KeyFile::parse(text).err()
}

/// The text with a changed body and a check sum that fits it again.
fn resealed(change: impl Fn(&str) -> String) -> String {
    use sha2::{Digest, Sha256};
    let text = text();
    let (body, _) = text.split_once("checksum").unwrap();
    let body = change(body);
    let lines = body.lines().filter(|line| !line.starts_with('#'));
    let digest = lines.fold(Sha256::new(), |digest, line| digest.chain_update(line).chain_update("\n"));
    format!("{body}checksum = {}\n", data_encoding::HEXLOWER.encode(&digest.finalize()))
}

#[test]
fn a_key_file_is_read_back_whole() {
    let (one, again) = (KeyFile::generate(&mut rng(1)), KeyFile::parse(&text()).unwrap());
    assert_eq!(one.install_id, again.install_id);
    let index = |keys: &KeyFile| *keys.index_key.index(IndexKind::Phone, b"0905123456").as_bytes();
    assert_eq!(index(&one), index(&again));
    assert_eq!(one.contact_key.expose(), again.contact_key.expose());
    assert_eq!(one.cookie_key.expose(), again.cookie_key.expose());
    assert_eq!(one.session_key.expose(), again.session_key.expose());
    assert_eq!(one.log_signing_key.verify_key(), again.log_signing_key.verify_key());
    assert_eq!(one.card_signing_key.verify_key(), again.card_signing_key.verify_key());
    assert_eq!(one.ingest_key.public, again.ingest_key.public);
    assert_eq!(again.to_text().as_str(), text());
}

#[test]
fn no_two_keys_are_the_same() {
    let text = text();
    let values: Vec<&str> = text.lines().filter_map(|line| line.split_once(" = ")).map(|l| l.1).collect();
    let different: std::collections::BTreeSet<_> = values.iter().collect();
    assert_eq!((values.len(), different.len()), (10, 10));
}

#[test]
fn comments_blank_lines_and_line_ends_do_not_matter() {
    let text =
        text().replace("cookie_key", "\n# a note = of the operator\n  cookie_key").replace('\n', "\r\n");
    assert!(KeyFile::parse(&format!("\u{feff}{text}")).is_ok());
}

#[test]
fn what_is_wrong_with_a_file_is_named() {
    assert_eq!(error_of(""), Some(KeyFileError::NotAKeyFile));
    assert_eq!(error_of("database_url = sqlite"), Some(KeyFileError::NotAKeyFile));
    let newer = text().replace("vaora_key_file = 1", "vaora_key_file = 2");
    assert_eq!(error_of(&newer), Some(KeyFileError::OtherVersion));

    let without =
        resealed(|body| body.lines().filter(|l| !l.starts_with("cookie")).fold(String::new(), joined));
    assert_eq!(error_of(&without), Some(KeyFileError::Missing("cookie_key")));
    let twice = resealed(|body| format!("{body}index_key = AAAA\n"));
    assert_eq!(error_of(&twice), Some(KeyFileError::Twice("index_key")));
    let unknown = resealed(|body| format!("{body}smtp_password = AAAA\n"));
    assert_eq!(error_of(&unknown), Some(KeyFileError::UnknownLine(12)));
    let not_base64 = resealed(|body| body.replace("log_signing_key = ", "log_signing_key = ?"));
    assert_eq!(error_of(&not_base64), Some(KeyFileError::BadValue("log_signing_key")));
    let short = resealed(|body| body.replace("session_key = ", "session_key = AAAA"));
    assert_eq!(error_of(&short), Some(KeyFileError::BadValue("session_key")));
}

fn joined(mut text: String, line: &str) -> String {
    text.push_str(line);
    text.push('\n');
    text
}

#[test]
fn a_cut_file_is_refused_at_every_length() {
    let text = text();
    for (length, _) in text.char_indices().take_while(|(at, _)| *at < text.len() - 1) {
        assert!(KeyFile::parse(&text[..length]).is_err(), "cut to {length}");
    }
    assert_eq!(error_of(&format!("{text}more = AAAA\n")), Some(KeyFileError::Damaged));
}

proptest! {
    #[test]
    fn a_changed_character_of_a_value_is_found(at: usize, put in "[A-Za-z0-9+/ =]") {
        let text = text();
        let body = text.find("install_id").unwrap();
        let at = body + at % (text.len() - 1 - body);
        let mut changed = text.clone();
        changed.replace_range(at..=at, &put);
        prop_assume!(lines(&changed) != lines(&text));
        let error = error_of(&changed).unwrap();
        prop_assert!(!error.to_string().contains(&text[body + 13..body + 30]), "errors carry no value");
    }
}

/// The text as the format sees it: its trimmed lines.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).collect()
}
