//! Reports of two weeks, made through the store.

use domain::{
    report::{Kind, Span},
    role::Role,
};
use store::{
    issued_reports::IssuedFiles,
    report_items::{Merge, TypedItem},
    report_periods::ReportPeriod,
    reports::Report,
};
use vaora::{ids::new_id, jobs::reports::open, web::reports::view};

use super::TestApp;

/// One thing of each kind: a draft of the home commune with finished documents; of the week before a proposal of the
/// home commune that was taken, and two difficulties that its district made one.
pub struct ReportThings {
    /// The home commune's draft.
    pub report: i64,
    /// Its documents.
    pub issued: i64,
    /// A proposal that the home commune raised.
    pub proposal: i64,
    /// What the district merged.
    pub merged: i64,
}

/// An item as an officer types it.
pub fn typed(kind: &str, topic: &str, words: &str) -> TypedItem {
    TypedItem { id: new_id(), kind: kind.to_owned(), topic: topic.to_owned(), words: words.to_owned() }
}

impl TestApp {
    /// The last closed week.
    pub fn last_week(&self) -> Span {
        Span::last_closed(Kind::Weekly, self.app.clock.today(), self.config.week_start()).unwrap()
    }

    /// Opens a week's reports.
    pub async fn open_week(&self, span: Span) -> ReportPeriod {
        open(&self.app, Kind::Weekly, span, "", None).await.unwrap()
    }

    /// A unit's report of a period.
    pub async fn report_of(&self, period: &ReportPeriod, unit_id: i64) -> Report {
        self.app.store.report_of(period.id, unit_id).await.unwrap().unwrap()
    }

    /// What a report's documents say.
    pub async fn letter(&self, report: &Report) -> documents::WeeklyReport {
        let period = self.app.store.report_period(report.period_id).await.unwrap().unwrap();
        vaora::web::reports::content::build(&self.app, report, &period, true).await.unwrap().letter
    }

    /// Sends a unit's report with these items, and takes it.
    pub async fn taken(&self, period: &ReportPeriod, unit_id: i64, by: i64, items: &[TypedItem]) -> Report {
        let report = self.report_of(period, unit_id).await;
        let now = self.clock.now();
        assert!(self.app.store.put_items(report.id, items, now).await.unwrap());
        assert!(view::send(&self.app, &report, by).await.unwrap());
        assert!(self.app.store.accept_report(report.id, report.version + 1, by, now).await.unwrap());
        report
    }

    /// One thing of each kind.
    pub async fn report_things(&self) -> ReportThings {
        let (home, now) = (self.home().await, self.clock.now());
        let by = self.account("lam.bao.cao", &[Role::Auditor], home).await;
        let tree = self.tree().await;
        let district = tree.by_code("643").unwrap().id;
        let sister = tree.communes_within(district)[1].id;
        let last = self.last_week();
        let before = self.open_week(last.before(Kind::Weekly)).await;
        let period = self.open_week(last).await;
        let proposal = typed("proposal", "money", "Hỗ trợ kinh phí in thẻ");
        let (one, other) =
            (typed("difficulty", "network", "Sóng yếu"), typed("difficulty", "network", "Mạng yếu"));
        self.taken(&before, home, by, &[proposal.clone(), one.clone()]).await;
        self.taken(&before, sister, by, std::slice::from_ref(&other)).await;
        let merge = Merge {
            id: new_id(),
            kind: "difficulty",
            period_id: before.id,
            unit_id: district,
            topic: "network".to_owned(),
            words: "Sóng di động yếu".to_owned(),
            items: vec![one.id, other.id],
        };
        assert!(self.app.store.merge_items(&merge, now).await.unwrap());
        let report = self.report_of(&period, home).await;
        // After the words were saved: documents of other words are not marked.
        let now = self.clock.now() + 1000;
        let (issued, _) = self.app.store.begin_issue(new_id(), report.id, by, now - 1, now).await.unwrap();
        let hashes = [(); 3].map(|()| "00".repeat(32));
        let files = IssuedFiles { pdf: b"%PDF".to_vec(), docx: b"PK".to_vec(), xlsx: b"PK".to_vec(), hashes };
        assert!(self.app.store.finish_issue(issued, files, 4, now).await.unwrap());
        assert!(self.app.store.mark_issue(issued, by, now).await.unwrap());
        ReportThings { report: report.id, issued, proposal: proposal.id, merged: merge.id }
    }
}
