//! Minutes of an inspection as PDF and DOCX.

use axum::extract::{Path, State};
use documents::{InspectionMinutes, MinutesFinding, inspection_minutes_docx, inspection_minutes_pdf};
use domain::{
    admin_unit::UnitTree,
    inspection::{CodeVerdict, FindingCode, findings},
};
use store::{
    findings::Finding,
    inspections::{Inspection, InspectionRecord},
};

use crate::{
    app::App,
    error::{AppError, Result},
    page::Page,
    tree::address_of,
    web::{
        inspections::{
            record::kept_words,
            record_form::{answers_of, scans_of},
            show,
        },
        posters::file,
    },
};

/// Minutes to read and print.
///
/// # Errors
/// Not found for those who may not read the inspection, or before it was made.
pub async fn pdf(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result {
    let minutes = minutes(&app, &page, &id).await?;
    let bytes = tokio::task::spawn_blocking(move || inspection_minutes_pdf(&minutes)).await??;
    Ok(file(bytes, "application/pdf", "bien-ban-kiem-tra.pdf", true))
}

/// Minutes to edit.
///
/// # Errors
/// Not found for those who may not read the inspection, or before it was made.
pub async fn docx(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result {
    let minutes = minutes(&app, &page, &id).await?;
    let bytes = tokio::task::spawn_blocking(move || inspection_minutes_docx(&minutes)).await??;
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    Ok(file(bytes, kind, "bien-ban-kiem-tra.docx", false))
}

async fn minutes(app: &App, page: &Page, id: &str) -> Result<InspectionMinutes> {
    let (desk, inspection) = show::read(app, page, id).await?;
    let record = app.store.inspection_record(inspection.id).await?.ok_or(AppError::NotFound)?;
    let inspector = app.store.account(record.recorded_by).await?.ok_or(AppError::NotFound)?;
    let kept = app.store.findings_of_root(inspection.root_id).await?;
    let office = office_of(app, &desk.tree, inspector.unit_id);
    let photos = app.store.inspection_photos(inspection.id).await?;
    // Made documents are Vietnamese by law, whatever the reader's language: labels are used as they stand.
    Ok(InspectionMinutes {
        findings: printed_findings(&record, &kept, app.clock.today()),
        ..head(&desk.tree, &inspection, &record, office, (inspector.name, photos, app.clock.today()))
    })
}

/// Everything but the findings.
fn head(
    tree: &UnitTree,
    inspection: &Inspection,
    record: &InspectionRecord,
    office: (String, String, String),
    (inspector, photos, made_on): (String, i64, jiff::civil::Date),
) -> InspectionMinutes {
    let answers = answers_of(&record.answers).into_iter();
    let scans = scans_of(&record.scans).into_iter();
    InspectionMinutes {
        parent_agency: office.0,
        issuing_agency: office.1,
        symbol: office.2,
        began_at: record.began_at,
        ended_at: record.ended_at,
        place: inspection.place_name.clone(),
        address: format!("{}, {}", inspection.address, address_of(tree, inspection.unit_id)),
        inspector,
        inspector_title: record.inspector_title.clone(),
        representative: record.representative.clone(),
        representative_title: record.representative_title.clone(),
        refused_to_sign: record.refused_to_sign,
        scans: scans.map(|one| (one.verdict.label().to_owned(), kept_words(&one))).collect(),
        answers: answers
            .map(|one| (one.item.label().to_owned(), one.answer.label().to_owned(), one.note))
            .collect(),
        counted: (record.entering > 0).then_some((
            record.entering,
            record.scanning,
            (record.count_seconds + 59) / 60,
        )),
        findings: Vec::new(),
        notes: record.notes.clone(),
        photos,
        is_again: inspection.root_id != inspection.id,
        made_on,
    }
}

/// What this record found, with the deadlines that stand.
fn printed_findings(
    record: &InspectionRecord,
    kept: &[Finding],
    today: jiff::civil::Date,
) -> Vec<MinutesFinding> {
    let verdicts: Vec<CodeVerdict> = scans_of(&record.scans).into_iter().map(|one| one.verdict).collect();
    findings::derive(&answers_of(&record.answers), &verdicts, record.entering, record.scanning)
        .into_iter()
        .map(|(code, note)| {
            let due = kept.iter().find(|one| one.code == code.code()).and_then(|one| one.due_on.parse().ok());
            MinutesFinding {
                text: with_note(code, &note),
                remedy: code.remedy().to_owned(),
                due_on: due.unwrap_or(today),
            }
        })
        .collect()
}

fn with_note(code: FindingCode, note: &str) -> String {
    if note.is_empty() { code.label().to_owned() } else { format!("{} ({note})", code.label()) }
}

/// Superior office, office and symbol of an inspector's unit.
fn office_of(app: &App, tree: &UnitTree, unit_id: i64) -> (String, String, String) {
    let chain = tree.path(unit_id);
    let committee = |unit: &domain::admin_unit::AdminUnit| format!("UBND {} {}", unit.kind, unit.name);
    match chain.as_slice() {
        [unit, above, ..] if unit.level != "department" => {
            (committee(above), committee(unit), "BB-UBND".to_owned())
        }
        [unit, above, ..] if unit.full_name != app.config.issuing_agency => {
            (committee(above), unit.full_name.clone(), "BB".to_owned())
        }
        _ => {
            let symbol = app.config.document_symbol.rsplit('-').next().unwrap_or("STTTT");
            (app.config.parent_agency.clone(), app.config.issuing_agency.clone(), format!("BB-{symbol}"))
        }
    }
}
