//! The codes and sentences of [`super::Reason`], one constant each.

use super::reason::{HexFault, HexField};

/// Code, English, Vietnamese.
pub(super) type Entry = (&'static str, &'static str, &'static str);

pub(super) const EMPTY: Entry =
    ("empty", "There is nothing to read. Scan the code again.", "Không có gì để đọc. Hãy quét lại mã.");
pub(super) const TOO_LONG: Entry = (
    "too_long",
    "This is longer than 4,296 bytes, more than any code holds. Scan one code at a time.",
    "Dài hơn 4.296 byte, vượt sức chứa của mọi mã. Hãy quét từng mã một.",
);
pub(super) const NOT_UTF8: Entry = (
    "not_utf8",
    "The text is not in UTF-8. Set the reader to send UTF-8, then scan again.",
    "Chữ không ở dạng UTF-8. Hãy chỉnh máy quét sang UTF-8 rồi quét lại.",
);
pub(super) const NOT_A_CODE: Entry = (
    "not_a_code",
    "This is not a code that can be used here. Scan a citizen card, a health-insurance card, a personal QR code or a commune's card.",
    "Mã này không dùng được ở đây. Hãy quét thẻ căn cước, thẻ bảo hiểm y tế, mã QR cá nhân hoặc thẻ xã cấp.",
);
pub(super) const NOT_OUR_LINK: Entry = (
    "not_our_link",
    "This is a link, not a code of ours. It was not opened. Scan a citizen card or a health-insurance card, or type the name.",
    "Đây là một đường liên kết, không phải mã của hệ thống. Liên kết không được mở. Hãy quét thẻ căn cước, thẻ bảo hiểm y tế hoặc gõ tay.",
);
pub(super) const PAYMENT_CODE: Entry = (
    "payment_code",
    "This is a payment code. Scan the check-in code instead.",
    "Đây là mã thanh toán. Hãy quét mã khai báo vào ra.",
);
pub(super) const FOREIGN_SYSTEM: Entry = (
    "foreign_system",
    "This code belongs to another system and records nothing here. Scan a citizen card or a health-insurance card, or type the name.",
    "Mã này của hệ thống khác, quét ở đây không được ghi nhận. Hãy quét thẻ căn cước, thẻ bảo hiểm y tế hoặc gõ tay.",
);
pub(super) const INPUT_METHOD_ACTIVE: Entry = (
    "input_method_active",
    "A Vietnamese input method changed what the reader typed. Switch the keyboard to English, then scan again.",
    "Bộ gõ tiếng Việt đã làm sai nội dung quét. Hãy chuyển bàn phím sang tiếng Anh (tắt bộ gõ) rồi quét lại.",
);
pub(super) const CHECK_FAILED: Entry = (
    "check_failed",
    "The code does not add up: a character is wrong or two are swapped. Compare it with the poster and type it again.",
    "Mã không khớp: có ký tự sai hoặc bị đảo. Hãy so với áp phích và gõ lại.",
);
pub(super) const CODE_CHARACTER: Entry = (
    "code_character",
    "A code never has the letter U. Compare it with the poster and type it again.",
    "Mã không bao giờ có chữ U. Hãy so với áp phích và gõ lại.",
);
pub(super) const CODE_LENGTH: Entry = (
    "code_length",
    "A code has ten characters. Compare it with the poster and type it again.",
    "Mã có mười ký tự. Hãy so với áp phích và gõ lại.",
);
pub(super) const TOKEN_DAMAGED: Entry = (
    "token_damaged",
    "This card cannot be read whole. Scan again; if it fails again, print a new card.",
    "Không đọc được trọn thẻ này. Hãy quét lại; nếu vẫn lỗi, hãy in thẻ mới.",
);
pub(super) const CARD_VERSION_UNKNOWN: Entry = (
    "card_version_unknown",
    "This card is of a newer kind. Update this device, or enter the person by name and phone.",
    "Thẻ thuộc loại mới hơn. Hãy cập nhật thiết bị, hoặc nhập họ tên và số điện thoại.",
);
pub(super) const CARD_EXPIRED: Entry = (
    "card_expired",
    "This card has expired. Enter the person by name and phone, and print a new card.",
    "Thẻ đã hết hạn. Hãy nhập họ tên và số điện thoại, rồi in thẻ mới.",
);
pub(super) const SIGNATURE_UNCHECKED: Entry = (
    "signature_unchecked",
    "The signature of this card has not been checked yet.",
    "Chữ ký của thẻ chưa được kiểm tra.",
);
pub(super) const FIELDS_MISSING: Entry = (
    "fields_missing",
    "Part of the card's code is missing. Scan again, holding the card flat.",
    "Mã trên thẻ bị thiếu. Hãy giữ thẻ phẳng và quét lại.",
);
pub(super) const END_MISSING: Entry = (
    "end_missing",
    "The end of the health-insurance code is missing. Scan again, holding the card flat.",
    "Mã thẻ bảo hiểm y tế bị thiếu phần cuối. Hãy giữ thẻ phẳng và quét lại.",
);
pub(super) const ID_NUMBER_INVALID: Entry = (
    "id_number_invalid",
    "The number of the identity document cannot be right. Scan again, or type the number.",
    "Số giấy tờ không đúng dạng. Hãy quét lại hoặc nhập số.",
);
pub(super) const NO_IDENTIFIER: Entry = (
    "no_identifier",
    "The code hides the document number and has no identifier. Use another card, or enter name and phone.",
    "Mã che số giấy tờ và không có mã định danh. Hãy dùng thẻ khác hoặc nhập họ tên và số điện thoại.",
);
pub(super) const QID_INVALID: Entry = (
    "qid_invalid",
    "The national identifier cannot be right. Scan again.",
    "Mã định danh quốc gia không đúng dạng. Hãy quét lại.",
);
pub(super) const QID_MISSING: Entry = (
    "qid_missing",
    "The national identifier is missing; the document number is used.",
    "Thiếu mã định danh quốc gia; dùng số giấy tờ thay thế.",
);
pub(super) const DECLARATION_INVALID: Entry = (
    "declaration_invalid",
    "The code does not say who declared. Scan again.",
    "Mã không ghi ai khai báo. Hãy quét lại.",
);
pub(super) const NAME_MISSING: Entry = (
    "name_missing",
    "The name is missing. Scan again, or enter name and phone.",
    "Thiếu họ tên. Hãy quét lại hoặc nhập họ tên và số điện thoại.",
);
pub(super) const NAME_INVALID: Entry = (
    "name_invalid",
    "The name holds characters that no name has. Compare it with the card and enter it by hand.",
    "Họ tên có ký tự không hợp lệ. Hãy so với thẻ và nhập tay.",
);
pub(super) const ACCENTS_LOST: Entry = (
    "accents_lost",
    "The reader lost the accents. Compare the name with the card; set the reader to UTF-8 and the keyboard to English.",
    "Máy quét làm mất dấu. Hãy so họ tên với thẻ; chỉnh máy quét sang UTF-8 và bàn phím sang tiếng Anh.",
);
pub(super) const BIRTH_DATE_INVALID: Entry = (
    "birth_date_invalid",
    "The date of birth is not a day of the calendar. Scan again, or enter it by hand.",
    "Ngày sinh không có trong lịch. Hãy quét lại hoặc nhập tay.",
);
pub(super) const BIRTH_DATE_FUTURE: Entry = (
    "birth_date_future",
    "The date of birth is in the future. Check the device's date, then scan again.",
    "Ngày sinh ở tương lai. Hãy kiểm tra ngày trên thiết bị rồi quét lại.",
);
pub(super) const ISSUED_ON_INVALID: Entry = (
    "issued_on_invalid",
    "The card's issue date cannot be right. Look at the card.",
    "Ngày cấp thẻ không đúng. Hãy xem lại thẻ.",
);
pub(super) const SEX_INVALID: Entry = (
    "sex_invalid",
    "The sex on the card could not be read. Ask, if it is needed.",
    "Không đọc được giới tính trên thẻ. Hãy hỏi nếu cần.",
);
pub(super) const NUMBER_BIRTH_YEAR_DIFFERS: Entry = (
    "number_birth_year_differs",
    "The card's number and the birth year disagree. Look at the card; the person may come in.",
    "Số thẻ và năm sinh không khớp. Hãy xem lại thẻ; vẫn cho vào.",
);
pub(super) const NUMBER_SEX_DIFFERS: Entry = (
    "number_sex_differs",
    "The card's number and the sex disagree. Look at the card; the person may come in.",
    "Số thẻ và giới tính không khớp. Hãy xem lại thẻ; vẫn cho vào.",
);
pub(super) const BHYT_NUMBER_INVALID: Entry = (
    "bhyt_number_invalid",
    "The health-insurance number cannot be right. Scan again, or type the number.",
    "Số thẻ bảo hiểm y tế không đúng dạng. Hãy quét lại hoặc nhập số.",
);
pub(super) const BHYT_NUMBER_IGNORED: Entry = (
    "bhyt_number_ignored",
    "The health-insurance number in this code cannot be right and was left out.",
    "Số bảo hiểm y tế trong mã không đúng dạng nên bị bỏ qua.",
);
pub(super) const PHONE_INVALID: Entry = (
    "phone_invalid",
    "The phone number in this code cannot be used. Ask for a mobile number.",
    "Số điện thoại trong mã không dùng được. Hãy hỏi số di động.",
);

/// The entry of a fault in a hexadecimal field.
pub(super) fn hex(field: HexField, fault: HexFault) -> Entry {
    match (field, fault) {
        (HexField::Name, HexFault::OddLength) => (
            "name_hex_odd_length",
            "The name on the health-insurance card has half a character too many. Scan again, or enter the person by hand.",
            "Phần họ tên trên thẻ bảo hiểm y tế bị lẻ ký tự. Hãy quét lại hoặc nhập tay.",
        ),
        (HexField::Name, HexFault::NotHex) => (
            "name_not_hex",
            "The name on the health-insurance card holds characters that cannot be there. Scan again, or enter the person by hand.",
            "Phần họ tên trên thẻ bảo hiểm y tế có ký tự không hợp lệ. Hãy quét lại hoặc nhập tay.",
        ),
        (HexField::Name, HexFault::NotUtf8) => (
            "name_not_utf8",
            "The name on the health-insurance card is not readable text. Scan again, or enter the person by hand.",
            "Phần họ tên trên thẻ bảo hiểm y tế không phải chữ đọc được. Hãy quét lại hoặc nhập tay.",
        ),
        (HexField::Address, HexFault::OddLength) => (
            "address_hex_odd_length",
            "The address on the health-insurance card has half a character too many. Scan again, or enter the person by hand.",
            "Phần địa chỉ trên thẻ bảo hiểm y tế bị lẻ ký tự. Hãy quét lại hoặc nhập tay.",
        ),
        (HexField::Address, HexFault::NotHex) => (
            "address_not_hex",
            "The address on the health-insurance card holds characters that cannot be there. Scan again, or enter the person by hand.",
            "Phần địa chỉ trên thẻ bảo hiểm y tế có ký tự không hợp lệ. Hãy quét lại hoặc nhập tay.",
        ),
        (HexField::Address, HexFault::NotUtf8) => (
            "address_not_utf8",
            "The address on the health-insurance card is not readable text. Scan again, or enter the person by hand.",
            "Phần địa chỉ trên thẻ bảo hiểm y tế không phải chữ đọc được. Hãy quét lại hoặc nhập tay.",
        ),
        (HexField::Office, HexFault::OddLength) => (
            "office_hex_odd_length",
            "The issuing office on the health-insurance card has half a character too many. Scan again, or enter the person by hand.",
            "Phần cơ quan cấp trên thẻ bảo hiểm y tế bị lẻ ký tự. Hãy quét lại hoặc nhập tay.",
        ),
        (HexField::Office, HexFault::NotHex) => (
            "office_not_hex",
            "The issuing office on the health-insurance card holds characters that cannot be there. Scan again, or enter the person by hand.",
            "Phần cơ quan cấp trên thẻ bảo hiểm y tế có ký tự không hợp lệ. Hãy quét lại hoặc nhập tay.",
        ),
        (HexField::Office, HexFault::NotUtf8) => (
            "office_not_utf8",
            "The issuing office on the health-insurance card is not readable text. Scan again, or enter the person by hand.",
            "Phần cơ quan cấp trên thẻ bảo hiểm y tế không phải chữ đọc được. Hãy quét lại hoặc nhập tay.",
        ),
    }
}
