//! Finding a type or a commune by what people write: code, name, or an unmistakable part of it.

use super::PlaceListFacts;
use crate::list::{Cells, Fault, fault};
use crate::name::fold;

/// Most suggestions given for a commune whose name stands for several.
const SUGGESTIONS_MAX: usize = 5;
/// Longest text that is compared letter by letter for a suggestion, in characters.
const COMPARED_MAX: usize = 60;

/// Kinds of units as they are written before a name, folded, with the kind that they mean.
const KINDS: &[(&str, &str)] = &[
    ("xa", "xa"),
    ("x", "xa"),
    ("phuong", "phuong"),
    ("p", "phuong"),
    ("thitran", "thitran"),
    ("tt", "thitran"),
    ("thixa", "thixa"),
    ("tx", "thixa"),
    ("thanhpho", "thanhpho"),
    ("tp", "thanhpho"),
    ("huyen", "huyen"),
    ("h", "huyen"),
    ("quan", "quan"),
    ("tinh", "tinh"),
];

/// The types and communes with their names folded.
pub(super) struct Lookup {
    types: Vec<Type>,
    communes: Vec<Commune>,
}

struct Type {
    code: String,
    shown: String,
    /// Code and names.
    whole: Vec<String>,
    /// What stands between the commas of the names.
    parts: Vec<String>,
}

struct Commune {
    code: String,
    shown: String,
    id: i64,
    whole: String,
    /// The commune, then the district where the name goes on with it.
    path: Vec<UnitName>,
}

/// A unit's name, its kind set apart.
struct UnitName {
    kind: Option<&'static str>,
    bare: String,
    whole: String,
}

impl Lookup {
    pub(super) fn new(facts: &PlaceListFacts<'_>) -> Self {
        let types = facts.types.iter().map(|(code, vi, en)| Type {
            code: code.clone(),
            shown: vi.clone(),
            whole: [code, vi, en].map(|text| fold(text)).to_vec(),
            parts: [vi, en].iter().flat_map(|name| name.split([',', ';', '(', ')'])).map(fold).collect(),
        });
        let communes = facts.communes.iter().map(|(code, full_name, id)| Commune {
            code: fold(code),
            shown: format!("{full_name} ({code})"),
            id: *id,
            whole: fold(full_name),
            path: full_name.split(',').map(UnitName::parse).collect(),
        });
        Self { types: types.collect(), communes: communes.collect() }
    }

    /// The code of a type; names an unknown one with the nearest.
    pub(super) fn type_code(&self, cells: &mut Cells<'_>, text: &str) -> Option<String> {
        let folded = fold(text);
        let whole = self.types.iter().find(|kind| kind.whole.contains(&folded));
        let by_part = || {
            let mut fitting = self.types.iter().filter(|kind| kind.parts.contains(&folded));
            fitting.next().filter(|_| fitting.next().is_none())
        };
        if let Some(kind) = whole.filter(|_| !folded.is_empty()).or_else(by_part) {
            return Some(kind.code.clone());
        }
        // Comparing letters is costly, and a problem that is only counted needs no advice.
        let nearest = if cells.problems.is_full() { None } else { self.nearest_type(&folded) };
        cells.error("type", type_unknown(nearest));
        None
    }

    fn nearest_type(&self, folded: &str) -> Option<&Type> {
        let text: Vec<char> = folded.chars().take(COMPARED_MAX).collect();
        let longest_distance = (text.len() / 3).max(1);
        let distance_to = |kind: &Type| {
            let names = kind.whole.iter().chain(&kind.parts).filter(|name| !name.is_empty());
            names.map(|name| distance(&text, name)).min()
        };
        let near = self.types.iter().filter_map(|kind| Some((distance_to(kind)?, kind)));
        let (found, kind) = near.min_by_key(|(distance, _)| *distance)?;
        let holding = || {
            let is_long = folded.chars().count() >= 3;
            self.types.iter().find(|kind| is_long && kind.whole.iter().any(|name| name.contains(folded)))
        };
        if found <= longest_distance { Some(kind) } else { holding() }
    }

    /// The id of a commune; names an unknown one, and one whose name stands for several with their codes.
    pub(super) fn commune(&self, cells: &mut Cells<'_>, text: &str) -> Option<i64> {
        let folded = fold(text);
        if let Some(commune) = self.communes.iter().find(|c| !folded.is_empty() && c.code == folded) {
            return Some(commune.id);
        }
        let path: Vec<UnitName> = text.split(',').map(UnitName::parse).collect();
        let whole: Vec<&Commune> = self.communes.iter().filter(|c| c.whole == folded).collect();
        let fitting: Vec<&Commune> = match whole.len() {
            0 => self.communes.iter().filter(|c| c.is_named(&path)).collect(),
            _ => whole,
        };
        match fitting[..] {
            [commune] => return Some(commune.id),
            [] => cells.error("commune", commune_unknown()),
            _ => cells.error("commune", commune_ambiguous(&fitting)),
        }
        None
    }
}

impl Commune {
    /// Whether a written name means this commune: the commune fits, and so does each higher unit of which
    /// both sides say something.
    fn is_named(&self, written: &[UnitName]) -> bool {
        let is_fitting = |(own, other): (&UnitName, &UnitName)| own.is_named(other);
        !written.is_empty() && self.path.iter().zip(written).all(is_fitting)
    }
}

impl UnitName {
    /// Takes `Phường Tân Lập`, `P. Tân Lập`, `TT.Ea Súp` or `Ea Súp` apart.
    fn parse(text: &str) -> Self {
        let spaced = text.replace('.', " ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let whole = fold(text);
        for length in [2, 1] {
            let Some((before, after)) = words.split_at_checked(length) else { continue };
            let written = fold(&before.concat());
            let kind = KINDS.iter().find(|(short, _)| *short == written);
            let bare = fold(&after.concat());
            if let Some((_, kind)) = kind.filter(|_| !bare.is_empty()) {
                return Self { kind: Some(kind), bare, whole };
            }
        }
        Self { kind: None, bare: whole.clone(), whole }
    }

    /// Whether a written name means this unit: the same name, and no other kind.
    fn is_named(&self, written: &Self) -> bool {
        let is_kind_open = written.kind.is_none() || self.kind.is_none() || written.kind == self.kind;
        !written.bare.is_empty()
            && (self.whole == written.whole || (self.bare == written.bare && is_kind_open))
    }
}

fn type_unknown(nearest: Option<&Type>) -> Fault {
    match nearest {
        Some(kind) => fault(
            "type_unknown",
            format!("Không có loại địa điểm này. Có phải là “{}” (mã {})?", kind.shown, kind.code),
            format!("There is no such type. Is it “{}” (code {})?", kind.shown, kind.code),
        ),
        None => fault(
            "type_unknown",
            "Không có loại địa điểm này. Hãy ghi mã hoặc tên loại như trong tệp mẫu.",
            "There is no such type. Write a code or a name of the template.",
        ),
    }
}

fn commune_unknown() -> Fault {
    fault(
        "commune_unknown",
        "Không có xã, phường này trong phạm vi của bạn. Hãy ghi tên đầy đủ hoặc mã đơn vị hành chính.",
        "There is no such commune within your reach. Write its full name or its official code.",
    )
}

fn commune_ambiguous(fitting: &[&Commune]) -> Fault {
    let names: Vec<&str> = fitting.iter().take(SUGGESTIONS_MAX).map(|c| c.shown.as_str()).collect();
    let names = names.join("; ");
    fault(
        "commune_ambiguous",
        format!("Có {} đơn vị cùng tên: {names}. Hãy ghi mã thay cho tên.", fitting.len()),
        format!("{} communes have this name: {names}. Write the code instead.", fitting.len()),
    )
}

/// How many letters have to be put in, taken out or replaced to make one text of the other (Levenshtein).
fn distance(text: &[char], name: &str) -> usize {
    let mut above: Vec<usize> = (0..=text.len()).collect();
    for (row, letter) in name.chars().take(COMPARED_MAX).enumerate() {
        let mut line = vec![row + 1];
        for (column, other) in text.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != *other);
            line.push(replaced.min(above[column + 1] + 1).min(line[column] + 1));
        }
        above = line;
    }
    above[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        for (a, b, expected) in [("", "", 0), ("cho", "", 3), ("cho", "chot", 1), ("sieuthi", "xieuti", 2)] {
            let letters: Vec<char> = a.chars().collect();
            assert_eq!(distance(&letters, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn kinds_are_set_apart_from_names() {
        for (text, kind, bare) in [
            ("Phường Tân Lập", Some("phuong"), "tanlap"),
            ("P.Tân Lập", Some("phuong"), "tanlap"),
            ("TT. Ea Súp", Some("thitran"), "easup"),
            ("Thị trấn Ea Súp", Some("thitran"), "easup"),
            ("Ea Súp", None, "easup"),
            ("Xã", None, "xa"),
            ("Thị xã Buôn Hồ", Some("thixa"), "buonho"),
        ] {
            let name = UnitName::parse(text);
            assert_eq!((name.kind, name.bare.as_str()), (kind, bare), "{text}");
        }
    }
}
