//! Who signs an office's reports: authority, title and name, as its documents print them.

use axum::{Form, extract::State};
use minijinja::context;
use serde::Deserialize;
use store::unit_signers::UnitSigner;

use super::desk;
use crate::{
    app::App,
    error::{AppError, Result},
    page::Page,
    web::{
        forms::Errors,
        weekly::{issuer, usual_issuer},
    },
};

/// Most characters of the authority with its title, and of the name.
const CHARS_MAX: usize = 120;

/// The signer as typed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SignerForm {
    authority: String,
    name: String,
}

/// The office whose documents the officer makes.
async fn office(app: &App, page: &Page) -> Result<i64> {
    desk(page.officer()?, &*app.tree().await?).ok_or(AppError::NotFound)
}

/// Shows who signs.
///
/// # Errors
/// Not found for all who make no reports.
pub async fn show(State(app): State<App>, page: Page) -> Result {
    let unit_id = office(&app, &page).await?;
    let set = app.store.unit_signer(unit_id).await?;
    let form =
        set.map_or_else(SignerForm::default, |set| SignerForm { authority: set.authority, name: set.name });
    render(&app, &page, unit_id, &form, &Errors::default()).await
}

async fn render(app: &App, page: &Page, unit_id: i64, form: &SignerForm, errors: &Errors) -> Result {
    let tree = app.tree().await?;
    let printed = issuer(app, &tree, unit_id).await?;
    let lines: Vec<String> = printed
        .authority
        .split('/')
        .map(|line| line.trim().to_uppercase())
        .filter(|line| !line.is_empty())
        .collect();
    let values = context! {
        unit => tree.name(unit_id), usual => usual_issuer(app, &tree, unit_id).authority, lines,
        signer => printed.signer, errors => errors.view(),
        form => context! { authority => form.authority.clone(), name => form.name.clone() },
    };
    page.show("report_signer.html", values).await
}

/// Sets who signs; empty fields go back to the usual form and to a name that is typed by hand.
///
/// # Errors
/// Not found for all who make no reports.
pub async fn set(State(app): State<App>, page: Page, Form(form): Form<SignerForm>) -> Result {
    let unit_id = office(&app, &page).await?;
    let mut errors = Errors::default();
    let mut line = |field: &'static str, text: &str| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > CHARS_MAX {
            let max = CHARS_MAX.to_string();
            errors.add(field, page.tf("Tối đa {max} ký tự; hãy viết gọn lại.", &[("max", max)]));
        }
        text
    };
    let (authority, name) = (line("authority", &form.authority), line("name", &form.name));
    if !errors.is_empty() {
        return render(&app, &page, unit_id, &form, &errors).await;
    }
    let changed_by = page.officer()?.id;
    app.store
        .put_unit_signer(&UnitSigner { unit_id, authority, name, changed_at: app.now(), changed_by })
        .await?;
    page.go("/reports/signer", "good", "Đã lưu. Các bộ văn bản lập từ nay in người ký này.").await
}
