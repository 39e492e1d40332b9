//! What stands in an officer's head line: sections, and the pages of the section one is in.

use domain::role::Role;
use minijinja::{Value, context};

use crate::auth::Officer;

/// A page in the head line: its address and its words.
type Item = (&'static str, &'static str);

/// A section: its words and its pages, the first of which opens with it.
pub struct Section {
    /// Words in Vietnamese; the catalogue translates them.
    pub label: &'static str,
    /// Pages.
    pub items: Vec<Item>,
}

fn section(label: &'static str, items: &[Item]) -> Section {
    Section { label, items: items.to_vec() }
}

/// The sections of an officer, by role.
#[must_use]
pub fn sections(officer: &Officer) -> Vec<Section> {
    let mut all = vec![section("Việc cần làm", &[("/", "Việc cần làm"), ("/messages", "Tin nhắn")])];
    if officer.roles.iter().any(|role| role.sees_coverage()) {
        all.extend(office(officer));
    }
    if officer.has(Role::Tracer) {
        all.push(section("Ca bệnh", &[("/cases", "Ca bệnh")]));
    }
    if officer.has(Role::Approver) || officer.has(Role::KeyOfficer) {
        all.push(section("Mở dữ liệu", &[("/openings", "Mở dữ liệu")]));
    }
    if officer.has(Role::KeyOfficer) {
        all.push(section("Người giữ khóa", &[("/keys", "Người giữ khóa")]));
    }
    if officer.has(Role::Auditor) {
        all.push(section("Nhật ký truy cập", &[("/log", "Nhật ký truy cập")]));
    }
    if officer.has(Role::Administrator) {
        all.push(section("Tài khoản", &[("/accounts", "Tài khoản")]));
    }
    all
}

/// What offices, Sở TTTT and the Committee work with.
fn office(officer: &Officer) -> Vec<Section> {
    let mut places = vec![("/coverage", "Độ phủ"), ("/places", "Địa điểm")];
    if officer.has(Role::UnitOfficer) {
        places.push(("/imports", "Nhập danh sách"));
    }
    let mut inspections = vec![("/inspections", "Kiểm tra")];
    if officer.has(Role::Reviewer) || officer.has(Role::CommitteeReader) {
        inspections.push(("/inspections/ratios", "Tỷ lệ quét"));
    }
    vec![
        Section { label: "Điểm quét", items: places },
        section("Ở cửa", &[("/cards", "Thẻ"), ("/devices", "Máy"), ("/odd", "Bất thường")]),
        Section { label: "Kiểm tra", items: inspections },
        section(
            "Hỗ trợ",
            &[("/support", "Yêu cầu hỗ trợ"), ("/campaigns", "Tuyên truyền"), ("/guides", "Hướng dẫn")],
        ),
        section(
            "Báo cáo",
            &[("/reports", "Báo cáo"), ("/proposals", "Kiến nghị"), ("/weekly", "Số liệu tuần")],
        ),
        section("Chỉ đạo", &[("/directives", "Văn bản chỉ đạo")]),
    ]
}

/// Pages without a place of their own, and the page they count as.
const BELONGS: [(&str, &str); 1] = [("/telephone", "/places")];

/// The page of the head line that a path belongs to: the longest address that is the path or above it.
#[must_use]
pub fn active<'a>(sections: &'a [Section], path: &str) -> Option<&'a str> {
    let path = BELONGS.iter().find(|(page, _)| *page == path).map_or(path, |(_, as_page)| as_page);
    sections
        .iter()
        .flat_map(|section| &section.items)
        .map(|(href, _)| *href)
        .filter(|href| path == *href || (*href != "/" && path.starts_with(&format!("{href}/"))))
        .max_by_key(|href| href.len())
}

/// As the frame's template reads it.
#[must_use]
pub fn view(officer: &Officer, path: &str, words: impl Fn(&str) -> String) -> Vec<Value> {
    let all = sections(officer);
    let here = active(&all, path).map(str::to_owned);
    all.iter()
        .map(|section| {
            let is_here = |href: &str| here.as_deref() == Some(href);
            let items: Vec<Value> = section
                .items
                .iter()
                .map(|(href, label)| context! { href => *href, label => words(label), active => is_here(href) })
                .collect();
            let active = section.items.iter().any(|(href, _)| is_here(href));
            let href = section.items.first().map_or("/", |(href, _)| *href);
            context! { label => words(section.label), href, items, active }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn officer(roles: &[Role]) -> Officer {
        Officer {
            id: 1,
            login: "xa".to_owned(),
            name: "H'Bliă Êban".to_owned(),
            unit_id: 1,
            unit_name: String::new(),
            roles: roles.to_vec(),
        }
    }

    #[test]
    fn a_page_belongs_to_the_nearest_address_above_it() {
        let all = sections(&officer(&[Role::Reviewer]));
        assert_eq!(active(&all, "/inspections/77"), Some("/inspections"));
        assert_eq!(active(&all, "/inspections/ratios"), Some("/inspections/ratios"));
        assert_eq!(active(&all, "/telephone"), Some("/places"));
        assert_eq!(active(&all, "/placesque"), None);
        assert_eq!(active(&all, "/"), Some("/"));
    }

    #[test]
    fn no_page_stands_twice() {
        for role in Role::ALL {
            let all = sections(&officer(&[role]));
            let mut pages: Vec<&str> =
                all.iter().flat_map(|section| section.items.iter().map(|(href, _)| *href)).collect();
            let count = pages.len();
            pages.sort_unstable();
            pages.dedup();
            assert_eq!(pages.len(), count, "{role:?}");
        }
    }
}
