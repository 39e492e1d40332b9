//! What a report's documents say, put together from frozen figures, words and items. All of it is Vietnamese: made
//! documents are, by law (Decree 30/2020/NĐ-CP).

mod lines;
mod sheets;

use documents::{AnnexTable, PointLine, Table, UnitLine, WeeklyReport};
use domain::{
    admin_unit::{AdminUnit, UnitTree},
    collation,
    report::{Kind, Punctuality},
    time::{date_of_day_number, day_number, day_start},
};
use store::{
    frozen_points::PointsOf,
    report_items::{Raiser, ReportItem},
    report_periods::ReportPeriod,
    reports::Report,
    standing::QuietPoint,
};

use super::{figures::Frozen, figures::per_100, punctuality_of};
use crate::{
    app::App,
    audit,
    error::{AppError, Result},
    freeze,
    jobs::reports::calendar,
    web::{
        guidance, inspections,
        weekly::{issuer, targets},
    },
};

/// Units praised and units named as silent.
const NAMED_UNITS: usize = 5;

/// Points that are read for one report; a province has about 19,000.
const POINTS_MAX: i64 = 100_000;

/// Everything that a report's files are made from.
pub struct Content {
    /// PDF and DOCX.
    pub letter: WeeklyReport,
    /// XLSX, a worksheet each.
    pub sheets: Vec<Table>,
}

/// What was read for one report.
struct Source<'a> {
    app: &'a App,
    tree: UnitTree,
    period: &'a ReportPeriod,
    report: &'a Report,
    frozen: Frozen,
    quiet: Vec<QuietPoint>,
    /// Silent points that are counted and that no list may name.
    unnamed: i64,
    below: Vec<(Report, Punctuality)>,
    difficulties: Vec<ReportItem>,
    proposals: Vec<ReportItem>,
    difficulty_raisers: Vec<Raiser>,
    proposal_raisers: Vec<Raiser>,
}

impl Source<'_> {
    fn is_province(&self) -> bool {
        self.report.above_id.is_none()
    }

    /// Units of the territory directly below.
    fn parts(&self) -> Vec<&AdminUnit> {
        let mut parts: Vec<&AdminUnit> =
            self.tree.children(self.report.unit_id).filter(|part| part.level != "department").collect();
        parts.sort_by_key(|part| self.tree.rank(part.id));
        parts
    }

    fn line(&self, unit_id: i64, name: String) -> UnitLine {
        let row = self.frozen.now.get(&unit_id);
        UnitLine {
            name,
            points: row.map_or(0, |row| row.registered),
            live: row.map_or(0, |row| row.live),
            scans: row.map_or(0, |row| row.scans_in + row.scans_out),
            ratio: row.and_then(|row| per_100(row, row.registered)),
        }
    }
}

/// Reads and puts together the content of a report. `with_points` reads the list of points without scans, which a
/// page that only counts them does without.
///
/// # Errors
/// When the store refuses.
pub async fn build(app: &App, report: &Report, period: &ReportPeriod, with_points: bool) -> Result<Content> {
    let source = read(app, report, period, with_points).await?;
    let inspected = lines::inspection_rows(&source).await?;
    let letter = letter(&source, &inspected).await?;
    let sheets = sheets::all(&source, &letter, &inspected);
    Ok(Content { letter, sheets })
}

async fn read<'a>(
    app: &'a App,
    report: &'a Report,
    period: &'a ReportPeriod,
    with_points: bool,
) -> Result<Source<'a>> {
    let frozen = Frozen::read(app, period).await?;
    let span = frozen.span;
    let tree = UnitTree::on(app.store.admin_units().await?, &span.last().to_string());
    let calendar = calendar(app).await?;
    let (quiet, unnamed) =
        if with_points { quiet_points(app, &tree, report, period, &frozen).await? } else { (Vec::new(), 0) };
    let today = app.clock.today();
    let mut below: Vec<(Report, Punctuality)> = Vec::new();
    for one in app.store.reports_of_period(period.id).await? {
        if one.id != report.id && tree.is_within(one.unit_id, report.unit_id) {
            let standing = punctuality_of(&one, today, &calendar);
            below.push((one, standing));
        }
    }
    below.sort_by_key(|(report, _)| tree.rank(report.unit_id));
    let difficulties = items(app, report, &tree, "difficulty").await?;
    let proposals = items(app, report, &tree, "proposal").await?;
    Ok(Source {
        app,
        tree,
        period,
        report,
        frozen,
        quiet,
        unnamed,
        below,
        difficulties,
        proposals,
        difficulty_raisers: app.store.raisers_of_period("difficulty", period.id).await?,
        proposal_raisers: app.store.raisers_of_period("proposal", period.id).await?,
    })
}

/// Whose silent points stand in a unit's report.
pub(super) fn points_of(tree: &UnitTree, unit_id: i64) -> PointsOf {
    match tree.get(unit_id) {
        Some(unit) if unit.level == "department" => PointsOf::Department(unit_id),
        Some(unit) if unit.parent_id.is_some() => PointsOf::Territory(unit_id),
        _ => PointsOf::Province,
    }
}

/// The points that were counted as silent at the cut-off, those quiet longest first, then by commune and name; and
/// how many more were counted that no list may name.
async fn quiet_points(
    app: &App,
    tree: &UnitTree,
    report: &Report,
    period: &ReportPeriod,
    frozen: &Frozen,
) -> Result<(Vec<QuietPoint>, i64)> {
    let (days, of) = ((period.from_on.as_str(), period.until_on.as_str()), points_of(tree, report.unit_id));
    let mut quiet = app.store.frozen_points(days, of, (POINTS_MAX, 0)).await?;
    let (_, unnamed) = app.store.frozen_point_counts(days, of).await?;
    let counted = frozen.now.get(&report.unit_id).map_or(0, |row| row.silent + row.never_used);
    if quiet.is_empty() && unnamed == 0 && counted > 0 && !matches!(of, PointsOf::Department(_)) {
        // Frozen by a version that kept no list: asked as of the cut-off.
        let (ends, until) = (day_start(frozen.span.until), day_number(frozen.span.until));
        quiet = app.store.quiet_points(ends, freeze::live_from(frozen.span), until).await?;
        quiet.retain(|point| tree.is_within(point.unit_id, report.unit_id));
    }
    quiet.sort_by_cached_key(|point| {
        let name = collation::key(&format!("{} {}", point.place_name, point.area_name));
        (point.last_day.unwrap_or(0), tree.rank(point.unit_id), name)
    });
    Ok((quiet, unnamed))
}

/// What stands below the unit, as merged, and what the report itself raises.
async fn items(app: &App, report: &Report, tree: &UnitTree, kind: &'static str) -> Result<Vec<ReportItem>> {
    let unit = tree.get(report.unit_id).ok_or(AppError::NotFound)?;
    let mut items = Vec::new();
    if matches!(unit.level.as_str(), "district" | "province") {
        let scope = unit.parent_id.map(|_| unit.id);
        items = app.store.standing_items(kind, report.period_id, scope).await?;
    }
    for item in app.store.items_of_report(report.id).await? {
        if item.kind == kind && !items.iter().any(|known| known.id == item.id) && item.merged_into.is_none() {
            items.push(item);
        }
    }
    Ok(items)
}

async fn letter(source: &Source<'_>, inspected: &[lines::Inspected]) -> Result<WeeklyReport> {
    let (app, unit_id, span) = (source.app, source.report.unit_id, source.frozen.span);
    let issuer = issuer(app, &source.tree, unit_id).await?;
    let (from_at, until_at) = (day_start(span.from), day_start(span.until));
    let row = source.frozen.now.get(&unit_id).cloned();
    let row = row.unwrap_or_else(|| nothing(unit_id, source.period));
    let before = source.frozen.before.get(&unit_id);
    let own = app.store.preferred_populations().await?.into_iter().find(|figure| figure.unit_id == unit_id);
    // The unit as one has its own population and target; a suspended target stays suspended.
    let population = own.as_ref().map(|figure| figure.population).or(row.population);
    let whole = store::unit_periods::UnitPeriod { population, ..row.clone() };
    let parts: Vec<UnitLine> =
        source.parts().into_iter().map(|part| source.line(part.id, part.full_name.clone())).collect();
    let (target_points, target_as_one) = targets(row.target, population);
    let guided = guidance::period_figures(app, &source.tree, unit_id, span.from, span.until).await?;
    Ok(WeeklyReport {
        parent_agency: issuer.parent,
        issuing_agency: issuer.agency,
        symbol: issuer.symbol,
        place_name: issuer.place,
        period_noun: noun(source.period).to_owned(),
        period_from: span.from,
        period_last: span.last(),
        made_on: app.clock.today(),
        unit_name: in_sentence(&source.tree, unit_id),
        population,
        population_source: own.map(|figure| format!("thống kê năm {}", figure.year)).unwrap_or_default(),
        target_points,
        target_as_one,
        points: row.registered,
        points_before: before.map(|before| before.registered),
        new_points: row.new_points,
        live_points: row.live,
        live_before: before.map(|before| before.live),
        silent_points: row.silent + row.never_used,
        never_used_points: row.never_used,
        scans_in: row.scans_in,
        scans_out: row.scans_out,
        scans_before: before.map(|before| before.scans_in + before.scans_out),
        late_scans: source.frozen.late.get(&unit_id).copied(),
        registered_per_100: per_100(&whole, row.registered),
        live_per_100: per_100(&whole, row.live),
        best_units: lines::best(&parts, NAMED_UNITS),
        silent_units: parts.iter().filter(|part| part.scans == 0).cloned().collect(),
        rows_title: if source.is_province() {
            "Kết quả theo huyện, thị xã, thành phố".to_owned()
        } else {
            "Kết quả theo xã, phường, thị trấn".to_owned()
        },
        rows: parts,
        commune_rows: if source.is_province() { lines::communes(source) } else { Vec::new() },
        silent_points_list: source.quiet.iter().map(|point| point_line(&source.tree, point)).collect(),
        silent_unnamed: source.unnamed,
        annexes: annexes(source, inspected),
        direction: lines::typed(&source.report.direction),
        results: lines::typed(&source.report.results),
        support: lines::support(&guided, &source.report.support),
        inspection: lines::inspection(inspected),
        punctuality: lines::punctuality(source),
        difficulties: lines::with_raisers(
            source,
            &source.difficulties,
            &source.difficulty_raisers,
            lines::RAISERS_NAMED,
        ),
        proposals: lines::proposals(source),
        next_week: lines::typed(&source.report.next_steps),
        signer_authority: issuer.authority,
        signer_name: issuer.signer,
        recipients: issuer.recipients.iter().map(|line| (*line).to_owned()).collect(),
        access_log_head: audit::printed_head(&app.store, until_at.min(app.now())).await?,
        openings: app.store.openings_done(from_at, until_at).await?,
    })
}

/// A unit's name within a sentence: `tỉnh Đắk Lắk`; departments keep their capital.
pub fn in_sentence(tree: &UnitTree, unit_id: i64) -> String {
    match tree.get(unit_id) {
        Some(unit) if unit.level != "department" => format!("{} {}", unit.kind, unit.name),
        _ => tree.name(unit_id).to_owned(),
    }
}

fn nothing(unit_id: i64, period: &ReportPeriod) -> store::unit_periods::UnitPeriod {
    store::unit_periods::UnitPeriod {
        unit_id,
        from_on: period.from_on.clone(),
        until_on: period.until_on.clone(),
        registered: 0,
        live: 0,
        silent: 0,
        never_used: 0,
        new_points: 0,
        population: None,
        target: 0,
        missing: 0,
        scans_in: 0,
        scans_out: 0,
        frozen_at: 0,
    }
}

fn noun(period: &ReportPeriod) -> &'static str {
    match Kind::from_code(&period.kind) {
        Some(Kind::Weekly) => "tuần",
        Some(Kind::Monthly) => "tháng",
        _ => "kỳ",
    }
}

fn point_line(tree: &UnitTree, point: &QuietPoint) -> PointLine {
    PointLine {
        place: if point.area_name.is_empty() {
            point.place_name.clone()
        } else {
            format!("{} – {}", point.place_name, point.area_name)
        },
        commune: tree.name(point.unit_id).to_owned(),
        code: point.code.clone(),
        last_scan: point.last_day.map(date_of_day_number),
    }
}

fn annexes(source: &Source<'_>, inspected: &[lines::Inspected]) -> Vec<AnnexTable> {
    let mut annexes = Vec::new();
    if source.is_province() {
        annexes.push(lines::departments(source));
    }
    annexes.push(lines::inspection_annex(inspected));
    annexes.push(lines::proposal_annex(source));
    annexes.push(lines::late_annex(source));
    annexes
}

/// Figures of inspections, for a unit and all below it.
type InspectionFigures = inspections::PeriodFigures;
