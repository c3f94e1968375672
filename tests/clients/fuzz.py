"""What schemathesis has to know beyond docs/openapi.yaml: who sends a request.

`.ci/contract` sets HELP_DESK to the address of the help desk, the address and the password of its
admin, and the address of the mails, and HELP_DESK_SHORT in CI.
"""

import os
import re
import time
import zlib

import requests
import schemathesis
from schemathesis.generation.meta import TestPhase

URL, EMAIL, PASSWORD, MAILS = os.environ["HELP_DESK"].split()
SHORT = "HELP_DESK_SHORT" in os.environ
PASSPHRASE = "a long walk by the sea"
# The header with which a page asks for a cookie.
SESSION = "X-Helpdesk-Session"
# Access tokens last 600 seconds.
RENEWED_AFTER = 300
# In seconds.
MAILED_WITHIN = 30
# What admins do. Technicians do the rest.
FOR_ADMINS = ("/v1/users", "/v1/webhooks", "/v1/audit")


def post(path, body, token=None, method="POST"):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(method, f"{URL}{path}", json=body, headers=headers, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def sign_in(email, password):
    return post("/v1/auth/login", {"email": email, "password": password})["access_token"]


def sign_in_from_page():
    """Signs the admin in as a page does, and returns the name and the value of the cookie."""
    credentials = {"email": EMAIL, "password": PASSWORD}
    answer = requests.post(f"{URL}/v1/auth/login", json=credentials, headers={SESSION: "cookie", "Origin": URL}, timeout=30)
    answer.raise_for_status()
    return answer.headers["set-cookie"].split(";")[0].split("=", 1)


def hire():
    """Creates a technician and returns their token."""
    credentials = {"email": f"theo-{time.time_ns()}@example.org", "password": PASSPHRASE}
    post("/v1/auth/register", {"name": "Theo", "email": credentials["email"]})
    post("/v1/auth/password/reset", {"token": mailed_token(credentials["email"]), "password": PASSPHRASE})
    technician = post("/v1/me", None, sign_in(**credentials), "GET")
    post(f"/v1/users/{technician['id']}/role", {"role": "technician"}, sign_in(EMAIL, PASSWORD), "PUT")
    return sign_in(**credentials)


def mailed_token(email):
    for _ in range(MAILED_WITHIN * 10):
        found = re.search("#token=(\\S+)", requests.get(f"{MAILS}/to/{email}", timeout=30).text)
        if found:
            return found.group(1)
        time.sleep(0.1)
    raise AssertionError(f"No mail to {email} arrived.")


def sent_by_admin(case, _=None):
    return case.path.startswith(FOR_ADMINS)


# A technician may be deactivated by a request before, so each token is a new one's.
@schemathesis.auth(refresh_interval=RENEWED_AFTER, cache_by_key=sent_by_admin, retry_on=[])
class Caller:
    def get(self, case, _):
        return sign_in(EMAIL, PASSWORD) if sent_by_admin(case) else hire()

    def set(self, case, token, _):
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def filter_case(_, case):
    """Drops what reaches no function and, in CI, what would take too long.

    `cargo lambda watch` itself answers 500 if a header or a body is not text (docs/ARCHITECTURE.md,
    "Where the laptop differs from AWS").
    """
    if SHORT and is_surplus(case):
        return False
    values = [str(value) for value in (case.headers or {}).values()]
    return all(value.isascii() and value.isprintable() for value in values) and is_text(case.body)


def is_surplus(case):
    """Returns whether this is the one of two invalid requests of the coverage phase that CI leaves out.

    They are two of three requests. Which are left out depends on nothing but the request.
    """
    meta = case.meta
    if meta is None or meta.phase.name != TestPhase.COVERAGE or not meta.generation.mode.is_negative:
        return False
    parts = (case.method, case.path, case.path_parameters, case.query, case.headers, case.cookies, case.body)
    return zlib.crc32(repr(parts).encode()) % 2 == 0


def is_text(body):
    try:
        return not isinstance(body, bytes) or body.decode() is not None
    except UnicodeDecodeError:
        return False


# The examples of the contract, which a help desk without their tickets and requests refuses.
KEY, VERSION = "8e03978e-40d5-43dd-bc93-6894a57f9324", '"7"'
ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@schemathesis.hook
def before_call(_, case, kwargs):
    """Replaces valid values that what is stored refuses, so that the rest of the request decides.

    Otherwise a key that was used before would hide that an invalid body is accepted.
    """
    headers, body = case.headers or {}, case.body
    if headers.get("Idempotency-Key") == KEY:
        headers["Idempotency-Key"] = f"key-{time.time_ns()}"
    if headers.get("If-Match") == VERSION:
        headers["If-Match"] = "*"
    if headers.get("If-None-Match") == VERSION:
        del headers["If-None-Match"]
    if headers.get(SESSION) == "cookie" and case.path in BROWSERS:
        # A page of another origin gets no cookie.
        headers["Origin"] = URL
        if case.meta is not None and case.meta.generation.mode.is_positive:
            send_from_page(case, kwargs)
    if isinstance(body, dict):
        if type(body.get("follow_up_of")) is int and body["follow_up_of"] > 0:
            body["follow_up_of"] = None
        for name in ("requester_id", "assignee_id"):
            if isinstance(body.get(name), str) and ID.fullmatch(body[name]):
                body[name] = None


# Where a page may ask for a cookie.
BROWSERS = ("/v1/auth/login", "/v1/auth/refresh", "/v1/auth/logout")


def send_from_page(case, kwargs):
    """Makes a valid request that a page sends succeed."""
    if case.path == "/v1/auth/login":
        kwargs["json"] = {"email": EMAIL, "password": PASSWORD}
    else:
        # The refresh token is in the cookie, and then no member may be in the body.
        name, value = sign_in_from_page()
        kwargs["json"], case.headers["Cookie"] = {}, f"{name}={value}"


# The problems of a request that is wrong in itself. All others depend on what is stored.
WRONG = {"bad-request", "validation-failed", "unsupported-media-type", "too-large", "precondition-required"}
# Members with rules that no schema can have: addresses that mail can be sent to, common passwords,
# URLs that can be posted to, tickets and people that have to be there, times that have to be in the
# future, and how many there may be.
RULES = {
    "", "/email", "/password", "/new_password", "/url", "/follow_up_of", "/requester_id", "/requester_email", "/assignee_id",
    "/expires_at",
}
# What is visible is a table of Unicode that no pattern repeats.
BLANK = "must not be blank"

# The same in queries: addresses, and words whose length is counted in the form they are compared
# in.
RULES_OF_QUERIES = re.compile("The query parameter `(email|category|tag)` must be ")


@schemathesis.check
def valid_data_acceptance(_, response, case):
    """Fails if the help desk calls a request wrong that fits the contract."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code < 400:
        return
    problem = response.json()
    if problem["type"].removeprefix("/problems/") not in WRONG:
        return
    if RULES_OF_QUERIES.match(problem["detail"]):
        return
    # OpenAPI cannot say that a body is required without a header.
    if case.path in ("/v1/auth/refresh", "/v1/auth/logout") and "body is empty" in problem["detail"]:
        return
    errors = problem.get("errors", [])
    pointers = {error["pointer"] for error in errors if error["detail"] != BLANK}
    assert errors and pointers <= RULES, f"A request that fits the contract is refused: {problem}"
