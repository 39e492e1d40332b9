//! What an inspector hands in, from the phone or from the plain form, checked alike.

use std::collections::HashMap;

use domain::{
    inspection::{Answer, Answered, CodeVerdict, Item, codes},
    time::{DAY_MS, Millis, local_date},
};

use super::jpeg;

/// Most posters scanned in one inspection.
pub const SCANS_MAX: usize = 20;
/// Most people in one count.
const PEOPLE_MAX: i64 = 10_000;
/// Longest count, in seconds: four hours.
const COUNT_SECONDS_MAX: i64 = 4 * 3_600;
/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 300;
/// Longest notes of an inspection, in characters.
const NOTES_CHARS_MAX: usize = 1_500;
/// By how much a phone's clock may be fast, in milliseconds.
const FAST_MS: i64 = 10 * 60_000;

/// A visit as handed in.
#[derive(Default)]
pub struct Raw {
    /// Made by the device.
    pub delivery_id: String,
    /// When it began and ended.
    pub span: (Millis, Millis),
    /// Texts of posters; or, from the phone, verdicts on what has no text of ours.
    pub scans: Vec<RawScan>,
    /// Answer and note by item.
    pub answers: HashMap<String, (String, String)>,
    /// People entering, people scanning, seconds.
    pub count: (i64, i64, i64),
    /// Notes.
    pub notes: String,
    /// The inspector's title.
    pub inspector_title: String,
    /// Who spoke for the place, and with which title.
    pub representative: (String, String),
    /// True when that person did not sign.
    pub refused: bool,
    /// JPEGs.
    pub photos: Vec<Vec<u8>>,
}

/// One poster as scanned.
pub enum RawScan {
    /// A text to be judged here.
    Text(String),
    /// A verdict where the phone keeps no text: foreign (with the system's name) or unreadable.
    Verdict(CodeVerdict, String),
}

/// A visit that is sound.
pub struct Draft {
    /// Made by the device.
    pub delivery_id: String,
    /// When it began.
    pub began_at: Millis,
    /// When it ended.
    pub ended_at: Millis,
    /// Posters as judged.
    pub scans: Vec<codes::Judged>,
    /// Every item answered.
    pub answers: Vec<Answered>,
    /// People who came in.
    pub entering: i64,
    /// People of those who scanned.
    pub scanning: i64,
    /// Seconds of the count.
    pub count_seconds: i64,
    /// Notes.
    pub notes: String,
    /// The inspector's title.
    pub inspector_title: String,
    /// Who spoke for the place.
    pub representative: String,
    /// That person's title.
    pub representative_title: String,
    /// True when that person did not sign.
    pub refused: bool,
    /// Pictures alone.
    pub photos: Vec<Vec<u8>>,
}

/// What is wrong: field and source words.
pub type Problems = Vec<(&'static str, &'static str)>;

/// Codes of the place in force and retired.
pub struct PlaceCodes {
    /// In force.
    pub in_force: Vec<String>,
    /// Retired.
    pub retired: Vec<String>,
}

/// Checks a visit at an instant.
///
/// # Errors
/// All that is wrong, by field.
pub fn check(raw: Raw, codes: &PlaceCodes, now: Millis) -> Result<Draft, Problems> {
    let mut problems = Problems::new();
    let answers = answers(&raw.answers, &mut problems);
    let scans = scans(&raw.scans, codes, now, &mut problems);
    let no_poster = answers.iter().any(|one| one.item == Item::Poster && one.answer == Answer::No);
    if scans.is_empty() && !no_poster && problems.is_empty() {
        problems.push((
            "codes",
            "Hãy quét hoặc gõ ít nhất một mã; không có áp phích thì đánh dấu “Chưa đạt” ở dòng áp phích.",
        ));
    }
    let (entering, scanning, seconds) = raw.count;
    if !(0..=PEOPLE_MAX).contains(&entering) || !(0..=entering).contains(&scanning) {
        problems.push((
            "scanning",
            "Số người quét mã không lớn hơn số người vào; không đếm thì ghi 0 ở cả hai ô.",
        ));
    }
    let representative = line(&raw.representative.0, 80);
    if representative.is_empty() && !raw.refused {
        problems.push(("representative", "Hãy ghi họ tên người đại diện cơ sở, hoặc đánh dấu không ký."));
    }
    let photos = photos(&raw.photos, &mut problems);
    let id_fits =
        (8..=64).contains(&raw.delivery_id.len()) && raw.delivery_id.bytes().all(|b| b.is_ascii_graphic());
    if !id_fits {
        problems.push(("delivery", "Bản ghi thiếu số nhận dạng. Hãy mở lại trang rồi gửi lại."));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    // A clock that is wrong by days says nothing: the visit then ended when it arrived.
    let ended_at =
        if raw.span.1 > now + FAST_MS || raw.span.1 < now - 60 * DAY_MS { now } else { raw.span.1.min(now) };
    let began_at =
        if raw.span.0 > ended_at || raw.span.0 < ended_at - DAY_MS { ended_at } else { raw.span.0 };
    Ok(Draft {
        delivery_id: raw.delivery_id,
        began_at,
        ended_at,
        scans,
        answers,
        entering,
        scanning,
        count_seconds: if entering > 0 { seconds.clamp(0, COUNT_SECONDS_MAX) } else { 0 },
        notes: text(&raw.notes, NOTES_CHARS_MAX),
        inspector_title: line(&raw.inspector_title, 80),
        representative,
        representative_title: line(&raw.representative.1, 80),
        refused: raw.refused,
        photos,
    })
}

fn answers(typed: &HashMap<String, (String, String)>, problems: &mut Problems) -> Vec<Answered> {
    let mut answers = Vec::with_capacity(Item::ALL.len());
    for item in Item::ALL {
        let given = typed.get(item.code());
        match given.and_then(|(answer, _)| Answer::from_code(answer)) {
            Some(answer) => {
                let note = given.map(|(_, note)| line(note, NOTE_CHARS_MAX)).unwrap_or_default();
                answers.push(Answered { item, answer, note });
            }
            None => problems.push((item.code(), "Hãy chọn một câu trả lời cho mỗi dòng.")),
        }
    }
    answers
}

fn scans(raw: &[RawScan], codes: &PlaceCodes, now: Millis, problems: &mut Problems) -> Vec<codes::Judged> {
    if raw.len() > SCANS_MAX {
        problems.push(("codes", "Mỗi lần kiểm tra ghi tối đa 20 áp phích."));
    }
    raw.iter()
        .take(SCANS_MAX)
        .map(|scan| match scan {
            RawScan::Text(text) => codes::judge(text, &codes.in_force, &codes.retired, local_date(now)),
            RawScan::Verdict(CodeVerdict::Foreign, system) => {
                codes::Judged { verdict: CodeVerdict::Foreign, kept: line(system, 80) }
            }
            RawScan::Verdict(..) => codes::Judged { verdict: CodeVerdict::Unreadable, kept: String::new() },
        })
        .collect()
}

fn photos(raw: &[Vec<u8>], problems: &mut Problems) -> Vec<Vec<u8>> {
    let kept: Vec<Vec<u8>> =
        raw.iter().take(jpeg::PHOTOS_MAX).filter_map(|bytes| jpeg::stripped(bytes)).collect();
    if kept.len() < raw.len() {
        problems.push(("photos", "Ảnh phải là JPEG, mỗi ảnh dưới 300 KB, tối đa 3 ảnh."));
    }
    kept
}

/// A text on one line, without control characters, cut to its bound.
fn line(text: &str, chars_max: usize) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().filter(|c| !c.is_control()).take(chars_max).collect()
}

/// A text of several lines.
fn text(text: &str, chars_max: usize) -> String {
    text.trim().chars().filter(|c| *c == '\n' || !c.is_control()).take(chars_max).collect()
}

/// Posters as stored: verdict and what is kept, a line each.
#[must_use]
pub fn scans_to_text(scans: &[codes::Judged]) -> String {
    scans.iter().map(|one| format!("{}\t{}", one.verdict.code(), one.kept)).collect::<Vec<_>>().join("\n")
}

/// Reads stored posters.
#[must_use]
pub fn scans_of(stored: &str) -> Vec<codes::Judged> {
    let one = |line: &str| {
        let (verdict, kept) = line.split_once('\t').unwrap_or((line, ""));
        Some(codes::Judged { verdict: CodeVerdict::from_code(verdict)?, kept: kept.to_owned() })
    };
    stored.lines().filter_map(one).collect()
}

/// Answers as stored: item, answer and note, a line each.
#[must_use]
pub fn answers_to_text(answers: &[Answered]) -> String {
    let one = |one: &Answered| format!("{}\t{}\t{}", one.item.code(), one.answer.code(), one.note);
    answers.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Reads stored answers.
#[must_use]
pub fn answers_of(stored: &str) -> Vec<Answered> {
    let one = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let item = Item::from_code(parts.next()?)?;
        let answer = Answer::from_code(parts.next()?)?;
        Some(Answered { item, answer, note: parts.next().unwrap_or_default().to_owned() })
    };
    stored.lines().filter_map(one).collect()
}
