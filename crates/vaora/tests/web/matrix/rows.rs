//! The matrix itself: `+` the thing is there, `-` it does not exist for them.

/// Routes of which other tables tell: owners, visitors, gates, sign-in, files, tracing (by role, not by unit).
pub const ELSEWHERE: &[&str] = &[
    "/owner/",
    "/D/",
    "/d/",
    "/static/",
    "/join/",
    "/api/",
    "/cases/",
    "/openings/",
    "/accounts/",
    "/guides/",
    "/messages/",
];

/// Cells in the order of [`super::WHO`]: own commune, sister commune, district above, other district, department
/// in charge, other department, Sở TTTT, Committee.
pub const ROWS: &[(&str, &str)] = &[
    ("GET /places/{id}", "+-+-+-++"),
    ("GET /places/{id}/poster.pdf", "+-+-+-++"),
    ("GET /places/{id}/paper.pdf", "+-+-+-++"),
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
    ("POST /places/{id}/care", "+-+-----"),
    ("GET /coverage/{id}/export", "+-+---++"),
    ("GET /coverage/{id}/screen", "+-+---++"),
    ("GET /coverage/{id}/tasks", "+-+---++"),
    ("POST /coverage/{id}/tasks/{task}", "+-+-----"),
    ("GET /weekly/{id}", "+-+---++"),
    ("GET /weekly/{id}/report.pdf", "+-+---++"),
    ("GET /weekly/{id}/report.docx", "+-+---++"),
    // A campaign of the commune.
    ("GET /campaigns/{id}", "+-+---++"),
    ("GET /campaigns/{id}/edit", "+-+---+-"),
    ("POST /campaigns/{id}/edit", "+-+---+-"),
    ("POST /campaigns/{id}/close", "+-+---+-"),
    // A ticket of a place's owner, which the commune has to answer.
    ("GET /support/{id}", "+-+---++"),
    ("POST /support/{id}/act", "+-+---+-"),
    ("POST /support/{id}/publish", "------+-"),
    ("POST /support/faq/{id}/withdraw", "------+-"),
    // A letter of the Committee to the commune and to Sở TTTT; nobody has a letter of a district to copy on.
    ("GET /directives/{id}", "+-+---++"),
    ("GET /directives/{id}/file", "+-+---++"),
    ("POST /directives/{id}/acknowledge", "+-----+-"),
    ("POST /directives/{id}/progress", "+-----+-"),
    ("POST /directives/{id}/copy", "--------"),
    ("POST /directives/{id}/withdraw", "-------+"),
    // Inspections: plans by district and Sở TTTT, suspensions by the district, the record by the inspector alone.
    ("GET /inspections/plans/{id}", "--+---+-"),
    ("GET /inspections/plans/{id}/list.xlsx", "--+---+-"),
    ("POST /inspections/plans/{id}/strike", "--+---+-"),
    ("POST /inspections/plans/{id}/add", "--+---+-"),
    ("POST /inspections/plans/{id}/confirm", "--+---+-"),
    ("POST /inspections/plans/{id}/close", "--+---+-"),
    ("POST /inspections/plans/{id}/discard", "--+---+-"),
    ("POST /inspections/suspensions/{id}/decide", "--+-----"),
    ("POST /inspections/suspensions/{id}/lift", "--+-----"),
    ("POST /inspections/findings/{id}/reopen", "+-+---+-"),
    ("POST /inspections/findings/{id}/close", "+-+---+-"),
    ("GET /inspections/{id}", "+-+---++"),
    ("GET /inspections/{id}/record", "--------"),
    ("POST /inspections/{id}/record", "--------"),
    ("GET /inspections/{id}/minutes.pdf", "+-+---++"),
    ("GET /inspections/{id}/minutes.docx", "+-+---++"),
    ("GET /inspections/{id}/photos/{number}", "+-+---++"),
    ("POST /inspections/{id}/again", "+-+---+-"),
    ("POST /places/{id}/inspections", "+-+-----"),
];

/// Acts that use their thing up: after the first who may, it is there for nobody.
pub const ONCE: &[&str] = &[
    "POST /places/{id}/gates/{gate}/revoke",
    "POST /odd/{day}/{area}",
    "POST /inspections/plans/{id}/discard",
];

/// What forms say: enough to name a thing, too little to do more to it.
pub const FORM: &[(&str, &str)] = &[("active", "0"), ("kind", "burst")];
