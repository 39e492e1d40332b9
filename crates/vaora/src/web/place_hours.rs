//! A place's bounds and its doors: capacity, hours, closing by hand, and the queue file of a broken device.

use axum::{
    Form,
    extract::{Path, State},
};
use serde::Deserialize;
use store::place_hours::PlaceHours;

use crate::{
    api::queue::{QueueItem, QueueOutcome, backlog_lane, take},
    app::App,
    error::{AppError, Result},
    gate::state::balance,
    limits::QUEUE_ITEMS_MAX,
    page::Page,
    web::{
        office::{Upload, read_upload},
        place_edit,
    },
};

/// Most people that a place may hold.
const CAPACITY_MAX: i64 = 100_000;
/// Most scans in a device's exported file.
const FILE_ITEMS_MAX: usize = 20_000;

/// The form of bounds.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct HoursForm {
    capacity: String,
    opens_at: String,
    closes_at: String,
}

/// Sets capacity and hours.
///
/// # Errors
/// Not found when the place is not the viewer's.
pub async fn set(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<HoursForm>,
) -> Result {
    let (viewer, _) = place_edit::viewed(&app, &page, id).await?;
    viewer.may_change()?;
    let back = format!("{}/{id}#bounds", viewer.base());
    let hours = match read(&form) {
        Ok(hours) => hours,
        Err(error) => return page.back(&back, error).await,
    };
    app.store.set_place_hours(id, &hours).await?;
    page.go(&back, "good", "Đã ghi sức chứa và giờ mở cửa.").await
}

fn read(form: &HoursForm) -> Result<PlaceHours> {
    let capacity = match form.capacity.trim() {
        "" => None,
        text => Some(
            text.parse()
                .ok()
                .filter(|number| (1..=CAPACITY_MAX).contains(number))
                .ok_or(AppError::BadRequest("Sức chứa là số người, từ 1 đến 100.000."))?,
        ),
    };
    let time = |text: &str| match text.trim() {
        "" => Ok(None),
        text => {
            let read = format!("{text}:00").parse::<jiff::civil::Time>();
            let read = read.map_err(|_| AppError::BadRequest("Giờ viết như 08:00."))?;
            Ok::<_, AppError>(Some(format!("{:02}:{:02}", read.hour(), read.minute())))
        }
    };
    Ok(PlaceHours { capacity, opens_at: time(&form.opens_at)?, closes_at: time(&form.closes_at)? })
}

/// Closes all open stays: everybody who is still counted as inside has left.
///
/// # Errors
/// Not found when the place is not the viewer's.
pub async fn close(State(app): State<App>, page: Page, Path(id): Path<i64>) -> Result {
    let (viewer, _) = place_edit::viewed(&app, &page, id).await?;
    viewer.may_change()?;
    app.store.close_place_now(id, app.now(), balance(&app, id).await?).await?;
    page.go(
        &format!("{}/{id}#bounds", viewer.base()),
        "good",
        "Đã ghi: mọi người đã ra về. Số người bên trong đếm lại từ 0.",
    )
    .await
}

/// What a device exports: its queue, still sealed.
#[derive(Deserialize)]
struct QueueFile {
    vaora_queue: u32,
    items: Vec<QueueItem>,
}

/// Takes in the exported queue of a device that cannot send: each scan belongs to a gate of this place.
///
/// # Errors
/// A bad request when the file is none; not found when the place is not the viewer's.
pub async fn queue_file(State(app): State<App>, page: Page, Path(id): Path<i64>, form: Upload) -> Result {
    let (viewer, _) = place_edit::viewed(&app, &page, id).await?;
    viewer.may_change()?;
    let back = format!("{}/{id}#gates", viewer.base());
    let bytes = match read_upload(form).await {
        Ok(read) => read,
        Err(error) => return page.back(&back, error).await,
    };
    const NONE: AppError = AppError::BadRequest("Đây không phải tệp hàng đợi xuất từ máy ở cổng.");
    let file = serde_json::from_slice::<QueueFile>(&bytes).ok();
    let Some(file) = file.filter(|file| file.vaora_queue == 1 && file.items.len() <= FILE_ITEMS_MAX) else {
        return page.back(&back, NONE).await;
    };
    let gates = app.store.gates_of_place(id).await?;
    let (mut kept, mut known, mut refused) = (0, 0, 0);
    for gate in &gates {
        let own: Vec<QueueItem> =
            file.items.iter().filter(|item| item.device == gate.id.to_string()).cloned().collect();
        for batch in own.chunks(QUEUE_ITEMS_MAX) {
            let _lane = backlog_lane(&app).await?;
            for taken in take(&app, gate, &batch.into(), None, page.lang).await? {
                match taken.result.outcome {
                    QueueOutcome::Accepted | QueueOutcome::Quarantined => kept += 1,
                    QueueOutcome::Duplicate => known += 1,
                    QueueOutcome::Refused => refused += 1,
                }
            }
        }
    }
    let foreign = file.items.len() - (kept + known + refused);
    let words = page.tf(
        "Đã nhận {kept} lượt, {known} lượt có từ trước, {refused} lượt không đọc được, {foreign} lượt của máy nơi khác.",
        &[
            ("kept", kept.to_string()),
            ("known", known.to_string()),
            ("refused", refused.to_string()),
            ("foreign", foreign.to_string()),
        ],
    );
    page.flash_text(if refused + foreign > 0 { "warn" } else { "good" }, words).await?;
    Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&back)))
}
