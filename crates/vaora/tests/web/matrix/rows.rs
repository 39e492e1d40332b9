//! The matrix itself: `+` the thing is there, `-` it does not exist for them.

/// Routes of which other tables tell: owners, visitors, gates, sign-in, files, tracing (by role, not by unit).
pub const ELSEWHERE: &[&str] =
    &["/owner/", "/D/", "/d/", "/static/", "/join/", "/api/", "/cases/", "/openings/", "/accounts/"];

/// Cells in the order of [`super::WHO`]: own commune, sister commune, district above, other district, department
/// in charge, other department, Sở TTTT, Committee.
pub const ROWS: &[(&str, &str)] = &[
    ("GET /places/{id}", "+-+---++"),
    ("GET /places/{id}/poster.pdf", "+-+---++"),
    ("GET /places/{id}/paper.pdf", "+-+---++"),
    ("GET /places/{id}/keyed", "+-+-----"),
    ("POST /places/{id}/keyed", "+-+-----"),
    ("POST /places/{id}/hours", "+-+-----"),
    ("POST /places/{id}/close", "+-+-----"),
    ("POST /places/{id}/queue-file", "+-+-----"),
    ("POST /places/{id}/areas", "+-+-----"),
    ("POST /places/{id}/areas/{area}/renew", "+-+-----"),
    ("POST /places/{id}/areas/{area}/retire", "+-+-----"),
    ("POST /places/{id}/gates", "+-+-----"),
    ("POST /places/{id}/gates/{gate}/revoke", "+-+-----"),
    ("POST /places/{id}/approve", "+-+-----"),
    ("POST /places/{id}/return", "+-+-----"),
    ("GET /units/{id}/posters.pdf", "+-+---++"),
    ("GET /units/{id}/posters.zip", "+-+---++"),
    ("GET /cards/sheets/{id}/cards.pdf", "+-+-----"),
    ("POST /cards/{number}/lost", "+-+-----"),
    ("POST /imports/{id}/undo", "+-------"),
    ("POST /devices/{gate}/quarantine", "+-+-----"),
    ("POST /odd/{day}/{area}", "+-+-----"),
    ("POST /odd/posters/{id}/close", "+-+-----"),
    ("GET /coverage/{id}", "+-+---++"),
    ("POST /coverage/{id}/distancing", "------+-"),
    ("GET /weekly/{id}", "+-+---++"),
    ("GET /weekly/{id}/report.pdf", "+-+---++"),
    ("GET /weekly/{id}/report.docx", "+-+---++"),
    ("GET /reports/{id}", "+-+---++"),
    ("POST /reports/{id}", "+-------"),
    ("POST /reports/{id}/decision", "--+-----"),
    ("GET /reports/{id}/document", "+-+---++"),
    ("POST /reports/{id}/issue", "+-------"),
    ("GET /reports/{id}/issued/{issued}", "+-+---++"),
    ("GET /reports/{id}/issued/{issued}/{file}", "+-+---++"),
    ("POST /reports/{id}/issued/{issued}/mark", "+-------"),
    ("POST /reports/items/{item}/unmerge", "--+-----"),
    ("GET /proposals/{id}", "+-+---++"),
    ("POST /proposals/{id}/handling", "------+-"),
    ("POST /proposals/{id}/send", "------+-"),
    ("POST /proposals/{id}/decision", "-------+"),
    ("POST /proposals/{id}/finish", "------+-"),
];

/// Acts that use their thing up: after the first who may, it is there for nobody.
pub const ONCE: &[&str] = &["POST /places/{id}/gates/{gate}/revoke", "POST /odd/{day}/{area}"];

/// What forms say: enough to name a thing, too little to do more to it.
pub const FORM: &[(&str, &str)] = &[("active", "0"), ("kind", "burst")];
