//! The words of the mails, in English and Korean: plain text, a link, why it came, what to do if it should not
//! have.

use super::MailKind;

/// A mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) body: String,
}

/// What stands in a mail.
pub(super) struct Parts<'a> {
    /// Name of the account, or the one that was wished for.
    pub(super) name: &'a str,
    /// Where it leads.
    pub(super) link: &'a str,
}

/// Writes a mail.
pub(super) fn write(kind: MailKind, language: &str, parts: &Parts<'_>) -> Letter {
    let (subject, text) = match language {
        "ko" => korean(kind),
        _ => english(kind),
    };
    let fill = |text: &str| {
        let (mut out, mut rest) = (String::new(), text);
        // Filled from left to right, so that a name is never filled in turn.
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            let (value, after) = match &rest[at..] {
                part if part.starts_with("{name}") => (parts.name, &part["{name}".len()..]),
                part if part.starts_with("{link}") => (parts.link, &part["{link}".len()..]),
                part => ("{", &part[1..]),
            };
            out.push_str(value);
            rest = after;
        }
        out + rest
    };
    Letter {
        subject: fill(subject),
        body: fill(text),
    }
}

fn english(kind: MailKind) -> (&'static str, &'static str) {
    match kind {
        MailKind::Verify => (
            "Verify your address for Hanok",
            "Hello {name},\n\nan account was made for this address. To begin, verify that it is yours:\n\n{link}\n\n\
             The link works for a day. If you did not ask for an account, do nothing: it is dropped by itself.\n",
        ),
        MailKind::Known => (
            "You have an account on Hanok already",
            "Hello {name},\n\nsomebody, perhaps you, tried to make an account for this address, which has one \
             already. You can sign in, or set a new password:\n\n{link}\n\nIf it was not you, nothing is to be done.\n",
        ),
        MailKind::NameTaken => (
            "Choose another name for Hanok",
            "Hello,\n\nthe name “{name}” is taken. Please register once more with another one:\n\n{link}\n\nIf you did \
             not ask for an account, do nothing.\n",
        ),
        MailKind::Reset => (
            "A new password for Hanok",
            "Hello {name},\n\nset a new password here:\n\n{link}\n\nThe link works once, within an hour. If you did not \
             ask for it, do nothing: your password stays as it is.\n",
        ),
        MailKind::Approved => (
            "Your account on Hanok is approved",
            "Hello {name},\n\nan administrator approved your account. Sign in here:\n\n{link}\n",
        ),
        MailKind::Invitation => (
            "You are invited to Hanok",
            "Hello,\n\nyou are invited to make an account:\n\n{link}\n\nThe link works once, within seven days. If you \
             do not know what this is about, do nothing.\n",
        ),
    }
}

fn korean(kind: MailKind) -> (&'static str, &'static str) {
    match kind {
        MailKind::Verify => (
            "Hanok 이메일 주소 확인",
            "{name} 님, 안녕하세요.\n\n이 주소로 계정이 만들어졌습니다. 시작하려면 주소를 확인해 주세요.\n\n{link}\n\n\
             링크는 하루 동안 유효합니다. 계정을 요청하지 않았다면 아무것도 하지 않아도 됩니다.\n",
        ),
        MailKind::Known => (
            "이미 Hanok 계정이 있습니다",
            "{name} 님, 안녕하세요.\n\n이 주소로 계정을 만들려는 시도가 있었지만 이미 계정이 있습니다. 로그인하거나 새 \
             비밀번호를 설정할 수 있습니다.\n\n{link}\n\n본인이 아니라면 아무것도 하지 않아도 됩니다.\n",
        ),
        MailKind::NameTaken => (
            "다른 Hanok 이름을 선택해 주세요",
            "안녕하세요.\n\n“{name}”은(는) 이미 사용 중인 이름입니다. 다른 이름으로 다시 가입해 주세요.\n\n{link}\n\n계정을 \
             요청하지 않았다면 아무것도 하지 않아도 됩니다.\n",
        ),
        MailKind::Reset => (
            "Hanok 새 비밀번호",
            "{name} 님, 안녕하세요.\n\n아래에서 새 비밀번호를 설정하세요.\n\n{link}\n\n링크는 한 시간 안에 한 번만 쓸 수 \
             있습니다. 요청하지 않았다면 아무것도 하지 않아도 됩니다. 비밀번호는 그대로입니다.\n",
        ),
        MailKind::Approved => (
            "Hanok 계정이 승인되었습니다",
            "{name} 님, 안녕하세요.\n\n관리자가 계정을 승인했습니다. 여기에서 로그인하세요.\n\n{link}\n",
        ),
        MailKind::Invitation => (
            "Hanok에 초대되었습니다",
            "안녕하세요.\n\n계정을 만들도록 초대되었습니다.\n\n{link}\n\n링크는 7일 안에 한 번만 쓸 수 있습니다. 무슨 \
             일인지 모르겠다면 아무것도 하지 않아도 됩니다.\n",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_is_written_in_both_languages_with_its_link() {
        for kind in MailKind::ALL {
            for language in ["en", "ko"] {
                let parts = Parts {
                    name: "{link}",
                    link: "https://h/x?token=t",
                };
                let letter = write(kind, language, &parts);
                assert_eq!(
                    letter.body.matches("https://h/x?token=t").count(),
                    1,
                    "{kind:?}"
                );
                assert!(!letter.body.contains("{name}") && !letter.subject.contains('{'));
                assert!(!letter.subject.contains(['\r', '\n']), "{kind:?}");
            }
            assert_eq!(MailKind::parse(kind.as_str()), Some(kind));
        }
    }
}
