//! Cells that are numbers, times and phones, as people and spreadsheets write them.

use super::{Fault, fault};
use crate::name::{Name, fold};
use crate::phone::{Phone, PhoneError};

/// Most people that a place may be said to hold.
const CAPACITY_MAX: u32 = 100_000;

/// Reads a person's name.
///
/// # Errors
/// `name_invalid`.
pub(crate) fn person(text: &str) -> Result<String, Fault> {
    Name::parse(text).map(Name::into_string).map_err(|_| {
        fault(
            "name_invalid",
            "Họ tên chỉ gồm chữ cái, dấu cách, dấu ' . và -, bắt đầu bằng chữ cái, tối đa 80 chữ. Hãy sửa lại.",
            "A name has letters, spaces, ' . and - only, begins with a letter and has at most 80. Correct it.",
        )
    })
}

/// Reads a mobile number into E.164.
///
/// # Errors
/// `phone_invalid`, with what is wrong in words.
pub(crate) fn phone(text: &str) -> Result<String, Fault> {
    Phone::parse(text).map(|phone| phone.e164()).map_err(|error| {
        let en = format!("The phone number cannot be used: {error}.");
        fault("phone_invalid", format!("Số điện thoại không dùng được: {}.", phone_error_vi(error)), en)
    })
}

fn phone_error_vi(error: PhoneError) -> String {
    match error {
        PhoneError::Empty => "không có chữ số nào".to_owned(),
        PhoneError::WrongCharacter { at } => format!("ký tự thứ {at} không thể có trong số điện thoại"),
        PhoneError::WrongLength { found } => {
            format!("số di động có 10 chữ số và bắt đầu bằng 0, số này có {found}")
        }
        PhoneError::OtherCountry => "đây là số nước ngoài, chỉ dùng số di động Việt Nam (+84)".to_owned(),
        PhoneError::Landline => "đây là số máy bàn, cần số di động".to_owned(),
        PhoneError::ElevenDigits => "số 11 chữ số đã đổi thành 10 chữ số năm 2018, hãy ghi số mới".to_owned(),
        PhoneError::UnknownRange { first, second } => {
            format!("không mạng nào có đầu số 0{first}{second}")
        }
    }
}

/// Reads a number of people: plain digits, thousands set apart by dots, commas or spaces, and the `.0` that
/// spreadsheets add.
///
/// # Errors
/// `capacity_invalid`.
pub(crate) fn capacity(text: &str) -> Result<u32, Fault> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let parts: Vec<&str> = whole.split(['.', ',', ' ', '\u{a0}']).collect();
    let is_grouped = parts.iter().skip(1).all(|part| part.len() == 3);
    let digits = parts.concat();
    let is_number = is_grouped && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value = if is_number { digits.parse().ok() } else { None };
    value.filter(|value| (1..=CAPACITY_MAX).contains(value)).ok_or_else(|| {
        fault(
            "capacity_invalid",
            "Sức chứa là số người, từ 1 đến 100.000. Hãy chỉ ghi chữ số.",
            "The capacity is a number of people, 1 to 100,000. Write digits alone.",
        )
    })
}

/// Reads a time of day into `HH:MM`: `7:30`, `07:30:00`, `7h30`, `7 giờ`, `7`, `5 pm`, `5:30 CH`, and the
/// fraction of a day that spreadsheets store. `24:00` is midnight.
///
/// # Errors
/// `time_invalid`.
pub(crate) fn time_of_day(text: &str) -> Result<String, Fault> {
    let minutes = fraction_of_day(text).or_else(|| minutes_of_clock(text));
    minutes.map(|minutes| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)).ok_or_else(|| {
        fault(
            "time_invalid",
            "Không đọc được giờ. Hãy ghi giờ và phút như 07:30.",
            "The time cannot be read. Write hours and minutes as in 07:30.",
        )
    })
}

/// Minutes of a day stored as a fraction, such as `0.3125` for 07:30.
fn fraction_of_day(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("0.").or_else(|| text.strip_prefix("0,"))?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: f64 = format!("0.{digits}").parse().ok()?;
    let minutes = (fraction * 1440.0).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1440")]
    let minutes = minutes as u32;
    Some(minutes)
}

/// Minutes of a clock's time, 0 to 1440.
fn minutes_of_clock(text: &str) -> Option<u32> {
    let lower = text.to_lowercase().replace("giờ", ":").replace("phút", "");
    let mut spelled = String::new();
    for character in lower.chars() {
        // The h of `7h30`, not that of `CH`.
        let is_after_digit = spelled.trim_end().ends_with(|c: char| c.is_ascii_digit());
        spelled.push(if is_after_digit && matches!(character, 'h' | 'g') { ':' } else { character });
    }
    let (clock, half) = spelled.split_at(spelled.find(char::is_alphabetic).unwrap_or(spelled.len()));
    let parts: Vec<&str> = clock.trim().trim_end_matches(':').split(':').map(str::trim).collect();
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| two_digits(part)).collect();
    let (hour, minute) = match numbers?[..] {
        [hour] => (hour, 0),
        [hour, minute] => (hour, minute),
        [hour, minute, second] if second < 60 => (hour, minute),
        _ => return None,
    };
    let hour = match (fold(half).as_str(), hour) {
        ("", _) => hour,
        ("am" | "sa" | "sang", 12) => 0,
        ("am" | "sa" | "sang", 1..12) => hour,
        ("pm" | "ch" | "chieu" | "toi", 12) => 12,
        ("pm" | "ch" | "chieu" | "toi", 1..12) => hour + 12,
        _ => return None,
    };
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= 1440).then_some(minutes)
}

/// One or two digits.
fn two_digits(text: &str) -> Option<u32> {
    let is_short = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_short { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_and_spreadsheets_write_them() {
        for (written, read) in [
            ("7:30", "07:30"),
            ("07:30:00", "07:30"),
            ("7h30", "07:30"),
            ("7H", "07:00"),
            ("7g30", "07:30"),
            ("7 giờ", "07:00"),
            ("7 giờ 30 phút", "07:30"),
            ("7", "07:00"),
            ("0", "00:00"),
            ("0:05", "00:05"),
            ("24:00", "00:00"),
            ("5 pm", "17:00"),
            ("5:30 CH", "17:30"),
            ("12:10 AM", "00:10"),
            ("12 PM", "12:00"),
            ("7:30 SA", "07:30"),
            ("6 giờ chiều", "18:00"),
            ("7 giờ sáng", "07:00"),
            ("5 h 30", "05:30"),
            ("0.3125", "07:30"),
            ("0,75", "18:00"),
            ("0.9999999", "00:00"),
        ] {
            assert_eq!(time_of_day(written).as_deref(), Ok(read), "{written}");
        }
        for wrong in [
            "25:00", "7:60", "24:01", "7:3:4:5", "::", "x", "13 pm", "0 pm", "7:30 xx", "-1", "730", "1.5",
            "7:30:60",
        ] {
            assert_eq!(time_of_day(wrong).map_err(|fault| fault.0), Err("time_invalid"), "{wrong}");
        }
    }

    #[test]
    fn capacities_with_and_without_thousands() {
        for (written, read) in
            [("120", 120), ("1.200", 1200), ("1,200", 1200), ("120.0", 120), ("100 000", 100_000)]
        {
            assert_eq!(capacity(written), Ok(read), "{written}");
        }
        for wrong in ["0", "-5", "12.5", "1.20", "100001", "99999999999", "abc", "=1+1", "1e3", "."] {
            assert_eq!(capacity(wrong).map_err(|fault| fault.0), Err("capacity_invalid"), "{wrong}");
        }
    }

    #[test]
    fn phones_are_kept_in_one_form_and_refused_without_repeating_them() {
        for written in ["0912345678", "912345678", "+84 912 345 678"] {
            assert_eq!(phone(written).as_deref(), Ok("+84912345678"));
        }
        for wrong in ["0912", "0262381234", "+12025550123", "01234567890", "x", "0512345678", "-"] {
            let Err((code, vi, en)) = phone(wrong) else { panic!("{wrong} is taken") };
            assert_eq!(code, "phone_invalid");
            assert!(wrong.len() < 4 || !(vi.contains(wrong) || en.contains(wrong)), "{vi} {en}");
        }
    }
}
