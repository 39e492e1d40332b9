//! How reports run: working days for each level, which kinds open by themselves; and opening an ad hoc one.

use axum::{Form, extract::State};
use domain::{
    report::{Kind, LeadError, Span, SpanError},
    role::Role,
};
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;
use store::report_periods::ReportTemplate;

use super::period_view;
use crate::{
    app::App,
    error::Result,
    jobs::reports::{lead_of, open, template},
    page::Page,
    web::forms::{self, Errors},
};

/// Periods listed.
const PERIODS_SHOWN: i64 = 20;

/// A template as typed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct TemplateForm {
    kind: String,
    active: String,
    commune_days: String,
    district_days: String,
    department_days: String,
    province_days: String,
}

/// An ad hoc period as typed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PeriodForm {
    title: String,
    from_on: String,
    last_on: String,
}

/// Shows the templates.
///
/// # Errors
/// Not found for all but Sở TTTT.
pub async fn show(State(app): State<App>, page: Page) -> Result {
    page.officer()?.require(&[Role::Reviewer])?;
    render(&app, &page, None, &PeriodForm::default(), &Errors::default()).await
}

async fn render(
    app: &App,
    page: &Page,
    typed: Option<&TemplateForm>,
    period: &PeriodForm,
    errors: &Errors,
) -> Result {
    let mut templates: Vec<Value> = Vec::new();
    for kind in Kind::ALL {
        let set = template(app, kind).await?;
        let typed = typed.filter(|form| form.kind == kind.code());
        let days = |of: fn(&TemplateForm) -> &String, days: i64| {
            typed.map_or_else(|| days.to_string(), |form| of(form).clone())
        };
        templates.push(context! {
            kind => kind.code(), label => page.t(kind.label()), by_hand => kind == Kind::AdHoc,
            active => typed.map_or(set.active, |form| form.active == "1"),
            commune_days => days(|form| &form.commune_days, set.commune_days),
            district_days => days(|form| &form.district_days, set.district_days),
            department_days => days(|form| &form.department_days, set.department_days),
            province_days => days(|form| &form.province_days, set.province_days),
            error => typed.and_then(|_| errors.view().get("days").cloned()),
        });
    }
    let periods = app.store.report_periods(PERIODS_SHOWN).await?;
    let periods: Vec<Value> = periods
        .iter()
        .map(|one| {
            context! {
                commune_due => one.commune_due_on.clone(), district_due => one.district_due_on.clone(),
                department_due => one.department_due_on.clone(), province_due => one.province_due_on.clone(),
                ..period_view(page, one)
            }
        })
        .collect();
    let values = context! {
        templates, periods, errors => errors.view(),
        form => context! { title => period.title.clone(), from_on => period.from_on.clone(), last_on => period.last_on.clone() },
    };
    page.show("report_templates.html", values).await
}

fn lead_problem(error: LeadError) -> &'static str {
    match error {
        LeadError::BelowOne => {
            "Mỗi cấp phải có ít nhất 1 ngày làm việc sau khi chốt số liệu (Nghị định 09/2019/NĐ-CP)."
        }
        LeadError::TooMany => "Mỗi cấp có tối đa 20 ngày làm việc.",
        LeadError::Order => {
            "Hạn của cấp dưới không được sau hạn của cấp trên: xã ≤ huyện ≤ Sở, sở ngành ≤ Sở."
        }
    }
}

/// Sets a template.
///
/// # Errors
/// Not found for all but Sở TTTT.
pub async fn set(State(app): State<App>, page: Page, Form(form): Form<TemplateForm>) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Reviewer])?;
    let Some(kind) = Kind::from_code(&form.kind) else {
        return page.go("/reports/templates", "bad", "Hãy chọn loại báo cáo.").await;
    };
    let mut errors = Errors::default();
    let mut days = |text: &str| match text.trim().parse::<i64>() {
        Ok(days) if (0..=1000).contains(&days) => days,
        _ => {
            errors.add("days", page.t("Số ngày làm việc phải là số từ 1 đến 20."));
            1
        }
    };
    let template = ReportTemplate {
        kind: kind.code().to_owned(),
        active: form.active == "1",
        commune_days: days(&form.commune_days),
        district_days: days(&form.district_days),
        department_days: days(&form.department_days),
        province_days: days(&form.province_days),
        changed_at: app.now(),
        changed_by: Some(officer.id),
    };
    let typed = [template.commune_days, template.district_days, template.department_days];
    let lead = if typed.contains(&0) || template.province_days == 0 {
        Err(LeadError::BelowOne)
    } else {
        lead_of(&template).checked()
    };
    if let Err(error) = lead {
        errors.add("days", page.t(lead_problem(error)));
    }
    if !errors.is_empty() {
        return render(&app, &page, Some(&form), &PeriodForm::default(), &errors).await;
    }
    app.store.put_report_template(&template).await?;
    page.go("/reports/templates", "good", "Đã lưu. Kỳ đã mở giữ hạn cũ; kỳ sau theo hạn mới.").await
}

/// Opens an ad hoc period.
///
/// # Errors
/// Not found for all but Sở TTTT.
pub async fn open_period(State(app): State<App>, page: Page, Form(form): Form<PeriodForm>) -> Result {
    page.officer()?.require(&[Role::Reviewer])?;
    let mut errors = Errors::default();
    let title = forms::line(&page, &mut errors, "title", &form.title, 160);
    let mut day = |field: &'static str, text: &str| {
        let day = text.parse::<Date>().ok().filter(|day| (2020..=2100).contains(&day.year()));
        if day.is_none() {
            errors.add(field, page.t("Hãy chọn ngày."));
        }
        day
    };
    let (from, last) = (day("from_on", &form.from_on), day("last_on", &form.last_on));
    let span = from.zip(last).map(|(from, last)| Span::ad_hoc(from, last, app.clock.today()));
    if let Some(Err(error)) = &span {
        let problem = match error {
            SpanError::Backwards => "Ngày cuối phải từ ngày đầu trở đi.",
            SpanError::NotOver => "Kỳ báo cáo phải đã hết: ngày cuối phải trước hôm nay.",
            SpanError::TooLong => "Kỳ báo cáo dài tối đa một năm.",
        };
        errors.add("last_on", page.t(problem));
    }
    let Some(Ok(span)) = span.filter(|_| errors.is_empty()) else {
        return render(&app, &page, None, &form, &errors).await;
    };
    let (from_on, until_on) = (span.from.to_string(), span.until.to_string());
    let is_known = app.store.report_period_on(Kind::AdHoc.code(), &from_on, &until_on).await?;
    let period = open(&app, Kind::AdHoc, span, &title, None).await?;
    let to = format!("/reports?period={}", period.id);
    if is_known {
        return page
            .go(&to, "info", "Kỳ báo cáo của những ngày này đã mở từ trước, tên cũ được giữ nguyên.")
            .await;
    }
    page.go(&to, "good", "Đã mở kỳ báo cáo; các đơn vị đã nhận tin kèm hạn gửi.").await
}
