//! The forms of a sitting: what was typed becomes a question within the approved scope, or words on what is wrong.

use domain::{
    opening::QuestionKind,
    time::{date_of_day_number, day_number, day_start, from_seconds_2020, local_datetime},
};
use exposure::Span;
use jiff::civil::DateTime;
use minijinja::{Value, context};
use serde::Deserialize;
use store::cases::Case;

use crate::{
    app::App,
    error::{AppError, Result},
    page::Page,
    trace::{
        cases, opening,
        questions::Question,
        sitting::{Memory, Sitting},
    },
    web::{case_view::viewed, forms::Errors},
};

/// Most minutes that a question may demand: a day.
const MINUTES_MAX: usize = 1_440;
/// Most hours from infection until a person can infect others: two weeks.
const LATENCY_HOURS_MAX: usize = 336;
/// Most lines of an answer.
const LISTED_MAX: usize = 1_000;
/// Lines of an answer unless another number is asked for.
const LISTED: usize = 200;
/// Most generations of one question.
const ASKED_GENERATIONS_MAX: usize = 4;
/// Longest window in which people at a place are listed, hours.
const PRESENT_HOURS_MAX: i64 = 24;
/// Other cases offered for a chain.
const OTHER_CASES_MAX: usize = 200;

/// Any of the forms; `question` tells which.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct QuestionForm {
    /// `contacts`, `generations`, `places`, `present`, `chain` or `timeline`.
    pub question: String,
    /// By which a form sent twice is known again.
    pub token: String,
    minutes: String,
    listed: String,
    generations: String,
    latency_hours: String,
    who: String,
    place: String,
    from: String,
    until: String,
    other: String,
    way: String,
    answer: String,
    at: String,
}

/// Values that the forms begin with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Prefill {
    /// Place of the form on who was there.
    place: String,
    /// From, milliseconds.
    from: i64,
    /// Until, milliseconds.
    until: i64,
}

impl Prefill {
    /// As the beginning of a query, for a page that loads itself; empty for none.
    #[must_use]
    pub fn query(&self) -> String {
        if self.place.is_empty() && self.from == 0 && self.until == 0 {
            return String::new();
        }
        let place = minijinja::filters::urlencode(&self.place.clone().into()).unwrap_or_default();
        format!("place={place}&from={}&until={}&", self.from, self.until)
    }
}

/// Who asks what of which sitting, and what is wrong with it.
pub struct Reading<'a> {
    /// The program.
    pub app: &'a App,
    /// The reader.
    pub page: &'a Page,
    /// The sitting.
    pub sitting: &'a Sitting,
    /// Its memory.
    pub memory: &'a Memory,
    /// What is wrong, by field.
    pub errors: Errors,
}

impl Reading<'_> {
    /// The question of a form, if nothing is wrong with it.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn question(&mut self, form: &QuestionForm) -> Result<Option<Question>> {
        let minutes = |reading: &mut Self| reading.number("minutes", &form.minutes, 0, MINUTES_MAX) as u32;
        let question = match form.question.as_str() {
            "contacts" => {
                let (person, who) = self.who(&form.who);
                Question::Contacts { person, who, minutes: minutes(self), listed: self.listed(form) }
            }
            "generations" => Question::Generations {
                minutes: minutes(self),
                generations: self.number("generations", &form.generations, 2, ASKED_GENERATIONS_MAX),
                latency_hours: self.latency(form),
                listed: self.listed(form),
            },
            "places" => Question::Places { minutes: minutes(self), listed: self.listed(form) },
            "present" => match self.present(form) {
                Some(question) => question,
                None => return Ok(None),
            },
            "chain" => match self.chain(form).await? {
                Some(question) => question,
                None => return Ok(None),
            },
            "timeline" => match self.timeline(form) {
                Some(question) => question,
                None => return Ok(None),
            },
            _ => {
                self.errors.add("question", self.page.t("Hãy chọn một câu hỏi."));
                return Ok(None);
            }
        };
        if !self.sitting.scope.allows(question.kind()) {
            self.errors.add("question", beyond(self.page, question.kind()));
        }
        Ok(self.errors.is_empty().then_some(question))
    }

    fn number(&mut self, field: &'static str, text: &str, least: usize, most: usize) -> usize {
        let number = text.trim().parse::<usize>().ok().filter(|number| (least..=most).contains(number));
        number.unwrap_or_else(|| {
            let bounds = [("least", least.to_string()), ("most", most.to_string())];
            self.errors.add(field, self.page.tf("Hãy nhập số nguyên từ {least} đến {most}.", &bounds));
            least
        })
    }

    fn listed(&mut self, form: &QuestionForm) -> usize {
        self.number("listed", &form.listed, 1, LISTED_MAX)
    }

    fn latency(&mut self, form: &QuestionForm) -> u32 {
        self.number("latency_hours", &form.latency_hours, 0, LATENCY_HOURS_MAX) as u32
    }

    /// One of the case's persons, by position from 1; all of them where nothing is chosen.
    fn who(&mut self, text: &str) -> (Option<u64>, String) {
        if text.is_empty() {
            return (None, String::new());
        }
        let chosen =
            text.parse::<usize>().ok().and_then(|at| self.sitting.case_names.get(at.checked_sub(1)?));
        if let Some((person, name)) = chosen {
            return (Some(*person), name.clone());
        }
        self.errors.add("who", self.page.t("Hãy chọn người bệnh trong danh sách."));
        (None, String::new())
    }

    fn present(&mut self, form: &QuestionForm) -> Option<Question> {
        let places = case_places(self.sitting, self.memory);
        let place = places.into_iter().find(|place| place.id.to_string() == form.place);
        if place.is_none() {
            let text =
                "Chỉ hỏi được nơi người bệnh đã đến trong những ngày được duyệt. Hãy chọn trong danh sách.";
            self.errors.add("place", self.page.t(text));
        }
        let from_at = self.instant("from", &form.from);
        let until_at = self.instant("until", &form.until);
        let listed = self.listed(form);
        let (place, from_at, until_at) = (place?, from_at?, until_at?);
        if until_at <= from_at {
            self.errors.add("until", self.page.t("Giờ kết thúc phải sau giờ bắt đầu."));
        } else if until_at - from_at > PRESENT_HOURS_MAX * 3_600_000 {
            self.errors.add("until", self.page.t("Mỗi câu hỏi xem tối đa 24 giờ. Hãy chia ra nhiều câu."));
        }
        Some(Question::Present {
            place_id: place.id,
            number: place.number,
            place: place.name,
            from_at,
            until_at,
            listed,
        })
    }

    /// An instant within the approved days.
    fn instant(&mut self, field: &'static str, text: &str) -> Option<i64> {
        let Ok(at) = text.trim().parse::<DateTime>() else {
            self.errors.add(field, self.page.t("Hãy nhập đủ ngày và giờ."));
            return None;
        };
        let of_day = (i64::from(at.hour()) * 60 + i64::from(at.minute())) * 60 + i64::from(at.second());
        let instant = day_start(at.date()) + of_day * 1000;
        let scope = &self.sitting.scope;
        if (day_start(scope.from)..=day_start(scope.until)).contains(&instant) {
            return Some(instant);
        }
        let last = date_of_day_number(day_number(scope.until) - 1);
        let days = [
            ("from", scope.from.strftime("%d/%m/%Y").to_string()),
            ("last", last.strftime("%d/%m/%Y").to_string()),
        ];
        let text = "Ngày giờ này nằm ngoài phạm vi đã duyệt (từ {from} đến hết {last}). Muốn xem ngày khác thì phải xin mở lại.";
        self.errors.add(field, self.page.tf(text, &days));
        None
    }

    async fn chain(&mut self, form: &QuestionForm) -> Result<Option<Question>> {
        let minutes = self.number("minutes", &form.minutes, 0, MINUTES_MAX) as u32;
        let latency_hours = self.latency(form);
        let other = match form.other.parse::<i64>() {
            Ok(id) if id != self.sitting.case_id => match viewed(self.app, self.page, id).await {
                Ok(case) => Some(case),
                Err(AppError::NotFound) => None,
                Err(error) => return Err(error),
            },
            _ => None,
        };
        let Some(case) = other else {
            self.errors.add("other", self.page.t("Hãy chọn một ca khác của đơn vị mình."));
            return Ok(None);
        };
        if case.profile != self.sitting.rule.profile {
            self.errors.add("other", self.page.t("Hai ca khác bệnh nên không có đường lây chung."));
            return Ok(None);
        }
        let reversed = form.way == "reversed";
        let window = if reversed { self.window_of(&case).await? } else { None };
        if reversed && window.is_none() {
            let text = "Thời kỳ có thể lây của ca kia nằm ngoài những ngày được duyệt.";
            self.errors.add("other", self.page.t(text));
        }
        let persons = cases::persons(&case);
        let (case_id, code) = (case.id, case.code);
        Ok(Some(Question::Chain { case_id, code, persons, window, reversed, minutes, latency_hours }))
    }

    async fn window_of(&self, case: &Case) -> Result<Option<Span>> {
        let rule = opening::rule_for(self.app, case).await?;
        let until = from_seconds_2020(self.sitting.ground.until);
        Ok(opening::window_of(case, &rule, &self.sitting.scope, until).ok())
    }

    fn timeline(&mut self, form: &QuestionForm) -> Option<Question> {
        if form.answer.is_empty() {
            return Some(Question::Timeline { persons: self.sitting.scope.persons.clone(), own: true });
        }
        let row = form.answer.parse::<usize>().ok().zip(form.at.parse::<usize>().ok());
        let person = row.and_then(|(answer, at)| self.sitting.person(answer, at));
        if person.is_none() {
            let text = "Câu trả lời có người này không còn trong phiên. Hãy hỏi lại rồi chọn người từ đó.";
            self.errors.add("question", self.page.t(text));
        }
        let person = person?;
        let own = self.sitting.scope.persons.contains(&person);
        Some(Question::Timeline { persons: vec![person], own })
    }
}

/// What is said of a question that was not approved.
fn beyond(page: &Page, kind: QuestionKind) -> String {
    let text = "Phạm vi đã duyệt không có câu hỏi này: {kind}. Hãy xin mở lại và đánh dấu thêm câu hỏi ấy.";
    page.tf(text, &[("kind", page.t(kind.label()))])
}

/// A place where the case was.
pub struct CasePlace {
    /// Its id.
    pub id: i64,
    /// The engine's number.
    pub number: u32,
    /// Its name.
    pub name: String,
}

/// Places where the case was in the approved days, by first visit.
#[must_use]
pub fn case_places(sitting: &Sitting, memory: &Memory) -> Vec<CasePlace> {
    let mut visits: Vec<_> =
        sitting.scope.persons.iter().flat_map(|person| memory.index.timeline(*person)).collect();
    visits.sort_by_key(|visit| visit.from);
    let mut places: Vec<CasePlace> = Vec::new();
    for visit in visits {
        let Some(named) = memory.names.get(&visit.area_id) else { continue };
        if places.iter().all(|place| place.id != named.place_id) {
            places.push(CasePlace { id: named.place_id, number: named.number, name: named.place.clone() });
        }
    }
    places
}

/// What the forms show: what was typed into the one that was sent, and beginnings for the others.
///
/// # Errors
/// When the store refuses.
pub async fn forms_view(
    reading: &Reading<'_>,
    others: &[Case],
    form: &QuestionForm,
    prefill: &Prefill,
) -> Result<Value> {
    let sitting = reading.sitting;
    let options = |list: Vec<(String, String)>| -> Vec<Value> {
        list.into_iter().map(|(value, label)| context! { value, label }).collect()
    };
    let places = case_places(sitting, reading.memory);
    let names = sitting.case_names.iter().zip(1..).map(|((_, name), at): (_, usize)| {
        let unnamed = reading.page.t("(không có tên)");
        (at.to_string(), if name.is_empty() { unnamed } else { name.clone() })
    });
    Ok(context! {
        minutes => sitting.rule.min_overlap_minutes, latency_hours => sitting.rule.latency_hours, listed => LISTED,
        listed_max => LISTED_MAX, generations_max => ASKED_GENERATIONS_MAX,
        from => field_time(if prefill.from > 0 { prefill.from } else { from_seconds_2020(sitting.ground.window.from) }),
        until => if prefill.until > 0 { field_time(prefill.until) } else { String::new() },
        place => &prefill.place,
        sent => context! {
            question => &form.question, minutes => &form.minutes, listed => &form.listed,
            generations => &form.generations, latency_hours => &form.latency_hours, who => &form.who,
            place => &form.place, from => &form.from, until => &form.until, other => &form.other, way => &form.way,
        },
        places => options(places.into_iter().map(|place| (place.id.to_string(), place.name)).collect()),
        names => options(if sitting.case_names.len() > 1 { names.collect() } else { Vec::new() }),
        others => options(others.iter().take(OTHER_CASES_MAX).map(|case| (case.id.to_string(), case.code.clone())).collect()),
        allows => context! {
            generations => sitting.scope.allows(QuestionKind::Generations),
            places => sitting.scope.allows(QuestionKind::Places),
            chains => sitting.scope.allows(QuestionKind::Chains),
            timelines => sitting.scope.allows(QuestionKind::Timelines),
        },
    })
}

/// An instant as a field of date and time takes it, to the minute.
fn field_time(at: i64) -> String {
    local_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string()
}
