//! A list of places to register, as a commune or an office brings it.

mod lookup;

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::list::{self, Cells, Column, Header, ListRow, Problem, Problems, Severity, fault};
use crate::name;

/// Longest name of a place, in characters.
pub const NAME_CHARACTERS_MAX: usize = 120;
/// Longest address, in characters.
pub const ADDRESS_CHARACTERS_MAX: usize = 160;
/// Most areas of one place.
pub const AREAS_MAX: usize = 200;
/// Longest name of an area, in characters.
pub const AREA_CHARACTERS_MAX: usize = 60;

/// What a list of places is checked against.
#[derive(Debug, Clone, Copy)]
pub struct PlaceListFacts<'a> {
    /// Types of places: code, Vietnamese name, English name.
    pub types: &'a [(String, String, String)],
    /// Communes that the list may name: code, full name, unit id. The full name may go on with the district
    /// after a comma, which then tells apart communes of one name.
    pub communes: &'a [(String, String, i64)],
    /// Places already registered: unit id and name folded by [`crate::name::fold`].
    pub existing: &'a HashSet<(i64, String)>,
    /// Commune of rows that name none; where there is none, each row must name its own.
    pub default_commune: Option<i64>,
}

/// What a list of places gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceList {
    /// The rows in which nothing is wrong, in their order.
    pub places: Vec<NewPlace>,
    /// Every problem of every row, bounded by [`list::PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
}

/// A place to register. The contact is personal data, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPlace {
    /// Row in the sheet.
    pub row: u32,
    /// Name, one line.
    pub name: String,
    /// Code of its type.
    pub type_code: String,
    /// Its commune.
    pub unit_id: i64,
    /// Address within the commune, one line.
    pub address: String,
    /// Whom to call.
    pub contact_name: String,
    /// The contact's mobile number, E.164.
    pub phone_e164: String,
    /// Names of its areas; empty for a place that is one area.
    pub areas: Vec<String>,
    /// People it holds, at least 1.
    pub capacity: Option<u32>,
    /// Opening time, `HH:MM`, local.
    pub opens_at: Option<String>,
    /// Closing time, `HH:MM`, local; before the opening for a place open over midnight.
    pub closes_at: Option<String>,
}

impl fmt::Debug for NewPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewPlace(row {}, {:?}, {}, unit {})", self.row, self.name, self.type_code, self.unit_id)
    }
}

const COLUMNS: &[Column] = &[
    Column {
        key: "name",
        title: "Tên địa điểm",
        is_required: true,
        titles: &[
            "tendiadiem",
            "ten",
            "diadiem",
            "tencoso",
            "tendonvi",
            "tendiem",
            "tencoquan",
            "name",
            "place",
            "placename",
        ],
    },
    Column {
        key: "type",
        title: "Loại địa điểm",
        is_required: true,
        titles: &[
            "loaidiadiem",
            "loai",
            "loaihinh",
            "maloai",
            "loaicoso",
            "type",
            "placetype",
            "kind",
            "typecode",
        ],
    },
    Column {
        key: "commune",
        title: "Xã, phường",
        is_required: true,
        titles: &[
            "xaphuong",
            "xa",
            "phuong",
            "phuongxa",
            "xaphuongthitran",
            "phuongxathitran",
            "maxa",
            "maxaphuong",
            "donvihanhchinh",
            "commune",
            "ward",
            "communecode",
            "communeward",
        ],
    },
    Column {
        key: "address",
        title: "Địa chỉ",
        is_required: true,
        titles: &["diachi", "diachicuthe", "sonhaduong", "address", "streetaddress"],
    },
    Column {
        key: "contact_name",
        title: "Người liên hệ",
        is_required: true,
        titles: &[
            "nguoiphutrach",
            "nguoilienhe",
            "hotennguoiphutrach",
            "hotennguoilienhe",
            "tennguoiphutrach",
            "tennguoilienhe",
            "nguoidaidien",
            "chucoso",
            "daumoi",
            "contact",
            "contactname",
            "contactperson",
            "manager",
        ],
    },
    Column {
        key: "phone",
        title: "Điện thoại",
        is_required: true,
        titles: &[
            "dienthoai",
            "sodienthoai",
            "sdt",
            "dtdd",
            "didong",
            "sodidong",
            "dienthoailienhe",
            "dienthoaididong",
            "phone",
            "phonenumber",
            "mobile",
            "mobilephone",
            "tel",
            "telephone",
        ],
    },
    Column {
        key: "areas",
        title: "Khu vực",
        is_required: false,
        titles: &["khuvuc", "cackhuvuc", "khu", "phong", "areas", "area", "rooms"],
    },
    Column {
        key: "capacity",
        title: "Sức chứa",
        is_required: false,
        titles: &["succhua", "songuoitoida", "toida", "capacity", "maxpeople", "maximum"],
    },
    Column {
        key: "opens_at",
        title: "Giờ mở cửa",
        is_required: false,
        titles: &["giomocua", "mocua", "giomo", "opensat", "opens", "open", "opening", "openingtime"],
    },
    Column {
        key: "closes_at",
        title: "Giờ đóng cửa",
        is_required: false,
        titles: &[
            "giodongcua",
            "dongcua",
            "giodong",
            "closesat",
            "closes",
            "close",
            "closing",
            "closingtime",
        ],
    },
];

/// Reads a list whose first row is the header. Nothing is guessed: a row with an error is left out of
/// `places`, and each of its errors is named.
#[must_use]
pub fn read(rows: &[ListRow], facts: &PlaceListFacts<'_>) -> PlaceList {
    let mut problems = Problems::default();
    let Some((header, rows)) = list::split(rows, &mut problems) else {
        problems.add(0, "", Severity::Error, list::list_empty());
        return PlaceList { places: vec![], problems: problems.into_list() };
    };
    let is_required =
        |column: &Column| column.is_required && (column.key != "commune" || facts.default_commune.is_none());
    let header = Header::read(header, COLUMNS, is_required, &mut problems);
    let lookup = lookup::Lookup::new(facts);
    let mut seen = HashMap::new();
    let mut places = vec![];
    for row in rows {
        let errors = problems.errors();
        let mut cells = Cells { header: &header, row, problems: &mut problems };
        let place = place(&mut cells, &lookup, facts, &mut seen);
        if problems.errors() == errors && header.is_whole() {
            places.extend(place);
        }
    }
    PlaceList { places, problems: problems.into_list() }
}

/// Reads a row; every cell is looked at, whatever is wrong with the others.
fn place(
    cells: &mut Cells<'_>,
    lookup: &lookup::Lookup,
    facts: &PlaceListFacts<'_>,
    seen: &mut HashMap<(i64, String), u32>,
) -> Option<NewPlace> {
    let name = cells.line("name", NAME_CHARACTERS_MAX);
    let type_code = cells.line("type", 200).and_then(|text| lookup.type_code(cells, &text));
    let unit_id = commune(cells, lookup, facts.default_commune);
    if let (Some(name), Some(unit_id)) = (&name, unit_id) {
        check_repeated(cells, name, unit_id, facts.existing, seen);
    }
    let address = cells.line("address", ADDRESS_CHARACTERS_MAX);
    let contact_name = cells.parsed("contact_name", list::person);
    let phone_e164 = cells.parsed("phone", list::phone);
    let areas = areas(cells);
    let capacity = cells.parsed("capacity", list::capacity);
    let opens_at = cells.parsed("opens_at", list::time_of_day);
    let closes_at = cells.parsed("closes_at", list::time_of_day);
    Some(NewPlace {
        row: cells.row.number,
        name: name?,
        type_code: type_code?,
        unit_id: unit_id?,
        address: address?,
        contact_name: contact_name?,
        phone_e164: phone_e164?,
        areas,
        capacity,
        opens_at,
        closes_at,
    })
}

fn commune(cells: &mut Cells<'_>, lookup: &lookup::Lookup, default: Option<i64>) -> Option<i64> {
    let errors = cells.problems.errors();
    match cells.line("commune", 200) {
        Some(text) => lookup.commune(cells, &text),
        None if cells.problems.errors() == errors => default,
        None => None,
    }
}

/// Names a place that stands twice in the list or is registered already.
fn check_repeated(
    cells: &mut Cells<'_>,
    name: &str,
    unit_id: i64,
    existing: &HashSet<(i64, String)>,
    seen: &mut HashMap<(i64, String), u32>,
) {
    let key = (unit_id, name::fold(name));
    if key.1.is_empty() {
        let vi = "Tên địa điểm phải có chữ hoặc số. Hãy ghi tên như trên biển hiệu.";
        let en = "A name has letters or digits. Write it as on the sign.";
        return cells.error("name", fault("name_invalid", vi, en));
    }
    if existing.contains(&key) {
        let vi = "Địa điểm này đã đăng ký trong xã, phường này. Hãy bỏ dòng này, hoặc ghi tên khác nếu là nơi khác.";
        let en = "This place is registered in this commune already. Remove the row, or, if it is another place, \
                  give it a name of its own.";
        cells.error("name", fault("already_registered", vi, en));
    }
    let number = cells.row.number;
    let first = *seen.entry(key).or_insert(number);
    if first != number {
        let vi = format!("Trùng với dòng {first}. Hãy bỏ một dòng, hoặc ghi tên khác nếu là nơi khác.");
        let en =
            format!("The same as row {first}. Remove one, or, if it is another place, name it differently.");
        cells.error("name", fault("repeated", vi, en));
    }
}

/// Reads the areas, set apart by semicolons or lines.
fn areas(cells: &mut Cells<'_>) -> Vec<String> {
    let text = cells.raw("areas");
    let parts = text.split([';', '\n']).filter_map(crate::card::text::line);
    let (mut areas, mut seen) = (vec![], HashSet::new());
    let mut is_repeated = false;
    let mut is_long = false;
    for area in parts {
        is_long |= area.chars().count() > AREA_CHARACTERS_MAX;
        is_repeated |= !seen.insert(area.to_lowercase());
        areas.push(area);
    }
    if is_long {
        cells.error("areas", list::too_long(AREA_CHARACTERS_MAX));
    }
    if is_repeated {
        let vi = "Có khu vực ghi hai lần. Hãy bỏ một, hoặc đặt tên khác nhau.";
        let en = "An area stands twice. Remove one, or name them differently.";
        cells.error("areas", fault("area_repeated", vi, en));
    }
    if areas.len() > AREAS_MAX {
        let found = areas.len();
        let vi = format!("Có {found} khu vực, mỗi địa điểm có tối đa {AREAS_MAX}. Hãy gộp bớt.");
        let en = format!("There are {found} areas, a place has at most {AREAS_MAX}. Join some.");
        cells.error("areas", fault("too_many_areas", vi, en));
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_stand_folded_and_once() {
        let mut seen = HashSet::new();
        for column in COLUMNS {
            assert!(column.titles.contains(&name::fold(column.title).as_str()), "{}", column.title);
            for title in column.titles {
                assert_eq!(name::fold(title), *title);
                assert!(seen.insert(title), "{title}");
            }
        }
    }
}
