//! A list of people for whom a commune prints personal cards, as a hamlet brings it.

use std::collections::HashMap;
use std::fmt;

use jiff::civil::Date;

use crate::card::text::{BIRTH_YEAR_MIN, is_digits};
use crate::card::{self, Fields, Sex};
use crate::list::{self, Cells, Column, Fault, Header, ListRow, Problem, Problems, Severity, fault};
use crate::name::fold;

/// Longest note, in characters.
pub const NOTE_CHARACTERS_MAX: usize = 80;

/// What a list of people gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardList {
    /// The rows without an error, in their order.
    pub people: Vec<NewCardHolder>,
    /// Every problem of every row, bounded by [`list::PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
}

/// Somebody who is to have a card. Personal data, so `Debug` shows the row alone.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCardHolder {
    /// Row in the sheet.
    pub row: u32,
    /// Full name, NFC.
    pub name: String,
    /// Year of birth.
    pub birth_year: u16,
    /// Sex; unknown where the list says so.
    pub sex: Sex,
    /// Mobile number, E.164.
    pub phone_e164: Option<String>,
    /// Hamlet or another note, by which cards are sorted for handing out.
    pub note: Option<String>,
    /// Number of the identity card: CCCD 12 digits or CMND 9.
    pub id_number: Option<String>,
}

impl fmt::Debug for NewCardHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewCardHolder(row {})", self.row)
    }
}

const COLUMNS: &[Column] = &[
    Column {
        key: "name",
        title: "Họ và tên",
        is_required: true,
        titles: &["hovaten", "hoten", "ten", "hotenkhaisinh", "name", "fullname"],
    },
    Column {
        key: "birth_year",
        title: "Năm sinh",
        is_required: true,
        titles: &[
            "namsinh",
            "ngaysinh",
            "ngaythangnamsinh",
            "sinhnam",
            "birthyear",
            "yearofbirth",
            "birthdate",
            "dateofbirth",
            "born",
        ],
    },
    Column {
        key: "sex",
        title: "Giới tính",
        is_required: true,
        titles: &["gioitinh", "gioi", "phai", "namnu", "sex", "gender"],
    },
    Column {
        key: "phone",
        title: "Điện thoại",
        is_required: false,
        titles: &[
            "dienthoai",
            "sodienthoai",
            "sdt",
            "dtdd",
            "didong",
            "sodidong",
            "phone",
            "phonenumber",
            "mobile",
            "tel",
            "telephone",
        ],
    },
    Column {
        key: "note",
        title: "Thôn, buôn",
        is_required: false,
        titles: &[
            "thonbuon",
            "thon",
            "buon",
            "thonbuontodanpho",
            "todanpho",
            "to",
            "diachi",
            "noio",
            "hamlet",
            "village",
            "note",
            "address",
        ],
    },
    Column {
        key: "id_number",
        title: "Số căn cước",
        is_required: false,
        titles: &[
            "socccd",
            "socancuoc",
            "cancuoc",
            "cccd",
            "cmnd",
            "socmnd",
            "cccdcmnd",
            "cmndcccd",
            "socccdcmnd",
            "socmndcccd",
            "sodinhdanh",
            "sogiayto",
            "idnumber",
            "id",
            "idcard",
        ],
    },
];

/// Reads a list whose first row is the header. `today` is the local day; nobody is born after it.
#[must_use]
pub fn read(rows: &[ListRow], today: Date) -> CardList {
    let mut problems = Problems::default();
    let Some((header, rows)) = list::split(rows, &mut problems) else {
        problems.add(0, "", Severity::Error, list::list_empty());
        return CardList { people: vec![], problems: problems.into_list() };
    };
    let header = Header::read(header, COLUMNS, |column| column.is_required, &mut problems);
    let mut seen = Seen::default();
    let mut people = vec![];
    for row in rows {
        let errors = problems.errors();
        let mut cells = Cells { header: &header, row, problems: &mut problems };
        let holder = holder(&mut cells, today, &mut seen);
        if problems.errors() == errors && header.is_whole() {
            people.extend(holder);
        }
    }
    CardList { people, problems: problems.into_list() }
}

/// Rows by what should stand once.
#[derive(Default)]
struct Seen {
    id_numbers: HashMap<String, u32>,
    /// Folded name, year of birth and note.
    people: HashMap<(String, u16, String), u32>,
}

/// Reads a row; every cell is looked at, whatever is wrong with the others.
fn holder(cells: &mut Cells<'_>, today: Date, seen: &mut Seen) -> Option<NewCardHolder> {
    let name = cells.parsed("name", list::person);
    let birth_year = cells.parsed("birth_year", |text| birth_year(text, today));
    let sex = cells.parsed("sex", sex);
    let phone_e164 = cells.parsed("phone", list::phone);
    let note = cells.line("note", NOTE_CHARACTERS_MAX);
    let id_number = cells.parsed("id_number", id_number);
    check_repeated(cells, name.as_deref(), birth_year, note.as_deref(), id_number.as_deref(), seen);
    check_number(cells, birth_year, sex, id_number.as_deref());
    Some(NewCardHolder {
        row: cells.row.number,
        name: name?,
        birth_year: birth_year?,
        sex: sex?,
        phone_e164,
        note,
        id_number,
    })
}

/// Compares a CCCD number with birth year and sex. The official specimen itself disagrees, so the person gets
/// a card all the same.
fn check_number(cells: &mut Cells<'_>, birth_year: Option<u16>, sex: Option<Sex>, id_number: Option<&str>) {
    let id_number = id_number.map(str::to_owned);
    let fields = Fields { id_number, birth_year, sex, ..Fields::default() };
    let mut reasons = vec![];
    card::check_number(&fields, &mut reasons);
    for reason in reasons {
        cells.note("id_number", Severity::Warning, fault(reason.code(), reason.vi(), reason.en()));
    }
}

/// Names a number that stands twice, and warns of a person who seems to: two people of a hamlet may well share
/// name and year.
fn check_repeated(
    cells: &mut Cells<'_>,
    name: Option<&str>,
    birth_year: Option<u16>,
    note: Option<&str>,
    id_number: Option<&str>,
    seen: &mut Seen,
) {
    let number = cells.row.number;
    if let Some(id_number) = id_number {
        let first = *seen.id_numbers.entry(id_number.to_owned()).or_insert(number);
        if first != number {
            let vi = format!("Số giấy tờ trùng với dòng {first}. Hãy bỏ một dòng hoặc sửa số.");
            let en = format!("The number of row {first} again. Remove one row or correct the number.");
            return cells.error("id_number", fault("repeated", vi, en));
        }
    }
    if let (Some(name), Some(birth_year)) = (name, birth_year) {
        let key = (fold(name), birth_year, fold(note.unwrap_or_default()));
        let first = *seen.people.entry(key).or_insert(number);
        if first != number {
            let vi = format!("Cùng tên và năm sinh với dòng {first}. Nếu là một người, hãy bỏ một dòng.");
            let en = format!("Name and birth year of row {first} again. If it is one person, remove a row.");
            cells.note("name", Severity::Warning, fault("person_repeated", vi, en));
        }
    }
}

/// Reads a year of birth, or takes it from a date: `1995`, `01/02/1995`, `1995-02-01`, `1995.0`.
fn birth_year(text: &str, today: Date) -> Result<u16, Fault> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    // A spreadsheet may add the time of day to a date.
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['/', '-', '.']).collect();
    let is_part = |part: &&str| is_digits(part, 1) || is_digits(part, 2);
    let year = match parts[..] {
        [year] => Some(year),
        [month, year] if is_part(&month) && is_digits(year, 4) => Some(year),
        [day, month, year] if is_part(&day) && is_part(&month) && is_digits(year, 4) => Some(year),
        [year, month, day] if is_part(&day) && is_part(&month) && is_digits(year, 4) => Some(year),
        _ => None,
    };
    let year = year.filter(|year| is_digits(year, 4)).and_then(|year| year.parse::<i16>().ok());
    let year = year.filter(|year| (BIRTH_YEAR_MIN..=today.year()).contains(year));
    year.and_then(|year| u16::try_from(year).ok()).ok_or_else(|| {
        let this_year = today.year();
        fault(
            "birth_year_invalid",
            format!("Năm sinh gồm 4 chữ số, từ {BIRTH_YEAR_MIN} đến {this_year}. Hãy sửa lại."),
            format!("A birth year has 4 digits, {BIRTH_YEAR_MIN} to {this_year}. Correct it."),
        )
    })
}

fn sex(text: &str) -> Result<Sex, Fault> {
    match fold(text).as_str() {
        "nam" | "trai" | "ong" | "male" | "man" | "m" | "1" => Ok(Sex::Male),
        "nu" | "gai" | "ba" | "female" | "woman" | "f" | "2" => Ok(Sex::Female),
        "khac" | "khongro" | "other" | "unknown" => Ok(Sex::Unknown),
        _ => Err(fault(
            "sex_invalid",
            "Giới tính là Nam hoặc Nữ, hoặc Không rõ. Hãy sửa lại.",
            "The sex is Nam (male) or Nữ (female), or Không rõ (unknown). Correct it.",
        )),
    }
}

/// Reads a number of an identity card, which people group by spaces or dots.
fn id_number(text: &str) -> Result<String, Fault> {
    let digits: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '\'')).collect();
    if is_digits(&digits, 12) || is_digits(&digits, 9) {
        return Ok(digits);
    }
    // Each CCCD begins with a zero, which a spreadsheet drops when it takes the number for a quantity.
    let fault = if is_digits(&digits, 11) || is_digits(&digits, 8) {
        fault(
            "id_number_short",
            "Số giấy tờ mất số 0 ở đầu. Hãy định dạng cột là văn bản (Text) rồi ghi lại.",
            "The number lost its leading zero. Format the column as text and write it again.",
        )
    } else {
        fault(
            "id_number_invalid",
            "Số CCCD có 12 chữ số, số CMND có 9. Hãy sửa lại, hoặc để trống.",
            "A CCCD number has 12 digits, a CMND number 9. Correct it, or leave it empty.",
        )
    };
    Err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn titles_stand_folded_and_once() {
        let mut seen = std::collections::HashSet::new();
        for column in COLUMNS {
            assert!(column.titles.contains(&fold(column.title).as_str()), "{}", column.title);
            for title in column.titles {
                assert_eq!(fold(title), *title);
                assert!(seen.insert(title), "{title}");
            }
        }
    }

    #[test]
    fn years_of_birth_as_lists_write_them() {
        let today = date(2021, 8, 5);
        for text in
            ["1995", "1995.0", "01/02/1995", "1/2/1995", "1995-02-01", "1995-02-01 00:00:00", "02/1995"]
        {
            assert_eq!(birth_year(text, today), Ok(1995), "{text}");
        }
        assert_eq!(birth_year("2021", today), Ok(2021));
        for text in
            ["2022", "1849", "95", "01/02/95", "năm 1995", "34731", "1995/1995/1995", "", "-1995", "+199"]
        {
            assert_eq!(birth_year(text, today).map_err(|fault| fault.0), Err("birth_year_invalid"), "{text}");
        }
    }

    #[test]
    fn numbers_of_identity_cards() {
        assert_eq!(id_number("066095001234").as_deref(), Ok("066095001234"));
        assert_eq!(id_number("066 095 001 234").as_deref(), Ok("066095001234"));
        assert_eq!(id_number("241234567").as_deref(), Ok("241234567"));
        for (text, code) in [
            ("66095001234", "id_number_short"),
            ("41234567", "id_number_short"),
            ("6.6095E+10", "id_number_invalid"),
            ("0660950012345", "id_number_invalid"),
            ("B1234567", "id_number_invalid"),
        ] {
            assert_eq!(id_number(text).map_err(|fault| fault.0), Err(code), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_person() {
        let holder = NewCardHolder {
            row: 3,
            name: "Nguyễn Văn A".to_owned(),
            birth_year: 1995,
            sex: Sex::Male,
            phone_e164: None,
            note: None,
            id_number: None,
        };
        assert_eq!(format!("{holder:?}"), "NewCardHolder(row 3)");
    }
}
