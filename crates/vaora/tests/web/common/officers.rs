//! Officers by role, signed in through the form; and the key ceremony.

use std::sync::LazyLock;

use domain::role::Role;
use seal::officer::{OfficerKey, PassphraseCost};
use store::{accounts::NewAccount, keyring::Officer};
use tokio::sync::OnceCell;
use vaora::{
    auth::{password, totp},
    ids::new_id,
    keys::{
        epoch::month_of,
        roster::{self, Proposal},
    },
};

use super::{TestApp, client::Client};

/// Everybody's password in tests.
pub const PASSWORD: &str = "bốn con ngựa ô đi chợ";
/// Passphrase of all key officers in tests.
pub const PASSPHRASE: &str = "mưa rơi trên đồi cà phê";
/// Everybody's secret for one-time passwords in tests.
pub const SECRET: [u8; 20] = *b"secret of every test";

/// Hashing is slow by design: once is enough.
static PASSWORD_HASH: OnceCell<String> = OnceCell::const_new();

/// Keys of two key officers under [`PASSPHRASE`], made once and cheaply.
static KEYS: LazyLock<Vec<(OfficerKey, Vec<u8>)>> = LazyLock::new(|| {
    let cheap = PassphraseCost { memory_kib: 64, passes: 1, lanes: 1 };
    (0..2)
        .map(|_| {
            let key = OfficerKey::generate(&mut rand::rng());
            let protected = key.protect(PASSPHRASE, cheap, &mut rand::rng()).unwrap();
            (key, protected)
        })
        .collect()
});

/// The office where officers of a role sit in tests; the home commune for unit officers.
async fn office_of(app: &TestApp, role: Role) -> i64 {
    match role {
        Role::UnitOfficer => app.home().await,
        Role::Reviewer | Role::Administrator => app.unit("66-STTTT").await,
        Role::CommitteeReader | Role::KeyOfficer | Role::Auditor => app.unit("66-UBND").await,
        Role::Tracer => app.unit("66-CDC").await,
        Role::Approver => app.unit("66-SYT").await,
    }
}

impl TestApp {
    /// Makes an account.
    pub async fn account(&self, login: &str, roles: &[Role], unit_id: i64) -> i64 {
        let hash = PASSWORD_HASH.get_or_init(|| async { password::hash(PASSWORD.to_owned()).await.unwrap() });
        let (id, totp_sealed) = totp::for_new_account(&self.app.keyfile.contact_key, &SECRET).unwrap();
        let account = NewAccount {
            id,
            login: login.to_owned(),
            name: format!("Cán bộ {login}"),
            unit_id,
            password_hash: hash.await.clone(),
            totp_sealed,
            roles: roles.iter().map(|role| role.code().to_owned()).collect(),
        };
        self.app.store.add_account(&account, self.clock.now()).await.unwrap();
        id
    }

    /// The one-time password of the moment, for an authenticator with [`SECRET`].
    pub fn totp(&self) -> String {
        totp::code_at(&SECRET, u64::try_from(self.clock.now() / 1000).unwrap()).unwrap()
    }

    /// Signs an account in through the form; the clock goes on where its last code would be used again.
    pub async fn sign_in(&self, login: &str) -> Client {
        let step = |at: i64| at / 30_000;
        let last = self.used_codes.lock().unwrap().get(login).copied();
        if last.is_some_and(|last| step(last) >= step(self.clock.now())) {
            self.clock.advance(30_000);
        }
        self.used_codes.lock().unwrap().insert(login.to_owned(), self.clock.now());
        let mut client = self.stranger();
        let form = [("login", login), ("password", PASSWORD), ("code", &self.totp())];
        let answer = client.post("/login", &form).await.is(303);
        assert_eq!(answer.location(), "/");
        client
    }

    /// A new officer of a role in the usual office, signed in. The login is the role's code.
    pub async fn officer(&self, role: Role) -> Client {
        self.account(role.code(), &[role], office_of(self, role).await).await;
        self.sign_in(role.code()).await
    }

    /// A new officer of a role in another office, signed in.
    pub async fn officer_at(&self, login: &str, role: Role, unit_id: i64) -> Client {
        self.account(login, &[role], unit_id).await;
        self.sign_in(login).await
    }

    /// Two key officers, `khoa1` and `khoa2`, with keys and a roster signed by both: check-ins can begin.
    pub async fn ceremony(&self) {
        let now = self.clock.now();
        let office = office_of(self, Role::KeyOfficer).await;
        for (number, (key, protected)) in KEYS.iter().enumerate() {
            let account_id = self.account(&format!("khoa{}", number + 1), &[Role::KeyOfficer], office).await;
            let officer = Officer {
                id: new_id(),
                account_id,
                name: format!("Người giữ khóa {}", number + 1),
                public: key.public().to_bytes().to_vec(),
                protected: protected.clone(),
                made_at: now,
            };
            self.app.store.add_officer(&officer).await.unwrap();
        }
        let rows = self.app.store.officers().await.unwrap();
        let proposed = roster::propose(None, &rows, now).unwrap();
        let signatures: Vec<_> = rows
            .iter()
            .map(|row| {
                let (key, _) = KEYS.iter().find(|(_, protected)| *protected == row.protected).unwrap();
                roster::sign(&proposed, row.id, key)
            })
            .collect();
        let (signature, proposed_by) = (signatures[0], rows[0].account_id);
        let proposal = Proposal { roster: proposed, signature, proposed_by, proposed_at: now };
        let month = month_of(self.clock.today());
        roster::found(&self.app.store, &proposal, signatures[1], &month, now).await.unwrap();
        assert!(self.app.epochs.at(&self.app.store, now).await.unwrap().is_some());
    }
}
