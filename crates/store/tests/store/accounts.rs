use store::{StoreError, accounts::Invitation, is_unique_violation};

use crate::common::rows::{COMMUNE, HOUR, NOW, account, ground};

const TOKEN: [u8; 32] = [9; 32];

fn invitation(token: [u8; 32], login: &str) -> Invitation {
    Invitation {
        token_hash: token.to_vec(),
        login: login.to_owned(),
        name: "Nguyễn Văn A".to_owned(),
        unit_id: COMMUNE,
        roles: vec!["tracer".to_owned(), "auditor".to_owned()],
        invited_by: None,
        expires_at: NOW + HOUR,
    }
}

on_both! {
    async fn the_first_account_is_made_once(on) {
        ground(&on).await;
        assert!(!on.store.has_accounts().await.unwrap());
        on.store.add_first_account(&account(1, "an"), NOW).await.unwrap();
        assert!(on.store.has_accounts().await.unwrap());
        let again = on.store.add_first_account(&account(2, "binh"), NOW).await;
        assert!(matches!(again, Err(StoreError::Conflict(_))));
    }

    async fn two_first_accounts_at_once_are_one(on) {
        ground(&on).await;
        let tries: Vec<_> = (1..=6)
            .map(|id| {
                let store = on.store.clone();
                tokio::spawn(async move { store.add_first_account(&account(id, &format!("a{id}")), NOW).await.is_ok() })
            })
            .collect();
        let mut made = 0;
        for one in tries {
            made += i64::from(one.await.unwrap());
        }
        assert_eq!((made, on.count("SELECT COUNT(*) FROM accounts").await), (1, 1));
    }

    async fn an_account_reads_back_with_its_roles(on) {
        ground(&on).await;
        on.store.add_account(&account(2, "binh"), NOW).await.unwrap();
        on.store.add_account(&account(1, "an"), NOW).await.unwrap();
        let found = on.store.account(1).await.unwrap().unwrap();
        assert_eq!((found.login.as_str(), found.unit_id, found.active), ("an", COMMUNE, true));
        assert_eq!(found.roles, ["auditor", "tracer"]);
        assert_eq!((found.session_epoch, found.last_login_at), (0, None));
        let all = on.store.accounts().await.unwrap();
        assert_eq!(all.iter().map(|a| (a.id, a.roles.len())).collect::<Vec<_>>(), [(1, 2), (2, 2)]);
        assert!(on.store.account(3).await.unwrap().is_none());
    }

    async fn a_login_is_given_once_and_a_unit_must_stand(on) {
        ground(&on).await;
        on.store.add_account(&account(1, "an"), NOW).await.unwrap();
        let taken = on.store.add_account(&account(2, "an"), NOW).await.unwrap_err();
        assert!(is_unique_violation(&taken));
        assert_eq!(on.count("SELECT COUNT(*) FROM account_roles").await, 2, "nothing of the refused one is kept");
        let mut nowhere = account(3, "chi");
        nowhere.unit_id = 999;
        let refused = on.store.add_account(&nowhere, NOW).await.unwrap_err();
        assert!(!is_unique_violation(&refused));
    }

    async fn credentials_are_of_active_accounts_only(on) {
        ground(&on).await;
        on.store.add_account(&account(1, "an"), NOW).await.unwrap();
        let (id, credentials) = on.store.credentials("an").await.unwrap().unwrap();
        assert_eq!((id, credentials.totp_sealed, credentials.totp_last_step), (1, vec![7, 8, 9], 0));
        assert!(credentials.password_hash.starts_with("$argon2id"));
        assert!(on.store.credentials("An").await.unwrap().is_none());
        on.store.set_account_active(1, false).await.unwrap();
        assert!(on.store.credentials("an").await.unwrap().is_none());
        let closed = on.store.account(1).await.unwrap().unwrap();
        assert_eq!((closed.active, closed.session_epoch), (false, 1), "its sessions ended");
        on.store.set_account_active(1, true).await.unwrap();
        assert!(on.store.credentials("an").await.unwrap().is_some());
    }

    async fn a_code_of_the_second_factor_works_once(on) {
        ground(&on).await;
        on.store.add_account(&account(1, "an"), NOW).await.unwrap();
        assert!(on.store.use_totp_step(1, 500, NOW).await.unwrap());
        assert!(!on.store.use_totp_step(1, 500, NOW + 1).await.unwrap());
        assert!(!on.store.use_totp_step(1, 499, NOW + 1).await.unwrap(), "an older one");
        assert!(on.store.use_totp_step(1, 501, NOW + 2).await.unwrap());
        assert!(!on.store.use_totp_step(2, 501, NOW).await.unwrap(), "nobody's");
        assert_eq!(on.store.account(1).await.unwrap().unwrap().last_login_at, Some(NOW + 2));
    }

    async fn an_invitation_makes_one_account(on) {
        ground(&on).await;
        on.store.add_invitation(&invitation(TOKEN, "an"), NOW).await.unwrap();
        let waiting = on.store.invitation(TOKEN, NOW).await.unwrap().unwrap();
        assert_eq!((waiting.login.as_str(), waiting.roles.join(" "), waiting.invited_by), ("an", "tracer auditor".to_owned(), None));
        assert!(on.store.accept_invitation(TOKEN, &account(1, "an"), NOW).await.unwrap());
        assert!(!on.store.accept_invitation(TOKEN, &account(2, "binh"), NOW).await.unwrap());
        assert!(on.store.invitation(TOKEN, NOW).await.unwrap().is_none());
        assert_eq!(on.count("SELECT COUNT(*) FROM accounts").await, 1);
    }

    async fn an_invitation_ends(on) {
        ground(&on).await;
        on.store.add_invitation(&invitation(TOKEN, "an"), NOW).await.unwrap();
        assert!(on.store.invitation(TOKEN, NOW + HOUR).await.unwrap().is_none());
        assert!(!on.store.accept_invitation(TOKEN, &account(1, "an"), NOW + HOUR).await.unwrap());
        assert!(!on.store.accept_invitation([1; 32], &account(1, "an"), NOW).await.unwrap(), "unknown");
    }

    async fn an_invitation_stands_when_its_login_was_taken_meanwhile(on) {
        ground(&on).await;
        on.store.add_account(&account(1, "an"), NOW).await.unwrap();
        on.store.add_invitation(&invitation(TOKEN, "an"), NOW).await.unwrap();
        let taken = on.store.accept_invitation(TOKEN, &account(2, "an"), NOW).await.unwrap_err();
        assert!(is_unique_violation(&taken));
        assert!(on.store.invitation(TOKEN, NOW).await.unwrap().is_some(), "both or neither");
        assert!(on.store.accept_invitation(TOKEN, &account(2, "an2"), NOW).await.unwrap());
    }

    async fn open_invitations_are_listed_latest_first(on) {
        ground(&on).await;
        on.store.add_invitation(&invitation([1; 32], "an"), NOW).await.unwrap();
        on.store.add_invitation(&invitation([2; 32], "binh"), NOW + 1).await.unwrap();
        on.store.add_invitation(&invitation([3; 32], "chi"), NOW + 2).await.unwrap();
        on.store.accept_invitation([3; 32], &account(3, "chi"), NOW + 3).await.unwrap();
        let open = on.store.open_invitations(NOW + 4).await.unwrap();
        assert_eq!(open.iter().map(|i| i.login.as_str()).collect::<Vec<_>>(), ["binh", "an"]);
        assert!(on.store.open_invitations(NOW + HOUR).await.unwrap().is_empty());
    }
}
