//! Sentences and annexes of a report's documents.

use std::collections::{BTreeSet, HashMap};

use documents::{AnnexColumn, AnnexTable, ProposalLine, UnitLine};
use domain::{
    difficulty::Topic,
    proposal::{Decision, State},
    report::Punctuality,
    time::local_date,
};
use store::{
    report_items::{Raiser, ReportItem},
    reports::Report,
};

use super::{InspectionFigures, Source};
use crate::{
    error::Result,
    render::group_thousands,
    web::{guidance::GuidanceFigures, inspections},
};

/// Units named after an item before the rest is only counted.
pub(super) const RAISERS_NAMED: usize = 5;
/// Units named as late or silent in a sentence; all stand in the annex.
const LATE_NAMED: usize = 8;

/// Inspections within one unit.
pub(super) struct Inspected {
    pub(super) name: String,
    pub(super) figures: InspectionFigures,
}

/// Lines that somebody typed, a paragraph each.
pub(super) fn typed(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

pub(super) fn best(parts: &[UnitLine], most: usize) -> Vec<UnitLine> {
    let mut best: Vec<UnitLine> = parts.iter().filter(|part| part.scans > 0).cloned().collect();
    // Of equals the first in the list, which stands in the order of names.
    best.sort_by_key(|part| std::cmp::Reverse(part.scans));
    best.truncate(most);
    best
}

/// Every commune with its district's name, district by district.
pub(super) fn communes(source: &Source<'_>) -> Vec<UnitLine> {
    let mut rows = Vec::new();
    for part in source.parts() {
        for commune in source.tree.communes_within(part.id) {
            let name = if commune.id == part.id {
                commune.full_name.clone()
            } else {
                format!("{} – {}", commune.full_name, part.full_name)
            };
            rows.push(source.line(commune.id, name));
        }
    }
    rows
}

/// Inspections of the unit itself first, then of each part.
pub(super) async fn inspection_rows(source: &Source<'_>) -> Result<Vec<Inspected>> {
    let mut units = vec![source.report.unit_id];
    units.extend(source.parts().iter().map(|part| part.id));
    let span = source.frozen.span;
    let mut rows = Vec::new();
    for unit_id in units {
        let figures =
            inspections::period_figures(source.app, &source.tree, unit_id, span.from, span.until).await?;
        rows.push(Inspected { name: source.tree.name(unit_id).to_owned(), figures });
    }
    Ok(rows)
}

pub(super) fn inspection(rows: &[Inspected]) -> Vec<String> {
    let Some(whole) = rows.first().map(|row| row.figures).filter(|f| f.planned + f.done > 0) else {
        return vec!["Trong kỳ chưa có cuộc kiểm tra nào được ghi nhận trên hệ thống.".to_owned()];
    };
    vec![format!(
        "Đã kiểm tra {} địa điểm (kế hoạch {}), phát hiện {} tồn tại, khắc phục xong {}; nhắc nhở {} lượt, đề nghị tạm \
         dừng {} địa điểm, đã tạm dừng {} địa điểm.",
        group_thousands(whole.done),
        group_thousands(whole.planned),
        group_thousands(whole.findings),
        group_thousands(whole.findings_closed),
        group_thousands(whole.reminders),
        group_thousands(whole.suspensions_proposed),
        group_thousands(whole.suspended)
    )]
}

pub(super) fn support(figures: &GuidanceFigures, words: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if figures.campaigns > 0 {
        let reached = match figures.reached {
            0 => String::new(),
            reached => format!(", tiếp cận {} lượt người", group_thousands(reached)),
        };
        lines.push(format!(
            "Đã tổ chức {} đợt tuyên truyền, hướng dẫn{reached}.",
            group_thousands(figures.campaigns)
        ));
    }
    if figures.tickets_opened + figures.tickets_closed > 0 {
        lines.push(format!(
            "Tiếp nhận {} yêu cầu hỗ trợ, giải quyết xong {} (gồm cả kỳ trước chuyển sang), còn {} yêu cầu đang xử lý.",
            group_thousands(figures.tickets_opened),
            group_thousands(figures.tickets_closed),
            group_thousands(figures.tickets_open_at_end)
        ));
    }
    lines.extend(typed(words));
    if lines.is_empty() {
        lines.push("Duy trì hướng dẫn, hỗ trợ các địa điểm và người dân khi có yêu cầu.".to_owned());
    }
    lines
}

/// Who reported late or not at all.
pub(super) fn punctuality(source: &Source<'_>) -> Vec<String> {
    if source.below.is_empty() {
        return Vec::new();
    }
    let of = |wanted: fn(&Punctuality) -> bool| -> Vec<&str> {
        let found = source.below.iter().filter(|(_, standing)| wanted(standing));
        found.map(|(report, _)| source.tree.name(report.unit_id)).collect()
    };
    let late = of(|standing| matches!(standing, Punctuality::Late(_)));
    let silent = of(|standing| matches!(standing, Punctuality::Silent(_)));
    let all = source.below.len();
    // A report that was returned is not with the level above, however early it came first.
    let returned = source.below.iter().filter(|(report, _)| report.state == "returned").count();
    let is_on_time = |(report, standing): &&(Report, Punctuality)| {
        report.state != "returned" && matches!(standing, Punctuality::OnTime)
    };
    let on_time = source.below.iter().filter(is_on_time).count();
    let mut line = format!("{} trong số {} đơn vị gửi báo cáo đúng hạn", count(on_time), count(all));
    if !late.is_empty() {
        line.push_str(&format!("; {} đơn vị gửi chậm ({})", count(late.len()), names(&late)));
    }
    if !silent.is_empty() {
        line.push_str(&format!("; {} đơn vị quá hạn chưa gửi ({})", count(silent.len()), names(&silent)));
    }
    if returned > 0 {
        line.push_str(&format!("; {} đơn vị bị trả lại, chưa gửi lại", count(returned)));
    }
    let waiting = of(|standing| matches!(standing, Punctuality::Waiting)).len();
    if waiting > 0 {
        line.push_str(&format!("; {} đơn vị chưa gửi, chưa đến hạn", count(waiting)));
    }
    vec![format!("{line}.")]
}

fn count(length: usize) -> String {
    group_thousands(i64::try_from(length).unwrap_or(i64::MAX))
}

fn names(all: &[&str]) -> String {
    let named = all.iter().take(LATE_NAMED).copied().collect::<Vec<_>>().join("; ");
    match all.len().saturating_sub(LATE_NAMED) {
        0 => named,
        more => format!("{named} và {} đơn vị khác", count(more)),
    }
}

/// Names of units, each with its place in lists.
pub(super) type Units = BTreeSet<(usize, String)>;

/// Names of the units that raised each item, by item.
pub(super) fn raised_by(
    source: &Source<'_>,
    items: &[ReportItem],
    raisers: &[Raiser],
) -> HashMap<i64, Units> {
    let mut by_item: HashMap<i64, Units> = HashMap::new();
    let unit = |id: i64| (source.tree.rank(id), source.tree.name(id).to_owned());
    for raiser in raisers {
        by_item.entry(raiser.root_id).or_default().insert(unit(raiser.unit_id));
    }
    for item in items.iter().filter(|item| item.report_id.is_some()) {
        by_item.entry(item.id).or_default().insert(unit(item.unit_id));
    }
    by_item
}

fn said_by(units: Option<&Units>, own: &str, most: usize) -> String {
    let names: Vec<&str> = units.into_iter().flatten().map(|(_, name)| name.as_str()).collect();
    let units = names.as_slice();
    if units.is_empty() || units == [own] {
        return String::new();
    }
    if let [only] = units {
        return format!(" ({only} nêu)");
    }
    let named = units.iter().take(most).copied().collect::<Vec<_>>().join("; ");
    let more = match units.len().saturating_sub(most) {
        0 => String::new(),
        more => format!(" và {} đơn vị khác", count(more)),
    };
    format!(" ({} đơn vị nêu: {named}{more})", count(units.len()))
}

/// Words in one line, without the full stop that the list of units follows.
fn bare(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches(['.', ';', ' ']).to_owned()
}

/// Items with the units that raised them, at most `most` of them by name; those that most raised come first.
pub(super) fn with_raisers(
    source: &Source<'_>,
    items: &[ReportItem],
    raisers: &[Raiser],
    most: usize,
) -> Vec<String> {
    let by_item = raised_by(source, items, raisers);
    let own = source.tree.name(source.report.unit_id);
    let mut ordered: Vec<&ReportItem> = items.iter().collect();
    ordered.sort_by_key(|item| std::cmp::Reverse(by_item.get(&item.id).map_or(0, Units::len)));
    ordered
        .into_iter()
        .map(|item| format!("{}{}.", bare(&item.words), said_by(by_item.get(&item.id), own, most)))
        .collect()
}

pub(super) fn proposals(source: &Source<'_>) -> Vec<ProposalLine> {
    let by_item = raised_by(source, &source.proposals, &source.proposal_raisers);
    let own = source.tree.name(source.report.unit_id);
    source
        .proposals
        .iter()
        .map(|item| {
            let words =
                format!("{}{}.", bare(&item.words), said_by(by_item.get(&item.id), own, RAISERS_NAMED));
            // Once it is decided, the decision says who carries it out and by when.
            let decision = decision(source, item);
            let handling = if decision.is_empty() { handling(source, item) } else { said(&item.handling) };
            ProposalLine { words, handling, decision }
        })
        .collect()
}

/// Words with their full stop; empty words stay empty.
fn said(words: &str) -> String {
    match bare(words) {
        words if words.is_empty() => words,
        words => format!("{words}."),
    }
}

/// What the Committee decided: how, by which document and on which day, its words, and who carries it out by when.
fn decision(source: &Source<'_>, item: &ReportItem) -> String {
    let how = match item.decision.as_deref().and_then(Decision::from_code) {
        Some(Decision::Accepted) => "đã chấp thuận",
        Some(Decision::Partly) => "đã chấp thuận một phần",
        Some(Decision::Refused) => "không chấp thuận",
        Some(Decision::MoreInformation) => "yêu cầu bổ sung",
        None => return String::new(),
    };
    let day = item.decided_at.map(|at| format!("ngày {}", local_date(at).strftime("%d/%m/%Y")));
    let number = item.decision_number.as_deref().filter(|number| !number.is_empty());
    let by = match (number, day) {
        (Some(number), Some(day)) => format!(" (Văn bản số {number}, quyết định {day})"),
        (None, Some(day)) => format!(" ({day})"),
        (Some(number), None) => format!(" (Văn bản số {number})"),
        (None, None) => String::new(),
    };
    let mut text = format!("UBND tỉnh {how}{by}");
    match bare(item.answer.as_deref().unwrap_or_default()) {
        // What the page writes where nothing was typed says nothing new.
        answer if answer.is_empty() || answer == "Chấp thuận theo đề xuất" => {}
        answer => text.push_str(&format!(": {answer}")),
    }
    if matches!(State::from_code(&item.state), Some(State::InHand | State::Done)) {
        text.push_str(&in_charge(source, item));
    }
    if item.state == State::Done.code() {
        text.push_str("; đã thực hiện xong");
    }
    format!("{text}.")
}

fn handling(source: &Source<'_>, item: &ReportItem) -> String {
    let text = bare(&item.handling);
    if text.is_empty() {
        return text;
    }
    format!("{text}{}.", in_charge(source, item))
}

/// `; giao Sở Tài chính thực hiện, xong trước ngày 20/11/2021`; empty where nobody is in charge.
fn in_charge(source: &Source<'_>, item: &ReportItem) -> String {
    let mut text = String::new();
    if let Some(office) = item.office_id {
        text.push_str(&format!("; giao {} thực hiện", source.tree.name(office)));
    }
    if let Some(due) = item.due_on.as_deref().and_then(|due| due.parse::<jiff::civil::Date>().ok()) {
        text.push_str(&format!(", xong trước ngày {}", due.strftime("%d/%m/%Y")));
    }
    text
}

fn column(name: &str, share: u32, is_number: bool) -> AnnexColumn {
    AnnexColumn { name: name.to_owned(), share, is_number }
}

/// Departments that are responsible for places, in the order of their names.
pub(super) fn department_ids(source: &Source<'_>) -> Vec<i64> {
    let there = source.tree.valid().filter(|unit| unit.level == "department").map(|unit| unit.id);
    let mut ids: Vec<i64> = there.filter(|id| source.frozen.now.contains_key(id)).collect();
    ids.sort_by_key(|id| source.tree.rank(*id));
    ids
}

/// Departments by the places they are responsible for, which their communes count as well.
pub(super) fn departments(source: &Source<'_>) -> AnnexTable {
    let row = |id: i64| {
        let row = source.frozen.now.get(&id)?;
        Some(vec![
            source.tree.name(id).to_owned(),
            group_thousands(row.registered),
            group_thousands(row.live),
            group_thousands(row.scans_in + row.scans_out),
        ])
    };
    let rows: Vec<Vec<String>> = department_ids(source).into_iter().filter_map(row).collect();
    AnnexTable {
        title: "Kết quả theo sở, ban, ngành (đã tính trong số của địa bàn, không cộng thêm)".to_owned(),
        columns: vec![
            column("Đơn vị", 6, false),
            column("Điểm đăng ký", 2, true),
            column("Điểm hoạt động", 2, true),
            column("Lượt quét", 2, true),
        ],
        rows,
    }
}

pub(super) fn inspection_annex(rows: &[Inspected]) -> AnnexTable {
    let parts = rows.iter().skip(1).filter(|row| row.figures.planned + row.figures.done > 0);
    AnnexTable {
        title: "Kết quả kiểm tra".to_owned(),
        columns: vec![
            column("Đơn vị", 5, false),
            column("Kế hoạch", 2, true),
            column("Đã kiểm tra", 2, true),
            column("Tồn tại", 2, true),
            column("Đã khắc phục", 2, true),
            column("Nhắc nhở", 2, true),
        ],
        rows: parts
            .map(|row| {
                let f = row.figures;
                let numbers = [f.planned, f.done, f.findings, f.findings_closed, f.reminders];
                std::iter::once(row.name.clone()).chain(numbers.map(group_thousands)).collect()
            })
            .collect(),
    }
}

pub(super) fn proposal_annex(source: &Source<'_>) -> AnnexTable {
    let by_item = raised_by(source, &source.proposals, &source.proposal_raisers);
    let rows = source.proposals.iter().map(|item| {
        let topic = Topic::from_code(&item.topic).map_or("", Topic::label);
        let name = |(_, name): &(usize, String)| name.clone();
        let units = by_item.get(&item.id).map(|units| units.iter().map(name).collect::<Vec<_>>().join("; "));
        let state = State::from_code(&item.state).map_or("", State::label);
        let words = format!("{topic}: {}", bare(&item.words));
        let handling = match handling(source, item) {
            text if text.is_empty() => "–".to_owned(),
            text => text,
        };
        let standing = match decision(source, item) {
            text if text.is_empty() => state.to_owned(),
            text => format!("{state}. {text}"),
        };
        vec![words, units.unwrap_or_default(), handling, standing]
    });
    AnnexTable {
        title: "Kiến nghị, đề xuất và hướng xử lý".to_owned(),
        columns: vec![
            column("Kiến nghị", 5, false),
            column("Đơn vị nêu", 4, false),
            column("Hướng xử lý đề xuất", 5, false),
            column("Tình trạng, quyết định", 4, false),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn late_annex(source: &Source<'_>) -> AnnexTable {
    let rows = source.below.iter().filter_map(|(report, standing)| {
        let words = match standing {
            Punctuality::Late(days) => format!("Gửi chậm {days} ngày làm việc"),
            Punctuality::Silent(days) => format!("Chưa gửi, quá hạn {days} ngày làm việc"),
            _ => return None,
        };
        let above = report.above_id.map_or("", |above| source.tree.name(above)).to_owned();
        let due = report.due_on.parse::<jiff::civil::Date>().ok();
        let due = due.map(|due| due.strftime("%d/%m/%Y").to_string()).unwrap_or_default();
        Some(vec![source.tree.name(report.unit_id).to_owned(), above, due, words])
    });
    AnnexTable {
        title: "Đơn vị gửi báo cáo chậm hoặc chưa gửi".to_owned(),
        columns: vec![
            column("Đơn vị", 5, false),
            column("Gửi về", 5, false),
            column("Hạn", 3, false),
            column("Tình trạng", 5, false),
        ],
        rows: rows.collect(),
    }
}
