//! Lists of places and of people: what is taken, and that every problem of every row is named.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;

use domain::card::Sex;
use domain::card_list::{self, CardList};
use domain::list::{ListRow, PROBLEMS_MAX, Problem, ROWS_MAX, Severity, has_errors};
use domain::name::fold;
use domain::place_list::{self, NewPlace, PlaceList, PlaceListFacts};
use jiff::civil::date;
use proptest::prelude::*;

const HEADER: &str = "Tên địa điểm|Loại|Xã, phường|Địa chỉ|Người phụ trách|Số điện thoại|Khu vực|Sức chứa|Giờ mở cửa|Giờ đóng cửa";
const GOOD: &str =
    "Chợ Tân Lập|Chợ|Phường Tân Lập|12 Y Jút|H'Hen Niê|0912345678|Dãy A; Dãy B|1.200|5h30|18:00";

/// A sheet of lines whose cells stand between bars, numbered from 1.
fn sheet(lines: &[&str]) -> Vec<ListRow> {
    let row = |(index, line): (usize, &&str)| ListRow {
        number: u32::try_from(index).unwrap() + 1,
        cells: line.split('|').map(str::to_owned).collect(),
    };
    lines.iter().enumerate().map(row).collect()
}

fn texts(table: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    table.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

fn read_with(rows: &[ListRow], default_commune: Option<i64>) -> PlaceList {
    let types = texts(&[
        ("CHO", "Chợ", "Market"),
        ("STHI", "Siêu thị, trung tâm thương mại", "Supermarket or shopping centre"),
        ("CAFE", "Quán cà phê, giải khát", "Café"),
        ("KHAC", "Địa điểm khác", "Other place"),
    ]);
    let communes = [
        ("24118", "Phường Tân Lập, Thành phố Buôn Ma Thuột", 1),
        ("24311", "Xã Tân Lập, Huyện Krông Búk", 2),
        ("24145", "Phường Tân Tiến, Thành phố Buôn Ma Thuột", 3),
        ("24400", "Xã Tân Tiến, Huyện Ea Kar", 4),
        ("24500", "Xã Tân Tiến, Huyện Krông Pắc", 5),
        ("24200", "Xã Ea Kao, Thành phố Buôn Ma Thuột", 6),
    ]
    .map(|(code, name, id)| (code.to_owned(), name.to_owned(), id));
    let existing = HashSet::from([(6, fold("Trường Ea Kao"))]);
    let facts = PlaceListFacts { types: &types, communes: &communes, existing: &existing, default_commune };
    place_list::read(rows, &facts)
}

fn places(lines: &[&str]) -> PlaceList {
    read_with(&sheet(lines), None)
}

/// Row and code of each problem.
fn codes(problems: &[Problem]) -> Vec<(u32, &'static str)> {
    problems.iter().map(|problem| (problem.row, problem.code)).collect()
}

/// The good row with one cell replaced.
fn with(column: usize, cell: &str) -> String {
    let mut cells: Vec<&str> = GOOD.split('|').collect();
    cells[column] = cell;
    cells.join("|")
}

/// Codes of the problems of the good row with one cell replaced, all said to be of that column.
fn codes_with(column: usize, cell: &str) -> Vec<&'static str> {
    let list = places(&[HEADER, &with(column, cell)]);
    let title = HEADER.split('|').nth(column).unwrap();
    assert!(list.problems.iter().all(|p| p.column == title && p.row == 2), "{:?}", list.problems);
    assert_eq!(list.places.is_empty(), has_errors(&list.problems));
    list.problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn a_sound_row_becomes_a_place() {
    let list = places(&[HEADER, GOOD]);
    assert_eq!(list.problems, []);
    let expected = NewPlace {
        row: 2,
        name: "Chợ Tân Lập".to_owned(),
        type_code: "CHO".to_owned(),
        unit_id: 1,
        address: "12 Y Jút".to_owned(),
        contact_name: "H'Hen Niê".to_owned(),
        phone_e164: "+84912345678".to_owned(),
        areas: vec!["Dãy A".to_owned(), "Dãy B".to_owned()],
        capacity: Some(1200),
        opens_at: Some("05:30".to_owned()),
        closes_at: Some("18:00".to_owned()),
    };
    assert_eq!(list.places, [expected]);
    assert!(!format!("{:?}", list.places).contains("Niê"));
}

#[test]
fn english_titles_in_any_order_and_only_those_needed() {
    let list = places(&[
        "No.|Phone|Name *|Ward|Type (code)|Address|Contact person",
        "1|+84 912 345 678|Market|24311|market|Main street|Y Bhăm Ê\u{306}ban",
        "",
        "2|0912345678|Café|Xã Ea Kao|Quán cà phê|Thôn 2|An",
    ]);
    assert_eq!(list.problems, []);
    let taken: Vec<_> = list.places.iter().map(|p| (p.row, p.type_code.as_str(), p.unit_id)).collect();
    assert_eq!(taken, [(2, "CHO", 2), (4, "CAFE", 6)], "the empty row is passed over and still counted");
    assert!(list.places.iter().all(|p| p.areas.is_empty() && p.capacity.is_none() && p.opens_at.is_none()));
}

#[test]
fn every_problem_of_every_row_is_listed() {
    let list = places(&[HEADER, "|Rạp xiếc|Xã Không Có|||12|a;A|0|25h|x", GOOD, "Quán A|||||||||"]);
    assert_eq!(
        codes(&list.problems),
        [
            (2, "empty"),
            (2, "type_unknown"),
            (2, "commune_unknown"),
            (2, "empty"),
            (2, "empty"),
            (2, "phone_invalid"),
            (2, "area_repeated"),
            (2, "capacity_invalid"),
            (2, "time_invalid"),
            (2, "time_invalid"),
            (4, "empty"),
            (4, "empty"),
            (4, "empty"),
            (4, "empty"),
            (4, "empty"),
        ]
    );
    assert_eq!(list.places.iter().map(|place| place.row).collect::<Vec<_>>(), [3]);
    for problem in &list.problems {
        assert!(HEADER.split('|').any(|title| title == problem.column), "{problem:?}");
        assert!(problem.vi.ends_with(['.', '?']) && problem.en.ends_with(['.', '?']), "{problem:?}");
    }
}

#[test]
fn missing_repeated_and_unknown_columns_are_named() {
    let list = places(&["Tên|Tên địa điểm|Loại|Xã|Địa chỉ|Màu sơn|STT|Ghi chú|", "A|B|CHO|24118|C|đỏ|1||"]);
    assert_eq!(
        codes(&list.problems),
        [(1, "column_repeated"), (1, "column_unknown"), (1, "column_missing"), (1, "column_missing")]
    );
    let columns: Vec<&str> = list.problems.iter().map(|problem| problem.column.as_str()).collect();
    assert_eq!(columns, ["Tên địa điểm", "Màu sơn", "Người liên hệ", "Điện thoại"]);
    assert_eq!(list.problems[1].severity, Severity::Warning);
    assert_eq!(list.places, [], "no row can be whole");
}

#[test]
fn an_empty_list_is_named() {
    for list in [places(&[]), places(&[HEADER]), places(&[HEADER, "| |"])] {
        assert_eq!(codes(&list.problems), [(0, "list_empty")]);
    }
}

#[test]
fn types_are_found_by_code_name_or_an_unmistakable_part() {
    for text in
        ["STHI", "sthi", "Siêu thị", "sieu thi", "supermarket or shopping centre", "Trung tâm thương mại"]
    {
        assert_eq!(codes_with(1, text), [""; 0], "{text}");
    }
    for (text, suggested) in
        [("Siêu thi5", "STHI"), ("xieu thi", "STHI"), ("shopping", "STHI"), ("Chơj", "CHO")]
    {
        let list = places(&[HEADER, &with(1, text)]);
        let problem = &list.problems[0];
        assert_eq!(problem.code, "type_unknown", "{text}");
        assert!(problem.vi.contains(suggested) && problem.en.contains(suggested), "{text}: {}", problem.en);
    }
    let list = places(&[HEADER, &with(1, "Rạp xiếc lưu động")]);
    assert!(list.problems[0].en.contains("template"), "{}", list.problems[0].en);
    assert_eq!(codes_with(1, "***"), ["type_unknown"]);
}

#[test]
fn communes_are_found_by_code_or_name_and_never_guessed() {
    for (text, id) in [
        ("24400", 4),
        ("Phường Tân Lập", 1),
        ("P. Tân Lập", 1),
        ("P.Tân Lập", 1),
        ("Xã Tân Lập", 2),
        ("x. tan lap", 2),
        ("Tân Lập, Krông Búk", 2),
        ("Tân Lập, TP. Buôn Ma Thuột", 1),
        ("Xã Tân Tiến, Huyện Ea Kar", 4),
        ("Tân Tiến, h. Krông Pắc, Đắk Lắk", 5),
        ("ea kao", 6),
    ] {
        let list = places(&[HEADER, &with(2, text)]);
        assert_eq!(list.places.first().map(|place| place.unit_id), Some(id), "{text} {:?}", list.problems);
    }
    for text in ["Tân Lập", "Xã Tân Tiến", "Tân Tiến"] {
        assert_eq!(codes_with(2, text), ["commune_ambiguous"], "{text}");
    }
    let list = places(&[HEADER, &with(2, "Xã Tân Tiến")]);
    assert!(list.problems[0].vi.contains("24400") && list.problems[0].vi.contains("24500"));
    assert!(!list.problems[0].vi.contains("24145"), "the ward is no xã");
    for text in ["Phường Ea Kao", "Tân Lập, Lắk", "Đà Lạt", "99999", ",", "Xã"] {
        assert_eq!(codes_with(2, text), ["commune_unknown"], "{text}");
    }
}

#[test]
fn a_list_of_one_commune_need_not_name_it() {
    let rows = sheet(&[HEADER, &with(2, ""), &with(2, "Xã Ea Kao"), &with(2, "Đà Lạt")]);
    let list = read_with(&rows, Some(3));
    assert_eq!(list.places.iter().map(|place| place.unit_id).collect::<Vec<_>>(), [3, 6]);
    assert_eq!(codes(&list.problems), [(4, "commune_unknown")]);
    let lines = ["Tên|Loại|Địa chỉ|Người liên hệ|SĐT", "A|CHO|B|C|0912345678"];
    assert_eq!(read_with(&sheet(&lines), Some(3)).problems, []);
    assert_eq!(codes(&read_with(&sheet(&lines), None).problems), [(1, "column_missing")]);
}

#[test]
fn each_cell_has_its_bounds() {
    assert_eq!(codes_with(0, &"a".repeat(120)), [""; 0]);
    assert_eq!(codes_with(0, &"a".repeat(121)), ["too_long"]);
    assert_eq!(codes_with(0, &"a".repeat(40_000)), ["too_long"]);
    assert_eq!(codes_with(0, "!!!"), ["name_invalid"]);
    assert_eq!(codes_with(3, &"ầ".repeat(160)), [""; 0]);
    assert_eq!(codes_with(3, &"ầ".repeat(161)), ["too_long"]);
    assert_eq!(codes_with(4, "=HYPERLINK(1)"), ["name_invalid"]);
    assert_eq!(codes_with(4, &"a".repeat(81)), ["name_invalid"]);
    assert_eq!(codes_with(5, "0262 3812 345"), ["phone_invalid"]);
    assert_eq!(codes_with(7, "nhiều"), ["capacity_invalid"]);
    assert_eq!(codes_with(8, "7:75"), ["time_invalid"]);
    let areas = |count: usize| (0..count).map(|n| format!("Khu {n}")).collect::<Vec<_>>().join(";");
    assert_eq!(codes_with(6, &areas(200)), [""; 0]);
    assert_eq!(codes_with(6, &areas(201)), ["too_many_areas"]);
    assert_eq!(codes_with(6, &"a".repeat(61)), ["too_long"]);
    assert_eq!(codes_with(6, "Dãy A;dãy a"), ["area_repeated"]);
    assert_eq!(codes_with(6, " ; A ;; B; "), [""; 0]);
}

#[test]
fn a_text_that_begins_like_a_formula_stays_a_text() {
    let list = places(&[HEADER, &with(0, "=1+1 Quán"), &with(3, "@SUM(A1)"), &with(6, "+A; -B")]);
    assert_eq!(codes(&list.problems), [(4, "repeated")], "rows 3 and 4 have one name");
    assert_eq!((list.places[0].name.as_str(), list.places[1].address.as_str()), ("=1+1 Quán", "@SUM(A1)"));
}

#[test]
fn repeated_and_registered_places_are_named_with_the_other_row() {
    let list = places(&[
        HEADER,
        GOOD,
        &with(0, "CHO TAN-LAP"),
        &with(2, "Xã Tân Lập"),
        "Trường Ea Kao|KHAC|Xã Ea Kao|Thôn 1|An|0912345678",
        "truong ea kao|KHAC|Xã Ea Kao|Thôn 1|An|0912345678",
    ]);
    assert_eq!(
        codes(&list.problems),
        [(3, "repeated"), (5, "already_registered"), (6, "already_registered"), (6, "repeated")]
    );
    assert!(list.problems[0].vi.contains("dòng 2") && list.problems[0].en.contains("row 2"));
    assert_eq!(list.places.iter().map(|place| place.row).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn long_lists_are_bounded() {
    let many = |count: usize, line: fn(usize) -> String| {
        let lines: Vec<String> = std::iter::once(HEADER.to_owned()).chain((0..count).map(line)).collect();
        places(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let sound = |n: usize| with(0, &format!("Quán {n}"));
    assert_eq!((many(ROWS_MAX, sound).places.len(), many(ROWS_MAX, sound).problems), (ROWS_MAX, vec![]));
    let beyond = many(ROWS_MAX + 1, sound);
    assert_eq!((codes(&beyond.problems), beyond.places.len()), (vec![(0, "too_many_rows")], ROWS_MAX));
    let wrong = many(700, |n| format!("Quán {n}|?|?|B|C|0912345678"));
    assert_eq!(wrong.problems.len(), PROBLEMS_MAX + 1);
    let last = wrong.problems.last().unwrap();
    assert_eq!((last.code, last.severity), ("more_problems", Severity::Error));
    assert!(last.vi.contains("400") && last.en.contains("400"));
}

fn people(lines: &[&str]) -> CardList {
    card_list::read(&sheet(lines), date(2021, 8, 5))
}

const PEOPLE: &str = "Họ và tên|Năm sinh|Giới tính|Điện thoại|Thôn|CCCD";

#[test]
fn a_hamlets_list_becomes_card_holders() {
    let list = people(&[
        PEOPLE,
        "Y Nguyễn  Văn A|01/02/1995|Nam|0912345678|Buôn Kô Siêr|066095001234",
        "Bà B|1940|nữ|||",
    ]);
    assert_eq!(list.problems, []);
    let first = &list.people[0];
    assert_eq!((first.row, first.name.as_str(), first.birth_year), (2, "Y Nguyễn Văn A", 1995));
    assert_eq!((first.sex, first.phone_e164.as_deref()), (Sex::Male, Some("+84912345678")));
    assert_eq!(first.note.as_deref(), Some("Buôn Kô Siêr"));
    assert_eq!(first.id_number.as_deref(), Some("066095001234"));
    let second = &list.people[1];
    assert_eq!(
        (second.sex, &second.phone_e164, &second.note, &second.id_number),
        (Sex::Female, &None, &None, &None)
    );
}

#[test]
fn a_number_that_disagrees_is_a_warning_and_the_person_gets_a_card() {
    let list = people(&[PEOPLE, "An|1996|Nữ|||066095001234", "Bình|1995|Không rõ|||066095001235"]);
    assert_eq!(codes(&list.problems), [(2, "number_birth_year_differs"), (2, "number_sex_differs")]);
    assert!(list.problems.iter().all(|p| p.severity == Severity::Warning && p.column == "CCCD"));
    assert!(!has_errors(&list.problems));
    assert_eq!(list.people.len(), 2);
}

#[test]
fn every_problem_of_a_person_is_listed() {
    let list = people(&[PEOPLE, "=A|95|x|12|{}|12", "|||||", "An|||||", "Bình|1995|Nam|||66095001234"]);
    assert_eq!(
        codes(&list.problems),
        [
            (2, "name_invalid"),
            (2, "birth_year_invalid"),
            (2, "sex_invalid"),
            (2, "phone_invalid"),
            (2, "id_number_invalid"),
            (4, "empty"),
            (4, "empty"),
            (5, "id_number_short"),
        ]
    );
    assert_eq!(list.people, []);
    assert_eq!(codes(&people(&["Tên", "An"]).problems), [(1, "column_missing"), (1, "column_missing")]);
    assert_eq!(codes(&people(&[]).problems), [(0, "list_empty")]);
}

#[test]
fn a_number_stands_once_and_a_name_may_stand_twice() {
    let list = people(&[
        PEOPLE,
        "Nguyễn Văn An|1995|Nam||Thôn 1|066095001234",
        "Nguyen Van An|1995|Nam||thôn 1|",
        "Nguyễn Văn An|1995|Nam||Thôn 2|",
        "Trần Bình|1995|Nam||Thôn 1|066 095 001 234",
    ]);
    assert_eq!(codes(&list.problems), [(3, "person_repeated"), (5, "repeated")]);
    let severities: Vec<Severity> = list.problems.iter().map(|problem| problem.severity).collect();
    assert_eq!(severities, [Severity::Warning, Severity::Error]);
    assert!(
        list.problems.iter().all(|problem| problem.vi.contains("dòng 2") && problem.en.contains("row 2"))
    );
    assert_eq!(list.people.iter().map(|person| person.row).collect::<Vec<_>>(), [2, 3, 4]);
}

/// A cell: a sound one, one of another column, or anything.
fn cell() -> impl Strategy<Value = String> {
    let known: Vec<String> =
        HEADER.split('|').chain(GOOD.split('|')).chain(PEOPLE.split('|')).map(str::to_owned).collect();
    prop_oneof![3 => proptest::sample::select(known), 1 => any::<String>(), 1 => "[0-9:hHg.,/; -]{0,12}", 1 => Just(String::new())]
}

proptest! {
    #[test]
    fn no_list_panics_and_a_row_is_taken_or_its_error_named(
        below in proptest::collection::vec(proptest::collection::vec(cell(), 0..12), 0..8), is_titled: bool
    ) {
        let titles = |header: &str| header.split('|').map(str::to_owned).collect::<Vec<_>>();
        for header in [titles(HEADER), titles(PEOPLE)] {
            let rows: Vec<ListRow> = is_titled.then_some(header).into_iter().chain(below.clone())
                .zip(1..).map(|(cells, number)| ListRow { number, cells }).collect();
            let taken = read_with(&rows, Some(1));
            prop_assert_eq!(&read_with(&rows, Some(1)), &taken);
            let persons = people_of(&rows);
            let rows_of = |problems: &[Problem]| -> HashSet<u32> {
                problems.iter().filter(|p| p.severity == Severity::Error).map(|p| p.row).collect()
            };
            let (of_places, of_people) = (rows_of(&taken.problems), rows_of(&persons.problems));
            prop_assert!(taken.places.iter().all(|place| !of_places.contains(&place.row)));
            prop_assert!(persons.people.iter().all(|person| !of_people.contains(&person.row)));
            let filled = |row: &&ListRow| row.cells.iter().any(|cell| !cell.trim().is_empty());
            for row in rows.iter().skip(1).filter(filled) {
                let is_taken = taken.places.iter().any(|place| place.row == row.number);
                prop_assert!(is_taken || of_places.contains(&row.number) || of_places.contains(&1));
            }
        }
    }
}

fn people_of(rows: &[ListRow]) -> CardList {
    card_list::read(rows, date(2021, 8, 5))
}
