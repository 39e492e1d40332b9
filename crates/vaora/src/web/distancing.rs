//! Setting the distancing level of a unit, from a day on.

use axum::{
    Form,
    extract::{Path, State},
};
use domain::{distancing::Level, role::Role};
use jiff::civil::Date;
use serde::Deserialize;
use store::admin_units::DistancingLevel;

use crate::{
    app::App,
    audit::{self, Act},
    error::{AppError, Result},
    ids::new_id,
    page::Page,
    web::forms::{self, Errors},
};

/// The form of a level.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LevelForm {
    level: String,
    from_on: String,
    until_on: String,
    source: String,
}

/// Adds a dated level to a unit.
///
/// # Errors
/// Not found for all but Sở TTTT; unprocessable when a field is wrong.
pub async fn add(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<LevelForm>,
) -> Result {
    match add_checked(&app, &page, id, form).await {
        Ok(done) => Ok(done),
        Err(error) => page.back(&format!("/coverage/{id}"), error).await,
    }
}

async fn add_checked(app: &App, page: &Page, id: i64, form: LevelForm) -> Result {
    let officer = page.officer()?;
    officer.require(&[Role::Reviewer])?;
    let tree = app.tree().await?;
    officer.require_unit(&tree, id)?;
    let level = Level::from_code(&form.level).ok_or(AppError::BadRequest("Hãy chọn cấp độ giãn cách."))?;
    let from: Date = form.from_on.parse().map_err(|_| AppError::BadRequest("Hãy nhập ngày bắt đầu."))?;
    let until: Option<Date> = match form.until_on.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| AppError::BadRequest("Ngày kết thúc chưa đúng."))?),
    };
    if until.is_some_and(|until| until <= from) {
        return Err(AppError::BadRequest("Ngày kết thúc phải sau ngày bắt đầu."));
    }
    let mut errors = Errors::default();
    let source = forms::line(page, &mut errors, "source", &form.source, 160);
    if !errors.is_empty() {
        return Err(AppError::BadRequest("Hãy ghi văn bản làm căn cứ."));
    }
    let scope = format!("{} {} from {from}", tree.name(id), level.code());
    let act = Act { actor: &officer.login, action: "distancing.set", scope, count: 1, ..Act::default() };
    audit::record(app, act, &[]).await?;
    let row = DistancingLevel {
        id: new_id(),
        unit_id: id,
        level: level.code().to_owned(),
        from_on: from.to_string(),
        until_on: until.map(|until| until.to_string()),
        source,
    };
    app.store.add_distancing_level(&row).await?;
    page.go(&format!("/coverage/{id}"), "good", "Đã ghi cấp độ giãn cách.").await
}
