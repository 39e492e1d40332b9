//! Six weeks of the whole province: registering, scanning, silence, reports of all 184 communes with late and returned
//! ones, merging, proposals decided, and documents whose figures are counted again here from the raw rows.
//!
//! Each part of the office's week has its place in [`Story::play`].

use std::collections::{BTreeMap, HashMap};

use domain::{
    coverage::target_points,
    name::fold,
    report::{Kind, Span},
    role::Role,
    time::{day_number, day_start},
};
use serde_json::json;
use store::{
    places::Place, report_items::Merge, report_periods::ReportPeriod, reports::Report,
    scan_counts::ScanCount, unit_periods::UnitPeriod,
};
use vaora::{
    ids::new_id,
    jobs::reports::{look, span_of},
    web::{inspections, place_edit::new_code, reports::content, reports::document, reports::view},
};

use crate::common::{
    TestApp,
    client::Client,
    places::Open,
    reports::typed,
    scans::{post, scan},
};

const WEEKS: i64 = 6;
const CALLS_A_WEEK: i64 = 2;

/// A point as this test remembers it.
struct Point {
    area_id: i64,
    commune: i64,
    issued_day: i64,
    is_silent: bool,
}

/// A count as this test remembers it.
#[derive(Clone, Copy)]
struct Fact {
    area_id: i64,
    event_day: i64,
    arrival_day: i64,
    out: bool,
    scans: i64,
}

/// Figures counted again: registered, live, silent, never used, new, scans in, scans out, late in, late out.
type Figures = [i64; 9];

struct Story<'a> {
    app: &'a TestApp,
    communes: Vec<(i64, i64)>,
    points: Vec<Point>,
    facts: Vec<Fact>,
    by: i64,
    gate: Client,
    market: Open,
    /// Communes that sent late or never in the last week.
    late: Vec<i64>,
    silent: Vec<i64>,
}

impl<'a> Story<'a> {
    async fn begin(app: &'a TestApp) -> Self {
        app.ceremony().await;
        let tree = app.tree().await;
        let communes: Vec<(i64, i64)> = tree
            .communes_within(app.unit("66").await)
            .into_iter()
            .map(|commune| (commune.id, commune.parent_id.unwrap()))
            .collect();
        assert_eq!(communes.len(), 184);
        let by = app.account("moi.nguoi", &[Role::Auditor], app.home().await).await;
        let market = app.place("Chợ Tân Lập").await;
        let gate = app.gate(&market).await;
        let today = day_number(app.app.clock.today());
        let points = vec![Point {
            area_id: market.area_id,
            commune: app.home().await,
            issued_day: today,
            is_silent: false,
        }];
        Self {
            app,
            communes,
            points,
            facts: Vec::new(),
            by,
            gate,
            market,
            late: Vec::new(),
            silent: Vec::new(),
        }
    }

    /// One week, Wednesday to Wednesday; the cut-off lies at its Friday.
    async fn play(&mut self, week: i64) -> ReportPeriod {
        self.register(week).await;
        self.scan(week).await;
        self.inspect_and_call().await;
        self.app.days_pass(2);
        look(&self.app.app).await.unwrap();
        look(&self.app.app).await.unwrap();
        let period = self.app.app.store.report_periods(1).await.unwrap().remove(0);
        self.check(&period).await;
        self.report(&period, week).await;
        self.merge(&period).await;
        self.app.days_pass(2);
        period
    }

    /// A third of the communes registers a place each week; every fifth of them is never used.
    async fn register(&mut self, week: i64) {
        let (app, now) = (self.app, self.app.clock.now());
        let mut rows = Vec::new();
        for (number, (commune, _)) in self.communes.iter().enumerate() {
            if (i64::try_from(number).unwrap() + week) % 3 == 0 {
                let id = new_id();
                let name = format!("Trụ sở {number}/{week}");
                let place = Place {
                    id,
                    name: name.clone(),
                    type_code: "CQNN".to_owned(),
                    unit_id: *commune,
                    address: "Thôn 1".to_owned(),
                    contact_sealed: vec![1],
                    owner_index: vec![6; 16],
                    state: "approved".to_owned(),
                    return_reason: None,
                    registered_at: now,
                    decided_at: Some(now),
                };
                rows.push((place, fold(&name), Vec::new()));
            }
        }
        app.app.store.add_approved_places(&rows, || (new_id(), new_code())).await.unwrap();
        let communes: HashMap<i64, i64> =
            rows.iter().map(|(place, _, _)| (place.id, place.unit_id)).collect();
        let today = day_number(app.app.clock.today());
        for area in app.app.store.areas().await.unwrap() {
            if let Some(commune) = communes.get(&area.place_id) {
                let is_silent = area.id % 5 == 0;
                self.points.push(Point { area_id: area.id, commune: *commune, issued_day: today, is_silent });
            }
        }
    }

    /// A few scans through the gate, counts for the rest of the next seven days; some arrive a day after a cut-off.
    async fn scan(&mut self, week: i64) {
        let app = self.app;
        let scans: Vec<_> = (0..5 + week)
            .map(|number| {
                let phone = format!("0912{number:06}");
                scan(app, json!({ "kind": "in", "typed": { "name": "Trần Văn Đông", "phone": phone } }))
            })
            .collect();
        post(&mut self.gate, &scans).await.is(200);
        let today = day_number(app.app.clock.today());
        self.facts.push(Fact {
            area_id: self.market.area_id,
            event_day: today,
            arrival_day: today,
            out: false,
            scans: 5 + week,
        });
        let mut counts = Vec::new();
        for point in self.points.iter().filter(|point| !point.is_silent) {
            // From the fourth week on, some points fall silent.
            if week >= 3 && point.area_id % 7 == 3 {
                continue;
            }
            for ahead in [1, 3, 5] {
                let event_day = today + ahead;
                let late = i64::from(point.area_id % 4 == 1 && ahead == 1);
                let arrival_day = event_day + late;
                for (out, scans) in [(false, 10 + point.area_id % 13), (true, point.area_id % 6)] {
                    if scans > 0 {
                        let area_id = point.area_id;
                        counts.push(Fact { area_id, event_day, arrival_day, out, scans });
                    }
                }
            }
        }
        let rows: Vec<ScanCount> = counts
            .iter()
            .map(|fact| ScanCount {
                event_day: fact.event_day,
                area_id: fact.area_id,
                out: fact.out,
                arrival_day: fact.arrival_day,
                scans: fact.scans,
            })
            .collect();
        app.app.store.put_scan_counts(&rows).await.unwrap();
        self.facts.extend(counts);
    }

    /// One inspection with a finding, and two calls for help that stay open.
    async fn inspect_and_call(&self) {
        let today = self.app.app.clock.today().to_string();
        crate::inspections::inspected(self.app, &self.market, self.by, &today).await;
        for _ in 0..CALLS_A_WEEK {
            crate::guidance::a_ticket(self.app, &self.market).await;
        }
    }

    /// Counts a week again from what this test remembers, for every commune and all above.
    fn counted(&self, span: Span) -> BTreeMap<i64, Figures> {
        let (from, until) = (day_number(span.from), day_number(span.until));
        let mut last: HashMap<i64, i64> = HashMap::new();
        let mut of_area: HashMap<i64, [i64; 4]> = HashMap::new();
        for fact in &self.facts {
            let arrived = fact.arrival_day < until;
            if arrived && fact.event_day < until {
                let day = last.entry(fact.area_id).or_insert(fact.event_day);
                *day = (*day).max(fact.event_day);
            }
            let sums = of_area.entry(fact.area_id).or_default();
            if arrived && (from..until).contains(&fact.event_day) {
                sums[usize::from(fact.out)] += fact.scans;
            }
            if arrived && fact.arrival_day >= from && fact.event_day < from {
                sums[2 + usize::from(fact.out)] += fact.scans;
            }
        }
        let mut units: BTreeMap<i64, Figures> = BTreeMap::new();
        let district: HashMap<i64, i64> = self.communes.iter().copied().collect();
        for point in self.points.iter().filter(|point| point.issued_day < until) {
            let live = last.get(&point.area_id).is_some_and(|day| *day >= until - 7);
            let never = !last.contains_key(&point.area_id);
            let [entered, left, late_in, late_out] = of_area.get(&point.area_id).copied().unwrap_or_default();
            let one = [
                1,
                i64::from(live),
                i64::from(!live && !never),
                i64::from(never),
                i64::from(point.issued_day >= from),
                entered,
                left,
                late_in,
                late_out,
            ];
            for unit in [point.commune, district[&point.commune], 0] {
                let sums = units.entry(unit).or_default();
                for (sum, more) in sums.iter_mut().zip(one) {
                    *sum += more;
                }
            }
        }
        units
    }

    /// What was frozen is what is counted again, for each unit.
    async fn check(&self, period: &ReportPeriod) {
        let store = &self.app.app.store;
        let span = span_of(period).unwrap();
        let counted = self.counted(span);
        let province = self.app.unit("66").await;
        let frozen = store.unit_periods_of(&period.from_on, &period.until_on).await.unwrap();
        // Every place here is an office, which one department is in charge of: it has the same figures beside the
        // territory, and no unit of the territory counts them twice.
        let department = self.app.unit("66-SNV").await;
        assert_eq!(frozen.len(), 184 + 15 + 1 + 1, "every unit once");
        let late = store.unit_corrections(&period.from_on, &period.until_on).await.unwrap();
        let late: HashMap<i64, (i64, i64)> =
            late.into_iter().map(|one| (one.unit_id, (one.scans_in, one.scans_out))).collect();
        for row in &frozen {
            let unit = if [province, department].contains(&row.unit_id) { 0 } else { row.unit_id };
            let (late_in, late_out) = late.get(&row.unit_id).copied().unwrap_or_default();
            let found = [
                row.registered,
                row.live,
                row.silent,
                row.never_used,
                row.new_points,
                row.scans_in,
                row.scans_out,
                late_in,
                late_out,
            ];
            assert_eq!(
                found,
                counted.get(&unit).copied().unwrap_or_default(),
                "{} {}",
                row.unit_id,
                period.from_on
            );
        }
    }

    fn is_late(number: usize) -> bool {
        number % 17 == 3
    }

    fn is_silent(number: usize) -> bool {
        number % 23 == 5
    }

    /// Friday: all communes but the late and the silent send. Monday: the late ones. Districts take, and report.
    async fn report(&mut self, period: &ReportPeriod, week: i64) {
        let store = &self.app.app.store;
        let all = store.reports_of_period(period.id).await.unwrap();
        assert_eq!(all.len(), 201, "communes, districts, a department, the province");
        let of: HashMap<i64, &Report> = all.iter().map(|report| (report.unit_id, report)).collect();
        let tree = self.app.tree().await;
        let (mut late, mut silent) = (Vec::new(), Vec::new());
        for (number, (commune, _)) in self.communes.iter().enumerate() {
            if Self::is_silent(number) {
                silent.push(*commune);
            } else if Self::is_late(number) {
                late.push(*commune);
            } else {
                self.send(of[commune], number, week).await;
            }
        }
        self.app.days_pass(3);
        for commune in &late {
            self.send(of[commune], 1, week).await;
        }
        for (number, (commune, _)) in self.communes.iter().enumerate() {
            let report = of[commune];
            if number % 11 == 2 && !silent.contains(commune) {
                assert!(
                    store
                        .return_report(report.id, 1, "Thiếu số", self.by, self.app.clock.now())
                        .await
                        .unwrap()
                );
                assert!(view::send(&self.app.app, report, self.by).await.unwrap());
            }
            let version = store.report(report.id).await.unwrap().unwrap().version;
            let taken = store.accept_report(report.id, version, self.by, self.app.clock.now()).await.unwrap();
            assert_eq!(taken, !silent.contains(commune));
        }
        for district in tree.children(self.app.unit("66").await).filter(|unit| unit.level == "district") {
            let report = of[&district.id];
            assert!(view::send(&self.app.app, report, self.by).await.unwrap());
            assert!(store.accept_report(report.id, 1, self.by, self.app.clock.now()).await.unwrap());
        }
        (self.late, self.silent) = (late, silent);
    }

    async fn send(&self, report: &Report, number: usize, week: i64) {
        let mut items = Vec::new();
        if number.is_multiple_of(10) {
            items.push(typed("difficulty", "network", "Sóng di động yếu tại một số thôn, buôn"));
        }
        if number.is_multiple_of(20) && week == 5 {
            items.push(typed("proposal", "money", "Hỗ trợ kinh phí in thẻ cho người không có điện thoại"));
        }
        if !items.is_empty() {
            assert!(self.app.app.store.put_items(report.id, &items, self.app.clock.now()).await.unwrap());
        }
        assert!(view::send(&self.app.app, report, self.by).await.unwrap());
    }

    /// Sở TTTT makes all that say the same one, and every raiser is still known.
    async fn merge(&self, period: &ReportPeriod) {
        let store = &self.app.app.store;
        let province = self.app.unit("66").await;
        for (kind, topic) in [("difficulty", "network"), ("proposal", "money")] {
            let items = store.standing_items(kind, period.id, None).await.unwrap();
            if items.len() < 2 {
                continue;
            }
            let merge = Merge {
                id: new_id(),
                kind,
                period_id: period.id,
                unit_id: province,
                topic: topic.to_owned(),
                words: items[0].words.clone(),
                items: items.iter().map(|item| item.id).collect(),
            };
            assert!(store.merge_items(&merge, self.app.clock.now()).await.unwrap());
            assert!(!store.merge_items(&merge, self.app.clock.now()).await.unwrap_or(false));
            let raisers = store.raisers_of_item(merge.id).await.unwrap();
            assert_eq!(raisers.len(), items.len());
        }
    }

    /// The last week's documents say what is counted again here.
    async fn documents(&self, period: &ReportPeriod) {
        let (app, store) = (&self.app.app, &self.app.app.store);
        let province = self.app.unit("66").await;
        let report = self.app.report_of(period, province).await;
        let span = span_of(period).unwrap();
        let counted = self.counted(span);
        let before = self.counted(span.before(Kind::Weekly));
        let letter = content::build(app, &report, period, true).await.unwrap().letter;
        let (now, before) = (counted[&0], before[&0]);
        assert_eq!((letter.points, letter.points_before), (now[0], Some(before[0])));
        assert_eq!(
            (letter.live_points, letter.silent_points, letter.never_used_points),
            (now[1], now[2] + now[3], now[3])
        );
        assert_eq!((letter.new_points, letter.scans_in, letter.scans_out), (now[4], now[5], now[6]));
        assert_eq!(letter.scans_before, Some(before[5] + before[6]));
        assert_eq!(letter.late_scans, Some((now[7], now[8])));
        // The target is each commune's, rounded up, and added up; the province as one is only noted.
        let tree = app.tree().await.unwrap();
        let figures = store.preferred_populations().await.unwrap();
        let of_communes =
            figures.iter().filter(|one| tree.get(one.unit_id).is_some_and(|unit| unit.is_commune()));
        assert_eq!(letter.target_points, Some(of_communes.map(|one| target_points(one.population)).sum()));
        assert_eq!(letter.target_as_one, letter.population.map(target_points));
        let listed = i64::try_from(letter.silent_points_list.len()).unwrap() + letter.silent_unnamed;
        assert_eq!(listed, letter.silent_points, "the list has the members of the count");
        assert_eq!((letter.rows.len(), letter.commune_rows.len()), (15, 184));
        for rows in [&letter.rows, &letter.commune_rows] {
            assert_eq!(rows.iter().map(|row| row.points).sum::<i64>(), now[0]);
            assert_eq!(rows.iter().map(|row| row.scans).sum::<i64>(), now[5] + now[6]);
        }
        assert_eq!(i64::try_from(letter.silent_points_list.len()).unwrap(), now[2] + now[3]);
        let late = letter.annexes.iter().find(|annex| annex.title.contains("chậm")).unwrap();
        // The department never sent.
        assert_eq!(late.rows.len(), self.late.len() + self.silent.len() + 1);
        // What was found in the first week and still stands is not found anew.
        let inspected = "Đã kiểm tra 1 địa điểm (kế hoạch 1), phát hiện 0 tồn tại, khắc phục xong 0";
        assert!(letter.inspection[0].starts_with(inspected), "{:?}", letter.inspection);
        let calls = format!(
            "Tiếp nhận {CALLS_A_WEEK} yêu cầu hỗ trợ, giải quyết xong 0 (gồm cả kỳ trước chuyển sang), còn {}",
            WEEKS * CALLS_A_WEEK
        );
        assert!(letter.support.iter().any(|line| line.starts_with(&calls)), "{:?}", letter.support);
        assert_eq!(letter.difficulties.len(), 1, "{:?}", letter.difficulties);
        assert!(letter.proposals[0].handling.contains("Cấp kinh phí"), "{:?}", letter.proposals);
        let (issued, _) = store.begin_issue(new_id(), report.id, self.by, 0, app.now()).await.unwrap();
        document::make(app, issued, report.id, period).await.unwrap();
        assert_eq!(store.issued_report(issued).await.unwrap().unwrap().state, "ready");
    }
}

/// Sums over all weeks: every scan is told once, in its week or as a correction, save what arrives after the last.
fn told(rows: &[UnitPeriod]) -> i64 {
    rows.iter().map(|row| row.scans_in + row.scans_out).sum()
}

on_both! {
    async fn six_weeks_of_the_province(app) {
        let mut story = Story::begin(&app).await;
        let mut periods = Vec::new();
        for week in 0..WEEKS {
            periods.push(story.play(week).await);
        }
        let last = periods.last().unwrap();
        // Sở TTTT proposes how to handle what 184 communes asked for; the Committee decides.
        let mut reviewer = app.officer(Role::Reviewer).await;
        let mut committee = app.officer(Role::CommitteeReader).await;
        let proposal = app.app.store.standing_items("proposal", last.id, None).await.unwrap().remove(0);
        let here = format!("/proposals/{}", proposal.id);
        reviewer.post(&format!("{here}/handling"), &[("words", "Cấp kinh phí in thẻ"), ("action", "send")]).await.is(303);
        let office = app.unit("66-STC").await.to_string();
        let due = app.app.clock.today().to_string();
        let decision = [("decision", "accepted"), ("office", office.as_str()), ("due_on", due.as_str())];
        committee.post(&format!("{here}/decision"), &decision).await.is(303);
        story.documents(last).await;
        let (from, until) = (span_of(&periods[0]).unwrap().from, span_of(last).unwrap().until);
        let tree = app.tree().await;
        let all = inspections::period_figures(&app.app, &tree, app.unit("66").await, from, until).await.unwrap();
        assert_eq!((all.planned, all.done, all.findings, all.findings_closed), (WEEKS, WEEKS, 1, 0));
        // Each scan is told exactly once.
        let province = app.unit("66").await;
        let end = day_number(span_of(last).unwrap().until);
        let rows = app.app.store.unit_periods_between(province, "2021-01-01", &last.until_on).await.unwrap();
        assert_eq!(i64::try_from(rows.len()).unwrap(), WEEKS);
        let mut late = 0;
        for period in &periods {
            let corrections = app.app.store.unit_corrections(&period.from_on, &period.until_on).await.unwrap();
            late += corrections.iter().filter(|one| one.unit_id == province).map(|one| one.scans_in + one.scans_out).sum::<i64>();
        }
        let arrived: i64 = story.facts.iter().filter(|fact| fact.arrival_day < end).map(|fact| fact.scans).sum();
        assert!(late > 0);
        assert_eq!(told(&rows) + late, arrived);
        // Every page of the week answers with all of it there.
        for path in ["/reports", "/proposals", "/proposals?show=in_hand", "/"] {
            let began = std::time::Instant::now();
            reviewer.get(path).await.is(200);
            assert!(began.elapsed().as_millis() < 2000, "{path} took {:?}", began.elapsed());
        }
        assert!(day_start(span_of(last).unwrap().from) < app.clock.now());
    }
}
