"""A method for each named operation. Written by `make generate` from include/okta_auth.h. Do not edit."""

from typing import Generic, Mapping, Optional, TypeVar

from .._request import Duration, Members, Texts

R = TypeVar("R")


class Operations(Generic[R]):
    """The named operations; R is what a call gives back.

    A parameter that is None is left out of the request. Every method takes as well:

    mount_point: where the method is mounted; default okta.
    timeout_ms: milliseconds (1 to 86,400,000) after which it ends with 503 deadline_exceeded.
    remote_address: the IP address of the user's client, for token_bound_cidrs (see AUTHORITY) and the audit
        log.
    user_agent: what Okta is told about the user's client.
    request_id: comes back in the answer, inside where that is wrapped; made up when absent.
    wrap_ttl: seconds, or a duration such as "10m": the answer is wrapped, see below.
    """

    def _perform(self, operation: str, members: Members) -> R:
        raise NotImplementedError

    def configure(
        self,
        *,
        org_name: Optional[str] = None,
        api_token: Optional[str] = None,
        base_url: Optional[str] = None,
        org_url: Optional[str] = None,
        bypass_okta_mfa: Optional[bool] = None,
        organization: Optional[object] = None,
        token: Optional[object] = None,
        production: Optional[object] = None,
        ttl: Optional[object] = None,
        max_ttl: Optional[object] = None,
        token_ttl: Optional[Duration] = None,
        token_max_ttl: Optional[Duration] = None,
        token_period: Optional[Duration] = None,
        token_explicit_max_ttl: Optional[Duration] = None,
        token_policies: Optional[Texts] = None,
        token_no_default_policy: Optional[bool] = None,
        token_bound_cidrs: Optional[Texts] = None,
        token_num_uses: Optional[int] = None,
        token_type: Optional[str] = None,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Writes the configuration of a mount. Members left out keep what they were before; nothing is written
        when any of them is refused. A list is an array of texts or one text split at commas; a duration is a
        text such as "90m".

        Vault: POST auth/<mount_point>/config

          org_name (text): the organisation: acme in https://acme.okta.com; needed unless there is an org_url.
          api_token (text): API token of a read-only administrator, for groups and renewal; never shown.
          base_url (text): the domain behind org_name, not a URL; default okta.com.
          org_url (text): the organisation's full address, such as https://sso.example.ca, instead of the two;
              a new org_name or a base_url written later takes its place.
          bypass_okta_mfa (boolean): count MFA_REQUIRED and MFA_ENROLL as success; default false.
          organization (as in Vault): a deprecated name.
          token (as in Vault): a deprecated name.
          production (as in Vault): a deprecated name.
          ttl (as in Vault): a deprecated name.
          max_ttl (as in Vault): a deprecated name.
          token_ttl (seconds or duration): life of a login's token; default that of the mount.
          token_max_ttl (seconds or duration): how long renewals can stretch it.
          token_period (seconds or duration): tokens without an end that must be renewed this often.
          token_explicit_max_ttl (seconds or duration): hard end, whatever else is set.
          token_policies (list of texts): policies of every login.
          token_no_default_policy (boolean): leave the policy "default" out; default false.
          token_bound_cidrs (list of texts): addresses or networks that may log in and use the token.
          token_num_uses (number): uses of a token; default 0, unlimited.
          token_type (text): default, service or batch.

        Answers 204 with an empty body; 200 with "warnings" when there are some.

          - 400 invalid_request: a member is missing, of the wrong type or not allowed.
        """
        return self._perform(
            "configure",
            {
                "org_name": org_name,
                "api_token": api_token,
                "base_url": base_url,
                "org_url": org_url,
                "bypass_okta_mfa": bypass_okta_mfa,
                "organization": organization,
                "token": token,
                "production": production,
                "ttl": ttl,
                "max_ttl": max_ttl,
                "token_ttl": token_ttl,
                "token_max_ttl": token_max_ttl,
                "token_period": token_period,
                "token_explicit_max_ttl": token_explicit_max_ttl,
                "token_policies": token_policies,
                "token_no_default_policy": token_no_default_policy,
                "token_bound_cidrs": token_bound_cidrs,
                "token_num_uses": token_num_uses,
                "token_type": token_type,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def read_config(
        self,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Reads the configuration of a mount, without its API token.

        Vault: GET auth/<mount_point>/config

        Answers 200 with "data": the members of configure() with their effective values, durations in seconds.
        A warning says that no API token is set.

          - 404 not_found: the mount is not configured.
        """
        return self._perform(
            "read_config",
            {
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def register_user(
        self,
        username: str,
        *,
        groups: Optional[Texts] = None,
        policies: Optional[Texts] = None,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Maps a user to groups and policies, beside the groups that Okta tells. What was mapped before is
        replaced. The name keeps the spelling of its first write.

        Vault: POST auth/<mount_point>/users/<username>

          username (text): the user's name; upper and lower case are the same.
          groups (list of texts): groups of register_group(); default none.
          policies (list of texts): policies; default none.

        Answers 204 with an empty body; 200 with "warnings" when there are some.

          - 400 invalid_request: the name is empty, too long or has control characters.
          - 400 limit_reached: there are 100,000 users at the mount.
        """
        return self._perform(
            "register_user",
            {
                "username": username,
                "groups": groups,
                "policies": policies,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def read_user(
        self,
        username: str,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Reads what a user is mapped to.

        Vault: GET auth/<mount_point>/users/<username>

          username (text): the user's name; upper and lower case are the same.

        Answers 200 with "data": "groups" and "policies", as they were written.

          - 404 not_found: nothing is stored under this name.
        """
        return self._perform(
            "read_user",
            {
                "username": username,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def list_users(
        self,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Lists the names of all mapped users.

        Vault: LIST auth/<mount_point>/users

        Answers 200 with "data": "keys", the names, sorted.

          - 404 not_found: there is none.
        """
        return self._perform(
            "list_users",
            {
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def delete_user(
        self,
        username: str,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Forgets what a user is mapped to, known or not. Tokens he has stay valid.

        Vault: DELETE auth/<mount_point>/users/<username>

          username (text): the user's name; upper and lower case are the same.

        Answers 204 with an empty body; 200 with "warnings" when there are some.
        """
        return self._perform(
            "delete_user",
            {
                "username": username,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def register_group(
        self,
        name: str,
        *,
        policies: Optional[Texts] = None,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Maps a group, of Okta or of register_user(), to policies. What was mapped before is replaced.

        Vault: POST auth/<mount_point>/groups/<name>

          name (text): the group's name; upper and lower case are the same.
          policies (list of texts): policies; lower-cased, sorted, doubles dropped; default none.

        Answers 204 with an empty body; 200 with "warnings" when there are some.

          - 400 invalid_request: the name is empty, too long or has control characters.
          - 400 limit_reached: there are 100,000 groups at the mount.
        """
        return self._perform(
            "register_group",
            {
                "name": name,
                "policies": policies,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def read_group(
        self,
        name: str,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Reads the policies of a group.

        Vault: GET auth/<mount_point>/groups/<name>

          name (text): the group's name; upper and lower case are the same.

        Answers 200 with "data": "policies".

          - 404 not_found: nothing is stored under this name.
        """
        return self._perform(
            "read_group",
            {
                "name": name,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def list_groups(
        self,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Lists the names of all mapped groups.

        Vault: LIST auth/<mount_point>/groups

        Answers 200 with "data": "keys", the names in Vault's order.

          - 404 not_found: there is none.
        """
        return self._perform(
            "list_groups",
            {
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def delete_group(
        self,
        name: str,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Forgets the policies of a group, known or not. Tokens issued before keep them until renewed.

        Vault: DELETE auth/<mount_point>/groups/<name>

          name (text): the group's name; upper and lower case are the same.

        Answers 204 with an empty body; 200 with "warnings" when there are some.
        """
        return self._perform(
            "delete_group",
            {
                "name": name,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

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
    ) -> R:
        """Logs a user in at Okta with password and second factor, and issues a token. Waits for a push until the
        user has answered it, at most login_timeout_ms or timeout_ms, and ends with 503 deadline_exceeded
        then, not sooner; close() ends the wait. Nothing is sent twice: one password check, one push. The
        passcode "totp" chooses a TOTP factor, of "provider" where given; without it Okta Verify push is used.
        When the push wants a number tapped, verify() tells it, in another thread, to whoever knows the
        "nonce".

        Vault: POST auth/<mount_point>/login/<username>

          username (text): as the user would type it at Okta; outer blanks are trimmed.
          password (text): the user's password; never stored.
          totp (text): passcode of a TOTP factor; a user who has none is sent a push all the same (Vault).
          provider (text): OKTA or GOOGLE: whose TOTP factor.
          nonce (text): 16 letters and digits or more, random: where a number challenge is shown.

        Answers 200 with "auth": the token, its accessor, policies and lease_duration in seconds. "metadata"
        has username as typed, policies, and Okta's okta_user_id and okta_login.

          - 400 invalid_request, not_configured: the request or the configuration lacks something, or no such
              token can be issued.
          - 400 invalid_credentials, locked_out, password_expired, login_refused: Okta refused the user.
          - 400 mfa_enrollment_required, no_supported_factor, passcode_required, passcode_invalid: the second
              factor is missing or wrong.
          - 400 push_rejected, challenge_timeout, nonce_required, nonce_invalid: the push was not accepted, or
              its number could not be shown.
          - 403 permission_denied: remote_address is outside token_bound_cidrs.
          - 403 user_locked: Okta called too many passwords or codes of this user wrong, and is not asked;
              retry_after says how long to wait.
          - 429 rate_limited: Okta asks to slow down, or too many pushes were sent to this user; retry_after
              says how long.
          - 503 okta_unreachable, okta_timeout: Okta could not be reached, or did not answer in time.
          - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or does not accept the
              configured api_token.
        """
        return self._perform(
            "login",
            {
                "username": username,
                "password": password,
                "totp": totp,
                "provider": provider,
                "nonce": nonce,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def verify(
        self,
        nonce: str,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Tells the number to tap in Okta Verify, while login() with this nonce waits in another thread. It
        confirms nothing.

        Vault: GET auth/<mount_point>/verify/<nonce>

          nonce (text): what the login was given.

        Answers 200 with "data": {"correct_answer": 42}, a number, which may be 0.

          - 404 not_found: no login with this nonce waits, or Okta has shown no number yet.
        """
        return self._perform(
            "verify",
            {
                "nonce": nonce,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def start_transaction(
        self,
        username: str,
        password: str,
        *,
        totp: Optional[str] = None,
        factor_id: Optional[str] = None,
        factor_type: Optional[str] = None,
        provider: Optional[str] = None,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Begins a login with a password, and answers without waiting for a person. Without a choice of factor
        nothing is sent to the user: the answer lists his factors. A factor can be chosen at once: by
        factor_id, by factor_type with provider, or as login() does by "totp", which is checked at once. Any
        process with the same storage can continue the transaction.

        Vault: POST auth/<mount_point>/transactions

          username (text): as the user would type it at Okta; outer blanks are trimmed.
          password (text): the user's password; never stored.
          totp (text): passcode of a TOTP factor, of "provider" OKTA or GOOGLE where given.
          factor_id (text): the factor to take: an id of "factors".
          factor_type (text): instead of factor_id: a type as in "factors"; of several the last.
          provider (text): with factor_type: whose factor, in any letter case.

        Answers 202 while the transaction is open, 200 with "auth" (as of login()) when it is done, and only
        then. "data" always has these members: "id"; "state" (mfa_required, challenge, done); "factors", those
        that are active, each {"id", "type", "provider", "name", "supported"}; "factor", the chosen one, or
        null; "challenge", null or {"type" (push, number, passcode, question), "number" (to tap; may be 0) or
        null, "question" or null, "resend_after" (seconds) or null where nothing can be sent again};
        "poll_after" (seconds) or null where polling is of no use; "expires_at" (RFC 3339); "attempts_left" or
        null; "last_error", null or {"code", "text"}, such as passcode_invalid; "password_warning", null or
        {"code":"password_expiring"} with "days_left" and more of Okta's policy where given.

          - 400 invalid_request, not_configured, passcode_invalid: nothing was sent to Okta.
          - 400 push_rejected, challenge_timeout, too_many_attempts, transaction_expired, invalid_credentials,
              locked_out, password_expired, mfa_enrollment_required, login_refused: the transaction has
              failed: "data" is {"id", "state": "failed"}, with Okta's "password_policy" or what is
              "enrollable" where it says so, and the id is unknown from here on.
          - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or cannot be understood;
              "data" says whether the transaction has failed.
          - 403 permission_denied: remote_address is outside token_bound_cidrs; nothing is changed.
          - 403 user_locked: Okta called too many passwords or codes of this user wrong, and is not asked;
              retry_after says how long to wait.
          - 429 rate_limited, limit_reached: Okta asks to slow down, or the user has too many transactions
              open; retry_after says how long.
          - 503 okta_unreachable, okta_timeout: Okta's answer was lost; as long as "data" shows an open
              transaction it can be polled, and the next step asks Okta first what became of it.
          - 503 limit_reached: too many transactions are open in all.
        """
        return self._perform(
            "start_transaction",
            {
                "username": username,
                "password": password,
                "totp": totp,
                "factor_id": factor_id,
                "factor_type": factor_type,
                "provider": provider,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def continue_transaction(
        self,
        id: str,
        *,
        factor_id: Optional[str] = None,
        factor_type: Optional[str] = None,
        provider: Optional[str] = None,
        passcode: Optional[str] = None,
        answer: Optional[str] = None,
        resend: Optional[bool] = None,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Takes the next step of a transaction: chooses a factor, gives a passcode or an answer, has the push or
        message sent again, or, with none of these, asks how it stands. Each answers at once; polled sooner
        than "poll_after" says, it answers the last state without asking Okta. A push or message goes out when
        a factor is chosen and with "resend", and never else; choosing the same factor once more sends
        nothing. Of two steps at the same time one is taken, and the other answers the last state.

        Vault: POST auth/<mount_point>/transactions/<id>

          id (text): what the start answered; a secret.
          factor_id (text): the factor to take: an id of "factors".
          factor_type (text): instead of factor_id: a type as in "factors"; of several the last.
          provider (text): with factor_type: whose factor, in any letter case.
          passcode (text): the code of the chosen factor; outer blanks are trimmed.
          answer (text): the answer to the security question.
          resend (boolean): true: send the push or message again.

        Answers 202 while the transaction is open, 200 with "auth" (as of login()) when it is done, and only
        then. "data" always has these members: "id"; "state" (mfa_required, challenge, done); "factors", those
        that are active, each {"id", "type", "provider", "name", "supported"}; "factor", the chosen one, or
        null; "challenge", null or {"type" (push, number, passcode, question), "number" (to tap; may be 0) or
        null, "question" or null, "resend_after" (seconds) or null where nothing can be sent again};
        "poll_after" (seconds) or null where polling is of no use; "expires_at" (RFC 3339); "attempts_left" or
        null; "last_error", null or {"code", "text"}, such as passcode_invalid; "password_warning", null or
        {"code":"password_expiring"} with "days_left" and more of Okta's policy where given.

          - 400 push_rejected, challenge_timeout, too_many_attempts, transaction_expired, invalid_credentials,
              locked_out, password_expired, mfa_enrollment_required, login_refused: the transaction has
              failed: "data" is {"id", "state": "failed"}, with Okta's "password_policy" or what is
              "enrollable" where it says so, and the id is unknown from here on.
          - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or cannot be understood;
              "data" says whether the transaction has failed.
          - 400 invalid_request, factor_unavailable, factor_required: the request does not fit; the
              transaction is as it was, and "data" shows it.
          - 403 permission_denied: remote_address is outside token_bound_cidrs; nothing is changed.
          - 403 user_locked: Okta called too many passwords or codes of this user wrong, and is not asked;
              retry_after says how long to wait.
          - 404 not_found: the id is wrong, or its transaction is done, failed, cancelled or expired.
          - 429 rate_limited, too_many_attempts: too soon, or too often for this user; the transaction is
              open, retry_after says how long to wait.
          - 503 okta_unreachable, okta_timeout: Okta's answer was lost; as long as "data" shows an open
              transaction it can be polled, and the next step asks Okta first what became of it.
        """
        return self._perform(
            "continue_transaction",
            {
                "id": id,
                "factor_id": factor_id,
                "factor_type": factor_type,
                "provider": provider,
                "passcode": passcode,
                "answer": answer,
                "resend": resend,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def cancel_transaction(
        self,
        id: str,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Ends a transaction, here and at Okta. Okta is told once, for at most five seconds, and whatever it
        says the id is unknown from here on.

        Vault: DELETE auth/<mount_point>/transactions/<id>

          id (text): what the start answered; a secret.

        Answers 204 with an empty body.

          - 403 permission_denied: remote_address is outside token_bound_cidrs; nothing is changed.
          - 404 not_found: the id is wrong, or its transaction is done, failed, cancelled or expired.
        """
        return self._perform(
            "cancel_transaction",
            {
                "id": id,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def enable_auth_method(
        self,
        path: str,
        type: str,
        *,
        description: Optional[str] = None,
        config: Optional[Mapping[str, object]] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Mounts another Okta method, with a configuration, users, groups and tokens of its own.

        Vault: POST sys/auth/<path>

          path (text): where it is mounted, such as okta or corp/okta.
          type (text): okta.
          description (text): for people.
          config (object): members of tune_auth_method(), but for the description.

        Answers 204 with an empty body; 200 with "warnings" when there are some.

          - 400 path_in_use: a mount of this path, above it or below it exists.
          - 400 invalid_request, unsupported: the path, type or an option is not allowed.
          - 400 limit_reached: there are 1000 mounts.
        """
        return self._perform(
            "enable_auth_method",
            {
                "path": path,
                "type": type,
                "description": description,
                "config": config,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def list_auth_methods(
        self,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Lists the mounts.

        Vault: GET sys/auth

        Answers 200 with "data": for each path, with a slash at its end, its type, accessor, description and
        config. As in Vault the members of "data" stand in the body itself as well.
        """
        return self._perform(
            "list_auth_methods",
            {
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def tune_auth_method(
        self,
        path: str,
        *,
        default_lease_ttl: Optional[Duration] = None,
        max_lease_ttl: Optional[Duration] = None,
        description: Optional[str] = None,
        audit_non_hmac_request_keys: Optional[Texts] = None,
        audit_non_hmac_response_keys: Optional[Texts] = None,
        token_type: Optional[str] = None,
        user_lockout_config: Optional[Mapping[str, object]] = None,
        passthrough_request_headers: Optional[Texts] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Changes how long the tokens of a mount live, when its users are locked, and its description.

        Vault: POST sys/auth/<path>/tune

          path (text): where it is mounted, such as okta or corp/okta.
          default_lease_ttl (seconds or duration): life of a token where nothing else says.
          max_lease_ttl (seconds or duration): how long renewals can stretch it.
          description (text): for people.
          audit_non_hmac_request_keys (list of texts): members of requests that the audit log shows in clear,
              unless they are secrets by their kind.
          audit_non_hmac_response_keys (list of texts): likewise members of answers.
          token_type (text): default-service, default-batch, service or batch: what logins get, or what they
              get by default.
          user_lockout_config (object): lockout_threshold (5), lockout_duration and
              lockout_counter_reset_duration (900 s each), lockout_disable (false); what is left out stays, 0
              is the default.
          passthrough_request_headers (list of texts): X-Forwarded-For lets request() pass it on to Okta.

        Answers 204 with an empty body; 200 with "warnings" when there are some.

          - 400 not_found: there is no such mount.
          - 400 invalid_request: a value is not allowed.
        """
        return self._perform(
            "tune_auth_method",
            {
                "path": path,
                "default_lease_ttl": default_lease_ttl,
                "max_lease_ttl": max_lease_ttl,
                "description": description,
                "audit_non_hmac_request_keys": audit_non_hmac_request_keys,
                "audit_non_hmac_response_keys": audit_non_hmac_response_keys,
                "token_type": token_type,
                "user_lockout_config": user_lockout_config,
                "passthrough_request_headers": passthrough_request_headers,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def read_auth_method_tuning(
        self,
        path: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Reads what tune_auth_method() changes, with effective values.

        Vault: GET sys/auth/<path>/tune

          path (text): where it is mounted, such as okta or corp/okta.

        Answers 200 with "data": lease times in seconds, and more as in Vault.

          - 400 not_found: there is no such mount.
        """
        return self._perform(
            "read_auth_method_tuning",
            {
                "path": path,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def disable_auth_method(
        self,
        path: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Removes a mount with its configuration, users and groups, and revokes all its tokens.

        Vault: DELETE sys/auth/<path>

          path (text): where it is mounted, such as okta or corp/okta.

        Answers 204 with an empty body; 200 with "warnings" when there are some.

          - 400 unsupported: the path is that of a built-in mount.
        """
        return self._perform(
            "disable_auth_method",
            {
                "path": path,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def create_or_update_token_role(
        self,
        role_name: str,
        *,
        allowed_policies: Optional[Texts] = None,
        allowed_policies_glob: Optional[Texts] = None,
        disallowed_policies: Optional[Texts] = None,
        disallowed_policies_glob: Optional[Texts] = None,
        orphan: Optional[bool] = None,
        renewable: Optional[bool] = None,
        path_suffix: Optional[str] = None,
        allowed_entity_aliases: Optional[Texts] = None,
        token_type: Optional[str] = None,
        token_bound_cidrs: Optional[Texts] = None,
        token_explicit_max_ttl: Optional[Duration] = None,
        token_period: Optional[Duration] = None,
        token_num_uses: Optional[int] = None,
        token_no_default_policy: Optional[bool] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Says what tokens create_token() makes with this "role_name". Members that are left out stay as they
        are.

        Vault: POST auth/token/roles/<role_name>

          role_name (text): of letters, digits, and _; inside also . or -.
          allowed_policies (list of texts): what its tokens may have, and have where none are named.
          allowed_policies_glob (list of texts): also what they may have, * standing for any text.
          disallowed_policies (list of texts): what they may not have.
          disallowed_policies_glob (list of texts): also what they may not have.
          orphan (boolean): they have no parent; default false.
          renewable (boolean): they can be renewed; default true.
          path_suffix (text): stands behind the role's name in the path that look-ups show.
          allowed_entity_aliases (list of texts): whose entity they may belong to, * standing for any text.
          token_type (text): default-service, default-batch, service or batch.
          token_bound_cidrs (list of texts): addresses and networks that they may be used from.
          token_explicit_max_ttl (seconds or duration): their hard end.
          token_period (seconds or duration): they have no end and must be renewed this often.
          token_num_uses (number): their uses; default 0, unlimited.
          token_no_default_policy (boolean): leave the policy "default" out; default false.

        Answers 204 with an empty body; 200 with "warnings" when there are some.

          - 400 invalid_request: a member is not allowed, or does not go with the others.
          - 400 limit_reached: there are too many roles.
        """
        return self._perform(
            "create_or_update_token_role",
            {
                "role_name": role_name,
                "allowed_policies": allowed_policies,
                "allowed_policies_glob": allowed_policies_glob,
                "disallowed_policies": disallowed_policies,
                "disallowed_policies_glob": disallowed_policies_glob,
                "orphan": orphan,
                "renewable": renewable,
                "path_suffix": path_suffix,
                "allowed_entity_aliases": allowed_entity_aliases,
                "token_type": token_type,
                "token_bound_cidrs": token_bound_cidrs,
                "token_explicit_max_ttl": token_explicit_max_ttl,
                "token_period": token_period,
                "token_num_uses": token_num_uses,
                "token_no_default_policy": token_no_default_policy,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def read_token_role(
        self,
        role_name: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Shows a token role.

        Vault: GET auth/token/roles/<role_name>

          role_name (text): of letters, digits, and _; inside also . or -.

        Answers 200 with "data": what was written, times in seconds.

          - 404 not_found: nothing is stored under this name.
        """
        return self._perform(
            "read_token_role",
            {
                "role_name": role_name,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def list_token_roles(
        self,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Lists the names of all token roles.

        Vault: LIST auth/token/roles

        Answers 200 with "data": "keys".

          - 404 not_found: there is none.
        """
        return self._perform(
            "list_token_roles",
            {
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def create_or_update_acl_policy(
        self,
        name: str,
        policy: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Writes an ACL policy. Tokens that name it have the new rights with their next request.

        Vault: POST sys/policies/acl/<name>

          name (text): its name; letter case does not count.
          policy (text): its rules as in Vault: HCL or its JSON form, 1 MiB at most; or that in base64.

        Answers 204 with an empty body; 200 with "warnings" when there are some.

          - 400 invalid_request: "policy" is missing or cannot be parsed, or the policy is built in; "default"
              can be replaced.
          - 400 limit_reached: there are 20,000 policies.
        """
        return self._perform(
            "create_or_update_acl_policy",
            {
                "name": name,
                "policy": policy,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def read_acl_policy(
        self,
        name: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Reads an ACL policy.

        Vault: GET sys/policies/acl/<name>

          name (text): its name; letter case does not count.

        Answers 200 with "data": "name" and "policy", the text as it was written.

          - 404 not_found: nothing is stored under this name.
        """
        return self._perform(
            "read_acl_policy",
            {
                "name": name,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def list_acl_policies(
        self,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Lists the ACL policies.

        Vault: LIST sys/policies/acl

        Answers 200 with "data": "keys", "default" and "root" among them.
        """
        return self._perform(
            "list_acl_policies",
            {
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def create_token(
        self,
        *,
        policies: Optional[Texts] = None,
        no_default_policy: Optional[bool] = None,
        ttl: Optional[Duration] = None,
        explicit_max_ttl: Optional[Duration] = None,
        period: Optional[Duration] = None,
        renewable: Optional[bool] = None,
        num_uses: Optional[int] = None,
        display_name: Optional[str] = None,
        meta: Optional[Mapping[str, str]] = None,
        type: Optional[str] = None,
        role_name: Optional[str] = None,
        entity_alias: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Issues a token with the host's authority, without a login at Okta.

        Vault: POST auth/token/create[/<role_name>]

          policies (list of texts): required without a role: what it may do; "root" may do everything.
          no_default_policy (boolean): leave the policy "default" out; default false.
          ttl (seconds or duration): its life; default that of the storage.
          explicit_max_ttl (seconds or duration): hard end, whatever renewals say.
          period (seconds or duration): a token without an end that must be renewed this often.
          renewable (boolean): default true.
          num_uses (number): uses; default 0, unlimited.
          display_name (text): shown by look-ups as token-<display_name>.
          meta (object of texts): shown by look-ups.
          type (text): service, or batch: not stored, so it can be neither renewed nor revoked; default
              service.
          role_name (text): make it as this role says; "policies" may then be left out.
          entity_alias (text): with a role that allows it: whose entity the token belongs to.

        Answers 200 with "auth": client_token, accessor, policies, lease_duration in seconds.

          - 400 invalid_request: "policies" is missing, or a member is not allowed.
        """
        return self._perform(
            "create_token",
            {
                "policies": policies,
                "no_default_policy": no_default_policy,
                "ttl": ttl,
                "explicit_max_ttl": explicit_max_ttl,
                "period": period,
                "renewable": renewable,
                "num_uses": num_uses,
                "display_name": display_name,
                "meta": meta,
                "type": type,
                "role_name": role_name,
                "entity_alias": entity_alias,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def create_orphan_token(
        self,
        *,
        policies: Optional[Texts] = None,
        no_default_policy: Optional[bool] = None,
        ttl: Optional[Duration] = None,
        explicit_max_ttl: Optional[Duration] = None,
        period: Optional[Duration] = None,
        renewable: Optional[bool] = None,
        num_uses: Optional[int] = None,
        display_name: Optional[str] = None,
        meta: Optional[Mapping[str, str]] = None,
        type: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Issues a token without a parent, as create_token() by the host does.

        Vault: POST auth/token/create-orphan

          policies (list of texts): required without a role: what it may do; "root" may do everything.
          no_default_policy (boolean): leave the policy "default" out; default false.
          ttl (seconds or duration): its life; default that of the storage.
          explicit_max_ttl (seconds or duration): hard end, whatever renewals say.
          period (seconds or duration): a token without an end that must be renewed this often.
          renewable (boolean): default true.
          num_uses (number): uses; default 0, unlimited.
          display_name (text): shown by look-ups as token-<display_name>.
          meta (object of texts): shown by look-ups.
          type (text): service, or batch: not stored, so it can be neither renewed nor revoked; default
              service.

        Answers 200 with "auth": client_token, accessor, policies, lease_duration in seconds.

          - 400 invalid_request: "policies" is missing, or a member is not allowed.
        """
        return self._perform(
            "create_orphan_token",
            {
                "policies": policies,
                "no_default_policy": no_default_policy,
                "ttl": ttl,
                "explicit_max_ttl": explicit_max_ttl,
                "period": period,
                "renewable": renewable,
                "num_uses": num_uses,
                "display_name": display_name,
                "meta": meta,
                "type": type,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def lookup_token(
        self,
        token: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Tells what a token is and may do. It enforces nothing: it takes none of the token's uses, compares no
        address with its CIDRs, and answers 200 for a wrapping token, too. Whoever lets somebody in by a token
        asks authorize(), or leaves it to request().

        Vault: POST auth/token/lookup

          token (text): the token.

        Answers 200 with "data": policies, ttl (seconds left; 0 is without end), expire_time (RFC 3339 or
        null), creation_time (Unix seconds), creation_ttl and explicit_max_ttl (seconds), num_uses, meta and
        more. "period", "bound_cidrs", "last_renewal" and "last_renewal_time" are there when they apply.

          - 403 invalid_token: the token is unknown, expired or revoked.
          - 400 invalid_request: "token" is missing.
        """
        return self._perform(
            "lookup_token",
            {
                "token": token,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def lookup_accessor(
        self,
        accessor: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Tells what the token of an accessor is and may do, without the token itself.

        Vault: POST auth/token/lookup-accessor

          accessor (text): the token's accessor.

        Answers 200 with "data": policies, ttl (seconds left; 0 is without end), expire_time (RFC 3339 or
        null), creation_time (Unix seconds), creation_ttl and explicit_max_ttl (seconds), num_uses, meta and
        more. "period", "bound_cidrs", "last_renewal" and "last_renewal_time" are there when they apply.

          - 400 not_found: the accessor is unknown, or its token is gone.
          - 400 invalid_request: "accessor" is missing.
        """
        return self._perform(
            "lookup_accessor",
            {
                "accessor": accessor,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def get_capabilities(
        self,
        paths: Texts,
        *,
        token: Optional[str] = None,
        accessor: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Tells what a token may do on some paths. Takes none of its uses. Through request()
        sys/capabilities-self and sys/capabilities-accessor answer it as well.

        Vault: POST sys/capabilities

          token (text): the token.
          accessor (text): its accessor, in place of the token.
          paths (list of texts): such as auth/okta/config or printers/3; 10,000 at most.

        Answers 200 with "data": for each path a list of create, delete, list, patch, read, recover,
        subscribe, sudo, update, or of "root" or "deny" alone; for a single path the same list as
        "capabilities". The members of "data" stand in the body itself as well.

          - 400 invalid_request: "paths" is missing, or has an empty path.
          - 400 limit_reached: there are over 10,000 paths.
          - 400 invalid_token: the token is unknown, expired or revoked.
          - 400 not_found: the accessor is unknown, or its token is gone.
          - 500 invalid_request: both "token" and "accessor" are missing.
        """
        return self._perform(
            "get_capabilities",
            {
                "token": token,
                "accessor": accessor,
                "paths": paths,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def authorize(
        self,
        token: str,
        path: str,
        operation: str,
        *,
        parameters: Optional[Mapping[str, object]] = None,
        wrapping_ttl: Optional[Duration] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Decides whether the bearer of a token may do something on a path of yours, by the token's policies; on
        a path that request() serves, as that decides. It takes one use of a token with num_uses, as the
        request itself would, whatever it decides. Give the user's remote_address: a token may be bound to
        some.

        Vault: no path; request() does not reach it

          token (text): the token.
          path (text): the path, decoded, without empty, "." and ".." segments.
          operation (text): create, read, update, delete, list or patch.
          parameters (object): what the request carries, for policies that look at parameters.
          wrapping_ttl (seconds or duration): how long its answer is to live wrapped, for policies that bound
              it; default 0, not wrapped.

        Answers 200 with "data" when it is allowed, and only then: "allowed", "sudo" (whether the rule grants
        that as well), "policies" that grant it, "rule" (the path of the rule that decided, or null) and
        "reason" (for people).

          - 403 permission_denied: it is not allowed: the same "data", with the "policies" that refuse it; or,
              without "data", the token is missing or must not be used from remote_address.
          - 403 invalid_token: the token is unknown, expired, revoked or used up.
          - 400 invalid_request: the path or operation cannot be one, or a member is unknown.
        """
        return self._perform(
            "authorize",
            {
                "token": token,
                "path": path,
                "operation": operation,
                "parameters": parameters,
                "wrapping_ttl": wrapping_ttl,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def delete_acl_policy(
        self,
        name: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Deletes an ACL policy. Tokens that name it keep its name, and have none of its rights any more.

        Vault: DELETE sys/policies/acl/<name>

          name (text): its name; letter case does not count.

        Answers 204 with an empty body, also when there was none.

          - 400 invalid_request: the policy is built in.
        """
        return self._perform(
            "delete_acl_policy",
            {
                "name": name,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def renew_token(
        self,
        token: str,
        *,
        increment: Optional[Duration] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Stretches the life of a token. For a login's token Okta is asked first, with the mount's API token,
        whether the user is still active and which groups he is in; his password is not needed.

        Vault: POST auth/token/renew

          token (text): the token.
          increment (seconds or duration): the life wished for; default 0: as at its creation.

        Answers 200 with "auth", lease_duration is what it got, in seconds.

          - 400 invalid_token, invalid_request: the token is unknown, missing or not renewable.
          - 400 relogin_required: the mount has no API token, or the user is not active at Okta.
          - 500 relogin_required: the user's policies have changed, the token's role is gone, or it is past
              its greatest life.
          - 403 permission_denied: remote_address is outside token_bound_cidrs.
          - 429 rate_limited: Okta asks to slow down; retry_after says how long.
          - 503 okta_unreachable, okta_timeout: Okta could not be reached, or did not answer in time.
          - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or does not accept the
              configured api_token.
        """
        return self._perform(
            "renew_token",
            {
                "token": token,
                "increment": increment,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def renew_accessor(
        self,
        accessor: str,
        *,
        increment: Optional[Duration] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """As renew_token(), for the token of an accessor.

        Vault: POST auth/token/renew-accessor

          accessor (text): the token's accessor.
          increment (seconds or duration): the life wished for; default 0: as at its creation.

        Answers 200 with "auth", client_token is empty.

          - 400 not_found: the accessor is unknown, or its token is gone.
          - 400 invalid_request: "accessor" is missing, or its token is not renewable.
          - 400 relogin_required: the mount has no API token, or the user is not active at Okta.
          - 500 relogin_required: the user's policies have changed, the token's role is gone, or it is past
              its greatest life.
          - 403 permission_denied: remote_address is outside token_bound_cidrs.
          - 429 rate_limited: Okta asks to slow down; retry_after says how long.
          - 503 okta_unreachable, okta_timeout: Okta could not be reached, or did not answer in time.
          - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or does not accept the
              configured api_token.
        """
        return self._perform(
            "renew_accessor",
            {
                "accessor": accessor,
                "increment": increment,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def list_accessors(
        self,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Lists the accessors of all tokens.

        Vault: LIST auth/token/accessors

        Answers 200 with "data": "keys".

          - 404 not_found: there is none.
        """
        return self._perform(
            "list_accessors",
            {
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def revoke_accessor(
        self,
        accessor: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """As revoke_token(), for the token of an accessor.

        Vault: POST auth/token/revoke-accessor

          accessor (text): the token's accessor.

        Answers 204 with an empty body; 200 with a warning when the accessor is unknown.

          - 400 invalid_request: "accessor" is missing.
        """
        return self._perform(
            "revoke_accessor",
            {
                "accessor": accessor,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def revoke_token_and_orphan_children(
        self,
        token: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Ends a token, at once and for good. Tokens made with it live on without a parent.

        Vault: POST auth/token/revoke-orphan

          token (text): the token.

        Answers 204 with an empty body.

          - 400 invalid_request, not_found: the token is missing, unknown, or a batch token.
        """
        return self._perform(
            "revoke_token_and_orphan_children",
            {
                "token": token,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def revoke_token(
        self,
        token: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Ends a token and all tokens made with it, at once and for good. An unknown one is no error.

        Vault: POST auth/token/revoke

          token (text): the token.

        Answers 204 with an empty body.

          - 400 invalid_request: "token" is missing, or a batch token.
        """
        return self._perform(
            "revoke_token",
            {
                "token": token,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def revoke_user_tokens(
        self,
        username: str,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Ends the tokens that a user's logins were given until now, whichever way he typed his name, and all
        tokens made with them but orphans: whoever may create those can outlive this. He can log in again:
        lock him at Okta first. A call that ends early has ended some; the next goes on.

        Vault: POST auth/<mount_point>/revoke/users/<username>

          username (text): his login or his id at Okta, or one of the first 16 spellings that he typed at a
              login.

        Answers 200 with "data": "revoked", how many service tokens of logins it was. Where batch tokens were
        issued, too, "warnings" says that they have ended; where nobody who has logged in is known by this
        name, it says so.

          - 400 invalid_request: "username" is missing.
        """
        return self._perform(
            "revoke_user_tokens",
            {
                "username": username,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def revoke_group_tokens(
        self,
        name: str,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """As revoke_user_tokens(), for all users who had policies by a group when their token was issued or
        renewed last.

        Vault: POST auth/<mount_point>/revoke/groups/<name>

          name (text): a group that policies are or were mapped to.

        Answers 200 with "data": "revoked", how many service tokens of logins it was. Where batch tokens were
        issued, too, "warnings" says that they have ended.

          - 400 invalid_request: "name" is missing.
        """
        return self._perform(
            "revoke_group_tokens",
            {
                "name": name,
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def revoke_mount_tokens(
        self,
        *,
        mount_point: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """As revoke_user_tokens(), for all users of the mount.

        Vault: POST auth/<mount_point>/revoke

        Answers 200 with "data": "revoked", how many service tokens of logins it was. Where batch tokens were
        issued, too, "warnings" says that they have ended.
        """
        return self._perform(
            "revoke_mount_tokens",
            {
                "mount_point": mount_point,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def wrap(
        self,
        data: Mapping[str, object],
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Keeps an object under a token of one use, for "wrap_ttl", which has to be given here.

        Vault: POST sys/wrapping/wrap

          data (object): anything; the limits are those of a request.

        Answers 200 with "wrap_info": token, accessor, ttl (seconds), creation_time (RFC 3339), creation_path.

          - 400 invalid_request: "data" or "wrap_ttl" is missing.
          - 413 too_large: it has more than 1 MiB.
        """
        return self._perform(
            "wrap",
            {
                "data": data,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def read_wrapping(
        self,
        token: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Tells what an answer was wrapped by, and when. The token keeps its use.

        Vault: POST sys/wrapping/lookup

          token (text): the wrapping token.

        Answers 200 with "data": creation_path, creation_time (RFC 3339), creation_ttl (seconds).

          - 400 invalid_token: the token is no wrapping token, was used, or has expired.
          - 403 invalid_token: "token" is missing or no text.
        """
        return self._perform(
            "read_wrapping",
            {
                "token": token,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def rewrap(
        self,
        token: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Moves what is kept under a wrapping token to a new one with the whole life of the old, which ends.
        Says to whoever holds it that nobody has unwrapped it.

        Vault: POST sys/wrapping/rewrap

          token (text): the wrapping token.

        Answers 200 with "wrap_info": token, accessor, ttl (seconds), creation_time (RFC 3339), creation_path.

          - 400 invalid_token: the token is no wrapping token, was used, or has expired.
          - 403 invalid_token: "token" is missing or no text.
        """
        return self._perform(
            "rewrap",
            {
                "token": token,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def unwrap(
        self,
        token: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Gives what is kept under a wrapping token, once: of several who ask, in any process, one gets it. A
        refusal may mean that somebody else has read it.

        Vault: POST sys/wrapping/unwrap

          token (text): the wrapping token.

        Answers 200 with the answer as it was wrapped, with its own "request_id", "warnings" and "auth".

          - 400 invalid_token: the token is no wrapping token, was used, or has expired.
          - 403 invalid_token: "token" is missing or no text.
          - 400 invalid_request: "wrap_ttl" is given, too.
        """
        return self._perform(
            "unwrap",
            {
                "token": token,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def delete_token_role(
        self,
        role_name: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Deletes a token role. Its tokens live on until their time is up, and cannot be renewed. An unknown one
        is no error.

        Vault: DELETE auth/token/roles/<role_name>

          role_name (text): of letters, digits, and _; inside also . or -.

        Answers 204 with an empty body.

          - 400 invalid_request: "role_name" is missing.
        """
        return self._perform(
            "delete_token_role",
            {
                "role_name": role_name,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def tidy_tokens(
        self,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Looks at every row of every service token and removes those of no living one, for ten seconds at most;
        nothing depends on it. The log says how many it was.

        Vault: POST auth/token/tidy

        Answers 202 with a warning that says so, also when it is done; 200 with a warning while another thread
        is at it.
        """
        return self._perform(
            "tidy_tokens",
            {
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def audit_hash(
        self,
        input: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Tells what stands for a text in the audit log, so that the lines of a token, an accessor or a
        transaction can be found. It is the same for the file and for the function of set_audit().

        Vault: POST sys/audit-hash/file

          input (text): the text as it was sent or answered.

        Answers 200 with "data".

          - 400 invalid_request: "input" is missing or empty.
        """
        return self._perform(
            "audit_hash",
            {
                "input": input,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def list_locked_users(
        self,
        *,
        mount_accessor: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Tells which users are refused for a while, because Okta called too many of their passwords or codes
        wrong; see LOGINS. Those whom Okta has locked are not among them.

        Vault: GET sys/locked-users

          mount_accessor (text): of this mount only; default all.

        Answers 200 with "data": "total" and, as in Vault, the names by namespace (there is one) and mount
        accessor. Names are in the form in which they are counted: lower case, without blanks around them.
        """
        return self._perform(
            "list_locked_users",
            {
                "mount_accessor": mount_accessor,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )

    def unlock_user(
        self,
        mount_accessor: str,
        alias_identifier: str,
        *,
        timeout_ms: Optional[int] = None,
        remote_address: Optional[str] = None,
        user_agent: Optional[str] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> R:
        """Lets a user in again before his time is up, and forgets his wrong passwords and codes.

        Vault: POST sys/locked-users/<mount_accessor>/unlock/<alias_identifier>

          mount_accessor (text): which mount, as list_auth_methods() names it.
          alias_identifier (text): his name, in any spelling.

        Answers 204 with an empty body; 200 with "warnings" when there are some.

          - 404 not_found: no Okta method has this accessor.
        """
        return self._perform(
            "unlock_user",
            {
                "mount_accessor": mount_accessor,
                "alias_identifier": alias_identifier,
                "timeout_ms": timeout_ms,
                "remote_address": remote_address,
                "user_agent": user_agent,
                "request_id": request_id,
                "wrap_ttl": wrap_ttl,
            },
        )
