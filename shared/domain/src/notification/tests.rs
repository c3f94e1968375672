//! Who is notified of what, cell by cell.

use super::*;
use crate::id::{EventId, TicketNumber};
use crate::samples::{ada, cells, minute, otto, rita, ticket_in, tina, tom};
use crate::user::{EmailAddress, Person, Role};

/// Who is notified, and why, of an event on a ticket of Rita's. `has` is the assignee after the
/// event, `had` the one before, if the event changed the assignee. The columns are the actors.
/// `all` stands for the technicians, notified together.
const NOTIFIED: &str = "
    type         has   had   rita                        tina                         tom                           ada
    opened       -     -     all                         rita:requester,all           rita:requester,all            rita:requester,all
    assigned     tina  -     tina:assigned               rita:requester               tina:assigned,rita:requester  tina:assigned,rita:requester
    handed_over  tina  tom   tina:assigned,tom:released  tom:released,rita:requester  tina:assigned,rita:requester  tina:assigned,tom:released,rita:requester
    released     -     tina  tina:released               rita:requester               tina:released,rita:requester  tina:released,rita:requester
    resolved     tina  -     tina:assignee               rita:requester               tina:assignee,rita:requester  tina:assignee,rita:requester
    reopened     tina  -     tina:assignee               rita:requester               tina:assignee,rita:requester  tina:assignee,rita:requester
    closed       tina  -     tina:assignee               rita:requester               tina:assignee,rita:requester  tina:assignee,rita:requester
    withdrawn    -     -     -                           rita:requester               rita:requester                rita:requester
    updated      -     -     -                           rita:requester               rita:requester                rita:requester
    updated      tina  -     tina:assignee               rita:requester               tina:assignee,rita:requester  tina:assignee,rita:requester
    commented    -     -     -                           rita:requester               rita:requester                rita:requester
    commented    tina  -     tina:assignee               rita:requester               tina:assignee,rita:requester  tina:assignee,rita:requester
    noted        -     -     -                           -                            -                             -
    noted        tina  -     tina:assignee               -                            tina:assignee                 tina:assignee";

/// The table above for a requester who is a technician, and so may also be or have been the
/// assignee. `asked` is the requester.
const NOTIFIED_ONCE: &str = "
    type         asked  has   had   tina           tom            ada
    assigned     tina   tina  -     -              tina:assigned  tina:assigned
    handed_over  tina   tina  tom   tom:released   tina:assigned  tina:assigned,tom:released
    handed_over  tom    tina  tom   tom:released   tina:assigned  tina:assigned,tom:released
    released     tina   -     tina  -              tina:released  tina:released
    resolved     tina   tina  -     -              tina:assignee  tina:assignee
    commented    tina   tina  -     -              tina:assignee  tina:assignee
    commented    tom    tina  -     tom:requester  tina:assignee  tina:assignee,tom:requester";

fn people() -> [(&'static str, Person); 4] {
    [("rita", rita()), ("tina", tina()), ("tom", tom()), ("ada", ada())]
}

fn named(name: &str) -> Option<Person> {
    let mut people = people().into_iter();
    people.find(|(known, _)| *known == name).map(|(_, person)| person)
}

fn trigger(
    notification_type: NotificationType,
    actor: Person,
    requester: UserId,
    assignee: Option<UserId>,
    former_assignee: Option<UserId>,
) -> NotificationTrigger {
    NotificationTrigger {
        id: EventId::from_bytes([1; 16]),
        notification_type,
        ticket: TicketNumber::new(7).unwrap(),
        actor,
        via: None,
        at: minute(1),
        requester,
        assignee,
        former_assignee,
    }
}

/// Formats every recipient as `name:reason`, or `-` if there is none.
fn notified(trigger: &NotificationTrigger) -> String {
    let name = |id| people().into_iter().find(|(_, person)| person.id == id).unwrap().0;
    let mut shown: Vec<String> = recipients(trigger)
        .into_iter()
        .map(|recipient| {
            let reason = format!("{:?}", recipient.reason).to_lowercase();
            format!("{}:{reason}", name(recipient.user_id))
        })
        .collect();
    if excluded_technicians(trigger).is_some() {
        shown.push("all".to_owned());
    }
    if shown.is_empty() { "-".to_owned() } else { shown.join(",") }
}

fn notification_type(name: &str) -> NotificationType {
    NotificationType::named(name).unwrap()
}

fn id_of(name: &str) -> Option<UserId> {
    named(name).map(|person| person.id)
}

#[test]
fn the_recipients_of_each_trigger_match_the_table() {
    let cells = cells(NOTIFIED, 3);
    for cell in &cells {
        let [kind, has, had] = cell.row[..] else {
            panic!("three headings expected: {:?}", cell.row);
        };
        let actor = named(cell.column).unwrap();
        let trigger = trigger(notification_type(kind), actor, rita().id, id_of(has), id_of(had));
        assert_eq!(notified(&trigger), cell.text, "{:?} by {}", cell.row, cell.column);
    }
    for notification_type in NotificationType::all_for_tickets() {
        let name = notification_type.as_str();
        assert!(cells.iter().any(|cell| cell.row[0] == name), "{name} is missing");
    }
}

#[test]
fn a_person_with_several_reasons_is_notified_once_for_the_first() {
    for cell in cells(NOTIFIED_ONCE, 4) {
        let [kind, asked, has, had] = cell.row[..] else {
            panic!("four headings expected: {:?}", cell.row);
        };
        let (actor, requester) = (named(cell.column).unwrap(), id_of(asked).unwrap());
        let trigger = trigger(notification_type(kind), actor, requester, id_of(has), id_of(had));
        assert_eq!(notified(&trigger), cell.text, "{:?} by {}", cell.row, cell.column);
    }
}

#[test]
fn the_actor_is_never_notified_and_no_recipient_is_notified_twice() {
    let people = people().map(|(_, person)| person);
    let or_nobody = || people.iter().map(|person| Some(person.id)).chain([None]);
    for notification_type in NotificationType::all_for_tickets() {
        for actor in &people {
            for requester in &people {
                for (assignee, former) in or_nobody().flat_map(|one| or_nobody().map(move |two| (one, two))) {
                    let trigger = trigger(notification_type, actor.clone(), requester.id, assignee, former);
                    let mut notified: Vec<UserId> =
                        recipients(&trigger).into_iter().map(|recipient| recipient.user_id).collect();
                    assert!(!notified.contains(&actor.id), "{trigger:?}");
                    let count = notified.len();
                    notified.sort_unstable();
                    notified.dedup();
                    assert_eq!(notified.len(), count, "{trigger:?}");
                    let left_out = excluded_technicians(&trigger);
                    let is_left_out = |id: &UserId| left_out.as_ref().is_none_or(|left_out| left_out.contains(id));
                    assert!(is_left_out(&actor.id) && notified.iter().all(is_left_out), "{trigger:?}");
                }
            }
        }
    }
}

#[test]
fn a_service_account_is_not_notified_of_what_it_did_for_a_person() {
    let (rita, tina) = (rita(), tina());
    let commented = notification_type("commented");
    let mut trigger = trigger(commented, rita.clone(), rita.id, Some(tina.id), None);
    let notified = |trigger: &_| recipients(trigger).into_iter().map(|one| one.user_id).collect::<Vec<_>>();
    assert_eq!((notified(&trigger), trigger.owner()), (vec![tina.id], rita.id));
    trigger.via = Some(tina.id);
    assert_eq!((notified(&trigger), trigger.owner()), (vec![], tina.id));
    trigger.notification_type = notification_type("opened");
    assert!(excluded_technicians(&trigger).unwrap().contains(&tina.id));
}

#[test]
fn notification_reasons_have_the_names_in_the_contract() {
    let names = NotificationReason::OF_TICKETS.map(NotificationReason::as_str);
    assert_eq!(names, ["assigned", "released", "assignee", "requester", "new_ticket"]);
    for reason in NotificationReason::OF_TICKETS.into_iter().chain([NotificationReason::Admin]) {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
}

/// What an account may be notified of on a ticket of Rita's that is assigned to Tina: of
/// everything, of all but notes, or of nothing. The account is in its state at the time of
/// notification.
const MAY_BE_NOTIFIED: &str = "
    role        active  rita    tina  otto
    user        yes     public  no    no
    technician  yes     all     all   all
    admin       yes     all     all   all
    user        no      no      no    no
    technician  no      no      no    no
    admin       no      no      no    no";

#[test]
fn only_active_accounts_that_may_see_the_ticket_are_notified() {
    for cell in cells(MAY_BE_NOTIFIED, 2) {
        let person = match cell.column {
            "otto" => otto(),
            name => named(name).unwrap(),
        };
        let email = EmailAddress::parse("someone@example.org").unwrap();
        let role = Role::named(cell.row[0]).unwrap();
        let mut user = User::register(person.id, person.name, email, role, minute(0));
        user.active = cell.row[1] == "yes";
        for notification_type in NotificationType::all_for_tickets() {
            let trigger = trigger(notification_type, ada(), rita().id, Some(tina().id), None);
            let expected =
                cell.text == "all" || (cell.text == "public" && notification_type != NotificationType::NoteWritten);
            for reason in NotificationReason::OF_TICKETS {
                let is_addressed = reason != NotificationReason::NewTicket || role == Role::Technician;
                let notified = may_be_notified(&trigger, reason, &user, rita().id, Some(tina().id));
                assert_eq!(
                    notified,
                    expected && is_addressed,
                    "{:?} {} {notification_type:?} {reason:?}",
                    cell.row,
                    cell.column
                );
            }
        }
    }
}

#[test]
fn a_notification_type_is_written_by_name_and_round_trips() {
    for notification_type in NotificationType::all_for_tickets().into_iter().chain([NotificationType::WebhookDisabled])
    {
        let text = serde_json::to_string(&notification_type).unwrap();
        assert_eq!(text, format!("\"{}\"", notification_type.as_str()));
        assert_eq!(serde_json::from_str::<NotificationType>(&text).unwrap(), notification_type);
    }
    assert!(serde_json::from_str::<NotificationType>("\"jammed\"").is_err());
}

#[test]
fn technicians_are_mailed_about_a_new_urgent_unassigned_ticket() {
    for priority in Priority::ALL {
        for status in Status::ALL {
            let mut head = ticket_in(status, &rita()).head;
            head.priority = priority;
            let expected = priority == Priority::Urgent && status == Status::Open;
            assert_eq!(should_mail_technicians(&head), expected, "{priority:?} {status:?}");
        }
    }
}
