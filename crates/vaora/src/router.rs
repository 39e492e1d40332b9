//! Every route, on one page.

use std::time::Duration;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
    routing::{get, post},
};
use tower_http::{
    compression::CompressionLayer, csrf::CsrfLayer, set_header::SetResponseHeaderLayer, timeout::TimeoutLayer,
};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};

use crate::{
    api,
    app::App,
    auth::session_store::StoredSessions,
    error, gate, limits, visit,
    web::{
        access_log, accounts, assets, cards, case_new, case_questions, case_view, coverage, coverage_export,
        coverage_screen, devices, directives, distancing, gates, guidance, home, inbox, inspections, join,
        key_officers, keyed, notice, notice_proof, oddities, openings, owner, place_care, place_edit,
        place_hours, place_import, place_new, places, point_tasks, posters, privacy, reports, sign_in,
        weekly,
    },
};

/// Seconds without a request after which a session ends.
const SESSION_IDLE_S: i64 = 2 * 3600;

/// Longest time from the headers to the answer, the body included: a dribbling client is cut.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// What a page may load: our own files only, no inline script or style; WebAssembly for the code reader.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// The whole service.
pub fn router(app: &App) -> Router {
    let pages = public_pages()
        .merge(owner_pages())
        .merge(office_pages())
        .merge(coverage_pages())
        .merge(inspection_pages())
        .merge(guidance_pages())
        .merge(directive_pages())
        .merge(report_pages())
        .merge(tracing_pages())
        .layer(DefaultBodyLimit::max(limits::FORM_BYTES_MAX));
    let api = api::router().layer(DefaultBodyLimit::max(limits::BATCH_BYTES_MAX));
    let sessions = SessionManagerLayer::new(StoredSessions::new(app.store.clone(), app.clock.clone()))
        .with_name(if app.config.is_https() { "__Host-vaora" } else { "vaora_session" })
        .with_secure(app.config.is_https())
        .with_same_site(SameSite::Strict)
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds(SESSION_IDLE_S)));
    pages
        .merge(api)
        // Ours and inside the layers below, so that an unknown address is answered in words too.
        .fallback(unknown)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        .layer(fixed_header(header::CACHE_CONTROL, "no-store"))
        .layer(middleware::from_fn_with_state(app.clone(), error::show_errors))
        .layer(middleware::from_fn_with_state(app.clone(), sign_in::choose_language))
        .layer(sessions)
        .merge(unsessioned())
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new())
        .layer(fixed_header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(fixed_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed_header(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed_header(
            HeaderName::from_static("permissions-policy"),
            "camera=(self), geolocation=(), microphone=()",
        ))
        .with_state(app.clone())
}

fn fixed_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// What needs no session: files, the service workers, and the answer to a watchdog.
fn unsessioned() -> Router<App> {
    Router::new()
        .route("/static/{*path}", get(assets::file))
        .route("/gate-worker.js", get(gate::worker::gate))
        .route("/visit-worker.js", get(gate::worker::visit))
        .route("/inspect-worker.js", get(gate::worker::inspect))
        .route("/healthz", get(healthz))
}

async fn unknown() -> error::AppError {
    error::AppError::NotFound
}

async fn healthz(axum::extract::State(app): axum::extract::State<App>) -> error::Result<&'static str> {
    app.store.ping().await?;
    Ok("ok\n")
}

fn public_pages() -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/privacy", get(privacy::show))
        .route("/login", get(sign_in::form).post(sign_in::submit))
        .route("/logout", post(sign_in::sign_out))
        .route("/join/{token}", get(join::form).post(join::submit))
        .route("/D/{code}", get(visit::show).post(visit::submit))
        .route("/d/{code}", get(visit::show))
        .route("/D/{code}/{rotating}", get(visit::show_rotating))
        .route("/D/{code}/report", get(visit::report::form).post(visit::report::submit))
        .route("/D/me", get(visit::diary::shell))
        .route("/D/me/visits", post(visit::diary::take))
        .route("/D/me/cards", post(visit::cards::make))
        .route("/D/me/cards/renew", post(visit::cards::renew))
        .route("/D/me/cards/give-back", post(visit::cards::give_back))
        .route("/C", get(visit::cards::found))
        .route("/gate", get(gate::page::show))
        .route("/gate/enrol", get(gate::page::enrol_form).post(gate::page::enrol))
        .route("/gate/kit", get(gate::kit::show))
        .route("/gate/state", get(gate::state::show))
        .route("/screen", get(gate::page::screen))
}

fn owner_pages() -> Router<App> {
    Router::new()
        .route("/owner", get(owner::start))
        .route("/owner/code-request", post(owner::send_code))
        .route("/owner/code", get(owner::code_form).post(owner::check_code))
        .route("/owner/new", get(place_new::form).post(place_new::submit))
        .route("/owner/places", get(owner::places))
        .route("/owner/places/{id}/edit", get(place_new::edit_form).post(place_new::edit))
        .merge(place_pages("/owner/places"))
}

/// What an owner and an office both do with a place.
fn place_pages(base: &str) -> Router<App> {
    Router::new()
        .route(&format!("{base}/{{id}}"), get(place_edit::show))
        .route(&format!("{base}/{{id}}/areas"), post(place_edit::add_area))
        .route(&format!("{base}/{{id}}/areas/{{area}}/renew"), post(place_edit::renew_code))
        .route(&format!("{base}/{{id}}/areas/{{area}}/retire"), post(place_edit::retire_code))
        .route(&format!("{base}/{{id}}/gates"), post(gates::add))
        .route(&format!("{base}/{{id}}/gates/{{gate}}/revoke"), post(gates::revoke))
        .route(&format!("{base}/{{id}}/poster.pdf"), get(posters::of_place))
        .route(&format!("{base}/{{id}}/paper.pdf"), get(keyed::paper))
        .route(&format!("{base}/{{id}}/keyed"), get(keyed::form).post(keyed::submit))
        .route(&format!("{base}/{{id}}/hours"), post(place_hours::set))
        .route(&format!("{base}/{{id}}/close"), post(place_hours::close))
        .route(&format!("{base}/{{id}}/queue-file"), post(place_hours::queue_file).layer(uploads()))
}

fn office_pages() -> Router<App> {
    Router::new()
        .route("/places", get(places::list))
        .route("/places/{id}/approve", post(place_edit::approve))
        .route("/places/{id}/return", post(place_edit::send_back))
        .merge(place_pages("/places"))
        .route("/units/{id}/posters.pdf", get(posters::of_unit))
        .route("/units/{id}/posters.zip", get(posters::zip_of_unit))
        .merge(door_pages())
        .route("/accounts", get(accounts::list))
        .route("/accounts/invite", post(accounts::invite))
        .route("/accounts/{id}/active", post(accounts::set_active))
}

/// Coverage: what is there, what is missing, what to do about it.
fn coverage_pages() -> Router<App> {
    Router::new()
        .route("/coverage", get(coverage::own))
        .route("/coverage/{id}", get(coverage::show))
        .route("/coverage/{id}/distancing", post(distancing::add))
        .route("/coverage/{id}/export", get(coverage_export::export))
        .route("/coverage/{id}/screen", get(coverage_screen::show))
        .route("/coverage/{id}/tasks", get(point_tasks::list))
        .route("/coverage/{id}/tasks/{task}", post(point_tasks::note))
        .route("/places/{id}/care", post(place_care::set))
}

/// Inspections: plans, checks at the door, findings.
fn inspection_pages() -> Router<App> {
    use inspections::{
        device, follow, lists, lists_export, minutes, overview, plan, plan_new, ratios, record, show,
        suspensions,
    };
    Router::new()
        .route("/inspections", get(overview::show))
        .route("/inspections/list", get(lists::show))
        .route("/inspections/list.xlsx", get(lists_export::xlsx))
        .route("/inspections/ratios", get(ratios::show))
        .route("/inspections/plans/new", get(plan_new::form).post(plan_new::submit))
        .route("/inspections/plans/{id}", get(plan::show))
        .route("/inspections/plans/{id}/list.xlsx", get(plan::list_xlsx))
        .route("/inspections/plans/{id}/strike", post(plan::strike))
        .route("/inspections/plans/{id}/add", post(plan::add))
        .route("/inspections/plans/{id}/confirm", post(plan::confirm))
        .route("/inspections/plans/{id}/discard", post(plan::discard))
        .route("/inspections/plans/{id}/close", post(plan::close))
        .route("/inspections/suspensions", get(suspensions::list))
        .route("/inspections/suspensions/{id}/decide", post(suspensions::decide))
        .route("/inspections/suspensions/{id}/lift", post(suspensions::lift))
        .route("/inspections/findings/{id}/close", post(follow::close))
        .route("/inspections/findings/{id}/reopen", post(follow::reopen))
        .route("/inspections/{id}", get(show::show))
        .route("/inspections/{id}/record", get(record::form).post(record::submit).layer(photos()))
        .route("/inspections/{id}/minutes.pdf", get(minutes::pdf))
        .route("/inspections/{id}/minutes.docx", get(minutes::docx))
        .route("/inspections/{id}/photos/{number}", get(show::photo))
        .route("/inspections/{id}/again", post(follow::again))
        .route("/places/{id}/inspections", post(follow::start))
        .route("/owner/places/{id}/findings/{finding}", post(follow::answer))
        .route("/owner/places/{id}/messages/read", post(inbox::read_of_place))
        .route("/inspect", get(device::shell))
        .route("/inspect/list", get(device::list))
        .route("/inspect/records", post(device::take).layer(uploads()))
}

/// Guidance and support: guides, campaigns, tickets.
fn guidance_pages() -> Router<App> {
    Router::new()
        .route("/guides", get(guidance::guides::list))
        .route("/guides/faq", get(guidance::faq::show))
        .route("/guides/{slug}", get(guidance::guides::show))
        .route("/campaigns", get(guidance::campaigns::list))
        .route("/campaigns/new", get(guidance::campaign_edit::form).post(guidance::campaign_edit::submit))
        .route("/campaigns/{id}", get(guidance::campaigns::show))
        .route(
            "/campaigns/{id}/edit",
            get(guidance::campaign_edit::edit_form).post(guidance::campaign_edit::edit),
        )
        .route("/campaigns/{id}/close", post(guidance::campaign_edit::close))
        .route("/support", get(guidance::support::list))
        .route("/support/export", get(guidance::support_export::export))
        .route("/support/new", get(guidance::support_new::form).post(guidance::support_new::submit))
        .route("/support/{id}", get(guidance::ticket::show))
        .route("/support/{id}/act", post(guidance::ticket::act))
        .route("/support/{id}/publish", post(guidance::faq::publish))
        .route("/support/faq/{id}/withdraw", post(guidance::faq::withdraw))
        .route("/owner/support", get(guidance::support_new::of_owner))
        .route("/owner/support/new", get(guidance::support_new::form).post(guidance::support_new::submit))
        .route("/owner/support/{id}", get(guidance::ticket::show))
        .route("/owner/support/{id}/act", post(guidance::ticket::act))
}

/// Directives down the tree, and messages.
fn directive_pages() -> Router<App> {
    Router::new()
        .route("/directives", get(directives::list))
        .route("/directives/new", get(directives::send::form).post(directives::send::submit).layer(uploads()))
        .route("/directives/{id}", get(directives::letter::show))
        .route("/directives/{id}/file", get(directives::letter::file))
        .route("/directives/{id}/acknowledge", post(directives::letter::acknowledge))
        .route("/directives/{id}/progress", post(directives::letter::progress))
        .route("/directives/{id}/copy", post(directives::letter::copy_on))
        .route("/directives/{id}/withdraw", post(directives::letter::withdraw))
        .route("/messages", get(inbox::list))
        .route("/messages/read", post(inbox::read_all))
        .route("/messages/{id}/open", post(inbox::open))
        .route("/messages/settings", get(notice::form).post(notice::save))
        .route("/messages/settings/code-request", post(notice_proof::send_code))
        .route("/messages/settings/code", post(notice_proof::check_code))
        .route("/messages/settings/email-code-request", post(notice_proof::send_email_code))
        .route("/messages/settings/email-code", post(notice_proof::check_email_code))
        .route("/messages/deliveries", get(notice::deliveries))
        .route("/messages/deliveries/{id}/retry", post(notice::retry))
}

/// Reports of periods, from the draft to the signed document.
fn report_pages() -> Router<App> {
    Router::new()
        .route("/weekly", get(weekly::own))
        .route("/weekly/{id}", get(weekly::show))
        .route("/weekly/{id}/report.pdf", get(weekly::pdf))
        .route("/weekly/{id}/report.docx", get(weekly::docx))
        .route("/reports", get(reports::overview::show))
        .route("/reports/templates", get(reports::templates::show).post(reports::templates::set))
        .route("/reports/periods", post(reports::templates::open_period))
        .route("/reports/signer", get(reports::signer::show).post(reports::signer::set))
        .route("/reports/accept", post(reports::decide::accept_many))
        .route("/reports/items", get(reports::merge::show))
        .route("/reports/items/merge", post(reports::merge::merge))
        .route("/reports/items/{item}/unmerge", post(reports::merge::unmerge))
        .route("/reports/{id}", get(reports::view::show).post(reports::view::submit).layer(report_words()))
        .route("/reports/{id}/decision", post(reports::decide::decide))
        .route("/reports/{id}/document", get(reports::document::preview))
        .route("/reports/{id}/silent", get(reports::silent::show))
        .route("/reports/{id}/issue", post(reports::document::issue))
        .route("/reports/{id}/issued/{issued}", get(reports::document::show))
        .route("/reports/{id}/issued/{issued}/{file}", get(reports::document::download))
        .route("/reports/{id}/issued/{issued}/mark", post(reports::document::mark))
        .route("/proposals", get(reports::proposals::list))
        .route("/proposals/{id}", get(reports::proposals::show))
        .route("/proposals/{id}/handling", post(reports::proposals_act::handle))
        .route("/proposals/{id}/send", post(reports::proposals_act::send))
        .route("/proposals/{id}/decision", post(reports::proposals_act::decide))
        .route("/proposals/{id}/finish", post(reports::proposals_act::finish))
}

/// What an office does for its doors: cards, lists, devices, what looks odd, calls.
fn door_pages() -> Router<App> {
    Router::new()
        .route("/cards", get(cards::show))
        .route("/cards/issue", post(cards::issue_one))
        .route("/cards/list", post(cards::check_list).layer(uploads()))
        .route("/cards/list/confirm", post(cards::confirm_list))
        .route("/cards/list.xlsx", get(cards::template))
        .route("/cards/sheets/{id}/cards.pdf", get(cards::pdf))
        .route("/cards/{number}/lost", post(cards::lost))
        .route("/imports", get(place_import::show).post(place_import::check).layer(uploads()))
        .route("/imports/confirm", post(place_import::confirm))
        .route("/imports/list.xlsx", get(place_import::template))
        .route("/imports/{id}/undo", post(place_import::undo))
        .route("/devices", get(devices::show))
        .route("/devices/{gate}/quarantine", post(devices::decide))
        .route("/odd", get(oddities::show))
        .route("/odd/{day}/{area}", post(oddities::see))
        .route("/odd/posters/{id}/close", post(oddities::close_reports))
        .route("/telephone", get(keyed::call_form).post(keyed::call))
}

/// Room for a file that a form hands up.
/// A report within its stated lengths, every character of it percent-encoded.
fn report_words() -> DefaultBodyLimit {
    DefaultBodyLimit::max(limits::REPORT_BYTES_MAX)
}

/// Photos as phones take them, of which the small ones are kept: what is too large is told, not cut off.
fn photos() -> DefaultBodyLimit {
    DefaultBodyLimit::max(limits::PHOTOS_BYTES_MAX)
}

fn uploads() -> DefaultBodyLimit {
    DefaultBodyLimit::max(limits::UPLOAD_BYTES_MAX + limits::FORM_BYTES_MAX)
}

fn tracing_pages() -> Router<App> {
    Router::new()
        .route("/cases", get(case_new::list))
        .route("/cases/new", get(case_new::form).post(case_new::submit))
        .route("/cases/{id}", get(case_view::show))
        .route("/cases/{id}/openings", post(case_view::ask))
        .route("/cases/{id}/contacts", get(case_view::export))
        .route("/cases/{id}/kept/{number}", get(case_questions::kept))
        .route("/cases/{id}/sitting", get(case_questions::show))
        .route("/cases/{id}/sitting/ask", post(case_questions::ask))
        .route("/cases/{id}/sitting/close", post(case_questions::close))
        .route("/cases/{id}/sitting/{answer}", get(case_questions::answer))
        .route("/cases/{id}/sitting/{answer}/cancel", post(case_questions::cancel))
        .route("/cases/{id}/sitting/{answer}/keep", post(case_questions::keep))
        .route("/openings", get(openings::list))
        .route("/openings/{id}/decision", post(openings::decide))
        .route("/openings/{id}/release", post(openings::release))
        .route("/openings/{id}/close", post(openings::close))
        .route("/keys", get(key_officers::show))
        .route("/keys/make", post(key_officers::make))
        .route("/keys/propose", post(key_officers::propose))
        .route("/keys/confirm", post(key_officers::confirm))
        .route("/log", get(access_log::show))
}
