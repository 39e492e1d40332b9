// @ts-check
// Why a reading is not plain accept: stable codes for programs, sentences for people. The words are those of
// `domain::card::Reason`; the end-to-end tests compare the two.

/** @typedef {import("./fields.js").Verdict} Verdict */
/** @typedef {keyof typeof REASONS} Reason a stable code, in snake case */

/** Every reason, in the order of the server's list: how grave it is, and what to do about it in two languages. */
export const REASONS = Object.freeze({
  empty: reject(
    "Không có gì để đọc. Hãy quét lại mã.",
    "There is nothing to read. Scan the code again.",
  ),
  too_long: reject(
    "Dài hơn 4.296 byte, vượt sức chứa của mọi mã. Hãy quét từng mã một.",
    "This is longer than 4,296 bytes, more than any code holds. Scan one code at a time.",
  ),
  not_utf8: reject(
    "Chữ không ở dạng UTF-8. Hãy chỉnh máy quét sang UTF-8 rồi quét lại.",
    "The text is not in UTF-8. Set the reader to send UTF-8, then scan again.",
  ),
  not_a_code: reject(
    "Mã này không dùng được ở đây. Hãy quét thẻ căn cước, thẻ bảo hiểm y tế, mã QR cá nhân hoặc thẻ xã cấp.",
    "This is not a code that can be used here. Scan a citizen card, a health-insurance card, a personal QR code or a commune's card.",
  ),
  not_our_link: reject(
    "Đây là một đường liên kết, không phải mã của hệ thống. Liên kết không được mở. Hãy quét thẻ căn cước, thẻ bảo hiểm y tế hoặc gõ tay.",
    "This is a link, not a code of ours. It was not opened. Scan a citizen card or a health-insurance card, or type the name.",
  ),
  payment_code: reject(
    "Đây là mã thanh toán. Hãy quét mã khai báo vào ra.",
    "This is a payment code. Scan the check-in code instead.",
  ),
  foreign_system: reject(
    "Mã này của hệ thống khác, quét ở đây không được ghi nhận. Hãy quét thẻ căn cước, thẻ bảo hiểm y tế hoặc gõ tay.",
    "This code belongs to another system and records nothing here. Scan a citizen card or a health-insurance card, or type the name.",
  ),
  input_method_active: reject(
    "Bộ gõ tiếng Việt đã làm sai nội dung quét. Hãy chuyển bàn phím sang tiếng Anh (tắt bộ gõ) rồi quét lại.",
    "A Vietnamese input method changed what the reader typed. Switch the keyboard to English, then scan again.",
  ),
  check_failed: reject(
    "Mã không khớp: có ký tự sai hoặc bị đảo. Hãy so với áp phích và gõ lại.",
    "The code does not add up: a character is wrong or two are swapped. Compare it with the poster and type it again.",
  ),
  code_character: reject(
    "Mã không bao giờ có chữ U. Hãy so với áp phích và gõ lại.",
    "A code never has the letter U. Compare it with the poster and type it again.",
  ),
  code_length: reject(
    "Mã có mười ký tự. Hãy so với áp phích và gõ lại.",
    "A code has ten characters. Compare it with the poster and type it again.",
  ),
  token_damaged: reject(
    "Không đọc được trọn thẻ này. Hãy quét lại; nếu vẫn lỗi, hãy in thẻ mới.",
    "This card cannot be read whole. Scan again; if it fails again, print a new card.",
  ),
  card_version_unknown: reject(
    "Thẻ thuộc loại mới hơn. Hãy cập nhật thiết bị, hoặc nhập họ tên và số điện thoại.",
    "This card is of a newer kind. Update this device, or enter the person by name and phone.",
  ),
  card_expired: reject(
    "Thẻ đã hết hạn. Hãy nhập họ tên và số điện thoại, rồi in thẻ mới.",
    "This card has expired. Enter the person by name and phone, and print a new card.",
  ),
  signature_unchecked: warn(
    "Chữ ký của thẻ chưa được kiểm tra.",
    "The signature of this card has not been checked yet.",
  ),
  fields_missing: reject(
    "Mã trên thẻ bị thiếu. Hãy giữ thẻ phẳng và quét lại.",
    "Part of the card's code is missing. Scan again, holding the card flat.",
  ),
  end_missing: reject(
    "Mã thẻ bảo hiểm y tế bị thiếu phần cuối. Hãy giữ thẻ phẳng và quét lại.",
    "The end of the health-insurance code is missing. Scan again, holding the card flat.",
  ),
  id_number_invalid: reject(
    "Số giấy tờ không đúng dạng. Hãy quét lại hoặc nhập số.",
    "The number of the identity document cannot be right. Scan again, or type the number.",
  ),
  no_identifier: reject(
    "Mã che số giấy tờ và không có mã định danh. Hãy dùng thẻ khác hoặc nhập họ tên và số điện thoại.",
    "The code hides the document number and has no identifier. Use another card, or enter name and phone.",
  ),
  qid_invalid: reject(
    "Mã định danh quốc gia không đúng dạng. Hãy quét lại.",
    "The national identifier cannot be right. Scan again.",
  ),
  qid_missing: warn(
    "Thiếu mã định danh quốc gia; dùng số giấy tờ thay thế.",
    "The national identifier is missing; the document number is used.",
  ),
  declaration_invalid: reject(
    "Mã không ghi ai khai báo. Hãy quét lại.",
    "The code does not say who declared. Scan again.",
  ),
  name_missing: reject(
    "Thiếu họ tên. Hãy quét lại hoặc nhập họ tên và số điện thoại.",
    "The name is missing. Scan again, or enter name and phone.",
  ),
  name_invalid: reject(
    "Họ tên có ký tự không hợp lệ. Hãy so với thẻ và nhập tay.",
    "The name holds characters that no name has. Compare it with the card and enter it by hand.",
  ),
  accents_lost: warn(
    "Máy quét làm mất dấu. Hãy so họ tên với thẻ; chỉnh máy quét sang UTF-8 và bàn phím sang tiếng Anh.",
    "The reader lost the accents. Compare the name with the card; set the reader to UTF-8 and the keyboard to English.",
  ),
  birth_date_invalid: reject(
    "Ngày sinh không có trong lịch. Hãy quét lại hoặc nhập tay.",
    "The date of birth is not a day of the calendar. Scan again, or enter it by hand.",
  ),
  birth_date_future: reject(
    "Ngày sinh ở tương lai. Hãy kiểm tra ngày trên thiết bị rồi quét lại.",
    "The date of birth is in the future. Check the device's date, then scan again.",
  ),
  issued_on_invalid: warn(
    "Ngày cấp thẻ không đúng. Hãy xem lại thẻ.",
    "The card's issue date cannot be right. Look at the card.",
  ),
  sex_invalid: warn(
    "Không đọc được giới tính trên thẻ. Hãy hỏi nếu cần.",
    "The sex on the card could not be read. Ask, if it is needed.",
  ),
  number_birth_year_differs: warn(
    "Số thẻ và năm sinh không khớp. Hãy xem lại thẻ; vẫn cho vào.",
    "The card's number and the birth year disagree. Look at the card; the person may come in.",
  ),
  number_sex_differs: warn(
    "Số thẻ và giới tính không khớp. Hãy xem lại thẻ; vẫn cho vào.",
    "The card's number and the sex disagree. Look at the card; the person may come in.",
  ),
  bhyt_number_invalid: reject(
    "Số thẻ bảo hiểm y tế không đúng dạng. Hãy quét lại hoặc nhập số.",
    "The health-insurance number cannot be right. Scan again, or type the number.",
  ),
  bhyt_number_ignored: warn(
    "Số bảo hiểm y tế trong mã không đúng dạng nên bị bỏ qua.",
    "The health-insurance number in this code cannot be right and was left out.",
  ),
  phone_invalid: warn(
    "Số điện thoại trong mã không dùng được. Hãy hỏi số di động.",
    "The phone number in this code cannot be used. Ask for a mobile number.",
  ),
  name_hex_odd_length: reject(
    "Phần họ tên trên thẻ bảo hiểm y tế bị lẻ ký tự. Hãy quét lại hoặc nhập tay.",
    "The name on the health-insurance card has half a character too many. Scan again, or enter the person by hand.",
  ),
  name_not_hex: reject(
    "Phần họ tên trên thẻ bảo hiểm y tế có ký tự không hợp lệ. Hãy quét lại hoặc nhập tay.",
    "The name on the health-insurance card holds characters that cannot be there. Scan again, or enter the person by hand.",
  ),
  name_not_utf8: reject(
    "Phần họ tên trên thẻ bảo hiểm y tế không phải chữ đọc được. Hãy quét lại hoặc nhập tay.",
    "The name on the health-insurance card is not readable text. Scan again, or enter the person by hand.",
  ),
  address_hex_odd_length: reject(
    "Phần địa chỉ trên thẻ bảo hiểm y tế bị lẻ ký tự. Hãy quét lại hoặc nhập tay.",
    "The address on the health-insurance card has half a character too many. Scan again, or enter the person by hand.",
  ),
  address_not_hex: reject(
    "Phần địa chỉ trên thẻ bảo hiểm y tế có ký tự không hợp lệ. Hãy quét lại hoặc nhập tay.",
    "The address on the health-insurance card holds characters that cannot be there. Scan again, or enter the person by hand.",
  ),
  address_not_utf8: reject(
    "Phần địa chỉ trên thẻ bảo hiểm y tế không phải chữ đọc được. Hãy quét lại hoặc nhập tay.",
    "The address on the health-insurance card is not readable text. Scan again, or enter the person by hand.",
  ),
  office_hex_odd_length: reject(
    "Phần cơ quan cấp trên thẻ bảo hiểm y tế bị lẻ ký tự. Hãy quét lại hoặc nhập tay.",
    "The issuing office on the health-insurance card has half a character too many. Scan again, or enter the person by hand.",
  ),
  office_not_hex: reject(
    "Phần cơ quan cấp trên thẻ bảo hiểm y tế có ký tự không hợp lệ. Hãy quét lại hoặc nhập tay.",
    "The issuing office on the health-insurance card holds characters that cannot be there. Scan again, or enter the person by hand.",
  ),
  office_not_utf8: reject(
    "Phần cơ quan cấp trên thẻ bảo hiểm y tế không phải chữ đọc được. Hãy quét lại hoặc nhập tay.",
    "The issuing office on the health-insurance card is not readable text. Scan again, or enter the person by hand.",
  ),
});

/** @param {string} vi @param {string} en */
function reject(vi, en) {
  return Object.freeze({ verdict: /** @type {const} */ ("reject"), vi, en });
}

/** @param {string} vi @param {string} en */
function warn(vi, en) {
  return Object.freeze({ verdict: /** @type {const} */ ("warn"), vi, en });
}

/** @param {Reason[]} reasons @returns {Verdict} the gravest verdict among them; accept where there is none */
export function gravest(reasons) {
  if (reasons.some((reason) => REASONS[reason].verdict === "reject")) return "reject";
  return reasons.length > 0 ? "warn" : "accept";
}
