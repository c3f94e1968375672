//! Who is notified of what, cell by cell.

use super::*;
use crate::id::{EventId, TicketNumber};
use crate::samples::{ada, cells, minute, otto, rita, ticket_in, tina, tom};
use crate::user::{EmailAddress, Person, Role};

/// Who is notified, and why, of an event on a ticket of Rita's. `has` is the assignee after the
/// event, `had` the one before, if the event changed the assignee. The columns are the actors.
/// `all` stands for the technicians, notified together.
const TOLD: &str = "
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

/// The same where the requester is a technician, and so may be or have been the assignee too.
/// `asked` is the requester.
const TOLD_ONCE: &str = "
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

fn happening(
    occasion: Occasion,
    actor: Person,
    requester: UserId,
    assignee: Option<UserId>,
    former_assignee: Option<UserId>,
) -> Happening {
    Happening {
        id: EventId::from_bytes([1; 16]),
        occasion,
        ticket: TicketNumber::new(7).unwrap(),
        actor,
        at: minute(1),
        requester,
        assignee,
        former_assignee,
    }
}

/// Formats every recipient as `name:reason`, or `-` if there is none.
fn told(happening: &Happening) -> String {
    let name = |id| people().into_iter().find(|(_, person)| person.id == id).unwrap().0;
    let mut shown: Vec<String> = recipients(happening)
        .into_iter()
        .map(|recipient| {
            let reason = format!("{:?}", recipient.reason).to_lowercase();
            format!("{}:{reason}", name(recipient.user_id))
        })
        .collect();
    if technicians_except(happening).is_some() {
        shown.push("all".to_owned());
    }
    if shown.is_empty() { "-".to_owned() } else { shown.join(",") }
}

fn occasion(name: &str) -> Occasion {
    Occasion::named(name).unwrap()
}

fn id_of(name: &str) -> Option<UserId> {
    named(name).map(|person| person.id)
}

#[test]
fn everybody_is_told_what_the_table_says() {
    let cells = cells(TOLD, 3);
    for cell in &cells {
        let [kind, has, had] = cell.row[..] else {
            panic!("three headings expected: {:?}", cell.row);
        };
        let actor = named(cell.column).unwrap();
        let happening = happening(occasion(kind), actor, rita().id, id_of(has), id_of(had));
        assert_eq!(told(&happening), cell.text, "{:?} by {}", cell.row, cell.column);
    }
    for occasion in Occasion::all_of_tickets() {
        let name = occasion.as_str();
        assert!(cells.iter().any(|cell| cell.row[0] == name), "{name} is missing");
    }
}

#[test]
fn somebody_who_is_several_things_to_a_ticket_is_told_once_by_the_first_row_that_fits() {
    for cell in cells(TOLD_ONCE, 4) {
        let [kind, asked, has, had] = cell.row[..] else {
            panic!("four headings expected: {:?}", cell.row);
        };
        let (actor, requester) = (named(cell.column).unwrap(), id_of(asked).unwrap());
        let happening = happening(occasion(kind), actor, requester, id_of(has), id_of(had));
        assert_eq!(told(&happening), cell.text, "{:?} by {}", cell.row, cell.column);
    }
}

#[test]
fn whatever_happens_the_actor_is_not_told_and_nobody_twice() {
    let people = people().map(|(_, person)| person);
    let or_nobody = || people.iter().map(|person| Some(person.id)).chain([None]);
    for occasion in Occasion::all_of_tickets() {
        for actor in &people {
            for requester in &people {
                for (assignee, former) in or_nobody().flat_map(|one| or_nobody().map(move |two| (one, two))) {
                    let happening = happening(occasion, actor.clone(), requester.id, assignee, former);
                    let mut told: Vec<UserId> =
                        recipients(&happening).into_iter().map(|recipient| recipient.user_id).collect();
                    assert!(!told.contains(&actor.id), "{happening:?}");
                    let count = told.len();
                    told.sort_unstable();
                    told.dedup();
                    assert_eq!(told.len(), count, "{happening:?}");
                    let left_out = technicians_except(&happening);
                    let is_left_out = |id: &UserId| left_out.as_ref().is_none_or(|left_out| left_out.contains(id));
                    assert!(is_left_out(&actor.id) && told.iter().all(is_left_out), "{happening:?}");
                }
            }
        }
    }
}

#[test]
fn the_reasons_have_the_names_of_the_contract() {
    let names = NotificationReason::OF_TICKETS.map(NotificationReason::as_str);
    assert_eq!(names, ["assigned", "released", "assignee", "requester", "new_ticket"]);
    for reason in NotificationReason::OF_TICKETS.into_iter().chain([NotificationReason::Admin]) {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
}

/// What an account may be notified of on a ticket of Rita's that is assigned to Tina: of
/// everything, of all but notes, or of nothing. The account is in its state at the time of
/// notification.
const MAY_BE_TOLD: &str = "
    role        active  rita    tina  otto
    user        yes     public  no    no
    technician  yes     all     all   all
    admin       yes     all     all   all
    user        no      no      no    no
    technician  no      no      no    no
    admin       no      no      no    no";

#[test]
fn only_an_active_account_that_may_see_the_ticket_now_is_told() {
    for cell in cells(MAY_BE_TOLD, 2) {
        let person = match cell.column {
            "otto" => otto(),
            name => named(name).unwrap(),
        };
        let email = EmailAddress::parse("someone@example.org").unwrap();
        let role = Role::named(cell.row[0]).unwrap();
        let mut user = User::register(person.id, person.name, email, role, minute(0));
        user.active = cell.row[1] == "yes";
        for occasion in Occasion::all_of_tickets() {
            let happening = happening(occasion, ada(), rita().id, Some(tina().id), None);
            let expected = cell.text == "all" || (cell.text == "public" && occasion != Occasion::Noted);
            for reason in NotificationReason::OF_TICKETS {
                let of_those = reason != NotificationReason::NewTicket || role == Role::Technician;
                let told = may_be_told(&happening, reason, &user, rita().id, Some(tina().id));
                assert_eq!(told, expected && of_those, "{:?} {} {occasion:?} {reason:?}", cell.row, cell.column);
            }
        }
    }
}

#[test]
fn an_occasion_is_written_by_its_name_and_read_back() {
    for occasion in Occasion::all_of_tickets().into_iter().chain([Occasion::WebhookDisabled]) {
        let text = serde_json::to_string(&occasion).unwrap();
        assert_eq!(text, format!("\"{}\"", occasion.as_str()));
        assert_eq!(serde_json::from_str::<Occasion>(&text).unwrap(), occasion);
    }
    assert!(serde_json::from_str::<Occasion>("\"jammed\"").is_err());
}

#[test]
fn technicians_are_mailed_of_a_new_ticket_that_is_urgent_and_waits() {
    for priority in Priority::ALL {
        for status in Status::ALL {
            let mut head = ticket_in(status, &rita()).head;
            head.priority = priority;
            let expected = priority == Priority::Urgent && status == Status::Open;
            assert_eq!(mails_technicians(&head), expected, "{priority:?} {status:?}");
        }
    }
}
