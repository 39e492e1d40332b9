//! Lists of places and of people, through `domain::place_list` and `domain::card_list`.
#![no_main]

use std::collections::HashSet;

use arbitrary::Arbitrary;
use domain::list::{ListRow, PROBLEMS_MAX, Problem, Severity};
use domain::name::{Name, fold};
use domain::phone::Phone;
use domain::place_list::{AREA_CHARACTERS_MAX, AREAS_MAX, NAME_CHARACTERS_MAX, PlaceListFacts};
use domain::{card_list, place_list};
use jiff::civil::{Date, date};
use libfuzzer_sys::fuzz_target;

const TODAY: Date = date(2026, 11, 23);

/// Cells that mean something to a list; more come from the input.
const KNOWN: &[&str] = &[
    "Tên địa điểm",
    "Loại địa điểm",
    "Xã, phường",
    "Địa chỉ",
    "Người phụ trách",
    "Điện thoại",
    "Khu vực",
    "Sức chứa",
    "Giờ mở cửa",
    "Giờ đóng cửa",
    "Họ và tên",
    "Năm sinh",
    "Giới tính",
    "Thôn, buôn",
    "Số CCCD",
    "STT",
    "Chợ Tân Lập",
    "Chợ",
    "cho",
    "Phường Tân Lập",
    "Tân Lập",
    "TT. Ea Súp",
    "24121",
    "12 Y Jút",
    "H'Hen Niê",
    "0912 345 678",
    "A; B; C",
    "1.200",
    "7h30",
    "0.3125",
    "5:30 CH",
    "1995",
    "01/02/1995",
    "Nam",
    "Nữ",
    "066095001234",
    "",
];

#[derive(Arbitrary, Debug)]
enum Cell<'a> {
    Known(u8),
    Text(&'a str),
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// The header as the template has it, rather than the first of the rows.
    has_template_header: bool,
    default_commune: Option<bool>,
    rows: Vec<Vec<Cell<'a>>>,
}

fuzz_target!(|input: Input<'_>| {
    let rows = |header: &[&str]| -> Vec<ListRow> {
        let header =
            input.has_template_header.then(|| header.iter().map(|title| (*title).to_owned()).collect());
        let given = input.rows.iter().take(300).map(|row| row.iter().take(40).map(text).collect());
        (1..).zip(header.into_iter().chain(given)).map(|(number, cells)| ListRow { number, cells }).collect()
    };
    check_places(&rows(&KNOWN[..10]), input.default_commune.map(|is_first| if is_first { 1 } else { 2 }));
    check_people(&rows(&[KNOWN[10], KNOWN[11], KNOWN[12], KNOWN[5], KNOWN[13], KNOWN[14]]));
});

fn text(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Known(at) => KNOWN[usize::from(*at) % KNOWN.len()].to_owned(),
        Cell::Text(text) => (*text).to_owned(),
    }
}

fn check_places(rows: &[ListRow], default_commune: Option<i64>) {
    let three = |(a, b, c): (&str, &str, &str)| (a.to_owned(), b.to_owned(), c.to_owned());
    let types = [("cho", "Chợ", "Market"), ("truong", "Trường học", "School")].map(three);
    let commune = |(code, name, id): (&str, &str, i64)| (code.to_owned(), name.to_owned(), id);
    let communes = [
        ("24121", "Phường Tân Lập", 1),
        ("24211", "Thị trấn Ea Súp", 2),
        ("24337", "Xã Tân Lập, Krông Búk", 3),
    ]
    .map(commune);
    let existing = HashSet::from([(1, fold("Chợ Tân Lập"))]);
    let facts = PlaceListFacts { types: &types, communes: &communes, existing: &existing, default_commune };
    let list = place_list::read(rows, &facts);
    assert!(list == place_list::read(rows, &facts), "reading twice");
    check_problems(rows, &list.problems, list.places.iter().map(|place| place.row));
    let mut seen = existing.clone();
    for place in &list.places {
        assert!(seen.insert((place.unit_id, fold(&place.name))), "a place is registered once");
        assert!(types.iter().any(|(code, ..)| *code == place.type_code), "a type of the list");
        assert!(communes.iter().any(|(.., id)| *id == place.unit_id), "a commune within reach");
        assert_eq!(Phone::parse(&place.phone_e164).map(|phone| phone.e164()).as_ref(), Ok(&place.phone_e164));
        assert_eq!(Name::parse(&place.contact_name).map(Name::into_string).as_ref(), Ok(&place.contact_name));
        assert!((1..=NAME_CHARACTERS_MAX).contains(&place.name.chars().count()), "the name's length");
        assert!(place.areas.len() <= AREAS_MAX, "areas are bounded");
        for line in place.areas.iter().chain([&place.name, &place.address]) {
            assert!(!line.is_empty() && !line.contains(char::is_control), "one line of text: {line:?}");
        }
        assert!(
            place.areas.iter().all(|area| area.chars().count() <= AREA_CHARACTERS_MAX),
            "an area's length"
        );
        assert_ne!(place.capacity, Some(0), "nobody fits");
        for time in [&place.opens_at, &place.closes_at].into_iter().flatten() {
            let parsed: jiff::civil::Time = format!("{time}:00").parse().expect("a time of day");
            assert_eq!(&parsed.strftime("%H:%M").to_string(), time, "hours and minutes");
        }
    }
}

fn check_people(rows: &[ListRow]) {
    let list = card_list::read(rows, TODAY);
    assert!(list == card_list::read(rows, TODAY), "reading twice");
    check_problems(rows, &list.problems, list.people.iter().map(|holder| holder.row));
    let mut seen = HashSet::new();
    for holder in &list.people {
        assert_eq!(Name::parse(&holder.name).map(Name::into_string).as_ref(), Ok(&holder.name));
        assert!((1850..=2026).contains(&holder.birth_year), "born in {}", holder.birth_year);
        if let Some(phone) = &holder.phone_e164 {
            assert_eq!(Phone::parse(phone).map(|phone| phone.e164()).as_ref(), Ok(phone));
        }
        if let Some(number) = &holder.id_number {
            assert!(matches!(number.len(), 9 | 12) && number.bytes().all(|b| b.is_ascii_digit()), "{number}");
            assert!(seen.insert(number), "a number stands once");
        }
    }
}

/// Rows are taken or an error says why not, never both and never neither; problems are bounded and in order.
fn check_problems(rows: &[ListRow], problems: &[Problem], taken: impl Iterator<Item = u32>) {
    assert!(problems.len() <= PROBLEMS_MAX + 1, "problems are bounded");
    let is_whole = problems.len() < PROBLEMS_MAX;
    let errors = || problems.iter().filter(|problem| problem.severity == Severity::Error);
    let with_error: HashSet<u32> = errors().map(|problem| problem.row).collect();
    let taken: Vec<u32> = taken.collect();
    assert!(taken.is_sorted_by(|one, next| one < next), "rows are taken in order and once");
    assert!(is_whole || !taken.is_empty() || !with_error.is_empty(), "what kept the rows out is named");
    assert!(!taken.iter().any(|row| with_error.contains(row)), "no row with an error is taken");
    // An error of the list or of its header keeps every row out.
    let is_out = with_error.contains(&0) || with_error.contains(&1);
    for row in rows
        .iter()
        .skip(1)
        .filter(|row| is_whole && !is_out && row.cells.iter().any(|c| !c.trim().is_empty()))
    {
        let is_taken = taken.binary_search(&row.number).is_ok();
        assert_ne!(is_taken, with_error.contains(&row.number), "row {} is taken or refused", row.number);
    }
    for problem in problems {
        assert!(
            !problem.vi.is_empty() && !problem.en.is_empty(),
            "each problem is explained: {}",
            problem.code
        );
        assert!(problem.vi.len() + problem.en.len() < 4_000, "and not at length: {}", problem.code);
    }
}
