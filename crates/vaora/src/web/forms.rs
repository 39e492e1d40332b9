//! Reading forms: what is wrong with a field, in words, beside the field.

use std::collections::BTreeMap;

use domain::{
    name::{Name, NameError},
    phone::{Phone, PhoneError},
};

use crate::{limits::TEXT_CHARS_MAX, page::Page};

/// Messages by field name, in the reader's language.
#[derive(Default)]
pub struct Errors(BTreeMap<&'static str, String>);

impl Errors {
    /// Notes what is wrong with a field; the first message stands.
    pub fn add(&mut self, field: &'static str, text: String) {
        self.0.entry(field).or_insert(text);
    }

    /// True when nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages by field, for a template.
    #[must_use]
    pub fn view(&self) -> &BTreeMap<&'static str, String> {
        &self.0
    }
}

/// Why a phone cannot be taken, as a source text.
#[must_use]
pub fn phone_problem(error: &PhoneError) -> &'static str {
    match error {
        PhoneError::Empty => "Hãy nhập số điện thoại.",
        PhoneError::WrongCharacter { .. } => "Số điện thoại chỉ gồm chữ số; hãy bỏ chữ cái và ký hiệu khác.",
        PhoneError::WrongLength { .. } => "Số di động có 10 chữ số và bắt đầu bằng 0.",
        PhoneError::OtherCountry => "Đây là số nước ngoài; hãy nhập số di động Việt Nam.",
        PhoneError::Landline => "Đây là số cố định; hãy nhập số di động.",
        PhoneError::ElevenDigits => "Số 11 chữ số đã đổi sang 10 chữ số; hãy nhập số mới.",
        PhoneError::UnknownRange { .. } => "Đầu số này không thuộc mạng di động nào; hãy kiểm tra lại.",
    }
}

/// Why a name cannot be taken, as a source text.
#[must_use]
pub fn name_problem(error: &NameError) -> &'static str {
    match error {
        NameError::Empty => "Hãy nhập họ và tên.",
        NameError::TooLong => "Tên quá dài; hãy viết gọn lại.",
        _ => "Tên chỉ gồm chữ cái, dấu cách, dấu chấm, gạch nối và dấu nháy.",
    }
}

/// A phone from a field, with what is wrong noted.
pub fn phone(page: &Page, errors: &mut Errors, field: &'static str, text: &str) -> Option<Phone> {
    Phone::parse(text).map_err(|error| errors.add(field, page.t(phone_problem(&error)))).ok()
}

/// A person's name from a field, with what is wrong noted.
pub fn person_name(page: &Page, errors: &mut Errors, field: &'static str, text: &str) -> Option<Name> {
    Name::parse(text).map_err(|error| errors.add(field, page.t(name_problem(&error)))).ok()
}

/// What an empty field asks for, as a source text: the summary on top shows it without its label.
fn empty_problem(field: &str) -> &'static str {
    match field {
        "name" => "Hãy nhập tên.",
        "address" => "Hãy nhập địa chỉ.",
        "area_name" => "Hãy nhập tên khu vực.",
        "gate_name" => "Hãy nhập tên cổng.",
        "reason" => "Hãy ghi lý do.",
        _ => "Ô này không được để trống.",
    }
}

/// A text of one line from a field: trimmed, not empty, bounded, without control characters.
pub fn line(page: &Page, errors: &mut Errors, field: &'static str, text: &str, chars_max: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        errors.add(field, page.t(empty_problem(field)));
    } else if text.chars().count() > chars_max.min(TEXT_CHARS_MAX) {
        let max = chars_max.min(TEXT_CHARS_MAX).to_string();
        errors.add(field, page.tf("Tối đa {max} ký tự; hãy viết gọn lại.", &[("max", max)]));
    } else if text.chars().any(char::is_control) {
        errors.add(field, page.t("Có ký tự không in được; hãy gõ lại."));
    }
    text
}
