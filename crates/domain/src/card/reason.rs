//! Why a reading is not plain accept: stable codes for programs, sentences for people.

use super::reason_texts::Entry;
use super::{Verdict, reason_texts as texts};

/// A text field of a health-insurance card, kept as hexadecimal UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HexField {
    /// Full name.
    Name,
    /// Address.
    Address,
    /// Issuing office.
    Office,
}

/// What is wrong with a hexadecimal field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HexFault {
    /// An odd number of digits.
    OddLength,
    /// A character that is no hexadecimal digit.
    NotHex,
    /// The bytes are not UTF-8.
    NotUtf8,
}

/// A reason, with a stable code ([`Reason::code`]) and a sentence that says what to do, in two languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Nothing was read.
    Empty,
    /// Longer than [`super::INPUT_BYTES_MAX`].
    TooLong,
    /// The bytes are not UTF-8.
    NotUtf8,
    /// Of no shape that we know.
    NotACode,
    /// A web address that is none of ours; it is not opened.
    NotOurLink,
    /// An EMVCo payment code such as VietQR.
    PaymentCode,
    /// A place code of another contact-tracing system.
    ForeignSystem,
    /// Letters with Vietnamese accents where there can be none.
    InputMethodActive,
    /// The check characters do not fit.
    CheckFailed,
    /// A letter that no place code contains.
    CodeCharacter,
    /// One character too few or too many.
    CodeLength,
    /// The token of our own card cannot be taken apart.
    TokenDamaged,
    /// A token of a version made after this program.
    CardVersionUnknown,
    /// Our own card is past its last day.
    CardExpired,
    /// Our own card was taken apart; its signature is for the caller to check.
    SignatureUnchecked,
    /// Fewer fields than the card has.
    FieldsMissing,
    /// A health-insurance card that does not end with `$`.
    EndMissing,
    /// Not a number of a CCCD, a CMND or a passport.
    IdNumberInvalid,
    /// Neither a whole document number nor a QID.
    NoIdentifier,
    /// A QID with characters other than ASCII letters, digits and hyphens, or longer than 36.
    QidInvalid,
    /// No QID beside a whole document number.
    QidMissing,
    /// LoaiDinhDanh is neither 0 nor 1.
    DeclarationInvalid,
    /// No name.
    NameMissing,
    /// A character that stands in no name, or too long a name.
    NameInvalid,
    /// The accents did not survive the way from the card.
    AccentsLost,
    /// Not a day of the calendar, or before 1850.
    BirthDateInvalid,
    /// After today.
    BirthDateFuture,
    /// The issue date is not a day of the calendar or is after today.
    IssuedOnInvalid,
    /// Sex is not one of the card's words.
    SexInvalid,
    /// The CCCD number and the birth year disagree; the official specimen does too, so never a refusal.
    NumberBirthYearDiffers,
    /// The CCCD number and the sex disagree; never a refusal.
    NumberSexDiffers,
    /// Neither 2 letters and 13 digits nor 10 digits.
    BhytNumberInvalid,
    /// The health-insurance number inside a personal QR is not one.
    BhytNumberIgnored,
    /// The phone inside a personal QR is no Vietnamese mobile number.
    PhoneInvalid,
    /// A text field of a health-insurance card cannot be decoded.
    Hex(HexField, HexFault),
}

impl Reason {
    /// Every reason, for tables and for tests.
    pub const ALL: &[Self] = &[
        Self::Empty,
        Self::TooLong,
        Self::NotUtf8,
        Self::NotACode,
        Self::NotOurLink,
        Self::PaymentCode,
        Self::ForeignSystem,
        Self::InputMethodActive,
        Self::CheckFailed,
        Self::CodeCharacter,
        Self::CodeLength,
        Self::TokenDamaged,
        Self::CardVersionUnknown,
        Self::CardExpired,
        Self::SignatureUnchecked,
        Self::FieldsMissing,
        Self::EndMissing,
        Self::IdNumberInvalid,
        Self::NoIdentifier,
        Self::QidInvalid,
        Self::QidMissing,
        Self::DeclarationInvalid,
        Self::NameMissing,
        Self::NameInvalid,
        Self::AccentsLost,
        Self::BirthDateInvalid,
        Self::BirthDateFuture,
        Self::IssuedOnInvalid,
        Self::SexInvalid,
        Self::NumberBirthYearDiffers,
        Self::NumberSexDiffers,
        Self::BhytNumberInvalid,
        Self::BhytNumberIgnored,
        Self::PhoneInvalid,
        Self::Hex(HexField::Name, HexFault::OddLength),
        Self::Hex(HexField::Name, HexFault::NotHex),
        Self::Hex(HexField::Name, HexFault::NotUtf8),
        Self::Hex(HexField::Address, HexFault::OddLength),
        Self::Hex(HexField::Address, HexFault::NotHex),
        Self::Hex(HexField::Address, HexFault::NotUtf8),
        Self::Hex(HexField::Office, HexFault::OddLength),
        Self::Hex(HexField::Office, HexFault::NotHex),
        Self::Hex(HexField::Office, HexFault::NotUtf8),
    ];

    /// How grave it is: warn or reject.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::SignatureUnchecked
            | Self::QidMissing
            | Self::AccentsLost
            | Self::IssuedOnInvalid
            | Self::SexInvalid
            | Self::NumberBirthYearDiffers
            | Self::NumberSexDiffers
            | Self::BhytNumberIgnored
            | Self::PhoneInvalid => Verdict::Warn,
            _ => Verdict::Reject,
        }
    }

    /// The stable code, in snake case.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.entry().0
    }

    /// The sentence in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.entry().1
    }

    /// The sentence in Vietnamese.
    #[must_use]
    pub fn vi(self) -> &'static str {
        self.entry().2
    }

    /// Code, English and Vietnamese.
    fn entry(self) -> Entry {
        match self {
            Self::Empty => texts::EMPTY,
            Self::TooLong => texts::TOO_LONG,
            Self::NotUtf8 => texts::NOT_UTF8,
            Self::NotACode => texts::NOT_A_CODE,
            Self::NotOurLink => texts::NOT_OUR_LINK,
            Self::PaymentCode => texts::PAYMENT_CODE,
            Self::ForeignSystem => texts::FOREIGN_SYSTEM,
            Self::InputMethodActive => texts::INPUT_METHOD_ACTIVE,
            Self::CheckFailed => texts::CHECK_FAILED,
            Self::CodeCharacter => texts::CODE_CHARACTER,
            Self::CodeLength => texts::CODE_LENGTH,
            Self::TokenDamaged => texts::TOKEN_DAMAGED,
            Self::CardVersionUnknown => texts::CARD_VERSION_UNKNOWN,
            Self::CardExpired => texts::CARD_EXPIRED,
            Self::SignatureUnchecked => texts::SIGNATURE_UNCHECKED,
            Self::FieldsMissing => texts::FIELDS_MISSING,
            Self::EndMissing => texts::END_MISSING,
            Self::IdNumberInvalid => texts::ID_NUMBER_INVALID,
            Self::NoIdentifier => texts::NO_IDENTIFIER,
            Self::QidInvalid => texts::QID_INVALID,
            Self::QidMissing => texts::QID_MISSING,
            Self::DeclarationInvalid => texts::DECLARATION_INVALID,
            Self::NameMissing => texts::NAME_MISSING,
            Self::NameInvalid => texts::NAME_INVALID,
            Self::AccentsLost => texts::ACCENTS_LOST,
            Self::BirthDateInvalid => texts::BIRTH_DATE_INVALID,
            Self::BirthDateFuture => texts::BIRTH_DATE_FUTURE,
            Self::IssuedOnInvalid => texts::ISSUED_ON_INVALID,
            Self::SexInvalid => texts::SEX_INVALID,
            Self::NumberBirthYearDiffers => texts::NUMBER_BIRTH_YEAR_DIFFERS,
            Self::NumberSexDiffers => texts::NUMBER_SEX_DIFFERS,
            Self::BhytNumberInvalid => texts::BHYT_NUMBER_INVALID,
            Self::BhytNumberIgnored => texts::BHYT_NUMBER_IGNORED,
            Self::PhoneInvalid => texts::PHONE_INVALID,
            Self::Hex(field, fault) => texts::hex(field, fault),
        }
    }
}

impl serde::Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
