"""What schemathesis can't know by itself: how the provider signs, and texts that mean something to us."""

import base64
import hashlib
import hmac
import os
import time
from datetime import datetime, timedelta, timezone

import schemathesis
from hypothesis import strategies as st
from requests import PreparedRequest
from requests.auth import AuthBase

SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))

# Numbers that the simulator has scenarios for, and others that it draws lots for.
NUMBERS = st.one_of(
    st.integers(101, 120).map("+14155550{}".format),
    st.integers(10**9, 10**10).map("+49{}".format),
)
schemathesis.openapi.format("phone", NUMBERS)


# Most calls are young; another version than theirs is refused before anything else is looked at.
schemathesis.openapi.format("etag", st.sampled_from(["*", "*", '"1"', '"2"']))


def soon(seconds: int) -> str:
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


# An instant of any year is nearly always refused, as past or as too far ahead.
schemathesis.openapi.format("date-time", st.integers(-50, 86_400).map(soon))


class Signed(AuthBase):
    """Signs as Standard Webhooks has it, now; a message that was made to be malformed stays as it is."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        name, sent = request.headers.get("webhook-id"), request.headers.get("webhook-timestamp")
        if not name or not sent or not is_timestamp(text(sent)) or "webhook-signature" not in request.headers:
            return request
        now = str(int(time.time()))
        body = request.body or b""
        body = body if isinstance(body, bytes) else body.encode()
        signed = b".".join([text(name).encode("latin-1", "replace"), now.encode(), body])
        code = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
        request.headers["webhook-timestamp"] = now
        request.headers["webhook-signature"] = f"v1,{code}"
        return request


def is_timestamp(value: str) -> bool:
    return value.isdigit() and int(value) < 2**63


def text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class SignedAsBefore(AuthBase):
    """Signs as older clients do; a message without a signature stays as it is."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if "X-Hub-Signature-256" in request.headers:
            body = request.body or b""
            body = body if isinstance(body, bytes) else body.encode()
            code = hmac.new(os.environ["SEED_WEBHOOK_SECRET"].encode(), body, hashlib.sha256).hexdigest()
            request.headers["X-Hub-Signature-256"] = f"sha256={code}"
        return request


schemathesis.auth.set_from_requests(SignedAsBefore()).apply_to(path_regex="^/api/webhook$")
schemathesis.auth.set_from_requests(Signed()).apply_to(path_regex="^/api/webhooks/")
