//! What a server needs before anybody can check in: officers' keys, a roster, and enrolled gates.

use anyhow::{Context as _, Result};
use domain::role::Role;
use vaora::{
    app::App,
    gate,
    ids::{new_id, new_token},
    keys::{
        epoch::month_of,
        officers,
        roster::{self, Proposal},
    },
    web::place_edit::new_code,
};

/// Gates, taken at random.
const GATES: usize = 256;

/// Makes the installation ready; gives its gates' tokens.
pub async fn set_up(app: &App) -> Result<Vec<String>> {
    hold_ceremony(app).await?;
    gates(app).await
}

/// Two key officers and a roster signed by both.
async fn hold_ceremony(app: &App) -> Result<()> {
    let unit = app.tree().await?.tops().next().context("no unit")?.id;
    let (now, passphrase) = (app.now(), "for this bench only");
    for number in 1..=2 {
        let account = store::accounts::NewAccount {
            id: number,
            login: format!("officer{number}"),
            name: format!("Officer {number}"),
            unit_id: unit,
            password_hash: String::new(),
            totp_sealed: Vec::new(),
            roles: vec![Role::KeyOfficer.code().to_owned()],
        };
        app.store.add_account(&account, now).await?;
        let officer = officers::make(number, account.name.clone(), passphrase.to_owned(), now).await?;
        app.store.add_officer(&officer).await?;
    }
    let rows = app.store.officers().await?;
    let proposed = roster::propose(None, &rows, now)?;
    let mut signatures = Vec::new();
    for row in &rows {
        let key = officers::unlock(row.protected.clone(), passphrase.to_owned()).await?;
        signatures.push(roster::sign(&proposed, row.id, &key.context("the passphrase is right")?));
    }
    let proposal = Proposal { roster: proposed, signature: signatures[0], proposed_by: 1, proposed_at: now };
    roster::found(&app.store, &proposal, signatures[1], &month_of(app.clock.today()), now).await
}

/// Enrolled gates of one place; their devices' tokens.
async fn gates(app: &App) -> Result<Vec<String>> {
    let tree = app.tree().await?;
    let top = tree.tops().next().context("no unit")?.id;
    let commune = tree.communes_within(top).first().context("no commune")?.id;
    let now = app.now();
    let place = store::places::Place {
        id: new_id(),
        name: "Bench".to_owned(),
        type_code: "CQNN".to_owned(),
        unit_id: commune,
        address: "Bench".to_owned(),
        contact_sealed: Vec::new(),
        owner_index: vec![0; 16],
        state: "approved".to_owned(),
        return_reason: None,
        registered_at: now,
        decided_at: Some(now),
    };
    let id = place.id;
    let rows = [(place, "bench".to_owned(), Vec::new())];
    app.store.add_approved_places(&rows, || (new_id(), new_code())).await?;
    let area = app.store.areas_of_place(id).await?.first().context("no area")?.id;
    let mut tokens = Vec::new();
    for _ in 0..GATES {
        let (enrol, token) = (new_token(), new_token());
        let hash = |secret: &str| gate::hash(app, secret);
        app.store.add_gate(new_id(), area, "Bench", hash(&enrol), now + 60_000, now).await?;
        app.store.enrol_gate(hash(&enrol), hash(&token), "bench", now).await?.context("enrolment")?;
        tokens.push(token);
    }
    Ok(tokens)
}
