//! The columns of the templates that people fill in: the importer finds them by these names.

/// What a column's cells must be; typing anything else is answered by the spreadsheet at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellRule {
    /// Any text.
    Text,
    /// A kind of place, by code or name.
    PlaceType,
    /// A commune, by code or name.
    Commune,
    /// A whole number from 1 to 100,000.
    Number,
    /// A time of day.
    TimeOfDay,
    /// A year from 1900 to the present one.
    BirthYear,
    /// `Nam` or `Nữ`.
    Sex,
    /// Text of 9 to 15 characters, so that a leading zero stays.
    Phone,
    /// Text of 9 or 12 characters.
    IdNumber,
}

/// A column of a template: what the importer looks for, and what the guide says of it.
#[derive(Debug, Clone, Copy)]
pub struct SheetColumn {
    /// Heading, exactly as in the header row.
    pub name: &'static str,
    /// Whether each row must fill it in.
    pub is_required: bool,
    /// What to fill in, as one or two sentences.
    pub meaning: &'static str,
    /// An example.
    pub example: &'static str,
    /// What its cells must be.
    pub(crate) rule: CellRule,
    /// Width in characters.
    pub(crate) width_chars: u16,
}

const fn column(
    name: &'static str,
    is_required: bool,
    (rule, width_chars): (CellRule, u16),
    meaning: &'static str,
    example: &'static str,
) -> SheetColumn {
    SheetColumn { name, is_required, meaning, example, rule, width_chars }
}

/// Columns of the template of places, from left to right.
pub const PLACE_COLUMNS: [SheetColumn; 10] = [
    column(
        "Tên địa điểm",
        true,
        (CellRule::Text, 36),
        "Tên người dân thường gọi, như trên biển hiệu.",
        "Chợ Tân An",
    ),
    column(
        "Loại",
        true,
        (CellRule::PlaceType, 24),
        "Chọn trong danh sách, hoặc gõ mã hay tên ở trang Danh mục.",
        "Chợ",
    ),
    column(
        "Xã/phường",
        true,
        (CellRule::Commune, 24),
        "Chọn trong danh sách, hoặc gõ mã hay tên ở trang Danh mục.",
        "Phường Tân An",
    ),
    column(
        "Địa chỉ",
        true,
        (CellRule::Text, 36),
        "Số nhà và đường, hoặc thôn, buôn. Không ghi lại xã, huyện, tỉnh.",
        "Buôn Ko Tam, quốc lộ 26",
    ),
    column("Người liên hệ", true, (CellRule::Text, 26), "Họ tên người phụ trách địa điểm.", "H'Hen Niê"),
    column(
        "Điện thoại",
        true,
        (CellRule::Phone, 16),
        "Điện thoại của người phụ trách, đủ số 0 ở đầu.",
        "0912345678",
    ),
    column(
        "Khu vực",
        false,
        (CellRule::Text, 36),
        "Mỗi khu vực có mã riêng: phòng, tầng, cổng, dãy hàng. Nhiều khu vực cách nhau bằng dấu chấm phẩy (;). Để trống \
         nếu cả địa điểm dùng một mã.",
        "Cổng 1; Cổng 2; Dãy rau quả",
    ),
    column("Sức chứa", false, (CellRule::Number, 12), "Số người nhiều nhất cùng lúc, là số nguyên.", "300"),
    column(
        "Giờ mở",
        false,
        (CellRule::TimeOfDay, 10),
        "Giờ và phút, từ 00:00 đến 23:59. Để trống cả giờ mở và giờ đóng nếu mở suốt ngày đêm.",
        "05:00",
    ),
    column(
        "Giờ đóng",
        false,
        (CellRule::TimeOfDay, 10),
        "Giờ và phút, từ 00:00 đến 23:59. Được sớm hơn giờ mở nếu đóng sau nửa đêm.",
        "18:30",
    ),
];

/// Columns of the template of cards, from left to right.
pub const CARD_COLUMNS: [SheetColumn; 6] = [
    column(
        "Họ và tên",
        true,
        (CellRule::Text, 36),
        "Đủ họ, đệm, tên, có dấu. Trên thẻ in tên được che bớt.",
        "H'Bhứt Niê Kdăm",
    ),
    column("Năm sinh", true, (CellRule::BirthYear, 12), "Bốn chữ số.", "1948"),
    column("Giới tính", true, (CellRule::Sex, 12), "Nam hoặc Nữ.", "Nữ"),
    column(
        "Điện thoại",
        false,
        (CellRule::Phone, 16),
        "Điện thoại của người đó hoặc của người thân, đủ số 0 ở đầu.",
        "0912345678",
    ),
    column(
        "Thôn/buôn",
        false,
        (CellRule::Text, 26),
        "Thôn, buôn hoặc tổ dân phố; in trên thẻ để phát đúng người.",
        "Buôn Akŏ Dhŏng",
    ),
    column(
        "Số căn cước",
        false,
        (CellRule::IdNumber, 18),
        "12 số của căn cước, hoặc 9 số của chứng minh nhân dân. Không in trên thẻ.",
        "066148001234",
    ),
];
