//! The wording of mails about tickets in each language: a table with a row for each phrase.

use domain::language::Language;
use domain::lifecycle::{EventType, Status};
use domain::log::DeskReason;
use domain::notification::{NotificationReason, NotificationType};

/// A phrase in English and in Brazilian Portuguese.
pub(super) type Phrase = (&'static str, &'static str);

/// Returns the phrase in that language.
pub(super) const fn in_language(language: Language, (english, portuguese): Phrase) -> &'static str {
    match language {
        Language::English => english,
        Language::BrazilianPortuguese => portuguese,
    }
}

/// Returns the greeting.
pub(super) const fn greeting(language: Language) -> &'static str {
    in_language(language, ("Hello,", "Olá,"))
}

/// Returns what happened, with `{actor}` for the person who did it.
const fn what_happened(notification_type: NotificationType, reason: NotificationReason) -> Phrase {
    use EventType as E;
    use NotificationReason as R;
    match (notification_type, reason) {
        (NotificationType::Log(E::Opened), R::NewTicket) => (
            "{actor} opened this urgent ticket. It is not assigned yet.",
            "{actor} abriu este chamado urgente. Ninguém o está atendendo ainda.",
        ),
        (NotificationType::Log(E::Opened), _) => {
            ("{actor} opened this ticket for you.", "{actor} abriu este chamado para você.")
        }
        (NotificationType::Log(E::Assigned | E::HandedOver), R::Assigned) => {
            ("{actor} assigned this ticket to you.", "{actor} atribuiu este chamado a você.")
        }
        (NotificationType::Log(E::HandedOver), R::Released) => {
            ("{actor} handed this ticket over to someone else.", "{actor} transferiu este chamado para outra pessoa.")
        }
        (NotificationType::Log(E::Assigned), _) => {
            ("Someone is now working on your ticket.", "Seu chamado está sendo atendido agora.")
        }
        (NotificationType::Log(E::HandedOver), _) => {
            ("Someone else is now working on your ticket.", "Agora outra pessoa está atendendo o seu chamado.")
        }
        (NotificationType::Log(E::Released), R::Released) => {
            ("{actor} put this ticket back into the queue.", "{actor} devolveu este chamado à fila.")
        }
        (NotificationType::Log(E::Released), _) => {
            ("Your ticket is back in the queue.", "Seu chamado voltou para a fila.")
        }
        (NotificationType::Log(E::Resolved), _) => ("{actor} resolved this ticket:", "{actor} resolveu este chamado:"),
        (NotificationType::Log(E::Reopened), _) => ("{actor} reopened this ticket.", "{actor} reabriu este chamado."),
        (NotificationType::Log(E::Closed), _) => ("{actor} closed this ticket.", "{actor} fechou este chamado."),
        (NotificationType::Log(E::Withdrawn), _) => ("{actor} withdrew this ticket.", "{actor} retirou este chamado."),
        (NotificationType::Log(E::Updated), _) => ("{actor} edited this ticket.", "{actor} editou este chamado."),
        (NotificationType::Log(E::Commented), _) => ("{actor} wrote:", "{actor} escreveu:"),
        (NotificationType::NoteWritten, _) => (
            "{actor} left an internal note on this ticket. You can read it only in the help desk.",
            "{actor} deixou uma nota interna neste chamado. Ela está somente no help desk.",
        ),
        (NotificationType::WebhookDisabled, _) => {
            ("A webhook failed for several days and was switched off.", "Um webhook falhou por dias e foi desativado.")
        }
    }
}

/// Returns the sentence that says what happened: the text before the actor's name, whether the name
/// appears at all, and the text after it.
pub(super) fn sentence(
    language: Language,
    notification_type: NotificationType,
    reason: NotificationReason,
) -> (&'static str, bool, &'static str) {
    around_actor(in_language(language, what_happened(notification_type, reason)))
}

/// Returns the sentence for a comment that reopened the ticket, in the same form.
pub(super) fn commented_and_reopened(language: Language) -> (&'static str, bool, &'static str) {
    let phrase = ("{actor} reopened this ticket and wrote:", "{actor} reabriu este chamado e escreveu:");
    around_actor(in_language(language, phrase))
}

fn around_actor(sentence: &'static str) -> (&'static str, bool, &'static str) {
    sentence.split_once("{actor}").map_or((sentence, false, ""), |(before, after)| (before, true, after))
}

/// Returns the name of the help desk as an actor.
pub(super) const fn desk(language: Language) -> &'static str {
    in_language(language, ("The help desk", "O help desk"))
}

/// Returns a reason given by the help desk itself.
pub(super) fn desk_reason(language: Language, reason: DeskReason) -> String {
    let phrase = match reason {
        DeskReason::AssigneeLeft => {
            ("The assignee is no longer an active technician.", "O responsável não é mais um técnico ativo.")
        }
        DeskReason::ResolvedFor { days: 1 } => {
            ("It has been resolved for {days} day.", "Ele está resolvido há {days} dia.")
        }
        DeskReason::ResolvedFor { .. } => {
            ("It has been resolved for {days} days.", "Ele está resolvido há {days} dias.")
        }
    };
    let days = match reason {
        DeskReason::AssigneeLeft => 0,
        DeskReason::ResolvedFor { days } => days,
    };
    in_language(language, phrase).replace("{days}", &days.to_string())
}

/// Returns the name of a ticket's status.
pub(super) const fn status(language: Language, status: Status) -> &'static str {
    in_language(
        language,
        match status {
            Status::Open => ("open", "aberto"),
            Status::InProgress => ("in progress", "em atendimento"),
            Status::Resolved => ("resolved", "resolvido"),
            Status::Closed => ("closed", "fechado"),
        },
    )
}

/// Returns why the recipient gets the mail.
pub(super) const fn notification_reason(language: Language, reason: NotificationReason) -> &'static str {
    use NotificationReason as R;
    in_language(
        language,
        match reason {
            R::Requester => (
                "You are receiving this e-mail because this is your ticket.",
                "Você recebe este e-mail porque o chamado é seu.",
            ),
            R::Assigned | R::Assignee => (
                "You are receiving this e-mail because the ticket is assigned to you.",
                "Você recebe este e-mail porque o chamado está atribuído a você.",
            ),
            R::Released => (
                "You are receiving this e-mail because the ticket was assigned to you.",
                "Você recebe este e-mail porque o chamado estava atribuído a você.",
            ),
            R::NewTicket => (
                "You are receiving this e-mail because you are a technician and the ticket is urgent.",
                "Você recebe este e-mail porque é da equipe técnica e o chamado é urgente.",
            ),
            R::Admin => (
                "You are receiving this e-mail because you are an admin of the help desk.",
                "Você recebe este e-mail porque é administrador do help desk.",
            ),
        },
    )
}

/// Returns how to unsubscribe.
pub(super) const fn unsubscribe(language: Language) -> &'static str {
    in_language(
        language,
        (
            "To stop these e-mails, unsubscribe in your mail program or change your notification preferences.",
            "Para não receber mais estes e-mails, cancele a inscrição no seu programa de e-mail ou altere as suas preferências de notificação.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole((before, names_actor, after): (&str, bool, &str)) -> String {
        format!("{before}{}{after}", if names_actor { "Ana" } else { "" })
    }

    fn assert_phrase(english: &str, portuguese: &str) {
        assert_ne!(english, portuguese);
        for text in [english, portuguese] {
            assert!(!text.is_empty() && !text.contains(['{', '}']), "{text}");
        }
    }

    #[test]
    fn every_phrase_is_translated_into_every_language() {
        let notification_types =
            NotificationType::all_for_tickets().into_iter().chain([NotificationType::WebhookDisabled]);
        for notification_type in notification_types {
            for reason in NotificationReason::OF_TICKETS {
                let [english, portuguese] =
                    Language::ALL.map(|language| whole(sentence(language, notification_type, reason)));
                assert_phrase(&english, &portuguese);
            }
        }
        let [english, portuguese] = Language::ALL.map(|language| whole(commented_and_reopened(language)));
        assert_phrase(&english, &portuguese);
        let [english, portuguese] = Language::ALL.map(desk);
        assert_phrase(english, portuguese);
        for reason in [1, 5].map(|days| DeskReason::ResolvedFor { days }).into_iter().chain([DeskReason::AssigneeLeft])
        {
            let [english, portuguese] = Language::ALL.map(|language| desk_reason(language, reason));
            assert_phrase(&english, &portuguese);
        }
        for reason in NotificationReason::OF_TICKETS {
            assert_ne!(
                notification_reason(Language::English, reason),
                notification_reason(Language::BrazilianPortuguese, reason)
            );
        }
        for at in Status::ALL {
            assert_ne!(status(Language::English, at), status(Language::BrazilianPortuguese, at));
        }
    }
}
