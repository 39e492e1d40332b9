//! Words of the reasons and states of tickets, and what to try before asking.

use domain::support::{Act, Reason, State};
use minijinja::{Value, context};

use crate::page::Page;

/// What a reason is called, as a source text.
#[must_use]
pub const fn label(reason: Reason) -> &'static str {
    match reason {
        Reason::PosterDeadOrWrong => "Áp phích mất, hỏng, sai nơi hoặc mã hết dùng",
        Reason::NoNetwork => "Ở cửa không có mạng",
        Reason::CameraDenied => "Máy không cho dùng máy ảnh",
        Reason::CardNotRead => "Thẻ, giấy tờ không quét được",
        Reason::PhoneTooOld => "Điện thoại của khách quá cũ",
        Reason::GateDeviceLost => "Máy ở cổng mất hoặc hỏng",
        Reason::QueueTooLong => "Giờ đông xếp hàng quá lâu",
        Reason::PeopleRefuse => "Khách không chịu quét",
        Reason::NobodyToGuide => "Không có người đứng hướng dẫn",
        Reason::ForeignCode => "Khách đưa mã của ứng dụng khác",
        Reason::WrongTime => "Máy báo sai giờ",
        Reason::DataWorry => "Lo lắng về thông tin cá nhân",
        Reason::SmsNotArriving => "Không nhận được mã tin nhắn",
        Reason::ApprovalSlow => "Đăng ký lâu chưa được duyệt",
        Reason::ImportTrouble => "Danh sách Excel không nhận được",
        Reason::Other => "Việc khác",
    }
}

/// What to try first, as a source text.
#[must_use]
pub const fn help(reason: Reason) -> &'static str {
    match reason {
        Reason::PosterDeadOrWrong => {
            "Mở trang của địa điểm: “Đổi hoặc thu hồi mã” cấp mã mới, rồi in và dán lại ngay. Mã cũ hết dùng từ lúc đó."
        }
        Reason::NoNetwork => {
            "Không cần mạng: máy ở cổng quét và giữ được cả tuần, có mạng là tự gửi. Khách đã mở trang một lần thì điện thoại cũng ghi được khi mất mạng."
        }
        Reason::CameraDenied => {
            "Bấm biểu tượng ổ khóa cạnh địa chỉ trang, chọn Quyền, cho phép Máy ảnh, rồi tải lại trang. Trang phải mở bằng https."
        }
        Reason::CardNotRead => {
            "Lau sạch thẻ, giữ cách máy ảnh chừng một gang tay, tránh lóa đèn. Vẫn không được thì bấm gõ tay: tên và số điện thoại là đủ."
        }
        Reason::PhoneTooOld => {
            "Khách không cần điện thoại: quét căn cước, thẻ bảo hiểm y tế, thẻ giấy do xã, phường in, hoặc người gác gõ tên và số điện thoại."
        }
        Reason::GateDeviceLost => {
            "Mất máy: mở trang của địa điểm và bấm Thu hồi ngay. Hỏng máy: Xuất hàng đợi thành tệp rồi gửi ở trang của địa điểm. Lượt ghi trên máy đều khóa kín."
        }
        Reason::QueueTooLong => {
            "Thêm một cổng nữa bằng bất kỳ điện thoại nào, dán thêm áp phích để khách có máy tự quét, và in thẻ giấy cho người đến hằng ngày."
        }
        Reason::PeopleRefuse => {
            "Nói ngắn: chỉ ghi ai, ở đâu, lúc nào; khóa ngay; chủ quán không đọc được; tự xóa sau vài tuần. Đưa tờ hướng dẫn về quyền riêng tư. Không ép, không giữ giấy tờ."
        }
        Reason::NobodyToGuide => {
            "In tờ hướng dẫn cho khách dán cạnh áp phích. Giờ đông cử một người đứng ở cửa, khách đã quen thì tự quét."
        }
        Reason::ForeignCode => {
            "Máy nhận ra mã của ứng dụng khác và nói tên nó; mã ấy không dùng được ở đây. Mời khách đưa căn cước, thẻ bảo hiểm y tế hoặc tự quét áp phích."
        }
        Reason::WrongTime => {
            "Vào Cài đặt của điện thoại, bật giờ và múi giờ tự động, rồi mở lại trang cổng. Lượt ghi lúc máy sai giờ vẫn được giữ, hệ thống tự tính lại."
        }
        Reason::DataWorry => {
            "Trang Quyền riêng tư viết rõ ghi gì, giữ bao lâu, ai mở được. Muốn hỏi, xem, sửa hay khiếu nại thì liên hệ đơn vị ghi ở cuối trang ấy."
        }
        Reason::SmsNotArriving => {
            "Đợi hai phút, kiểm tra đúng số và máy còn sóng, xem mục tin nhắn bị chặn. Xin mã khác tối đa ba lần mỗi phút; chỉ mã mới nhất dùng được."
        }
        Reason::ApprovalSlow => {
            "Xã, phường duyệt trong giờ làm việc. Kiểm tra địa điểm có bị trả lại không: mở “Địa điểm của tôi”, sửa theo lý do rồi gửi lại."
        }
        Reason::ImportTrouble => {
            "Tải tệp mẫu ở trang Nhận danh sách, chép dữ liệu vào đúng cột rồi gửi. Trang kiểm tra nói rõ dòng nào, cột nào sai và sửa thế nào."
        }
        Reason::Other => {
            "Xem trang Câu hỏi thường gặp trước. Nếu chưa thấy, viết rõ: ở đâu, lúc nào, máy gì, màn hình nói gì."
        }
    }
}

/// What a state is called, as a source text.
#[must_use]
pub const fn state_label(state: State) -> &'static str {
    match state {
        State::New => "Mới",
        State::Taken => "Đang xử lý",
        State::WaitingForAsker => "Chờ người hỏi",
        State::Solved => "Đã giải quyết",
        State::Closed => "Đã đóng",
    }
}

/// The tone of a state's tag.
#[must_use]
pub const fn state_tone(state: State) -> &'static str {
    match state {
        State::New => "warn",
        State::Taken => "info",
        State::WaitingForAsker => "",
        State::Solved | State::Closed => "good",
    }
}

/// What was done, as a source text for the thread.
#[must_use]
pub fn act_label(act: &str) -> &'static str {
    match Act::from_code(act) {
        Some(Act::Take) => "đã nhận phiếu",
        Some(Act::Answer) => "trả lời",
        Some(Act::Ask) => "hỏi lại",
        Some(Act::Reply) => "bổ sung",
        Some(Act::Solve) => "báo đã giải quyết",
        Some(Act::Close) => "đóng phiếu",
        Some(Act::Reopen) => "mở lại phiếu",
        Some(Act::Escalate) => "chuyển lên cấp trên",
        None => "gửi phiếu",
    }
}

/// What a button of an act says, as a source text.
#[must_use]
pub const fn act_button(act: Act) -> &'static str {
    match act {
        Act::Take => "Nhận phiếu",
        Act::Answer => "Gửi trả lời",
        Act::Ask => "Hỏi lại người gửi",
        Act::Reply => "Gửi thêm",
        Act::Solve => "Trả lời và báo đã giải quyết",
        Act::Close => "Đã xong, đóng phiếu",
        Act::Reopen => "Chưa xong, mở lại",
        Act::Escalate => "Chuyển lên cấp trên",
    }
}

/// A reason's words for a template; codes that nobody knows read as something else.
#[must_use]
pub fn label_of(page: &Page, code: &str) -> String {
    page.t(label(Reason::from_code(code).unwrap_or(Reason::Other)))
}

/// A state's words and tone for a template.
#[must_use]
pub fn state_view(page: &Page, code: &str) -> Value {
    let state = State::from_code(code).unwrap_or(State::New);
    context! { code => state.code(), label => page.t(state_label(state)), tone => state_tone(state) }
}
