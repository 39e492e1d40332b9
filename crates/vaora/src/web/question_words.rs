//! Questions of a sitting and their answers, as pages show them.

use domain::time::LOCAL_OFFSET_MS;
use minijinja::{Value, context};

use crate::{
    page::Page,
    trace::{
        answers::{Answer, GenerationList, LinkLine, Member, PersonStay},
        questions::Question,
    },
    web::case_view::{contact_view, days, identity_view, stay_view},
};

/// A question in one line.
#[must_use]
pub fn question_words(page: &Page, question: &Question) -> String {
    let minutes = |minutes: &u32| ("minutes", minutes.to_string());
    match question {
        Question::Contacts { who, minutes: m, .. } if who.is_empty() => {
            page.tf("Người tiếp xúc (F1) từ {minutes} phút", &[minutes(m)])
        }
        Question::Contacts { who, minutes: m, .. } => {
            page.tf("Người tiếp xúc (F1) của {who} từ {minutes} phút", &[("who", who.clone()), minutes(m)])
        }
        Question::Generations { minutes: m, generations, latency_hours, .. } => page.tf(
            "F1 đến F{last} từ {minutes} phút, lây tiếp sau {hours} giờ",
            &[("last", generations.to_string()), minutes(m), ("hours", latency_hours.to_string())],
        ),
        Question::Places { minutes: m, .. } => {
            page.tf("Địa điểm xếp theo mức phơi nhiễm, từ {minutes} phút", &[minutes(m)])
        }
        Question::Present { place, from_at, until_at, .. } => page.tf(
            "Ai đã ở {place}, {from} đến {until}",
            &[("place", place.clone()), ("from", instant(*from_at)), ("until", instant(*until_at))],
        ),
        Question::Chain { code, reversed: false, minutes: m, .. } => page.tf(
            "Đường lây từ ca này đến ca {code}, mỗi lần gặp từ {minutes} phút",
            &[("code", code.clone()), minutes(m)],
        ),
        Question::Chain { code, minutes: m, .. } => page.tf(
            "Đường lây từ ca {code} đến ca này, mỗi lần gặp từ {minutes} phút",
            &[("code", code.clone()), minutes(m)],
        ),
        Question::Timeline { own: true, .. } => page.t("Lịch trình của người bệnh"),
        Question::Timeline { .. } => page.t("Lịch trình của một người tiếp xúc"),
    }
}

/// An instant as officers read it.
fn instant(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at + LOCAL_OFFSET_MS)
        .map_or_else(|_| String::new(), |at| at.strftime("%H:%M %d/%m/%Y").to_string())
}

/// An answer for the template `case_answer.html`.
#[must_use]
pub fn answer_view(page: &Page, answer: &Answer) -> Value {
    match answer {
        Answer::Contacts { contacts, cut } => context! {
            kind => "contacts", cut,
            contacts => contacts.iter().map(|contact| contact_view(page, contact)).collect::<Vec<_>>(),
        },
        Answer::Generations { generations } => context! {
            kind => "generations",
            generations => generations.iter().map(|one| generation_view(page, one)).collect::<Vec<_>>(),
        },
        Answer::Places { places, cut } => context! {
            kind => "places", cut,
            places => places.iter().map(|place| context! {
                place_id => place.place_id.to_string(), place => &place.place, commune => &place.commune,
                person_minutes => place.person_minutes, people => place.people,
                first_at => place.first_at, last_at => place.last_at,
            }).collect::<Vec<_>>(),
        },
        Answer::Present { stays, cut, people } => context! {
            kind => "present", cut, people,
            stays => stays.iter().map(|one| present_view(page, one)).collect::<Vec<_>>(),
        },
        Answer::Chain { links } => context! {
            kind => "chain", is_found => links.is_some(),
            links => links.iter().flatten().map(|link| link_view(page, link)).collect::<Vec<_>>(),
        },
        Answer::Timeline { who, stays } => context! {
            kind => "timeline", who => identity_view(page, who),
            days => days(&stays.iter().collect::<Vec<_>>()), count => stays.len(),
        },
    }
}

fn generation_view(page: &Page, generation: &GenerationList) -> Value {
    let member = |member: &Member| {
        context! {
            at => member.at, who => identity_view(page, &member.identity), minutes => member.minutes,
            same_area => member.same_area, meetings => member.meetings, first_at => member.first_at,
            last_at => member.last_at, stay => member.first_stay.as_ref().map(stay_view),
            met_first => &member.met_first,
        }
    };
    context! {
        members => generation.members.iter().map(member).collect::<Vec<_>>(),
        cut => generation.cut, not_followed => generation.not_followed,
        found => generation.members.len() + generation.cut,
    }
}

fn present_view(page: &Page, one: &PersonStay) -> Value {
    context! { at => one.at, who => identity_view(page, &one.identity), is_case => one.is_case, stay => stay_view(&one.stay) }
}

fn link_view(page: &Page, link: &LinkLine) -> Value {
    context! {
        at => link.at, from => identity_view(page, &link.from), to => identity_view(page, &link.to),
        stay => link.stay.as_ref().map(stay_view), from_at => link.from_at, until_at => link.until_at,
        minutes => (link.until_at - link.from_at) / 60_000, assurance => link.assurance, inferred => link.inferred,
    }
}
