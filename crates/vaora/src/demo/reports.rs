//! Reports of the demo: four closed weeks that were reported, late by some, with proposals decided; and the last
//! closed week open, half of it sent, so that it can be played from the commune to the Committee now.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use domain::{
    admin_unit::UnitTree,
    calendar::Calendar,
    report::{Deadlines, Kind, Lead, Span},
    time::{DAY_MS, day_number, day_start, local_date},
};
use store::{
    proposals::ProposalChange,
    report_items::TypedItem,
    report_periods::ReportPeriod,
    reports::{Report, ReportWords},
    scan_counts::ScanCount,
};

use super::accounts::{self, Login};
use crate::{
    app::App,
    ids::new_id,
    jobs::reports::{calendar, drafts, open},
    web::reports::view,
};

/// Closed weeks before the last that were reported.
const OLD_WEEKS: usize = 4;
/// Days of scans that the demo's world has; the weeks before repeat them, thinner.
const WORLD_DAYS: i64 = 14;
/// Share in hundredths that the repeated fortnights keep, the nearer first.
const SHARES: [i64; 2] = [86, 71];
/// Scans of the week before that arrived late, from each of some areas.
const LATE_SCANS: i64 = 9;
/// Every so many areas had some.
const LATE_EVERY: usize = 40;

/// What communes raise: kind, topic, words. Some say the same in other words.
const RAISED: [(&str, &str, &str); 12] = [
    (
        "difficulty",
        "no_phone",
        "Nhiều người cao tuổi, đồng bào ở buôn không có điện thoại thông minh để quét mã",
    ),
    (
        "difficulty",
        "no_phone",
        "Người cao tuổi và đồng bào ở các buôn không có điện thoại thông minh, khó quét mã",
    ),
    ("difficulty", "network", "Sóng di động yếu tại chợ và một số thôn, buôn nên quét mã chậm"),
    ("difficulty", "network", "Sóng di động yếu tại một số thôn, buôn, chợ; quét mã rất chậm"),
    ("difficulty", "owners", "Một số hàng quán nhỏ chưa đăng ký điểm quét vì sợ mất khách"),
    ("difficulty", "staff", "Công an xã và đoàn thanh niên kiêm nhiệm nhiều việc, thiếu người đi hướng dẫn"),
    ("proposal", "money", "Hỗ trợ kinh phí in thẻ cá nhân cho người không có điện thoại"),
    (
        "proposal",
        "money",
        "Đề nghị hỗ trợ kinh phí in thẻ cá nhân cho người già không có điện thoại thông minh",
    ),
    ("proposal", "devices", "Cấp máy quét cầm tay cho các chợ đầu mối"),
    ("proposal", "devices", "Đề nghị cấp máy quét cầm tay cho chợ và bến xe"),
    ("proposal", "sanctions", "Có hướng dẫn xử lý cơ sở nhiều lần không chấp hành quét mã"),
    ("difficulty", "people", "Người dân chỉ quét khi vào, ít quét khi ra"),
];

struct Demo<'a> {
    app: &'a App,
    tree: UnitTree,
    calendar: Calendar,
    logins: &'a [Login],
    /// Communes of the filled districts but for the story's own.
    communes: Vec<i64>,
    /// Who sends for each of them.
    senders: HashMap<i64, i64>,
    home: i64,
}

/// Fills reports.
///
/// # Errors
/// When the store refuses.
pub async fn fill(app: &App, logins: &[Login], communes: &[i64], home: i64) -> Result<()> {
    let today = app.clock.today();
    let tree = UnitTree::on(app.store.admin_units().await?, &today.to_string());
    let mut communes = communes.to_vec();
    communes.retain(|commune| *commune != home);
    let senders = accounts::make_senders(&app.store, &app.keyfile, &communes, app.now()).await?;
    let senders = senders.into_iter().collect();
    let demo = Demo { app, tree, calendar: calendar(app).await?, logins, communes, senders, home };
    let last = Span::last_closed(Kind::Weekly, today, app.config.week_start()).context("no closed week")?;
    let mut weeks = vec![last];
    for _ in 0..OLD_WEEKS {
        weeks.push(weeks[weeks.len() - 1].before(Kind::Weekly));
    }
    for span in weeks.iter().skip(1).rev() {
        demo.old_week(*span).await?;
    }
    demo.last_week(last).await
}

/// Counts of the weeks before the world began, so that there is something to compare with; and a few late scans.
///
/// # Errors
/// When the store refuses.
pub async fn repeat_scans(app: &App) -> Result<()> {
    let today = day_number(app.clock.today());
    let issued: HashMap<i64, i64> = app
        .store
        .points_standing(app.now())
        .await?
        .into_iter()
        .map(|point| (point.area_id, day_number(local_date(point.issued_at))))
        .collect();
    let rows = app.store.scans_by_day(today - WORLD_DAYS, today).await?;
    let mut counts = Vec::new();
    for (back, share) in (1..).zip(SHARES) {
        for (day, area_id, out, scans) in &rows {
            let event_day = day - back * WORLD_DAYS;
            let scans = scans * share / 100;
            if scans > 0 && issued.get(area_id).is_some_and(|first| *first <= event_day) {
                let (area_id, out) = (*area_id, *out);
                counts.push(ScanCount { event_day, area_id, out, arrival_day: event_day, scans });
            }
        }
    }
    let last = Span::last_closed(Kind::Weekly, app.clock.today(), app.config.week_start());
    let from = last.map_or(today, |span| day_number(span.from));
    let mut areas: Vec<i64> = issued.keys().copied().collect();
    areas.sort_unstable();
    for area_id in areas.into_iter().step_by(LATE_EVERY) {
        let (event_day, arrival_day) = (from - 1, from + 1);
        counts.push(ScanCount { event_day, area_id, out: false, arrival_day, scans: LATE_SCANS });
    }
    Ok(app.store.put_scan_counts(&counts).await?)
}

impl Demo<'_> {
    fn account(&self, login: &str) -> Result<i64> {
        let found = self.logins.iter().find(|one| one.login == login);
        Ok(found.with_context(|| format!("no login {login}"))?.id)
    }

    /// Who sends a unit's report: its own officer, where the demo has one.
    fn sender(&self, unit_id: i64) -> Result<i64> {
        match self.senders.get(&unit_id) {
            Some(sender) => Ok(*sender),
            None if unit_id == self.home => self.account("xa"),
            None => self.account("huyen"),
        }
    }

    /// A week that was reported and taken, by some late; the week before the last has proposals on their way.
    async fn old_week(&self, span: Span) -> Result<()> {
        let deadlines = Lead::DEFAULT.deadlines(span, &self.calendar);
        let period = ReportPeriod {
            id: new_id(),
            kind: Kind::Weekly.code().to_owned(),
            title: String::new(),
            from_on: span.from.to_string(),
            until_on: span.until.to_string(),
            commune_due_on: deadlines.commune.to_string(),
            district_due_on: deadlines.district.to_string(),
            department_due_on: deadlines.department.to_string(),
            province_due_on: deadlines.province.to_string(),
            opened_at: day_start(span.until),
        };
        let (period, _) = self.app.store.open_report_period(&period).await?;
        let is_recent = span.until.saturating_add(jiff::Span::new().days(13)) > self.app.clock.today();
        let by_hand: &[i64] = if is_recent { &self.communes[..4] } else { &[] };
        let mut reports = drafts(self.app, &period, span, &deadlines).await?;
        let taker = self.account("huyen")?;
        for (number, report) in reports.iter_mut().enumerate() {
            if by_hand.contains(&report.unit_id) {
                continue;
            }
            let due = day_start(report.due_on.parse()?);
            // Every ninth commune sends a day or two late; every fortieth never does.
            let late = if number % 9 == 4 { DAY_MS * (1 + i64::try_from(number % 2)?) } else { 0 };
            if number % 40 == 7 && report.level == "commune" && report.unit_id != self.home {
                continue;
            }
            let sent_at = due + 9 * 3_600_000 + late;
            report.state = "accepted".to_owned();
            report.version = 1;
            report.first_sent_at = Some(sent_at);
            report.sent_at = Some(sent_at);
            report.sent_by = Some(self.sender(report.unit_id)?);
            report.decided_at = Some(sent_at + 3 * 3_600_000);
            report.decided_by = Some(taker);
        }
        self.app.store.add_reports(&reports).await?;
        open(self.app, Kind::Weekly, span, "", Some(deadlines)).await?;
        for (unit_id, raised) in by_hand.iter().zip([6, 8, 10, 11]) {
            let report = self.report(&reports, *unit_id)?;
            self.report_on(report, &[raised], true).await?;
        }
        if is_recent {
            self.decide_some(&period).await?;
        }
        Ok(())
    }

    fn report<'r>(&self, reports: &'r [Report], unit_id: i64) -> Result<&'r Report> {
        let found = reports.iter().find(|report| report.unit_id == unit_id);
        found.with_context(|| format!("no report of {}", self.tree.name(unit_id)))
    }

    /// Words and items of a commune, sent and perhaps taken.
    async fn report_on(&self, report: &Report, raised: &[usize], taken: bool) -> Result<()> {
        let (store, now) = (&self.app.store, self.app.now());
        let items: Vec<TypedItem> = raised
            .iter()
            .map(|at| {
                let (kind, topic, words) = RAISED[*at];
                let (kind, topic, words) = (kind.to_owned(), topic.to_owned(), format!("{words}."));
                TypedItem { id: new_id(), kind, topic, words }
            })
            .collect();
        store.put_items(report.id, &items, now).await?;
        let words = ReportWords {
            direction: "UBND đã phân công đoàn viên trực hướng dẫn quét mã tại chợ và trụ sở.".to_owned(),
            results: "Số lượt quét tăng chủ yếu ở chợ và các quán ăn ven quốc lộ.".to_owned(),
            support: String::new(),
            next_steps: "Vận động các cơ sở còn lại đăng ký điểm quét.".to_owned(),
        };
        store.save_report(report.id, &words, now).await?;
        let sent = view::send(self.app, report, self.sender(report.unit_id)?).await;
        sent.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        if taken {
            store.accept_report(report.id, report.version + 1, self.account("huyen")?, now).await?;
        }
        Ok(())
    }

    /// How Sở TTTT proposes to handle what is asked for, and by which office.
    fn handling_of(&self, topic: &str) -> (&'static str, Option<i64>) {
        let (handling, office) = match topic {
            "devices" => ("Mua 40 máy quét cầm tay, ưu tiên chợ loại 1 và bến xe.", "66-SCT"),
            "sanctions" => (
                "Sở TTTT phối hợp Công an tỉnh ban hành hướng dẫn xử lý, nhắc 3 lần trước khi đề nghị tạm dừng.",
                "66-CAT",
            ),
            _ => ("Cấp kinh phí in 5.000 thẻ cá nhân, giao UBND cấp xã phát.", "66-STC"),
        };
        (handling, self.tree.by_code(office).map(|unit| unit.id))
    }

    /// Of the proposals of a week: one carried out, one in hand and overdue, one before the Committee.
    async fn decide_some(&self, period: &ReportPeriod) -> Result<()> {
        let (store, now) = (&self.app.store, self.app.now());
        let (by, committee) = (self.account("sotttt")?, self.account("ubnd")?);
        let items = store.standing_items("proposal", period.id, None).await?;
        for (number, item) in items.iter().take(3).enumerate() {
            let (handling, office) = self.handling_of(&item.topic);
            let due = (number < 2)
                .then(|| local_date(now - i64::try_from(number + 1).unwrap_or(1) * DAY_MS).to_string());
            let handled = ProposalChange {
                handling: Some(handling.to_owned()),
                office_id: office,
                words: handling.to_owned(),
                ..ProposalChange::default()
            };
            let at = now - 3 * DAY_MS;
            store
                .step_proposal((item.id, new_id()), ("raised", "handling_proposed"), &handled, by, at)
                .await?;
            let sent = ProposalChange::default();
            store
                .step_proposal((item.id, new_id()), ("handling_proposed", "sent"), &sent, by, at + 1)
                .await?;
            if number == 2 {
                break;
            }
            let answer = "Đồng ý với hướng xử lý do Sở TTTT đề xuất.";
            let decided = ProposalChange {
                office_id: office,
                due_on: due,
                decision: Some("accepted".to_owned()),
                answer: Some(answer.to_owned()),
                decision_number: (number == 0).then(|| "10512/UBND-KGVX".to_owned()),
                words: answer.to_owned(),
                ..ProposalChange::default()
            };
            store
                .step_proposal((item.id, new_id()), ("sent", "in_hand"), &decided, committee, at + 2)
                .await?;
            if number == 0 {
                let words = "Đã thực hiện xong theo hướng xử lý.".to_owned();
                let done = ProposalChange { words, ..ProposalChange::default() };
                store.step_proposal((item.id, new_id()), ("in_hand", "done"), &done, by, at + 3).await?;
            }
        }
        Ok(())
    }

    /// The last closed week, open whatever the weekday: half the filled communes are taken, some wait, one came back,
    /// the story's own has not sent.
    async fn last_week(&self, span: Span) -> Result<()> {
        let today = self.app.clock.today();
        let after = |days| self.calendar.after(today, days);
        let deadlines =
            Deadlines { commune: after(1), district: after(2), department: after(2), province: after(3) };
        let period = open(self.app, Kind::Weekly, span, "", Some(deadlines)).await?;
        let reports = self.app.store.reports_of_period(period.id).await?;
        let sending = self.communes.len() * 3 / 4;
        for (number, unit_id) in self.communes.iter().take(sending).enumerate() {
            let report = self.report(&reports, *unit_id)?;
            let raised = [number % RAISED.len(), (number * 5 + 3) % RAISED.len()];
            let raised = if raised[0] == raised[1] { &raised[..1] } else { &raised[..] };
            self.report_on(report, raised, number % 4 != 3).await?;
            if number == 3 {
                let reason = "Số điểm mới trong lời báo cáo không khớp số đã chốt; hãy xem lại.";
                let (by, now) = (self.account("huyen")?, self.app.now());
                self.app.store.return_report(report.id, report.version + 1, reason, by, now).await?;
            }
        }
        Ok(())
    }
}
