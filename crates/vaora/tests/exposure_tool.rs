//! `vaora exposure`, the real program, on small files.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use exposure::{ExposureRule, SameSpace, Span, Visit, oracle};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// What the program said.
struct Said {
    ok: bool,
    out: String,
    err: String,
}

/// Runs `vaora exposure` with the words and a file's text; `FILE` among the words stands for its path, `-` for the
/// text on standard input.
fn ask(text: impl AsRef<[u8]>, words: &[&str]) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("visits.csv");
    fs::write(&file, text.as_ref()).unwrap();
    let path = file.to_str().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_vaora"))
        .arg("exposure")
        .args(words.iter().map(|word| if *word == "FILE" { path } else { word }))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    if words.contains(&"-") {
        input.write_all(text.as_ref()).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

/// The answer's rows below its header.
fn pairs(text: &str, words: &[&str]) -> Vec<String> {
    let said = ask(text, &[&["pairs", "FILE"], words].concat());
    assert!(said.ok, "{}", said.err);
    let mut lines = said.out.lines().map(str::to_owned);
    assert_eq!(lines.next().unwrap(), "person_a,person_b,overlap_seconds,meetings");
    lines.collect()
}

/// The complaint about a file.
fn refused(text: impl AsRef<[u8]>, words: &[&str]) -> String {
    let said = ask(text, &[&["pairs", "FILE"], words].concat());
    assert!(!said.ok && said.out.is_empty(), "{} {}", said.out, said.err);
    said.err
}

const DAY: &str = "\
person,place,check_in,check_out
Chi,market,1000,4600
An,market,2000,9000
Bình,market,4600,9000
An,school,20000,21000
Chi,school,20400,30000
";

#[test]
fn pairs_come_once_in_order_with_their_totals() {
    assert_eq!(pairs(DAY, &["--min-overlap", "15m"]), ["An,Bình,4400,1", "An,Chi,3200,2"]);
    assert_eq!(pairs(DAY, &[]), ["An,Bình,4400,1", "An,Chi,3200,2"], "15 minutes unless told");
    assert_eq!(pairs(DAY, &["--min-overlap", "1h"]), ["An,Bình,4400,1"]);
    assert_eq!(pairs(DAY, &["--min-overlap", "3200"]), ["An,Bình,4400,1", "An,Chi,3200,2"]);
    assert_eq!(pairs(DAY, &["--min-overlap", "3201s"]), ["An,Bình,4400,1"]);
}

#[test]
fn touching_visits_do_not_overlap_and_each_second_counts_once() {
    let text = "person,place,check_in,check_out\nb,M,0,100\na,M,100,200\nc,M,150,160\nc,M,155,170\n";
    assert_eq!(pairs(text, &["--min-overlap", "0"]), ["a,c,20,2"]);
}

#[test]
fn order_is_that_of_the_text_and_odd_ids_are_quoted() {
    let text = "place,check_out,check_in,person,note\nM,99,0,10,x\nM,99,0,9,\nM,99,0,\" a, \"\"b\"\"\",\n";
    let expected = ["10,9,99,1", "10,\"a, \"\"b\"\"\",99,1", "9,\"a, \"\"b\"\"\",99,1"];
    assert_eq!(pairs(text, &["--min-overlap", "1"]), expected, "spaces around a field do not count");
}

#[test]
fn rfc_3339_and_seconds_may_be_mixed_over_midnight() {
    let text = "\u{feff}person,place,check_in,check_out\r\n\
        a,M,2021-08-04T23:50:00+07:00,2021-08-05T00:20:00+07:00\r\n\
        b,M,2021-08-04T17:00:00Z,2021-08-04T17:30:00.900Z\r\n\
        c,M,1628096400,1628097600\r\n";
    assert_eq!(pairs(text, &["--min-overlap", "20m"]), ["a,b,1200,1", "a,c,1200,1", "b,c,1200,1"]);
}

#[test]
fn an_area_counts_where_it_is_asked_for() {
    let text =
        "person,place,check_in,check_out,area\na,M,0,1000,1\nb,M,0,1000,2\nc,M,0,1000,2\nd,N,0,1000,2\n";
    assert_eq!(pairs(text, &[]), ["a,b,1000,1", "a,c,1000,1", "b,c,1000,1"]);
    assert_eq!(pairs(text, &["--same", "place"]).len(), 3);
    assert_eq!(pairs(text, &["--same", "area"]), ["b,c,1000,1"]);
}

#[test]
fn an_empty_check_out_needs_a_default_stay() {
    let text = "person,place,check_in,check_out\na,M,0,4000\nb,M,1000,\n";
    assert_eq!(pairs(text, &["--default-stay", "60m"]), ["a,b,3000,1"]);
    assert_eq!(pairs(text, &["--default-stay", "20m"]), ["a,b,1200,1"]);
    let said = refused(text, &[]);
    assert!(said.contains("line 3") && said.contains("--default-stay"), "{said}");
}

#[test]
fn bad_lines_are_named_with_what_to_do() {
    let rows = [
        ("a,M,5", "line 3: 3 fields instead of 4"),
        ("a,M,5,6,7", "line 3: 5 fields instead of 4"),
        (",M,5,6", "line 3: person is empty"),
        ("a,,5,6", "line 3: place is empty"),
        ("a,M,,6", "line 3: check_in: `` is no instant"),
        ("a,M,six,7", "line 3: check_in: `six` is no instant; write seconds, or RFC 3339"),
        ("a,M,-5,6", "line 3: check_in: `-5` is no instant"),
        ("a,M,5,2021-08-05", "line 3: check_out: `2021-08-05` is no instant"),
        ("a,M,5,2021-08-05T08:00:00", "line 3: check_out: `2021-08-05T08:00:00` is no instant"),
        ("a,M,1628096400000,1628096400001", "is it in milliseconds?"),
        ("a,M,5,1960-08-05T08:00:00Z", "not within the years 1970 to 2106"),
        ("a,M,7,6", "line 3: check_out is before check_in"),
    ];
    for (row, complaint) in rows {
        let said = refused(format!("person,place,check_in,check_out\nb,M,0,9\n{row}\nc,M,0,9\n"), &[]);
        assert!(said.contains(complaint), "{row}: {said}");
    }
    let long = format!("person,place,check_in,check_out\n{},M,0,9\n", "a".repeat(257));
    assert!(refused(long, &[]).contains("line 2: person is longer than 256 bytes"));
    let latin = b"person,place,check_in,check_out\n\xe1,M,0,9\n";
    assert!(refused(latin, &[]).contains("line 2: person is not text in UTF-8"));
    let open = format!("person,place,check_in,check_out\n\"a,M,0,9\n{}", "b,M,0,9\n".repeat(200_000));
    let said = refused(open, &[]);
    assert!(said.contains("line 2") && said.contains("quotation mark"), "{said}");
}

#[test]
fn files_without_rows_or_columns() {
    assert!(refused("", &[]).contains("its first line must name the columns"));
    let said = refused("a,M,0,9\n", &[]);
    assert!(said.contains("line 1 names no column person"), "{said}");
    assert_eq!(pairs("person,place,check_in,check_out\n", &[]), [""; 0]);
    assert_eq!(pairs("Person, Place, Check_In, Check_Out\n", &[]), [""; 0]);
    let missing = ask("", &["pairs", "no such file.csv"]);
    assert!(!missing.ok && missing.err.contains("cannot open no such file.csv"), "{}", missing.err);
    for wrong in [["--min-overlap", "long"], ["--default-stay", "-5m"], ["--same", "town"]] {
        assert!(!ask(DAY, &["pairs", "FILE", wrong[0], wrong[1]]).ok);
    }
}

#[test]
fn visits_without_length_are_left_out_and_told() {
    let said = ask("person,place,check_in,check_out\na,M,5,5\nb,M,0,999\n", &["pairs", "FILE"]);
    assert!(said.ok && said.err.contains("left out 1 visits"), "{}", said.err);
}

#[test]
fn standard_input_is_a_dash() {
    let said = ask(DAY, &["pairs", "-", "--min-overlap", "1h"]);
    assert_eq!(said.out, "person_a,person_b,overlap_seconds,meetings\nAn,Bình,4400,1\n", "{}", said.err);
    let said = ask("person,place,check_in,check_out\na,M,9,5\n", &["pairs", "-"]);
    assert!(said.err.contains("line 2"), "{}", said.err);
}

#[test]
fn contacts_of_one_person_in_a_window() {
    let contacts = |words: &[&str]| {
        let said = ask(DAY, &[&["contacts", "FILE", "--case", "An"], words].concat());
        assert!(said.ok, "{}", said.err);
        let rows: Vec<String> = said.out.lines().map(str::to_owned).collect();
        assert_eq!(rows[0], "person,overlap_seconds,meetings,first_from,last_until");
        rows[1..].to_vec()
    };
    assert_eq!(contacts(&[]), ["Bình,4400,1,4600,9000", "Chi,3200,2,2000,21000"]);
    assert_eq!(contacts(&["--from", "4500", "--until", "5600"]), ["Bình,1000,1,4600,5600"]);
    assert_eq!(contacts(&["--case", "Chi"]), ["Bình,4400,1,4600,9000"], "two ids of one case");
    let unknown = ask(DAY, &["contacts", "FILE", "--case", "Dung"]);
    assert!(!unknown.ok && unknown.err.contains("no person `Dung`"), "{}", unknown.err);
    let empty = ask(DAY, &["contacts", "FILE", "--case", "An", "--from", "9", "--until", "9"]);
    assert!(!empty.ok && empty.err.contains("--until is not later"), "{}", empty.err);
}

#[test]
fn contacts_answer_in_the_files_own_instants() {
    let text = "person,place,check_in,check_out\n\
        a,M,2021-08-05T00:00:00+07:00,2021-08-05T01:00:00+07:00\n\
        b,M,2021-08-05T00:30:00+07:00,2021-08-05T02:00:00+07:00\n";
    let said = ask(text, &["contacts", "FILE", "--case", "a", "--from", "2021-08-05T00:00:00+07:00"]);
    let expected = "person,overlap_seconds,meetings,first_from,last_until\n\
        b,1800,1,2021-08-04T17:30:00Z,2021-08-04T18:00:00Z\n";
    assert_eq!(said.out, expected, "{}", said.err);
}

#[test]
fn a_larger_file_equals_the_oracle() {
    let mut random = StdRng::seed_from_u64(2021);
    let visits: Vec<Visit> = (0..3_000)
        .map(|_| {
            let area_id = random.random_range(0..40);
            let from = random.random_range(0..300_000);
            let person = random.random_range(0..100);
            Visit {
                person,
                area_id,
                place: area_id / 2,
                from,
                until: from + random.random_range(60..28_800),
                start_inferred: false,
                end_inferred: false,
                assurance_in: None,
                assurance_out: None,
            }
        })
        .collect();
    let mut text = "person,place,area,check_in,check_out\n".to_owned();
    for visit in &visits {
        let Visit { person, place, area_id, from, until, .. } = visit;
        // Of equal length, so that the order of the text is that of the numbers.
        writeln!(text, "p{person:03},M{place},{area_id},{from},{until}").unwrap();
    }
    for (name, same) in [("area", SameSpace::Area), ("place", SameSpace::Place)] {
        let rule = ExposureRule { min_overlap_seconds: 900, same };
        let slow: Vec<String> = oracle::pairs(&visits, Span::ALWAYS, &rule)
            .iter()
            .map(|pair| {
                let (a, b) = (pair.person_a, pair.person_b);
                format!("p{a:03},p{b:03},{},{}", pair.overlap_seconds, pair.meetings)
            })
            .collect();
        assert!(slow.len() > 1_000);
        assert_eq!(pairs(&text, &["--same", name]), slow);
    }
}
