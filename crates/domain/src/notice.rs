//! When and how a message leaves the product: urgent ones by the way its reader chose, others once a day in a
//! digest; never in quiet hours, never more than a few text messages a day.

use jiff::civil::Date;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::time::{Millis, local_date, local_datetime};

/// Text messages that one person gets in a day, at most.
pub const SMS_A_DAY_MAX: i64 = 3;
/// E-mails of urgent messages that one person gets in a day, at most; the digest tells the others.
pub const MAILS_A_DAY_MAX: i64 = 12;
/// Days for which an urgent message is still worth sending; older ones are left to the digest.
pub const URGENT_DAYS: i64 = 3;
/// Longest text message, in characters: two parts of plain letters.
pub const SMS_CHARS_MAX: usize = 300;

/// A way out of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
}

impl Channel {
    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The channel of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Email, Self::Sms].into_iter().find(|channel| channel.code() == code)
    }

    /// Messages of this channel that one person gets in a day, at most.
    #[must_use]
    pub const fn a_day_max(self) -> i64 {
        match self {
            Self::Email => MAILS_A_DAY_MAX,
            Self::Sms => SMS_A_DAY_MAX,
        }
    }
}

/// How urgent messages are to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgent {
    /// Only in the product.
    None,
    /// By e-mail.
    Email,
    /// By text message.
    Sms,
    /// By both.
    Both,
}

impl Urgent {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::None, Self::Email, Self::Sms, Self::Both];

    /// Stable code, as stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Both => "both",
        }
    }

    /// The way of a stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }

    /// The channels of the way.
    #[must_use]
    pub const fn channels(self) -> &'static [Channel] {
        match self {
            Self::None => &[],
            Self::Email => &[Channel::Email],
            Self::Sms => &[Channel::Sms],
            Self::Both => &[Channel::Email, Channel::Sms],
        }
    }
}

/// Hours in which nothing is sent, as minutes of the local day; over midnight when `from` is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// First quiet minute, 0 to 1439.
    pub from: i64,
    /// Minute at which quiet ends, 0 to 1439. The same as `from`: no quiet hours.
    pub until: i64,
}

/// 20:00 to 06:30, unless a reader says otherwise; owners of places always.
pub const QUIET: Quiet = Quiet { from: 20 * 60, until: 6 * 60 + 30 };

impl Quiet {
    /// True within the quiet hours.
    #[must_use]
    pub fn holds(self, now: Millis) -> bool {
        let clock = local_datetime(now);
        let minute = i64::from(clock.hour()) * 60 + i64::from(clock.minute());
        if self.from <= self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        }
    }

    /// When the quiet hours that hold now end; a day later at most.
    #[must_use]
    pub fn end_after(self, now: Millis) -> Millis {
        let clock = local_datetime(now);
        let minute = i64::from(clock.hour()) * 60 + i64::from(clock.minute());
        let left = (self.until - minute).rem_euclid(24 * 60);
        now - now.rem_euclid(60_000) + left * 60_000
    }
}

/// What a reader wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// An e-mail address is known.
    pub has_email: bool,
    /// A phone is known and was proved.
    pub has_phone: bool,
    /// How urgent messages are to come.
    pub urgent: Urgent,
    /// One e-mail a day with all that is unread.
    pub digest: bool,
    /// Local hour from which the digest is sent, 0 to 23.
    pub digest_hour: i64,
    /// Quiet hours.
    pub quiet: Quiet,
    /// Urgent messages may come in quiet hours too.
    pub urgent_in_quiet: bool,
}

/// The wishes for owners of places, of whom only a phone is known: urgent messages by text message, by day.
pub const OWNER: Wishes = Wishes {
    has_email: false,
    has_phone: true,
    urgent: Urgent::Sms,
    digest: false,
    digest_hour: 7,
    quiet: QUIET,
    urgent_in_quiet: false,
};

impl Wishes {
    /// The channels by which an urgent message goes now; `sent_today` answers how many of a channel the reader
    /// got today. What is held back now may go later.
    #[must_use]
    pub fn urgent_now(&self, now: Millis, sent_today: impl Fn(Channel) -> i64) -> Vec<Channel> {
        if self.quiet.holds(now) && !self.urgent_in_quiet {
            return Vec::new();
        }
        let can = |channel: &Channel| match channel {
            Channel::Email => self.has_email,
            Channel::Sms => self.has_phone,
        };
        let ways = self.urgent.channels().iter().copied().filter(can);
        ways.filter(|channel| sent_today(*channel) < channel.a_day_max()).collect()
    }

    /// True when the day's digest goes now: once a day from its hour on, not in quiet hours, and never empty.
    #[must_use]
    pub fn digest_now(&self, now: Millis, last_on: Option<Date>, unread: i64) -> bool {
        let hour = i64::from(local_datetime(now).hour());
        self.digest
            && self.has_email
            && unread > 0
            && hour >= self.digest_hour
            && !self.quiet.holds(now)
            && last_on.is_none_or(|day| day < local_date(now))
    }
}

/// Milliseconds until the next try after so many failed ones; `None` when it is given up (after about a day).
#[must_use]
pub fn back_off_ms(failed: i64) -> Option<i64> {
    const MINUTES: [i64; 6] = [1, 5, 15, 60, 240, 720];
    let at = usize::try_from(failed.max(1) - 1).ok()?;
    MINUTES.get(at).map(|minutes| minutes * 60_000)
}

/// A text for a text message: without accents, so that it fits twice the letters, cut at a named length.
#[must_use]
pub fn sms_text(text: &str) -> String {
    let plain = text.nfkd().filter(|letter| !is_combining_mark(*letter)).map(|letter| match letter {
        'đ' => 'd',
        'Đ' => 'D',
        '–' | '—' => '-',
        '“' | '”' => '"',
        '’' | '‘' => '\'',
        other => other,
    });
    plain.filter(char::is_ascii).take(SMS_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::day_start;
    use jiff::civil::date;

    const ALL: Wishes = Wishes {
        has_email: true,
        has_phone: true,
        urgent: Urgent::Both,
        digest: true,
        digest_hour: 7,
        quiet: QUIET,
        urgent_in_quiet: false,
    };

    fn at(hour: i64, minute: i64) -> Millis {
        day_start(date(2021, 11, 10)) + (hour * 60 + minute) * 60_000
    }

    #[test]
    fn quiet_hours_reach_over_midnight() {
        for (hour, minute, quiet) in
            [(19, 59, false), (20, 0, true), (0, 0, true), (6, 29, true), (6, 30, false), (12, 0, false)]
        {
            assert_eq!(QUIET.holds(at(hour, minute)), quiet, "{hour}:{minute}");
        }
        assert_eq!(QUIET.end_after(at(6, 29) + 30_000), at(6, 30));
        assert_eq!(QUIET.end_after(at(20, 0)), at(24 + 6, 30));
        assert!(!Quiet { from: 0, until: 0 }.holds(at(0, 0)));
        assert!(Quiet { from: 60, until: 120 }.holds(at(1, 30)));
    }

    #[test]
    fn urgent_waits_for_the_morning_unless_the_reader_says_otherwise() {
        assert!(ALL.urgent_now(at(23, 0), |_| 0).is_empty());
        assert_eq!(ALL.urgent_now(at(6, 30), |_| 0), [Channel::Email, Channel::Sms]);
        let awake = Wishes { urgent_in_quiet: true, ..ALL };
        assert_eq!(awake.urgent_now(at(23, 0), |_| 0), [Channel::Email, Channel::Sms]);
    }

    #[test]
    fn a_person_gets_only_so_many_texts_a_day_and_none_on_a_phone_that_was_not_proved() {
        let now = at(10, 0);
        assert_eq!(ALL.urgent_now(now, |_| SMS_A_DAY_MAX), [Channel::Email]);
        assert_eq!(Wishes { has_phone: false, ..ALL }.urgent_now(now, |_| 0), [Channel::Email]);
        assert!(Wishes { urgent: Urgent::None, ..ALL }.urgent_now(now, |_| 0).is_empty());
        assert_eq!(OWNER.urgent_now(now, |_| 0), [Channel::Sms]);
    }

    #[test]
    fn a_digest_comes_once_a_day_and_never_empty() {
        let (today, yesterday) = (date(2021, 11, 10), date(2021, 11, 9));
        assert!(ALL.digest_now(at(7, 0), Some(yesterday), 3));
        assert!(ALL.digest_now(at(15, 0), None, 1));
        assert!(!ALL.digest_now(at(6, 59), Some(yesterday), 3));
        assert!(!ALL.digest_now(at(7, 0), Some(today), 3));
        assert!(!ALL.digest_now(at(7, 0), Some(yesterday), 0));
        assert!(!ALL.digest_now(at(21, 0), Some(yesterday), 3));
    }

    #[test]
    fn tries_grow_apart_and_end() {
        let waits: Vec<_> = (1..=8).map_while(back_off_ms).collect();
        assert_eq!(waits.len(), 6);
        assert!(waits.is_sorted());
        assert_eq!(back_off_ms(7), None);
    }

    #[test]
    fn texts_lose_their_accents_and_nothing_else() {
        assert_eq!(sms_text("Đã nhắc “Chợ Tân Lập” – lần 2"), "Da nhac \"Cho Tan Lap\" - lan 2");
        assert_eq!(sms_text(&"ắ".repeat(900)).len(), SMS_CHARS_MAX);
    }
}
