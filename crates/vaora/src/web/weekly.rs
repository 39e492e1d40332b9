//! The weekly figure of a unit: a page, and a PDF and DOCX in the layout of Decree 30/2020.

use std::{collections::HashMap, sync::Arc};

use axum::extract::{Path, Query, State};
use documents::{PointLine, UnitLine, WeeklyReport, weekly_report_docx, weekly_report_pdf};
use domain::{
    admin_unit::UnitTree,
    coverage::{Coverage, Usage, target_points},
    period::Week,
    role::Role,
    time::{date_of_day_number, day_start},
};
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;
use store::unit_periods::UnitPeriod;

use crate::{
    app::App,
    audit,
    error::{AppError, Result},
    figures::{self, DayFlow, Flow},
    page::Page,
    web::{posters::file, reports::content::in_sentence},
};

/// Which week.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    /// Any day of the week, ISO date; the last closed week when empty.
    week: String,
}

/// Units named as best and as silent.
const NAMED_UNITS: usize = 5;

/// Latest periods among which a week's is looked for: more than a year of weeks and months.
const PERIODS_LOOKED: i64 = 80;

/// Figures of one unit for one week.
struct Line {
    unit_id: i64,
    coverage: Coverage,
    scans: Flow,
}

/// All that the page and the documents show.
struct Weekly {
    unit_id: i64,
    week: Week,
    coverage: Coverage,
    before: Coverage,
    new_points: i64,
    scans: Flow,
    scans_before: Flow,
    lines: Vec<Line>,
    by_day: Vec<(Date, i64)>,
    silent: Vec<PointLine>,
    /// Silent points of places that no list may name.
    unnamed: i64,
    first: bool,
}

fn week_of(app: &App, which: &Which) -> Result<Week> {
    let starts = app.config.week_start();
    if which.week.is_empty() {
        return Ok(Week::last_closed(app.clock.today(), starts));
    }
    let day: Date = which
        .week
        .parse()
        .map_err(|_| AppError::BadRequest("Ngày của tuần phải có dạng năm-tháng-ngày, ví dụ 2021-11-12."))?;
    Ok(Week::holding(day, starts))
}

async fn compute(app: &App, tree: &UnitTree, unit_id: i64, week: Week) -> Result<Weekly> {
    let now = figures::on(app, week.last()).await?;
    let earlier = figures::on(app, week.before().last()).await?;
    let counts = Counts::read(app, tree, unit_id, week).await?;
    // Points are counted as they stood at the end of each week, by the day they were issued.
    let coverage = now.standing(tree, unit_id, week.until);
    let before = earlier.standing(tree, unit_id, week.from);
    let points = now.points_within(tree, unit_id);
    let in_week = day_start(week.from)..day_start(week.until);
    let new_points = points.iter().filter(|point| in_week.contains(&point.facts.point.issued_at)).count();
    let mut parts: Vec<_> = tree.children(unit_id).filter(|part| part.level != "department").collect();
    parts.sort_by_key(|part| tree.rank(part.id));
    let lines = parts
        .into_iter()
        .map(|part| Line {
            unit_id: part.id,
            coverage: now.standing(tree, part.id, week.until),
            scans: counts.within(tree, part.id),
        })
        .collect();
    let quiet =
        points.iter().filter(|point| point.usage != Usage::Live && point.facts.point.issued_at < in_week.end);
    // The list goes into a document that is passed on: sensitive places stand in its counts alone.
    let unnamed = quiet.clone().filter(|point| point.facts.sensitive).count();
    let silent = quiet
        .filter(|point| !point.facts.sensitive)
        .map(|point| PointLine {
            place: point.facts.place_name.clone(),
            commune: tree.name(point.facts.unit_id).to_owned(),
            code: point.facts.point.code.clone(),
            last_scan: point.last_scan_day.map(date_of_day_number),
        })
        .collect();
    let first = counts.before.all() == 0 && before.registered == 0;
    let new_points = i64::try_from(new_points).unwrap_or(0);
    let (scans, scans_before, by_day) = (counts.all, counts.before, counts.by_day);
    let mut weekly = Weekly {
        unit_id,
        week,
        coverage,
        before,
        new_points,
        scans,
        scans_before,
        lines,
        by_day,
        silent,
        unnamed: i64::try_from(unnamed).unwrap_or(0),
        first,
    };
    weekly.take_frozen(&frozen(app, week).await?, &frozen(app, week.before()).await?);
    Ok(weekly)
}

/// Figures of the units for a week as they were frozen at its cut-off; none for a week without one.
async fn frozen(app: &App, week: Week) -> Result<HashMap<i64, UnitPeriod>> {
    let rows = app.store.unit_periods_of(&week.from.to_string(), &week.until.to_string()).await?;
    Ok(rows.into_iter().map(|row| (row.unit_id, row)).collect())
}

impl Weekly {
    /// Says what reports say: where a week was frozen, its figures stand, whatever arrived later.
    fn take_frozen(&mut self, now: &HashMap<i64, UnitPeriod>, before: &HashMap<i64, UnitPeriod>) {
        if let Some(row) = now.get(&self.unit_id) {
            self.coverage = as_frozen(self.coverage, row);
            self.scans = Flow { entered: row.scans_in, left: row.scans_out };
            self.new_points = row.new_points;
        }
        if let Some(row) = before.get(&self.unit_id) {
            self.before = as_frozen(self.before, row);
            self.scans_before = Flow { entered: row.scans_in, left: row.scans_out };
            self.first = false;
        }
        for line in &mut self.lines {
            if let Some(row) = now.get(&line.unit_id) {
                line.coverage = as_frozen(line.coverage, row);
                line.scans = Flow { entered: row.scans_in, left: row.scans_out };
            }
        }
    }
}

fn as_frozen(counted: Coverage, row: &UnitPeriod) -> Coverage {
    Coverage {
        registered: row.registered,
        live: row.live,
        silent: row.silent,
        never_used: row.never_used,
        target: row.target,
        missing: row.missing,
        ..counted
    }
}

/// Scans of a week and of the week before below a unit.
struct Counts {
    all: Flow,
    before: Flow,
    days: Vec<Arc<DayFlow>>,
    by_day: Vec<(Date, i64)>,
}

impl Counts {
    async fn read(app: &App, tree: &UnitTree, unit_id: i64, week: Week) -> Result<Self> {
        let (mut all, mut before) = (Flow::default(), Flow::default());
        let (mut days, mut by_day) = (Vec::new(), Vec::new());
        // Areas whose code was retired since still count: their scans were made.
        for (day, flow) in figures::scans_in_days(app, week.before().from, week.until).await? {
            let own = flow.within(tree, unit_id);
            if day < week.from {
                before.add(own);
            } else {
                all.add(own);
                by_day.push((day, own.all()));
                days.push(flow);
            }
        }
        Ok(Self { all, before, days, by_day })
    }

    fn within(&self, tree: &UnitTree, unit: i64) -> Flow {
        let mut sum = Flow::default();
        self.days.iter().for_each(|day| sum.add(day.within(tree, unit)));
        sum
    }
}

async fn allowed(app: &App, page: &Page, id: i64) -> Result<Arc<UnitTree>> {
    let officer = page.officer()?;
    officer.require(&[Role::UnitOfficer, Role::Reviewer, Role::CommitteeReader])?;
    let tree = app.tree().await?;
    officer.require_unit(&tree, id)?;
    Ok(tree)
}

/// Goes to the weekly figure of the officer's own unit.
///
/// # Errors
/// Not signed in, or no role that sees it.
pub async fn own(State(app): State<App>, page: Page) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::UnitOfficer, Role::Reviewer, Role::CommitteeReader])?;
    let tree = app.tree().await?;
    Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&format!(
        "/weekly/{}",
        officer.root(&tree)
    ))))
}

/// The page.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(which): Query<Which>,
) -> Result {
    let tree = allowed(&app, &page, id).await?;
    let week = week_of(&app, &which)?;
    let weekly = compute(&app, &tree, id, week).await?;
    let change = |now: i64, before: i64| (!weekly.first).then_some(now - before);
    let report = period_of(&app, week).await?;
    let values = context! {
        unit => context! { id => id.to_string(), name => tree.name(id) },
        week => context! {
            from => week.from.to_string(), last => week.last().to_string(),
            before => week.before().from.to_string(), after => week.after().from.to_string(),
            has_after => week.until <= app.clock.today(), closed => week.until <= app.clock.today(),
        },
        c => context! {
            registered => weekly.coverage.registered, live => weekly.coverage.live,
            silent => weekly.coverage.silent, never_used => weekly.coverage.never_used,
            target => weekly.coverage.target, per_100 => weekly.coverage.per_100(weekly.coverage.registered),
            live_per_100 => weekly.coverage.per_100(weekly.coverage.live),
        },
        report, new_points => weekly.new_points,
        entered => weekly.scans.entered, left => weekly.scans.left,
        points_change => change(weekly.coverage.registered, weekly.before.registered),
        live_change => change(weekly.coverage.live, weekly.before.live),
        scans_change => change(weekly.scans.all(), weekly.scans_before.all()),
        best => named(&tree, best(&weekly)), quiet => named(&tree, quiet(&weekly)),
        chart => chart(&weekly.by_day),
        rows => weekly.lines.iter().map(|line| line_view(&tree, line)).collect::<Vec<_>>(),
    };
    page.show("weekly.html", values).await
}

/// The period that reports this week, as its number in addresses.
async fn period_of(app: &App, week: Week) -> Result<Option<String>> {
    let (from, until) = (week.from.to_string(), week.until.to_string());
    let periods = app.store.report_periods(PERIODS_LOOKED).await?;
    Ok(periods.iter().find(|one| one.from_on == from && one.until_on == until).map(|one| one.id.to_string()))
}

/// Bars of the seven days: position and height within a drawing of 700 by 160.
fn chart(by_day: &[(Date, i64)]) -> Vec<Value> {
    let most = by_day.iter().map(|(_, scans)| *scans).max().unwrap_or(0).max(1);
    by_day
        .iter()
        .enumerate()
        .map(|(index, (day, scans))| {
            let height = (scans * 140 / most).max(i64::from(*scans > 0));
            context! {
                x => index * 100 + 15, y => 150 - height, height, day => day.to_string(), scans,
                middle => index * 100 + 50,
            }
        })
        .collect()
}

fn best(weekly: &Weekly) -> Vec<&Line> {
    let mut lines: Vec<&Line> = weekly.lines.iter().filter(|line| line.scans.all() > 0).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.scans.all()));
    lines.truncate(NAMED_UNITS);
    lines
}

fn quiet(weekly: &Weekly) -> Vec<&Line> {
    weekly.lines.iter().filter(|line| line.scans.all() == 0).collect()
}

fn named(tree: &UnitTree, lines: Vec<&Line>) -> Vec<Value> {
    lines.into_iter().map(|line| line_view(tree, line)).collect()
}

fn line_view(tree: &UnitTree, line: &Line) -> Value {
    context! {
        id => line.unit_id.to_string(), name => tree.name(line.unit_id),
        registered => line.coverage.registered, live => line.coverage.live, target => line.coverage.target,
        entered => line.scans.entered, left => line.scans.left,
        per_100 => line.coverage.per_100(line.coverage.registered),
    }
}

/// The PDF.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn pdf(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(which): Query<Which>,
) -> Result {
    let (report, name) = report(&app, &page, id, &which).await?;
    let bytes = tokio::task::spawn_blocking(move || weekly_report_pdf(&report)).await??;
    Ok(file(bytes, "application/pdf", &format!("{name}.pdf"), true))
}

/// The DOCX.
///
/// # Errors
/// Not found for units outside the officer's subtree.
pub async fn docx(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(which): Query<Which>,
) -> Result {
    let (report, name) = report(&app, &page, id, &which).await?;
    let bytes = tokio::task::spawn_blocking(move || weekly_report_docx(&report)).await??;
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    Ok(file(bytes, kind, &format!("{name}.docx"), false))
}

async fn report(app: &App, page: &Page, id: i64, which: &Which) -> Result<(WeeklyReport, String)> {
    let tree = allowed(app, page, id).await?;
    let week = week_of(app, which)?;
    let weekly = compute(app, &tree, id, week).await?;
    let (from_at, until_at) = (day_start(week.from), day_start(week.until));
    let head = audit::printed_head(&app.store, until_at.min(app.now())).await?;
    let openings = app.store.openings_done(from_at, until_at).await?;
    let issuer = issuer(app, &tree, id).await?;
    let own = app.store.preferred_populations().await?.into_iter().find(|figure| figure.unit_id == id);
    let name = format!("bao-cao-tuan-{}", week.last());
    Ok((document(app, &tree, &weekly, own, issuer, (head, openings)), name))
}

fn unit_lines(tree: &UnitTree, lines: Vec<&Line>) -> Vec<UnitLine> {
    lines
        .into_iter()
        .map(|line| UnitLine {
            name: tree.name(line.unit_id).to_owned(),
            points: line.coverage.registered,
            live: line.coverage.live,
            scans: line.scans.all(),
            ratio: line.coverage.per_100(line.coverage.registered),
        })
        .collect()
}

fn document(
    app: &App,
    tree: &UnitTree,
    weekly: &Weekly,
    own: Option<store::admin_units::Population>,
    issuer: Issuer,
    (access_log_head, openings): (Option<String>, i64),
) -> WeeklyReport {
    let c = &weekly.coverage;
    let population = own.as_ref().map(|figure| figure.population).or(c.population);
    // The unit as one has its own target; ratios stay those of the communes' sum where the figures differ.
    let whole = Coverage { population, ..*c };
    let before = |value: i64| (!weekly.first).then_some(value);
    let (target_points, target_as_one) = targets(c.target, population);
    WeeklyReport {
        parent_agency: issuer.parent,
        issuing_agency: issuer.agency,
        symbol: issuer.symbol,
        place_name: issuer.place,
        period_noun: "tuần".to_owned(),
        period_from: weekly.week.from,
        period_last: weekly.week.last(),
        made_on: app.clock.today(),
        unit_name: in_sentence(tree, weekly.unit_id),
        population,
        population_source: own.map(|figure| format!("thống kê năm {}", figure.year)).unwrap_or_default(),
        target_points,
        target_as_one,
        points: c.registered,
        points_before: before(weekly.before.registered),
        new_points: weekly.new_points,
        live_points: c.live,
        live_before: before(weekly.before.live),
        silent_points: c.silent + c.never_used,
        never_used_points: c.never_used,
        scans_in: weekly.scans.entered,
        scans_out: weekly.scans.left,
        scans_before: before(weekly.scans_before.all()),
        registered_per_100: whole.per_100(c.registered),
        live_per_100: whole.per_100(c.live),
        best_units: unit_lines(tree, best(weekly)),
        silent_units: unit_lines(tree, quiet(weekly)),
        rows: unit_lines(tree, weekly.lines.iter().collect()),
        silent_points_list: weekly.silent.clone(),
        silent_unnamed: weekly.unnamed,
        late_scans: None,
        rows_title: "Kết quả theo đơn vị".to_owned(),
        commune_rows: Vec::new(),
        annexes: Vec::new(),
        direction: Vec::new(),
        results: Vec::new(),
        support: Vec::new(),
        inspection: Vec::new(),
        punctuality: Vec::new(),
        difficulties: Vec::new(),
        proposals: Vec::new(),
        next_week: Vec::new(),
        signer_authority: issuer.authority,
        signer_name: issuer.signer,
        recipients: issuer.recipients.iter().map(|line| (*line).to_owned()).collect(),
        access_log_head,
        openings,
    }
}

/// The target on its one basis, each commune's population / 100 rounded up and these added up; and, where it is
/// another number, that of the whole population rounded up once.
pub(crate) fn targets(target: i64, population: Option<i64>) -> (Option<i64>, Option<i64>) {
    let target = (target > 0).then_some(target);
    let as_one =
        population.map(target_points).filter(|as_one| target.is_some_and(|target| target != *as_one));
    (target, as_one)
}

/// In whose name a unit's report goes out.
pub(crate) struct Issuer {
    /// Office above, printed first; empty when there is none.
    pub(crate) parent: String,
    /// Office that issues.
    pub(crate) agency: String,
    /// Symbol after the number.
    pub(crate) symbol: String,
    /// Place before the date.
    pub(crate) place: String,
    /// The signer's authority and title: as the office set them, or the usual ones.
    pub(crate) authority: String,
    /// The signer's name, where the office set it.
    pub(crate) signer: Option<String>,
    /// Recipients.
    pub(crate) recipients: &'static [&'static str],
}

/// In whose name a unit's report goes out, and who signs it.
///
/// # Errors
/// When the store refuses.
pub(crate) async fn issuer(app: &App, tree: &UnitTree, unit_id: i64) -> Result<Issuer> {
    let mut issuer = usual_issuer(app, tree, unit_id);
    if let Some(set) = app.store.unit_signer(unit_id).await? {
        if !set.authority.is_empty() {
            issuer.authority = set.authority;
        }
        issuer.signer = Some(set.name).filter(|name| !name.is_empty());
    }
    Ok(issuer)
}

/// Sở TTTT reports on the province; a district or commune reports in the name of its People's Committee, a
/// department in its own.
pub(crate) fn usual_issuer(app: &App, tree: &UnitTree, unit_id: i64) -> Issuer {
    let chain = tree.path(unit_id);
    let place = chain.first().map(|unit| unit.name.clone()).unwrap_or_default();
    let committee = |unit: &domain::admin_unit::AdminUnit| format!("UBND {} {}", unit.kind, unit.name);
    match chain.as_slice() {
        [unit, .., top] if unit.level == "department" => Issuer {
            parent: committee(top),
            agency: unit.full_name.clone(),
            symbol: unit.code.rsplit('-').next().map_or_else(String::new, |letters| format!("BC-{letters}")),
            place: top.name.clone(),
            authority: "THỦ TRƯỞNG ĐƠN VỊ".to_owned(),
            signer: None,
            recipients: &["Sở Thông tin và Truyền thông (để tổng hợp);", "Lưu: VT."],
        },
        [unit, above, ..] => Issuer {
            parent: committee(above),
            agency: committee(unit),
            symbol: "BC-UBND".to_owned(),
            place,
            authority: "TM. ỦY BAN NHÂN DÂN / CHỦ TỊCH".to_owned(),
            signer: None,
            recipients: &[
                "UBND cấp trên (để báo cáo);",
                "Sở Thông tin và Truyền thông (để tổng hợp);",
                "Lưu: VT.",
            ],
        },
        _ => Issuer {
            parent: app.config.parent_agency.clone(),
            agency: app.config.issuing_agency.clone(),
            symbol: app.config.document_symbol.clone(),
            place,
            authority: "KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC".to_owned(),
            signer: None,
            recipients: &[
                "UBND tỉnh (để báo cáo);",
                "Ban Giám đốc Sở;",
                "UBND các huyện, thị xã, thành phố;",
                "Lưu: VT, CNTT.",
            ],
        },
    }
}
