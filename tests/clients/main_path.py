"""Plays the main path with the client that openapi-python-client generates from docs/openapi.yaml.

    python main_path.py <url> <admin's address> <admin's password> <address of the mails>
"""

import re
import sys
import time
import urllib.error
import urllib.request
import uuid

from help_desk_client import AuthenticatedClient, Client
from help_desk_client.api.conversation import comments_create, comments_list
from help_desk_client.api.account import me_get
from help_desk_client.api.sign_in import auth_login, auth_register, auth_reset_password
from help_desk_client.api.tickets import tickets_assign, tickets_close, tickets_create, tickets_get, tickets_list
from help_desk_client.api.tickets import tickets_resolve
from help_desk_client.api.users import users_set_role
from help_desk_client.models import Assignment, LoginBody, NewComment, NewTicket, NotFoundProblem, PasswordResetBody
from help_desk_client.models import RegistrationBody, ResolutionBody
from help_desk_client.models import Role, RoleBody, Status, Ticket, ValidationFailedProblem

URL, EMAIL, PASSWORD, MAILS = sys.argv[1:]
PASSPHRASE = "a long walk by the sea"


def anyone():
    # Fails on an answer that the contract does not have.
    return Client(base_url=URL, raise_on_unexpected_status=True)


def sign_in(email, password):
    tokens = auth_login.sync(client=anyone(), body=LoginBody(email=email, password=password))
    return AuthenticatedClient(base_url=URL, token=tokens.access_token, raise_on_unexpected_status=True)


def register(name):
    email = f"{name.lower()}-{time.time_ns()}@example.org"
    asked = auth_register.sync_detailed(client=anyone(), body=RegistrationBody(name=name, email=email))
    assert asked.status_code == 202, asked
    chosen = PasswordResetBody(token=mailed_token(email), password=PASSPHRASE)
    assert auth_reset_password.sync_detailed(client=anyone(), body=chosen).status_code == 204
    user = me_get.sync(client=sign_in(email, PASSPHRASE))
    assert user.role == Role.USER and user.active, user
    return user


def mailed_token(email):
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{MAILS}/to/{email}", timeout=30) as mail:
                return re.search("#token=(\\S+)", mail.read().decode()).group(1)
        except urllib.error.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"No mail to {email} arrived.")


def ticket_of(answer):
    assert isinstance(answer, Ticket), answer
    return answer


def open_ticket(rita):
    body = NewTicket(title="The printer jams", description="Every second page.", tags=["paper"])
    key = str(uuid.uuid4())
    first, again = (tickets_create.sync_detailed(client=rita, body=body, idempotency_key=key) for _ in range(2))
    ticket = ticket_of(first.parsed)
    assert ticket.status == Status.OPEN and ticket.assignee is None, ticket
    assert again.parsed.number == ticket.number and again.headers["idempotency-replayed"] == "true"
    return ticket


def solve(number, rita, theo):
    taken = ticket_of(tickets_assign.sync(number, client=theo, body=Assignment()))
    assert taken.status == Status.IN_PROGRESS and taken.assignee.name == "Theo", taken
    for who, text in ((theo, "Which tray?"), (rita, "The lower one.")):
        assert comments_create.sync(number, client=who, body=NewComment(body=text)).body == text
    comments = comments_list.sync(number, client=rita)
    assert [comment.author.name for comment in comments.items] == ["Theo", "Rita"], comments
    resolved = ticket_of(tickets_resolve.sync(number, client=theo, body=ResolutionBody(resolution="A new roller.")))
    assert resolved.resolution == "A new roller." and resolved.resolved_at.utcoffset().seconds == 0, resolved
    assert ticket_of(tickets_close.sync(number, client=rita)).status == Status.CLOSED
    closed = tickets_list.sync(client=rita, status=Status.CLOSED, limit=10)
    assert number in [ticket.number for ticket in closed.items], closed


def check_errors(rita):
    missing = tickets_get.sync(999_999, client=rita)
    assert isinstance(missing, NotFoundProblem) and missing.type_ == "/problems/not-found", missing
    invalid = tickets_create.sync(client=rita, body=NewTicket(title=" ", description=""))
    assert isinstance(invalid, ValidationFailedProblem), invalid
    assert {"/title", "/description"} <= {error.pointer for error in invalid.errors}, invalid


def main():
    rita, theo = register("Rita"), register("Theo")
    promoted = users_set_role.sync(theo.id, client=sign_in(EMAIL, PASSWORD), body=RoleBody(role=Role.TECHNICIAN))
    assert promoted.role == Role.TECHNICIAN, promoted
    # A token has the role that its account had when it was issued.
    rita, theo = (sign_in(person.email, PASSPHRASE) for person in (rita, theo))
    ticket = open_ticket(rita)
    solve(ticket.number, rita, theo)
    check_errors(rita)
    print(f"-- The Python client opened, solved and closed ticket {ticket.number}")


main()
