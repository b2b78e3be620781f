"""A login in steps: what its answers say, and the steps that a login with a person in front of it takes.

The steps are the same for both kinds of clients, so they are a generator that never waits: it says what is to be done,
and the client does it, by blocking or by awaiting.
"""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Dict, Generator, List, Mapping, Optional, Union

from ._answer import Answer
from ._errors import Error
from ._handle import failure
from ._request import Members

# A login that nobody answers ends by itself after this, as it does in the library; seconds.
DEFAULT_TIMEOUT = 300.0
# How long Okta is left alone after an answer that got lost or came with an unknown wait; seconds.
PAUSE = 2.0


class Factor:
    """A second factor of a user."""

    __slots__ = ("raw",)

    def __init__(self, raw: Dict[str, Any]) -> None:
        self.raw = raw
        """As it came."""

    @property
    def id(self) -> str:
        """What factor_id names."""
        return str(self.raw["id"])

    @property
    def type(self) -> str:
        """As at Okta: push, token:software:totp, sms, call, email, question, ..."""
        return str(self.raw["type"])

    @property
    def provider(self) -> str:
        """OKTA, GOOGLE, ..."""
        return str(self.raw["provider"])

    @property
    def name(self) -> str:
        """Which device or address, for people; may be empty."""
        return str(self.raw.get("name") or "")

    @property
    def supported(self) -> bool:
        """Whether it can be used without a browser."""
        return bool(self.raw["supported"])

    def __repr__(self) -> str:
        return f"<Factor {self.type} {self.provider} {self.name!r}>"


class Challenge:
    """What the user is asked, by whom, and until when."""

    __slots__ = ("attempts_left", "expires_at", "factor", "last_error", "number", "question", "type")

    def __init__(self, transaction: "Transaction") -> None:
        raw = transaction.raw["challenge"]
        self.type: str = raw["type"]
        """push: confirm on the phone; number: tap `number` there; passcode; question: answer `question`."""
        self.number: Optional[int] = raw["number"]
        """The number to tap; may be 0."""
        self.question: Optional[str] = raw["question"]
        """The text of the question."""
        self.factor: Factor = Factor(transaction.raw["factor"])
        """Where it is answered."""
        self.expires_at: datetime = transaction.expires_at
        """When it is too late."""
        self.attempts_left: Optional[int] = transaction.raw["attempts_left"]
        """How many wrong answers there may be, where known."""
        self.last_error: Optional[str] = (transaction.raw["last_error"] or {}).get("text")
        """What was wrong with the answer before."""

    def __str__(self) -> str:
        """A line for the user, so that print() will do for pushes."""
        where = self.factor.name or self.factor.type
        if self.type == "question":
            return self.question or ""
        if self.type == "passcode":
            return f"Passcode of {where}"
        return f"On {where}, confirm" if self.number is None else f"On {where}, tap {self.number}"

    def __repr__(self) -> str:
        return f"<Challenge {self.type} {self.factor!r}>"


class Transaction:
    """The state of a login in steps, as start_transaction() and continue_transaction() answer it."""

    __slots__ = ("raw",)

    def __init__(self, raw: Dict[str, Any]) -> None:
        self.raw = raw
        """The member "data" as it came."""

    @property
    def id(self) -> str:
        """What continue_transaction() takes; a secret."""
        return str(self.raw["id"])

    @property
    def state(self) -> str:
        """mfa_required, challenge, done, or failed."""
        return str(self.raw["state"])

    @property
    def is_open(self) -> bool:
        """Whether there is a next step."""
        return self.state in ("mfa_required", "challenge")

    @property
    def factors(self) -> List[Factor]:
        """The user's active factors."""
        return [Factor(raw) for raw in self.raw["factors"]]

    @property
    def challenge(self) -> Optional[Challenge]:
        """What the user is asked now."""
        return Challenge(self) if self.raw["challenge"] else None

    @property
    def poll_after(self) -> Optional[int]:
        """Seconds after which a poll says something new; None where polling is of no use."""
        value = self.raw["poll_after"]
        return None if value is None else int(value)

    @property
    def expires_at(self) -> datetime:
        """When it ends by itself."""
        return datetime.fromisoformat(str(self.raw["expires_at"]).replace("Z", "+00:00"))

    def __repr__(self) -> str:
        return f"<Transaction {self.state}>"


def transaction(answer: Union[Answer, Error]) -> Transaction:
    """The transaction in an answer, or in an error that left it open."""
    return Transaction(answer.data)


ChooseFactor = Callable[[List[Factor]], Factor]


@dataclass
class Call:
    """To be done: an operation. The reply is its answer, or the Error that it raised."""

    operation: str
    members: Members


@dataclass
class Sleep:
    """To be done: wait so many seconds. The reply is None."""

    seconds: float


@dataclass
class Ask:
    """To be done: tell the caller of a challenge. The reply is his passcode or answer, or None."""

    challenge: Challenge


Step = Union[Call, Sleep, Ask]
Reply = Union[Answer, Error, str, None]


class InteractiveLogin:
    """The steps of a login whose challenges are told to the caller: next() until it gives the answer."""

    def __init__(self, members: Members, choose: Optional[ChooseFactor]) -> None:
        self._start: Dict[str, Optional[object]] = dict(members)
        timeout = self._start.get("timeout_ms")
        self._deadline = time.monotonic() + (timeout / 1000 if isinstance(timeout, int) else DEFAULT_TIMEOUT)
        # What each further step repeats of the first.
        kept = ("mount_point", "remote_address", "user_agent", "request_id", "wrap_ttl")
        self._common = {name: self._start.get(name) for name in kept}
        self._choose = choose or preferred
        self._open: Optional[str] = None
        self._steps = self._all()

    def next(self, reply: Reply = None) -> Union[Step, Answer]:
        """What is to be done after this reply to the step before; at the end the answer with the token. Raises what
        ended the login otherwise."""
        try:
            return self._steps.send(reply)
        except StopIteration as end:
            done: Answer = end.value
            return done

    def farewell(self) -> Optional[Call]:
        """What tells Okta that nobody waits any more, unless the login is over."""
        if self._open is None:
            return None
        return Call("cancel_transaction", {**self._common, "id": self._open})

    def _all(self) -> Generator[Step, Reply, Answer]:
        reply = yield Call("start_transaction", self._start)
        shown: Optional[object] = None
        while True:
            if isinstance(reply, Answer) and reply.status == 200:
                self._open = None
                return reply
            state, pause = self._state(reply)
            self._open = state.id
            challenge = state.challenge
            if challenge is None:
                reply = yield self._next(factor_id=self._chosen(state).id)
                continue
            asked = challenge.type in ("passcode", "question")
            if asked and pause is None:
                reply = yield Ask(challenge)
                if not isinstance(reply, str):
                    raise _refusal(400, "passcode_required", "the challenge was not answered")
                reply = yield self._next(**{"passcode" if challenge.type == "passcode" else "answer": reply})
                continue
            looks = (challenge.type, challenge.number)
            if not asked and looks != shown:
                shown = looks
                yield Ask(challenge)
            yield Sleep(min(PAUSE if pause is None else pause, max(0.0, self._deadline - time.monotonic())))
            reply = yield self._next()

    def _state(self, reply: Reply) -> "tuple[Transaction, Optional[float]]":
        """The open transaction, and how long to leave it alone; raises what ended it."""
        if isinstance(reply, Answer):
            state = transaction(reply)
            return state, None if state.poll_after is None else float(state.poll_after)
        assert isinstance(reply, Error)
        # Okta asks to slow down, or its answer was lost: the transaction shows whether it goes on.
        if reply.status in (429, 503) and transaction(reply).raw.get("challenge"):
            return transaction(reply), float(reply.retry_after or PAUSE)
        self._open = None
        raise reply

    def _chosen(self, state: Transaction) -> Factor:
        usable = [factor for factor in state.factors if factor.supported]
        if not usable:
            raise _refusal(400, "no_supported_factor", "none of the user's factors can be used here")
        return self._choose(usable)

    def _next(self, **members: str) -> Call:
        left = int((self._deadline - time.monotonic()) * 1000)
        if left <= 0:
            raise _refusal(400, "challenge_timeout", "the challenge was not answered in time")
        return Call("continue_transaction", {**self._common, "id": self._open, "timeout_ms": left, **members})


def preferred(factors: List[Factor]) -> Factor:
    """The factor that a login takes unless told otherwise: a push, or else the first."""
    return next((factor for factor in factors if factor.type == "push"), factors[0])


def _refusal(status: int, code: str, text: str) -> Error:
    body: Mapping[str, object] = {"errors": [text], "code": code}
    return failure(status, json.dumps(body).encode())
