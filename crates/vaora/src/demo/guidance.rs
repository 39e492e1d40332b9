//! The demo's campaigns, support tickets, directives and messages, all made up.

use anyhow::{Context as _, Result};
use domain::{
    admin_unit::UnitTree,
    support::{Act, State, first_office, office_above},
    time::{DAY_MS, Millis, local_date},
};
use jiff::{ToSpan as _, civil::Date};
use store::{
    Store,
    campaigns::{Campaign, Effect},
    directives::{Directive, DirectiveFile},
    messages::{NewMessage, Recipient},
    notice::NoticeSettings,
    tickets::{FaqEntry, Ticket, TicketChange},
};

use super::accounts::Login;
use crate::{ids::new_id, notify, web::directives::send};

/// An hour in milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// What filling needs to know.
pub struct Ground<'a> {
    /// The store.
    pub store: &'a Store,
    /// The tree of today.
    pub tree: &'a UnitTree,
    /// The logins.
    pub logins: &'a [Login],
    /// The story's commune.
    pub home: i64,
    /// Now.
    pub now: Millis,
}

impl Ground<'_> {
    fn account(&self, login: &str) -> i64 {
        self.logins.iter().find(|one| one.login == login).map_or(0, |one| one.id)
    }

    fn unit(&self, code: &str) -> Result<i64> {
        Ok(self.tree.by_code(code).with_context(|| format!("office {code} is not in the tree"))?.id)
    }

    fn district(&self) -> Result<i64> {
        office_above(self.tree, self.home).context("the story's commune has no district")
    }

    fn day(&self, days: i64) -> Date {
        local_date(self.now).saturating_add(days.days())
    }
}

/// Fills guidance, directives and messages.
///
/// # Errors
/// When the store refuses.
pub async fn fill(ground: &Ground<'_>) -> Result<()> {
    campaigns(ground).await?;
    tickets(ground).await?;
    directives(ground).await?;
    messages(ground).await
}

async fn campaigns(on: &Ground<'_>) -> Result<()> {
    let (district, help) = (on.district()?, on.unit("66-STTTT")?);
    let districts: Vec<i64> =
        on.tree.valid().filter(|unit| unit.level == "district").map(|unit| unit.id).collect();
    let made = [
        (
            help,
            "sotttt",
            "Tập huấn quét mã cho cán bộ huyện",
            "training",
            -52,
            -50,
            60,
            57,
            districts.clone(),
            [4180, 4390, 4520, 0, 0, 0],
            [182_400, 196_300, 203_100, 0, 0, 0],
        ),
        (
            on.home,
            "xa",
            "Phát tờ rơi ở chợ và các tổ dân phố",
            "leaflet",
            -41,
            -39,
            1200,
            1085,
            vec![on.home],
            [212, 251, 263, 2960, 2991, 3010],
            [9_840, 12_760, 13_120, 141_200, 143_900, 146_300],
        ),
        (
            district,
            "huyen",
            "Loa phường buổi sáng: quét khi vào, quét khi ra",
            "loudspeaker",
            -12,
            -3,
            90_000,
            0,
            on.tree.communes_within(district).iter().map(|unit| unit.id).collect(),
            [0; 6],
            [0; 6],
        ),
    ];
    for (unit_id, login, title, method, from, until, planned, reached, units, live, scans) in made {
        let campaign = Campaign {
            id: new_id(),
            unit_id,
            title: title.to_owned(),
            from_on: on.day(from).to_string(),
            until_on: on.day(until).to_string(),
            method: method.to_owned(),
            places: if method == "leaflet" {
                "Chợ, cổng trường, nhà văn hóa tổ dân phố".to_owned()
            } else {
                String::new()
            },
            planned,
            reached: None,
            note: String::new(),
            made_by: on.account(login),
            made_at: on.now + from * DAY_MS,
            closed_at: None,
        };
        on.store.put_campaign(&campaign, &units).await?;
        if reached == 0 {
            continue;
        }
        on.store
            .close_campaign(
                campaign.id,
                reached,
                "Đếm theo danh sách ký nhận và số tờ đã phát.",
                on.now + (until + 2) * DAY_MS,
            )
            .await?;
        for (slot, span) in domain::campaign::Span::ALL.into_iter().enumerate() {
            let effect = Effect {
                span: span.code().to_owned(),
                from_day: span.first_day(on.day(from), on.day(until)),
                live: live[slot],
                scans: scans[slot],
                rest_live: live[slot + 3],
                rest_scans: scans[slot + 3],
            };
            on.store.put_effect(campaign.id, &effect).await?;
        }
    }
    Ok(())
}

/// One ticket of the demo: who asks, why, in which words, how many hours ago, and what followed.
struct Told {
    by: &'static str,
    reason: &'static str,
    words: &'static str,
    hours: i64,
    then: &'static [(Act, i64, &'static str)],
    faq: Option<(&'static str, &'static str)>,
}

const TICKETS: [Told; 10] = [
    Told {
        by: "owner",
        reason: "poster_dead_or_wrong",
        words: "Áp phích ở cửa sau bị mưa làm nhòe, khách quét không ra.",
        hours: 5,
        then: &[],
        faq: None,
    },
    Told {
        by: "owner",
        reason: "no_network",
        words: "Dãy trong cùng không có sóng, khách đứng quét mãi không được.",
        hours: 30,
        then: &[(Act::Take, 3, "")],
        faq: None,
    },
    Told {
        by: "owner",
        reason: "camera_denied",
        words: "Máy ở cổng hiện chưa cho dùng máy ảnh, không biết bấm đâu.",
        hours: 52,
        then: &[
            (Act::Take, 2, ""),
            (
                Act::Ask,
                4,
                "Máy hiệu gì, dùng trình duyệt nào ạ? Bấm ổ khóa cạnh địa chỉ có hiện mục Máy ảnh không?",
            ),
        ],
        faq: None,
    },
    Told {
        by: "owner",
        reason: "queue_too_long",
        words: "Sáng sớm người vào đông, quét từng người xếp hàng ra tận đường.",
        hours: 96,
        then: &[
            (Act::Take, 5, ""),
            (
                Act::Solve,
                26,
                "Phường đã in thẻ giấy cho tiểu thương và thêm một cổng ở lối sau. Nhờ chị theo dõi sáng mai.",
            ),
        ],
        faq: None,
    },
    Told {
        by: "owner",
        reason: "people_refuse",
        words: "Có khách hỏi ai xem được tên họ, không chịu quét.",
        hours: 290,
        then: &[
            (Act::Answer, 6, "Nhờ anh đưa tờ “Ai xem được gì” (in ở trang Hướng dẫn)."),
            (Act::Solve, 30, "Đã gửi tờ in, đặt cạnh áp phích."),
            (Act::Close, 50, ""),
        ],
        faq: Some((
            "Khách hỏi ai xem được tên họ thì trả lời thế nào?",
            "Chủ địa điểm và người gác cửa không xem được. Lượt quét khóa ngay, chỉ mở khi có ca bệnh, phải có người duyệt và hai người giữ khóa. In tờ “Ai xem được gì” đặt cạnh áp phích.",
        )),
    },
    Told {
        by: "owner",
        reason: "card_not_read",
        words: "Thẻ bảo hiểm y tế cũ của các cụ quét không nhận.",
        hours: 240,
        then: &[
            (Act::Take, 2, ""),
            (Act::Escalate, 8, "Phường thử ba thẻ đều không nhận, nhờ thành phố xem giúp."),
        ],
        faq: None,
    },
    Told {
        by: "owner",
        reason: "sms_not_arriving",
        words: "Không thấy tin nhắn mã, thử hai lần rồi.",
        hours: 130,
        then: &[
            (Act::Take, 1, ""),
            (Act::Solve, 3, "Máy chặn tin nhắn lạ, đã bỏ chặn."),
            (Act::Reopen, 20, "Hôm nay lại không thấy."),
        ],
        faq: None,
    },
    Told {
        by: "xa",
        reason: "import_trouble",
        words: "Danh sách thẻ của tổ 5 báo sai cột năm sinh dù đã theo mẫu.",
        hours: 28,
        then: &[
            (Act::Take, 2, ""),
            (
                Act::Answer,
                5,
                "Cột năm sinh phải là bốn chữ số, bỏ định dạng ngày của Excel. Thành phố gửi lại tệp đã sửa.",
            ),
        ],
        faq: None,
    },
    Told {
        by: "huyen",
        reason: "gate_device_lost",
        words: "Một phường mất máy cổng đã thu hồi, hỏi có phải báo gì thêm không.",
        hours: 400,
        then: &[
            (Act::Take, 4, ""),
            (
                Act::Solve,
                9,
                "Đã thu hồi là đủ: máy khóa kín, người nhặt không đọc được. Ghi vào báo cáo tuần.",
            ),
            (Act::Close, 30, ""),
        ],
        faq: Some((
            "Mất máy ở cổng thì phải làm gì?",
            "Mở trang của địa điểm, bấm Thu hồi ngay. Lượt ghi trên máy khóa kín, người nhặt không đọc được. Gắn máy khác bằng mã mới. Đơn vị ghi việc mất máy vào báo cáo tuần.",
        )),
    },
    Told {
        by: "xa",
        reason: "nobody_to_guide",
        words: "Chợ phiên thiếu người đứng hướng dẫn, xin hỗ trợ lực lượng.",
        hours: 100,
        then: &[],
        faq: None,
    },
];

async fn tickets(on: &Ground<'_>) -> Result<()> {
    let places = on.store.places_of_unit(on.home).await?;
    let approved: Vec<_> = places.iter().filter(|place| place.state == "approved").collect();
    for (number, told) in TICKETS.iter().enumerate() {
        let by_owner = told.by == "owner";
        let unit_id = match told.by {
            "huyen" => on.district()?,
            _ => on.home,
        };
        let place = approved.get(number % approved.len().max(1)).filter(|_| by_owner);
        let opened_at = on.now - told.hours * HOUR_MS;
        let due =
            domain::support::acknowledge_by(&domain::calendar::Calendar::default(), local_date(opened_at));
        let ticket = Ticket {
            id: new_id(),
            place_id: place.map(|place| place.id),
            place_name: None,
            unit_id,
            account_id: (!by_owner).then(|| on.account(told.by)),
            office_id: first_office(on.tree, unit_id, by_owner),
            reason: told.reason.to_owned(),
            words: told.words.to_owned(),
            state: State::New.code().to_owned(),
            opened_at,
            ack_due_on: due.to_string(),
            acknowledged_at: None,
            answered_at: None,
            solved_at: None,
            closed_at: None,
            reopened: 0,
        };
        on.store.open_ticket(&ticket, (!by_owner).then_some(unit_id)).await?;
        follow(on, &ticket, told).await?;
    }
    Ok(())
}

/// What followed, as the offices did it.
async fn follow(on: &Ground<'_>, ticket: &Ticket, told: &Told) -> Result<()> {
    let (mut state, mut office) = (State::New, ticket.office_id);
    for (act, hours, words) in told.then {
        let Some(to) = act.after(state) else { continue };
        let before = office;
        if *act == Act::Escalate {
            office = office_above(on.tree, office).unwrap_or(office);
        }
        let at = ticket.opened_at + hours * HOUR_MS;
        let login = if before == on.home {
            "xa"
        } else if Some(before) == on.district().ok() {
            "huyen"
        } else {
            "sotttt"
        };
        let by_office = act.is_of_office();
        let anew = matches!(act, Act::Escalate | Act::Reopen);
        let due = domain::support::acknowledge_by(&domain::calendar::Calendar::default(), local_date(at));
        let change = TicketChange {
            ticket_id: ticket.id,
            from: state.code(),
            from_office: before,
            to: to.code(),
            office_id: office,
            ack_due_on: anew.then(|| due.to_string()),
            act: act.code(),
            by_office,
            account_id: if by_office { Some(on.account(login)) } else { ticket.account_id },
            unit_id: if by_office { Some(before) } else { ticket.account_id.map(|_| ticket.unit_id) },
            post_id: new_id(),
            words,
        };
        on.store.change_ticket(&change, at).await?;
        state = to;
    }
    if let Some((question, answer)) = told.faq {
        let entry = FaqEntry {
            id: new_id(),
            ticket_id: Some(ticket.id),
            reason: told.reason.to_owned(),
            question: question.to_owned(),
            answer: answer.to_owned(),
            published_at: ticket.opened_at + 60 * HOUR_MS,
        };
        on.store.publish_faq(&entry, on.account("sotttt")).await?;
    }
    Ok(())
}

async fn directives(on: &Ground<'_>) -> Result<()> {
    let committee = on.unit("66-UBND")?;
    let (district, communes) = (on.district()?, on.tree.communes_within(on.district()?));
    let level = |level: &str| -> Vec<i64> {
        on.tree
            .valid()
            .filter(|unit| unit.level == level && unit.id != committee)
            .map(|unit| unit.id)
            .collect()
    };
    let all: Vec<i64> = level("department").into_iter().chain(level("district")).collect();
    let ministry = letter(
        on,
        "2913/BTTTT-THH",
        "Bộ Thông tin và Truyền thông",
        "Đẩy mạnh quét mã QR khai báo y tế, kiểm soát ra vào",
        -23,
        -1,
    );
    let own = letter(
        on,
        "6510/UBND-KGVX",
        "UBND tỉnh Đắk Lắk",
        "Tiếp tục đẩy mạnh triển khai quét mã QR để quản lý thông tin người ra/vào",
        -6,
        5,
    );
    for letter in [&ministry, &own] {
        let text = format!("Cong van so {} (ban trinh dien, noi dung gia)", letter.number);
        let name = format!("cong-van-{}.pdf", letter.number.replace('/', "-").to_lowercase());
        let file = DirectiveFile { name, kind: "pdf".to_owned(), bytes: tiny_pdf(&text) };
        on.store.send_directive(letter, Some(&file), &all, None).await?;
        let params =
            [("number", letter.number.as_str()), ("issuer", &letter.issuer), ("summary", &letter.summary)];
        let source = "Công văn {number} của {issuer}: {summary}.";
        let told: Vec<NewMessage> = all
            .iter()
            .map(|unit| send::received(letter.id, *unit, source, &params, &letter.due_on))
            .collect();
        on.store.post_messages(&told, letter.sent_at).await?;
    }
    // The first letter: copied on, most have done it. The second: the district has it before it.
    let ids: Vec<i64> = communes.iter().map(|commune| commune.id).collect();
    let due = on.day(-4).to_string();
    let sent = ministry.sent_at + 6 * HOUR_MS;
    on.store
        .copy_directive_on(
            ministry.id,
            district,
            &ids,
            "Gửi kết quả về thành phố để tổng hợp, kèm số điểm còn thiếu.",
            &due,
            sent,
        )
        .await?;
    for (number, unit) in all.iter().chain(&ids).enumerate() {
        let at = ministry.sent_at + (number as i64 % 70 + 3) * HOUR_MS;
        match number % 5 {
            0 => {}
            1 | 2 => drop(on.store.acknowledge_directive(ministry.id, *unit, 0, at).await?),
            3 => drop(
                on.store
                    .report_directive(
                        ministry.id,
                        *unit,
                        "in_progress",
                        "Đang rà soát các chợ và trường học.",
                        0,
                        at,
                    )
                    .await?,
            ),
            _ => drop(
                on.store
                    .report_directive(
                        ministry.id,
                        *unit,
                        "done",
                        "Đã triển khai xong, có danh sách kèm báo cáo tuần.",
                        0,
                        at,
                    )
                    .await?,
            ),
        }
    }
    on.store.acknowledge_directive(ministry.id, district, on.account("huyen"), sent).await?;
    for unit in all.iter().skip(2).step_by(4).filter(|unit| **unit != district) {
        on.store.acknowledge_directive(own.id, *unit, 0, own.sent_at + 20 * HOUR_MS).await?;
    }
    let mine = on.unit("66-STTTT")?;
    on.store.acknowledge_directive(own.id, mine, on.account("sotttt"), own.sent_at + 2 * HOUR_MS).await?;
    Ok(())
}

fn letter(on: &Ground<'_>, number: &str, issuer: &str, summary: &str, days: i64, due: i64) -> Directive {
    Directive {
        id: new_id(),
        unit_id: on.tree.by_code("66-UBND").map_or(0, |unit| unit.id),
        number: number.to_owned(),
        issued_on: on.day(days).to_string(),
        issuer: issuer.to_owned(),
        summary: summary.to_owned(),
        asked: "1. Triển khai quét mã QR ở nơi công cộng, nơi tập trung đông người.\n2. Bảo đảm ít nhất 1 điểm quét cho mỗi 100 dân.\n3. Báo cáo kết quả, khó khăn, kiến nghị về Sở Thông tin và Truyền thông để tổng hợp.".to_owned(),
        due_on: on.day(due).to_string(),
        sent_by: on.account("ubnd"),
        sent_at: on.now + days * DAY_MS + HOUR_MS,
        state: "sent".to_owned(),
        state_reason: String::new(),
        replaced_by: None,
    }
}

async fn messages(on: &Ground<'_>) -> Result<()> {
    for (number, login) in on.logins.iter().enumerate() {
        let key = format!("demo:welcome:{}", login.id);
        let source = "Tài khoản của anh/chị đã sẵn sàng. Hãy chọn cách nhận tin qua thư và điện thoại.";
        let href = "/messages/settings".to_owned();
        let message = notify::message(key, Recipient::Account(login.id), source, &[], href);
        on.store.post_message(&message, on.now - (20 + number as i64) * HOUR_MS).await?;
    }
    for (login, email) in [("sotttt", "hanh.nth@stttt.example.vn"), ("xa", "phuong@bmt.example.vn")] {
        let settings = NoticeSettings {
            account_id: on.account(login),
            email: email.to_owned(),
            email_verified_at: None,
            phone: String::new(),
            phone_verified_at: None,
            urgent: "email".to_owned(),
            digest: true,
            digest_hour: 7,
            quiet_from: domain::notice::QUIET.from,
            quiet_until: domain::notice::QUIET.until,
            urgent_in_quiet: false,
            lang: "vi".to_owned(),
        };
        on.store.put_notice_settings(&settings, on.now).await?;
    }
    Ok(())
}

/// A PDF of one line in plain letters: enough to be opened and told apart.
fn tiny_pdf(text: &str) -> Vec<u8> {
    let stream = format!("BT /F1 14 Tf 60 760 Td ({text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut at = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        at.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let begin = out.len();
    out.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", at.len() + 1));
    for offset in &at {
        out.push_str(&format!("{offset:010} 00000 n \n"));
    }
    out.push_str(&format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{begin}\n%%EOF\n", at.len() + 1));
    out.into_bytes()
}
