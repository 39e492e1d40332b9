//! The national personal QR, Decision 1405/QĐ-BTTTT of 11 September 2021, version 1.1.
//!
//! `SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID|EXT`, with EXT by `<`: declarer's QID, sex, BHYT number, phone,
//! signature, and more that may follow and is ignored, as are further fields by `|`.

use jiff::civil::Date;

use super::bhyt::normal_number;
use super::cccd::check_number;
use super::text::{self, has_accented_letter, is_digits};
use super::{Fields, Kind, Reading, Reason, Sex};
use crate::phone::Phone;

/// A masked document number begins with as many asterisks.
const MASK: &str = "******";

/// Longest QID, in characters; a UUID with hyphens has as many.
const QID_CHARS_MAX: usize = 36;

/// Reads a national personal QR; `None` where the fields do not look like one.
pub(super) fn read(parts: &[&str], today: Date) -> Option<Reading> {
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
    let &[id, name, birth, declared, qid, ref rest @ ..] = parts.as_slice() else {
        let is_cut = parts.get(2).is_some_and(|birth| has_birth_shape(birth));
        return is_cut.then(|| Reading::refused(Kind::Qr1405, Reason::FieldsMissing));
    };
    let is_declared_document = matches!(declared, "0" | "1") && is_document(id);
    if !has_birth_shape(birth) && !is_declared_document {
        return None;
    }
    if [id, birth, qid].into_iter().any(has_accented_letter) {
        return Some(Reading::refused(Kind::Qr1405, Reason::InputMethodActive));
    }
    let (mut fields, mut reasons) = (Fields::default(), vec![]);
    put_id(id, &mut fields, &mut reasons);
    text::put_name(name, &mut fields, &mut reasons);
    put_birth(birth, today, &mut fields, &mut reasons);
    match declared {
        "0" => fields.declared_by_other = Some(false),
        "1" => fields.declared_by_other = Some(true),
        _ => reasons.push(Reason::DeclarationInvalid),
    }
    put_qid(qid, &mut fields, &mut reasons);
    put_ext(rest.first().copied().unwrap_or_default(), &mut fields, &mut reasons);
    check_number(&fields, &mut reasons);
    Some(Reading::new(Kind::Qr1405, fields, reasons))
}

/// Whether a text has the shape `dddd-dd-dd`, where any digit may be an asterisk.
fn has_birth_shape(text: &str) -> bool {
    let is_dash = |at: usize| at == 4 || at == 7;
    let fits = |(at, byte): (usize, u8)| match byte {
        b'-' => is_dash(at),
        b'0'..=b'9' | b'*' => !is_dash(at),
        _ => false,
    };
    text.len() == 10 && text.bytes().enumerate().all(fits)
}

/// Whether a text is a number of a CCCD, a CMND or a passport (a letter or two, then digits).
fn is_whole_document(id: &str) -> bool {
    let is_passport = (7..=9).contains(&id.len())
        && id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && id.bytes().skip(2).all(|byte| byte.is_ascii_digit());
    is_digits(id, 12) || is_digits(id, 9) || is_passport
}

/// Whether a text is a document number with its first six characters masked.
fn is_masked_document(id: &str) -> bool {
    id.strip_prefix(MASK)
        .is_some_and(|rest| rest.len() <= 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_document(id: &str) -> bool {
    is_whole_document(id) || is_masked_document(id)
}

fn put_id(id: &str, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    if is_whole_document(id) {
        fields.id_number = Some(id.to_ascii_uppercase());
    } else if is_masked_document(id) {
        fields.id_masked = Some(true);
    } else if !id.is_empty() {
        reasons.push(Reason::IdNumberInvalid);
    }
}

/// Reads `YYYY-MM-DD`, where day and month may be masked.
fn put_birth(text: &str, today: Date, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    let (year, month, day) = (
        text.get(..4).unwrap_or_default(),
        text.get(5..7).unwrap_or_default(),
        text.get(8..).unwrap_or_default(),
    );
    if !has_birth_shape(text) {
        reasons.push(Reason::BirthDateInvalid);
    } else if month == "**" || day == "**" {
        fields.birth_masked = Some(true);
        text::put_birth_year(year, today, fields, reasons);
    } else {
        text::put_birth_date(text::date(year, month, day), today, fields, reasons);
    }
}

/// The QID is what to key on where the document number is masked, so one of the two must be there.
fn put_qid(qid: &str, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    if is_qid(qid) {
        fields.qid = Some(qid.to_owned());
    } else if !qid.is_empty() {
        reasons.push(Reason::QidInvalid);
    } else if fields.id_number.is_some() {
        reasons.push(Reason::QidMissing);
    } else {
        reasons.push(Reason::NoIdentifier);
    }
}

fn is_qid(text: &str) -> bool {
    (1..=QID_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Reads the extension. Nothing in it decides whether a person may come in, so what is wrong there is left
/// out with a warning.
fn put_ext(ext: &str, fields: &mut Fields, reasons: &mut Vec<Reason>) {
    let mut parts = ext.split('<').map(str::trim);
    let mut next = || parts.next().unwrap_or_default();
    let (declarer, sex, bhyt, phone) = (next(), next(), next(), next());
    fields.declarer_qid = is_qid(declarer).then(|| declarer.to_owned());
    fields.sex = Some(match sex {
        "1" => Sex::Male,
        "2" => Sex::Female,
        "0" | "" => Sex::Unknown,
        _ => {
            reasons.push(Reason::SexInvalid);
            Sex::Unknown
        }
    });
    if !bhyt.is_empty() {
        fields.bhyt_number = normal_number(bhyt);
        reasons.extend(fields.bhyt_number.is_none().then_some(Reason::BhytNumberIgnored));
    }
    if !phone.is_empty() {
        fields.phone = Phone::parse(phone).ok().map(|phone| phone.e164());
        reasons.extend(fields.phone.is_none().then_some(Reason::PhoneInvalid));
    }
}
