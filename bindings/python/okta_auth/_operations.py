"""The operations that are more than a call: the door, and the login that tells its challenges."""

from typing import Awaitable, Callable, Mapping, Optional, TypeVar, Union

from ._generated.operations import Operations
from ._handle import DOOR
from ._request import Duration
from ._transaction import Challenge, ChooseFactor, InteractiveLogin

R = TypeVar("R")

OnChallenge = Callable[[Challenge], Union[str, Awaitable[Optional[str]], None]]
"""Is told of a challenge; returns the passcode or the answer where one is asked for."""


class AllOperations(Operations[R]):
    """Every operation, for both kinds of clients; R is what a call gives back."""

    def login(
        self,
        username: str,
        password: str,
        *,
        totp: Optional[str] = None,
        provider: Optional[str] = None,
        nonce: Optional[str] = None,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
        on_challenge: Optional[OnChallenge] = None,
        choose_factor: Optional[ChooseFactor] = None,
    ) -> R:
        """Logs a user in at Okta with password and second factor, and issues a token. Waits for a push until the user
        has answered it, at most login_timeout_ms or timeout_ms.

        Vault: POST auth/<mount_point>/login/<username>

          username: as the user would type it at Okta; outer blanks are trimmed.
          password: the user's password; never stored.
          totp: passcode of a TOTP factor; without it a push is sent. provider: OKTA or GOOGLE, whose TOTP factor.
          nonce: 16 characters or more, random: where verify() tells the number of a push. Not with on_challenge.
          on_challenge: is called once with each Challenge, for instance to show the number to tap while this waits.
              What it returns for a passcode or a question is the user's answer; None gives up. Every kind of factor
              can be used so.
          choose_factor: with on_challenge, takes one of the user's usable factors; default a push, or else the first.

        Answers 200 with "auth". The exceptions that say that the user is not logged in are kinds of LoginFailed, and
        those after which another call can do better kinds of MfaRequired.
        """
        members = {
            "username": username,
            "password": password,
            "totp": totp,
            "provider": provider,
            "mount_point": mount_point,
            "timeout_ms": timeout_ms,
            "remote_address": remote_address,
            "user_agent": user_agent,
            "request_id": request_id,
            "wrap_ttl": wrap_ttl,
        }
        if on_challenge is None and choose_factor is None:
            return self._perform("login", {**members, "nonce": nonce})
        if on_challenge is None:
            raise TypeError("choose_factor needs on_challenge, which tells the user what to do with the factor")
        if nonce is not None:
            raise TypeError("a nonce is for verify(); on_challenge is told the number itself")
        return self._interactive(InteractiveLogin(members, choose_factor), on_challenge)

    def _interactive(self, login: InteractiveLogin, on_challenge: OnChallenge) -> R:
        raise NotImplementedError

    def request(
        self,
        method: str,
        path: str,
        *,
        token: Optional[str] = None,
        data: Optional[Mapping[str, object]] = None,
        body: Optional[str] = None,
        headers: Optional[Mapping[str, object]] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """The door for requests of others: carries out a request as Vault's HTTP server would, with the authority of
        its token. Pass on what a client sent; do not use it with your own wishes.

          method: GET, POST, PUT, DELETE or LIST.
          path: as on the wire: percent-encoded, with or without "/v1/", with its query.
          token: the caller's token; needed on every path but those of logins.
          data, body: the parameters, as an object or as the text that came.
          headers: texts or lists of texts; X-Vault-Token counts like token.
          remote_address: the client's IP address, which token_bound_cidrs are compared with.
          user_agent: the client's program, for the audit log and for Okta.

        Whatever HTTP status comes is the answer, to be passed on; only a call without an answer raises.
        """
        members = {
            "method": method,
            "path": path,
            "token": token,
            "data": data,
            "body": body,
            "headers": headers,
            "remote_address": remote_address,
            "user_agent": user_agent,
            "timeout_ms": timeout_ms,
            "request_id": request_id,
            "wrap_ttl": wrap_ttl,
        }
        return self._perform(DOOR, members)
