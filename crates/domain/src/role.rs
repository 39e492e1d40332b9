//! Roles of officers and what each may do.

/// What an officer is there for. A person may hold several, save where [`Role::excludes`] says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Makes accounts, imports units; sees no case.
    Administrator,
    /// Works for a commune, district or department.
    UnitOfficer,
    /// Aggregates and inspects at Sở TTTT, for the whole province.
    Reviewer,
    /// Reads the reports for the Committee.
    CommitteeReader,
    /// Opens cases and asks for openings.
    Tracer,
    /// Approves or refuses exactly what a tracer asks.
    Approver,
    /// Holds shares of the keys.
    KeyOfficer,
    /// Reads the access log.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Administrator,
        Self::UnitOfficer,
        Self::Reviewer,
        Self::CommitteeReader,
        Self::Tracer,
        Self::Approver,
        Self::KeyOfficer,
        Self::Auditor,
    ];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::UnitOfficer => "unit_officer",
            Self::Reviewer => "reviewer",
            Self::CommitteeReader => "committee_reader",
            Self::Tracer => "tracer",
            Self::Approver => "approver",
            Self::KeyOfficer => "key_officer",
            Self::Auditor => "auditor",
        }
    }

    /// Vietnamese name; the catalogue translates it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Administrator => "Quản trị hệ thống",
            Self::UnitOfficer => "Cán bộ đơn vị",
            Self::Reviewer => "Chuyên viên Sở TTTT",
            Self::CommitteeReader => "Lãnh đạo UBND",
            Self::Tracer => "Cán bộ truy vết",
            Self::Approver => "Người duyệt truy vết",
            Self::KeyOfficer => "Người giữ khóa",
            Self::Auditor => "Kiểm tra nhật ký",
        }
    }

    /// The role of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// True when one person must not hold both: whoever asks does not approve, and whoever approves holds
    /// no key, so that an opening always takes several people (3-sealed-log, Opening).
    #[must_use]
    pub fn excludes(self, other: Self) -> bool {
        let apart = [Self::Tracer, Self::Approver, Self::KeyOfficer, Self::Administrator];
        self != other && apart.contains(&self) && apart.contains(&other)
    }

    /// True for those who see coverage, places and weekly figures of their subtree.
    #[must_use]
    pub const fn sees_coverage(self) -> bool {
        matches!(self, Self::UnitOfficer | Self::Reviewer | Self::CommitteeReader)
    }
}

/// The first pair of roles that one person must not hold together.
#[must_use]
pub fn conflict(roles: &[Role]) -> Option<(Role, Role)> {
    roles
        .iter()
        .enumerate()
        .find_map(|(index, a)| roles[index + 1..].iter().find(|b| a.excludes(**b)).map(|b| (*a, *b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        assert_eq!(Role::from_code("root"), None);
    }

    #[test]
    fn nobody_asks_and_approves() {
        assert!(conflict(&[Role::UnitOfficer, Role::Tracer, Role::Approver]).is_some());
        assert!(conflict(&[Role::Approver, Role::KeyOfficer]).is_some());
        assert_eq!(conflict(&[Role::UnitOfficer, Role::Auditor, Role::Tracer]), None);
    }
}
