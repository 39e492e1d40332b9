//! The demo's officers, and the key ceremony of three of them.

use anyhow::{Context as _, Result};
use domain::{
    admin_unit::UnitTree,
    role::Role,
    time::{date_of_day_number, day_start},
};
use seal::keyfile::KeyFile;
use store::{Store, accounts::NewAccount};

use crate::{
    auth::{password, totp},
    keys::{
        epoch::month_of,
        officers,
        roster::{self, Proposal},
    },
    web::demo_sign_in::SENDER,
};

/// A login of the demo.
pub struct Login {
    /// Login.
    pub login: &'static str,
    /// Account.
    pub id: i64,
    /// Name.
    pub name: &'static str,
    /// Role.
    pub role: Role,
}

/// Login, name, role, code of the office (empty: the story's commune).
const LOGINS: [(&str, &str, Role, &str); 12] = [
    ("xa", "H'Bliă Êban", Role::UnitOfficer, ""),
    ("huyen", "Trần Quốc Toản", Role::UnitOfficer, "643"),
    ("congthuong", "Nguyễn Đình Phúc", Role::UnitOfficer, "66-SCT"),
    ("sotttt", "Nguyễn Thị Hồng Hạnh", Role::Reviewer, "66-STTTT"),
    ("ubnd", "Y Thanh Hà Niê Kđăm", Role::CommitteeReader, "66-UBND"),
    ("truyvet", "Lê Thị Thu Trang", Role::Tracer, "66-CDC"),
    ("duyet", "Phạm Văn Bình", Role::Approver, "66-SYT"),
    ("khoa1", "Hoàng Minh Đức", Role::KeyOfficer, "66-UBND"),
    ("khoa2", "Đặng Thị Kim Oanh", Role::KeyOfficer, "66-SYT"),
    ("khoa3", "Y Jŭn Mlô", Role::KeyOfficer, "66-STTTT"),
    ("kiemtra", "Vũ Hoài Nam", Role::Auditor, "66-UBND"),
    ("quantri", "Bùi Anh Tuấn", Role::Administrator, "66-STTTT"),
];

/// Makes the demo's accounts, all with one password and each with a one-time-password secret of its own.
///
/// # Errors
/// When the store refuses.
pub async fn make(
    store: &Store,
    keys: &KeyFile,
    tree: &UnitTree,
    home: i64,
    word: &str,
    now: i64,
) -> Result<Vec<Login>> {
    let mut logins = Vec::new();
    for (login, name, role, office) in LOGINS {
        let unit_id = match office {
            "" => home,
            code => tree.by_code(code).with_context(|| format!("office {code} is not in the tree"))?.id,
        };
        let (id, totp_sealed) = totp::for_new_account(&keys.contact_key, &totp::new_secret())?;
        let account = NewAccount {
            id,
            login: login.to_owned(),
            name: name.to_owned(),
            unit_id,
            password_hash: password::hash(word.to_owned()).await?,
            totp_sealed,
            roles: vec![role.code().to_owned()],
        };
        store.add_account(&account, now).await?;
        logins.push(Login { login, id, name, role });
    }
    Ok(logins)
}

/// Names of officers who sent reports.
const SENDERS: [&str; 16] = [
    "H'Nhuân Kbuôr",
    "Nguyễn Văn Thắng",
    "Y Wih Ayŭn",
    "Trần Thị Bích Ngọc",
    "Phan Đình Long",
    "H'Mơ Niê",
    "Lê Hữu Nghĩa",
    "Y Khoa Mlô",
    "Võ Thị Thanh Tâm",
    "Đỗ Quang Huy",
    "H'Blim Kriêng",
    "Hồ Ngọc Sơn",
    "Y Tuân Byă",
    "Dương Thị Lan Anh",
    "Bạch Văn Hòa",
    "H'Yer Hmok",
];

/// Makes an officer for each of these communes, in whose name its reports were sent. Nobody signs in as them: they
/// share a password that is not kept.
///
/// # Errors
/// When the store refuses.
pub async fn make_senders(
    store: &Store,
    keys: &KeyFile,
    communes: &[i64],
    now: i64,
) -> Result<Vec<(i64, i64)>> {
    let password_hash =
        password::hash(totp::new_secret().iter().map(|byte| format!("{byte:02x}")).collect()).await?;
    let mut senders = Vec::new();
    for (number, unit_id) in communes.iter().enumerate() {
        let (id, totp_sealed) = totp::for_new_account(&keys.contact_key, &totp::new_secret())?;
        let account = NewAccount {
            id,
            login: format!("{SENDER}{number:03}"),
            name: SENDERS[number % SENDERS.len()].to_owned(),
            unit_id: *unit_id,
            password_hash: password_hash.clone(),
            totp_sealed,
            roles: vec![Role::UnitOfficer.code().to_owned()],
        };
        store.add_account(&account, now).await?;
        senders.push((*unit_id, id));
    }
    Ok(senders)
}

/// Three key officers make their keys; two sign the roster, as on the page `/keys`.
///
/// # Errors
/// When the store refuses.
pub async fn hold_ceremony(
    store: &Store,
    logins: &[Login],
    word: &str,
    first_day: i64,
    now: i64,
) -> Result<()> {
    for login in logins.iter().filter(|login| login.role == Role::KeyOfficer) {
        let officer = officers::make(login.id, login.name.to_owned(), word.to_owned(), now).await?;
        store.add_officer(&officer).await?;
    }
    let rows = store.officers().await?;
    let first = date_of_day_number(first_day);
    let proposed = roster::propose(None, &rows, day_start(first))?;
    let mut signatures = Vec::new();
    for row in rows.iter().take(2) {
        let key =
            officers::unlock(row.protected.clone(), word.to_owned()).await?.context("demo passphrase")?;
        signatures.push(roster::sign(&proposed, row.id, &key));
    }
    let (signature, second) = (signatures[0], signatures[1]);
    let proposal =
        Proposal { roster: proposed, signature, proposed_by: rows[0].account_id, proposed_at: now };
    roster::found(store, &proposal, second, &month_of(first), day_start(first)).await
}
