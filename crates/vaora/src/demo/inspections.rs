//! Made-up inspections: a plan that ended last week, one that runs, findings in every state, counts at doors.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, anyhow};
use domain::{
    calendar::Calendar,
    inspection::{Answer, Answered, FindingCode, Item, findings::derive, risk::Why},
    time::{DAY_MS, Millis, day_number, day_start},
};
use jiff::{ToSpan as _, civil::Date};
use store::{
    inspection_plans::{InspectionPlan, PlannedPlace},
    inspections::{Inspection, InspectionRecord, NewFinding},
    place_care::DepartmentChoice,
    suspensions::Decision,
};

use crate::{
    app::App,
    demo::accounts::Login,
    ids::{new_id, new_token},
    web::inspections::{
        plan::{calendar, schedule},
        plan_new::chosen,
        record::codes_of,
        record_form::answers_to_text,
        suspensions::competent_office,
        tell,
    },
};

/// Kinds of place that the plan of last week counted people at, and the share of people who scanned there, in percent.
const COUNTED: [(&str, i64); 4] = [("CHO", 46), ("STHI", 83), ("NHANG", 58), ("CHTL", 64)];
/// Places of each kind.
const COUNTED_EACH: usize = 6;
/// Names of people who spoke for places.
const SPOKE: [&str; 5] = ["Nguyễn Thị Lan", "Y Bhăm Êban", "Trần Văn Hòa", "H'Rina Niê", "Lê Thị Mỹ Hạnh"];

/// What the filling goes by.
struct Stage<'a> {
    app: &'a App,
    calendar: Calendar,
    today: Date,
    huyen: i64,
    ubnd: i64,
    xa: i64,
    reviewer: i64,
}

/// Fills the demo's inspections for a district, with the officers of the demo.
///
/// # Errors
/// When the store refuses.
pub async fn fill(app: &App, logins: &[Login], district_code: &str) -> Result<()> {
    let tree = app.tree().await?;
    let district = tree.by_code(district_code).context("the district is not in the tree")?.id;
    let id_of = |login: &str| logins.iter().find(|one| one.login == login).map(|one| one.id);
    let stage = Stage {
        app,
        calendar: calendar(app).await.map_err(|error| anyhow!("{error:?}"))?,
        today: app.clock.today(),
        huyen: id_of("huyen").context("huyen")?,
        ubnd: id_of("ubnd").context("ubnd")?,
        xa: id_of("xa").context("xa")?,
        reviewer: id_of("sotttt").context("sotttt")?,
    };
    let mut used = HashSet::new();
    stage.closed_plan(district, &mut used).await?;
    stage.findings_in_every_state(district, &mut used).await?;
    stage.running_plan(district).await
}

impl Stage<'_> {
    /// The day that lies so many working days back.
    fn working_days_ago(&self, working_days: u32) -> Date {
        let mut day = self.today;
        while self.calendar.working_days_between(day, self.today) < working_days {
            day = day.saturating_sub(1.days());
        }
        day
    }

    async fn home(&self) -> Result<i64> {
        Ok(self.app.store.account(self.xa).await?.context("xa")?.unit_id)
    }

    /// Last week's plan: markets, supermarkets, restaurants and shops, all inspected, people counted at each door.
    async fn closed_plan(&self, district: i64, used: &mut HashSet<i64>) -> Result<()> {
        let last_week =
            self.today.saturating_sub(i64::from(self.today.weekday().to_monday_zero_offset()).days());
        let monday = last_week.saturating_sub(7.days());
        let plan = InspectionPlan {
            id: new_id(),
            title: "Kiểm tra chợ, siêu thị, nhà hàng, cửa hàng tiện lợi".to_owned(),
            unit_id: district,
            from_on: monday.to_string(),
            until_on: monday.saturating_add(4.days()).to_string(),
            wanted: 24,
            random_percent: 20,
            seed: 2021,
            state: "draft".to_owned(),
            made_by: self.huyen,
            made_at: day_start(monday) - 3 * DAY_MS,
            confirmed_at: None,
        };
        let units: HashMap<i64, i64> = self.app.store.place_units(district).await?.into_iter().collect();
        let candidates = self.app.store.inspection_candidates(district, day_number(self.today)).await?;
        let (mut places, mut shares) = (Vec::new(), HashMap::new());
        for (kind, percent) in COUNTED {
            let of_kind = candidates.iter().filter(|one| one.type_code == kind && one.scans > 0);
            for one in of_kind.take(COUNTED_EACH) {
                let unit_id = *units.get(&one.place_id).context("a place without a commune")?;
                let reasons = if places.len() % 5 == 4 { Why::Random } else { Why::Complaints(1) };
                shares.insert(one.place_id, percent);
                used.insert(one.place_id);
                places.push(PlannedPlace {
                    id: new_id(),
                    place_id: one.place_id,
                    unit_id,
                    score: 15,
                    reasons: reasons.to_text(),
                });
            }
        }
        let store = &self.app.store;
        store.add_inspection_plan(&plan, &[self.huyen], &places).await?;
        let visits = schedule(self.app, &plan).await.map_err(|error| anyhow!("{error:?}"))?;
        store.confirm_plan(plan.id, &visits, plan.made_at + DAY_MS).await?;
        for (number, (id, _, day)) in (0_i64..).zip(&visits) {
            let inspection = store.inspection(*id).await?.context("the inspection just made")?;
            let percent = shares.get(&inspection.place_id).copied().unwrap_or(60);
            let entering = 24 + number * 7 % 31;
            // Doors differ: some ten percent up and down.
            let scanning = (entering * (percent + (number * 13 % 23) - 11) / 100).clamp(0, entering);
            let wrong: &[Item] = match number % 6 {
                1 => &[Item::Height],
                3 => &[Item::Guide, Item::Paper],
                _ => &[],
            };
            let due = self.calendar.after(self.today, 3);
            self.visit(&inspection, day.parse()?, wrong, due, (entering, scanning)).await?;
        }
        store.close_plan(plan.id, day_start(last_week)).await?;
        Ok(())
    }

    /// Records a visit in which `wrong` items were found wanting.
    async fn visit(
        &self,
        inspection: &Inspection,
        day: Date,
        wrong: &[Item],
        due_on: Date,
        (entering, scanning): (i64, i64),
    ) -> Result<Vec<NewFinding>> {
        let note = |item: Item| match item {
            Item::Poster => "cửa sau chưa có",
            Item::Height => "dán cao khoảng 170 cm",
            Item::Guide => "bảo vệ đi vắng",
            _ => "",
        };
        let answers: Vec<Answered> = Item::ALL
            .iter()
            .map(|item| {
                let is_wrong = wrong.contains(item);
                let answer = if is_wrong { Answer::No } else { Answer::Yes };
                Answered {
                    item: *item,
                    answer,
                    note: if is_wrong { note(*item).to_owned() } else { String::new() },
                }
            })
            .collect();
        let found: Vec<NewFinding> = derive(&answers, &[], entering, scanning)
            .into_iter()
            .filter(|(code, _)| *code != FindingCode::NotScannedEnough || wrong.is_empty())
            .map(|(code, note)| NewFinding {
                id: new_id(),
                code: code.code().to_owned(),
                note,
                due_on: due_on.to_string(),
            })
            .collect();
        let codes = codes_of(self.app, inspection.place_id).await.map_err(|error| anyhow!("{error:?}"))?;
        let began_at = day_start(day) + 9 * 3_600_000;
        let spoke = usize::try_from(inspection.place_id.rem_euclid(5))?;
        let record = self.record(inspection, began_at, &answers, codes.in_force.first(), SPOKE[spoke]);
        let record = InspectionRecord { entering, scanning, ..record };
        self.app.store.record_inspection(&record, &found, &[], &day.to_string()).await?;
        Ok(found)
    }

    fn record(
        &self,
        inspection: &Inspection,
        began_at: Millis,
        answers: &[Answered],
        code: Option<&String>,
        spoke: &str,
    ) -> InspectionRecord {
        InspectionRecord {
            inspection_id: inspection.id,
            delivery_id: new_token(),
            recorded_by: inspection.inspector_id.unwrap_or(self.huyen),
            began_at,
            ended_at: began_at + 25 * 60_000,
            received_at: began_at + 3 * 3_600_000,
            scans: code.map(|code| format!("right\t{code}")).unwrap_or_default(),
            answers: answers_to_text(answers),
            entering: 0,
            scanning: 0,
            count_seconds: 600,
            notes: "Cơ sở tiếp thu, hứa khắc phục.".to_owned(),
            inspector_title: "Chuyên viên".to_owned(),
            representative: spoke.to_owned(),
            representative_title: "Chủ cơ sở".to_owned(),
            refused_to_sign: false,
        }
    }

    /// A single visit in which something was found, due so many working days ago.
    async fn single(
        &self,
        place: (i64, i64),
        inspector: i64,
        wrong: &[Item],
        late: u32,
    ) -> Result<(Inspection, Vec<NewFinding>)> {
        let due = if late == 0 { self.calendar.after(self.today, 2) } else { self.working_days_ago(late) };
        let day = due.min(self.today).saturating_sub(6.days());
        let id = new_id();
        let facts = self.app.store.place(place.0).await?.context("a place")?;
        let visit = Inspection {
            id,
            plan_id: None,
            place_id: place.0,
            unit_id: place.1,
            inspector_id: Some(inspector),
            day_on: Some(day.to_string()),
            state: "planned".to_owned(),
            score: 0,
            reasons: Why::Own.to_text(),
            root_id: id,
            done_on: None,
            place_name: facts.name,
            address: facts.address,
            type_code: facts.type_code,
            inspector: None,
            department_id: None,
        };
        self.app.store.add_inspection(&visit, day_start(day)).await?;
        let found = self.visit(&visit, day, wrong, due, (0, 0)).await?;
        tell::recorded(self.app, &visit, &found, &day.to_string())
            .await
            .map_err(|error| anyhow!("{error:?}"))?;
        Ok((visit, found))
    }

    async fn findings_in_every_state(&self, district: i64, used: &mut HashSet<i64>) -> Result<()> {
        let home = self.home().await?;
        let units = self.app.store.place_units(district).await?;
        let mut free: Vec<(i64, i64)> =
            units.into_iter().filter(|(place, _)| !used.contains(place)).collect();
        free.sort_by_key(|(place, unit)| (*unit != home, *place));
        let mut free = free.into_iter();
        let mut next = || free.next().context("the district has too few places");
        let store = &self.app.store;
        self.single(next()?, self.xa, &[Item::Poster], 0).await?;
        let (_, found) = self.single(next()?, self.xa, &[Item::Height], 0).await?;
        store
            .answer_finding(found[0].id, "Đã hạ áp phích xuống ngang ngực, ở cả hai cửa.", self.app.now())
            .await?;
        let (visit, found) = self.single(next()?, self.xa, &[Item::Guide], 2).await?;
        store.close_finding(found[0].id, self.xa, &self.today.to_string()).await?;
        self.reminded(&visit, 1).await?;
        // Late by so many working days, with as many reminders as the ladder then has sent.
        for (late, reminders) in [(2, 1), (5, 2), (8, 3)] {
            let (visit, _) = self.single(next()?, self.xa, &[Item::Poster, Item::Paper], late).await?;
            self.reminded(&visit, reminders).await?;
        }
        let trade = self.app.tree().await?.valid().find(|unit| unit.code == "66-SCT").map(|unit| unit.id);
        for (number, decision) in [
            None,
            None,
            Some(Decision::Suspend),
            Some(Decision::Extend(self.calendar.after(self.today, 5).to_string())),
        ]
        .into_iter()
        .enumerate()
        {
            let place = next()?;
            // One is a department's own, so that the Committee has something to decide.
            if let (1, Some(trade)) = (number, trade) {
                store.set_place_care(place.0, DepartmentChoice::Unit(trade), None).await?;
            }
            let (visit, _) = self.single(place, self.huyen, &[Item::Poster, Item::Guide], 13).await?;
            self.reminded(&visit, 3).await?;
            self.proposed(&visit, decision).await?;
        }
        Ok(())
    }

    async fn reminded(&self, visit: &Inspection, reminders: u32) -> Result<()> {
        for number in 1..=reminders {
            let day = self.working_days_ago(1 + (reminders - number) * 3).to_string();
            self.app.store.add_inspection_reminder(visit.id, i64::from(number), visit.unit_id, &day).await?;
        }
        Ok(())
    }

    async fn proposed(&self, visit: &Inspection, decision: Option<Decision>) -> Result<()> {
        let tree = self.app.tree().await?;
        let (id, place) = (new_id(), (visit.place_id, visit.unit_id));
        let store = &self.app.store;
        let department = store.inspection(visit.id).await?.and_then(|kept| kept.department_id);
        let care = store.place_care(visit.place_id).await?;
        let proposer = care.filter(|care| care.department_set).and_then(|care| care.department_id);
        let offices = (competent_office(&tree, visit.unit_id, proposer), department);
        store.propose_suspension(id, visit.id, place, offices, &self.working_days_ago(2).to_string()).await?;
        if let Some(decision) = decision {
            let reason = match decision {
                Decision::Suspend => {
                    "Ba lần nhắc vẫn để lối vào không có áp phích, không có người hướng dẫn."
                }
                _ => "Cơ sở đang sửa cửa, cam kết dán lại trong tuần.",
            };
            let day = self.working_days_ago(1).to_string();
            let by = if proposer.is_some() { self.ubnd } else { self.huyen };
            store.decide_suspension(id, &decision, reason, by, &day).await?;
        }
        Ok(())
    }

    /// The plan of this week and the next: chosen by risk, some visits of today.
    async fn running_plan(&self, district: i64) -> Result<()> {
        let plan = InspectionPlan {
            id: new_id(),
            title: "Kiểm tra điểm im lặng và điểm bị báo sai".to_owned(),
            unit_id: district,
            from_on: self.today.to_string(),
            until_on: self.calendar.after(self.today, 6).to_string(),
            wanted: 18,
            random_percent: 20,
            seed: 1108,
            state: "draft".to_owned(),
            made_by: self.reviewer,
            made_at: self.app.now(),
            confirmed_at: None,
        };
        let places = chosen(self.app, &plan).await.map_err(|error| anyhow!("{error:?}"))?;
        let store = &self.app.store;
        store.add_inspection_plan(&plan, &[self.huyen, self.xa, self.reviewer], &places).await?;
        let mut visits = schedule(self.app, &plan).await.map_err(|error| anyhow!("{error:?}"))?;
        // Somebody of the demo always has something to do today, also on a day off.
        visits.sort_by(|a, b| a.2.cmp(&b.2));
        for visit in visits.iter_mut().take(4) {
            visit.2 = self.today.to_string();
        }
        store.confirm_plan(plan.id, &visits, self.app.now()).await?;
        tell::plan_confirmed(self.app, &plan, &visits).await.map_err(|error| anyhow!("{error:?}"))
    }
}
