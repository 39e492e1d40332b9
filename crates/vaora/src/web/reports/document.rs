//! A report's documents: a preview whose figures lead to the pages behind them, files made in the background with
//! their progress shown, each set kept as it was made, and the mark that one went up for signing.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect},
};
use data_encoding::HEXLOWER;
use documents::{tables_xlsx, weekly_report_docx, weekly_report_pdf};
use domain::role::Role;
use minijinja::{Value, context};
use sha2::{Digest as _, Sha256};
use store::{
    issued_reports::{IssuedFile, IssuedFiles, IssuedReport},
    report_periods::ReportPeriod,
    reports::Report,
};

use super::{content, desk, figures::Frozen, is_unsent_elsewhere, period_view, readable, state_view, view};
use crate::{
    app::App,
    error::{AppError, Result},
    ids::new_id,
    jobs::reports::{ISSUE_MS_MAX, span_of},
    page::Page,
    web::posters::file,
};

/// Steps of the work, as its page names them, in the order in which they end: the PDF is set beside the others and
/// takes the longest.
const STEPS: [&str; 4] = ["Lấy số liệu đã chốt", "Lập phụ lục XLSX", "Trình bày DOCX", "Trình bày PDF"];

/// Seconds after which the page of unfinished work looks again.
const LOOK_AGAIN_S: u32 = 2;

/// Shows what the documents will say, and the sets that were made.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn preview(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (report, period) = readable(&app, &page, id).await?;
    let tree = app.tree().await?;
    let own = desk(page.officer()?, &tree) == Some(report.unit_id);
    let is_unsent = is_unsent_elsewhere(&app, &page, &report).await?;
    let mut letter = content::build(&app, &report, &period, false).await?.letter;
    if is_unsent {
        for lines in [&mut letter.direction, &mut letter.results, &mut letter.support] {
            lines.clear();
        }
        letter.difficulties.clear();
        letter.proposals.clear();
        letter.next_week.clear();
    }
    let frozen = Frozen::read(&app, &period).await?;
    let mut issued = app.store.issued_reports(id).await?;
    issued.retain(|one| own || one.marked_at.is_some());
    let quiet = letter.silent_points;
    let proposals: Vec<Value> = letter
        .proposals
        .iter()
        .map(|one| {
            let (words, handling) = (one.words.clone(), one.handling.clone());
            context! { words, handling, decision => one.decision.clone() }
        })
        .collect();
    let values = context! {
        report => context! {
            id => id.to_string(), unit => tree.name(report.unit_id), unit_id => report.unit_id.to_string(),
            state => state_view(&page, &report), is_province => report.above_id.is_none(),
            is_department => report.level == "department",
        },
        period => period_view(&page, &period), f => frozen.view(report.unit_id), own, quiet, is_unsent,
        below => if own { view::below_view(&app, &page, &report).await? } else { None },
        letter => context! {
            direction => letter.direction, results => letter.results, support => letter.support, inspection => letter.inspection,
            punctuality => letter.punctuality, difficulties => letter.difficulties, proposals,
            next_week => letter.next_week, openings => letter.openings, head => letter.access_log_head,
            best => letter.best_units.iter().map(|unit| unit.name.clone()).collect::<Vec<_>>(),
            silent_units => letter.silent_units.len(), units => letter.rows.len(),
        },
        issued => issued.iter().map(issued_view).collect::<Vec<_>>(),
        printed_points => documents::POINT_ROWS_MAX,
    };
    page.show("report_document.html", values).await
}

fn issued_view(issued: &IssuedReport) -> Value {
    context! {
        id => issued.id.to_string(), state => issued.state.clone(), made_at => issued.made_at,
        finished_at => issued.finished_at, marked_at => issued.marked_at,
        hash => issued.pdf_hash.as_ref().map(|hash| hash[..16.min(hash.len())].to_owned()),
        seconds => issued.finished_at.map(|at| (at - issued.made_at).div_euclid(1000)),
    }
}

/// The officer's own report, to make documents of.
async fn own_report(app: &App, page: &Page, id: i64) -> Result<(Report, ReportPeriod)> {
    let (report, period) = readable(app, page, id).await?;
    let own = desk(page.officer()?, &*app.tree().await?) == Some(report.unit_id);
    if own { Ok((report, period)) } else { Err(AppError::NotFound) }
}

/// Begins a set of documents; pressed twice, it is one.
///
/// # Errors
/// Not found when the report is not the officer's own.
pub async fn issue(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (_, period) = own_report(&app, &page, id).await?;
    let (by, now) = (page.officer()?.id, app.now());
    let (issued_id, is_new) = app.store.begin_issue(new_id(), id, by, now - ISSUE_MS_MAX, now).await?;
    if is_new {
        let worker = app.clone();
        tokio::spawn(async move {
            if let Err(error) = make(&worker, issued_id, id, &period).await {
                tracing::error!(?error, "documents were not made");
                if let Err(error) = worker.store.fail_issue(issued_id, worker.now()).await {
                    tracing::error!(%error, "the failed work could not be noted");
                }
            }
        });
    }
    Ok(Redirect::to(&format!("/reports/{id}/issued/{issued_id}")).into_response())
}

/// Makes the three files of a set and keeps them.
///
/// # Errors
/// When the store refuses or a document cannot be made.
pub async fn make(app: &App, issued_id: i64, report_id: i64, period: &ReportPeriod) -> Result<()> {
    // Read after the set was begun: whoever saves from now on is found out when it is marked.
    let report = app.store.report(report_id).await?.ok_or(AppError::NotFound)?;
    let content::Content { letter, sheets } = content::build(app, &report, period, true).await?;
    app.store.step_issue(issued_id, 1).await?;
    let (for_docx, now) = (letter.clone(), app.now());
    // The PDF takes the longest: the other two are made beside it.
    let pdf = tokio::task::spawn_blocking(move || weekly_report_pdf(&letter));
    let xlsx = tokio::task::spawn_blocking(move || tables_xlsx(&sheets, now)).await??;
    app.store.step_issue(issued_id, 2).await?;
    let docx = tokio::task::spawn_blocking(move || weekly_report_docx(&for_docx)).await??;
    app.store.step_issue(issued_id, 3).await?;
    let pdf = pdf.await??;
    let hashes = [&pdf, &docx, &xlsx].map(|bytes| HEXLOWER.encode(&Sha256::digest(bytes)));
    let files = IssuedFiles { pdf, docx, xlsx, hashes };
    app.store.finish_issue(issued_id, files, 4, app.now()).await?;
    Ok(())
}

async fn issued_of(
    app: &App,
    page: &Page,
    id: i64,
    issued_id: i64,
) -> Result<(Report, ReportPeriod, IssuedReport)> {
    let (report, period) = readable(app, page, id).await?;
    let own = desk(page.officer()?, &*app.tree().await?) == Some(report.unit_id);
    let issued = app.store.issued_report(issued_id).await?.filter(|issued| issued.report_id == id);
    // A set that did not go up is its unit's draft.
    let issued = issued.filter(|issued| own || issued.marked_at.is_some());
    Ok((report, period, issued.ok_or(AppError::NotFound)?))
}

/// Shows a set of documents, or how far the work is; the page looks again by itself and may be left.
///
/// # Errors
/// Not found outside the officer's subtree.
pub async fn show(State(app): State<App>, page: Page, Path((id, issued_id)): Path<(i64, i64)>) -> Result {
    let (report, period, issued) = issued_of(&app, &page, id, issued_id).await?;
    let tree = app.tree().await?;
    let making = issued.state == "making";
    let values = context! {
        report => context! { id => id.to_string(), unit => tree.name(report.unit_id), is_province => report.above_id.is_none() },
        period => period_view(&page, &period), issued => issued_view(&issued),
        hashes => [issued.pdf_hash.clone(), issued.docx_hash.clone(), issued.xlsx_hash.clone()],
        steps => STEPS.iter().map(|step| page.t(step)).collect::<Vec<_>>(), step => issued.step + 1,
        may_mark => desk(page.officer()?, &tree) == Some(report.unit_id) && issued.state == "ready" && issued.marked_at.is_none(),
    };
    let mut answer = page.show("report_issued.html", values).await?;
    if making {
        let again = HeaderValue::from(LOOK_AGAIN_S);
        answer.headers_mut().insert(header::REFRESH, again);
    }
    Ok(answer)
}

/// One file of a set.
///
/// # Errors
/// Not found outside the officer's subtree, and while it is not finished.
pub async fn download(
    State(app): State<App>,
    page: Page,
    Path((id, issued_id, name)): Path<(i64, i64, String)>,
) -> Result {
    let (_, period, issued) = issued_of(&app, &page, id, issued_id).await?;
    let (which, kind) = match name.as_str() {
        "pdf" => (IssuedFile::Pdf, "application/pdf"),
        "docx" => {
            (IssuedFile::Docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
        }
        "xlsx" => (IssuedFile::Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        _ => return Err(AppError::NotFound),
    };
    let bytes = app.store.issued_file(issued.id, which).await?.ok_or(AppError::NotFound)?;
    let last = span_of(&period).map(|span| span.last().to_string()).unwrap_or_default();
    Ok(file(bytes, kind, &format!("bao-cao-{last}.{name}"), which == IssuedFile::Pdf))
}

/// Marks a set as handed up for signing. The province's report counts as sent with it.
///
/// # Errors
/// Not found when the report is not the officer's own.
pub async fn mark(State(app): State<App>, page: Page, Path((id, issued_id)): Path<(i64, i64)>) -> Result {
    let (report, _) = own_report(&app, &page, id).await?;
    let (_, _, issued) = issued_of(&app, &page, id, issued_id).await?;
    let by = page.officer()?.id;
    let here = format!("/reports/{id}/issued/{issued_id}");
    if !app.store.mark_issue(issued_id, by, app.now()).await? {
        let saved = app.store.report(id).await?.is_some_and(|report| report.saved_at > issued.made_at);
        if saved && issued.marked_at.is_none() {
            return page.go(&here, "bad", "Nội dung đã sửa sau khi lập; hãy lập lại văn bản.").await;
        }
        return page
            .go(&here, "info", "Báo cáo này đã có bộ văn bản trình ký, hoặc bộ này chưa làm xong.")
            .await;
    }
    if report.above_id.is_none() && view::send(&app, &report, by).await? {
        tell_committee(&app, &report).await?;
    }
    page.go(&here, "good", "Đã đánh dấu trình ký. Bộ văn bản này được giữ nguyên để đối chiếu.").await
}

async fn tell_committee(app: &App, report: &Report) -> Result<()> {
    for account in app.store.accounts().await? {
        if account.active && account.roles.iter().any(|role| role == Role::CommitteeReader.code()) {
            let message = store::messages::NewMessage {
                id: new_id(),
                dedup_key: format!("report:{}:signed:{}", report.id, account.id),
                to: store::messages::Recipient::Account(account.id),
                source: "Sở TTTT đã trình ký báo cáo của tỉnh.".to_owned(),
                params: "{}".to_owned(),
                href: format!("/reports/{}/document", report.id),
                urgent: false,
                due_on: None,
            };
            app.store.post_message(&message, app.now()).await?;
        }
    }
    Ok(())
}
