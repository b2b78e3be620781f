"""An exception for each code of an error body. Written by `make generate` from include/okta_auth.h. Do not edit."""

from typing import Dict, Type

from .._errors import Error, LoginFailed, MfaRequired, NoAnswer, Unavailable


class InvalidRequest(Error):
    """A member of the request is missing, of the wrong type or not allowed."""


class InvalidJson(Error):
    """The request is no acceptable JSON."""


class TooLarge(Error):
    """The request is over a limit of size."""


class NotFound(Error):
    """Nothing is stored under this name."""


class UnsupportedOperation(Error):
    """The path exists, but not for this method."""


class UnsupportedPath(Error):
    """The path does not exist."""


class PermissionDenied(Error):
    """The caller may not do this."""


class UserLocked(LoginFailed):
    """The user gave too many wrong passwords or codes and is refused for a while; see retry_after."""


class InvalidToken(Error):
    """The token is unknown, expired or revoked."""


class NotConfigured(Error):
    """The mount has no configuration yet."""


class InvalidCredentials(LoginFailed):
    """Okta refused the user: wrong password, unknown user, hidden lockout or policy. Okta does not tell which."""


class LockedOut(LoginFailed):
    """The account is locked at Okta."""


class PasswordExpired(LoginFailed):
    """The password was right but has expired."""


class LoginRefused(LoginFailed):
    """Okta answered with a state that is no login."""


class MfaEnrollmentRequired(LoginFailed):
    """The user must enrol a factor first."""


class PasscodeRequired(MfaRequired):
    """A passcode (totp) is needed."""


class PasscodeInvalid(LoginFailed):
    """The passcode was wrong, used before, or of another time window."""


class AnotherPasscodeRequired(MfaRequired):
    """The passcode was good, and Okta wants another one (the next of a hardware token, a new PIN); the text says
    which.
    """


class NoSupportedFactor(LoginFailed):
    """The user has no factor that can be used here."""


class FactorUnavailable(Error):
    """The user has no such factor, or it cannot be used here."""


class FactorRequired(MfaRequired):
    """A factor is to be chosen before a passcode or answer can be given."""


class PasswordExpiring(Error):
    """The password is right and will expire soon."""


class TooManyAttempts(LoginFailed):
    """Too many wrong passcodes or answers."""


class StepInProgress(Unavailable):
    """Another step of the transaction is under way."""


class PushRejected(LoginFailed):
    """The user rejected the push."""


class ChallengeTimeout(LoginFailed):
    """The user did not answer the push in time."""


class NonceRequired(MfaRequired):
    """A number challenge came up, but the login named no nonce to publish the number under."""


class NonceInvalid(Error):
    """The nonce is too short or is in use."""


class RateLimited(Unavailable):
    """Okta or a local limit asks to slow down; see retry_after."""


class OktaUnreachable(Unavailable):
    """Okta could not be reached: name resolution, connection, TLS."""


class OktaTimeout(Unavailable):
    """Okta's answer did not come in time."""


class OktaInvalidAnswer(Unavailable):
    """Okta's answer was not understood or not acceptable."""


class OktaError(Unavailable):
    """Okta failed or refused for another reason; see okta."""


class ApiTokenRefused(Error):
    """Okta does not accept the configured api_token, or it lacks rights."""


class ReloginRequired(Error):
    """The token cannot be renewed any more; the user has to log in again."""


class PathInUse(Error):
    """A mount of this path, above it or below it exists."""


class StorageFailed(Unavailable):
    """The storage failed, is full or cannot be read."""


class StorageBusy(Unavailable):
    """The storage was busy or contended for too long."""


class WrongKey(Error):
    """The barrier key is not the one the storage was sealed with."""


class DeadlineExceeded(Unavailable):
    """The operation's time was up."""


class Cancelled(NoAnswer):
    """The operation was cancelled or its handle closed."""


class LimitReached(Unavailable):
    """A bound on open handles, transactions or tickets is reached."""


class Unsupported(Error):
    """This library does not do this."""


class AuditFailed(Error):
    """The audit log cannot be written, and nothing is to be done or answered without it."""


class Internal(Error):
    """A fault of the library; please report it."""


class TransactionExpired(LoginFailed):
    """Okta's transaction has expired or was cancelled; start a new login."""


class Forked(NoAnswer):
    """The storage belongs to the process that this one was forked from, or was in use while it was forked."""


class NullPointer(NoAnswer):
    """A pointer that must not be NULL is NULL."""


class InvalidUtf8(NoAnswer):
    """The request or the options are not UTF-8."""


class InvalidHandle(NoAnswer):
    """This handle was never issued."""


class Reentered(NoAnswer):
    """The function was called from inside a log or audit function."""


class Panic(NoAnswer):
    """A fault of the library was caught; it goes on working. Please report it."""


class Pending(NoAnswer):
    """The operation is still running."""


class InvalidTicket(NoAnswer):
    """This ticket was never issued, or its result was collected."""


class UnknownOperation(NoAnswer):
    """There is no operation of this name."""


class Closed(NoAnswer):
    """The handle was closed."""


BY_CODE: Dict[str, Type[Error]] = {
    "invalid_request": InvalidRequest,
    "invalid_json": InvalidJson,
    "too_large": TooLarge,
    "not_found": NotFound,
    "unsupported_operation": UnsupportedOperation,
    "unsupported_path": UnsupportedPath,
    "permission_denied": PermissionDenied,
    "user_locked": UserLocked,
    "invalid_token": InvalidToken,
    "not_configured": NotConfigured,
    "invalid_credentials": InvalidCredentials,
    "locked_out": LockedOut,
    "password_expired": PasswordExpired,
    "login_refused": LoginRefused,
    "mfa_enrollment_required": MfaEnrollmentRequired,
    "passcode_required": PasscodeRequired,
    "passcode_invalid": PasscodeInvalid,
    "another_passcode_required": AnotherPasscodeRequired,
    "no_supported_factor": NoSupportedFactor,
    "factor_unavailable": FactorUnavailable,
    "factor_required": FactorRequired,
    "password_expiring": PasswordExpiring,
    "too_many_attempts": TooManyAttempts,
    "step_in_progress": StepInProgress,
    "push_rejected": PushRejected,
    "challenge_timeout": ChallengeTimeout,
    "nonce_required": NonceRequired,
    "nonce_invalid": NonceInvalid,
    "rate_limited": RateLimited,
    "okta_unreachable": OktaUnreachable,
    "okta_timeout": OktaTimeout,
    "okta_invalid_answer": OktaInvalidAnswer,
    "okta_error": OktaError,
    "api_token_refused": ApiTokenRefused,
    "relogin_required": ReloginRequired,
    "path_in_use": PathInUse,
    "storage_failed": StorageFailed,
    "storage_busy": StorageBusy,
    "wrong_key": WrongKey,
    "deadline_exceeded": DeadlineExceeded,
    "cancelled": Cancelled,
    "limit_reached": LimitReached,
    "unsupported": Unsupported,
    "audit_failed": AuditFailed,
    "internal": Internal,
    "transaction_expired": TransactionExpired,
    "forked": Forked,
    "null_pointer": NullPointer,
    "invalid_utf8": InvalidUtf8,
    "invalid_handle": InvalidHandle,
    "reentered": Reentered,
    "panic": Panic,
    "pending": Pending,
    "invalid_ticket": InvalidTicket,
    "unknown_operation": UnknownOperation,
    "closed": Closed,
}

__all__ = [
    "InvalidRequest",
    "InvalidJson",
    "TooLarge",
    "NotFound",
    "UnsupportedOperation",
    "UnsupportedPath",
    "PermissionDenied",
    "UserLocked",
    "InvalidToken",
    "NotConfigured",
    "InvalidCredentials",
    "LockedOut",
    "PasswordExpired",
    "LoginRefused",
    "MfaEnrollmentRequired",
    "PasscodeRequired",
    "PasscodeInvalid",
    "AnotherPasscodeRequired",
    "NoSupportedFactor",
    "FactorUnavailable",
    "FactorRequired",
    "PasswordExpiring",
    "TooManyAttempts",
    "StepInProgress",
    "PushRejected",
    "ChallengeTimeout",
    "NonceRequired",
    "NonceInvalid",
    "RateLimited",
    "OktaUnreachable",
    "OktaTimeout",
    "OktaInvalidAnswer",
    "OktaError",
    "ApiTokenRefused",
    "ReloginRequired",
    "PathInUse",
    "StorageFailed",
    "StorageBusy",
    "WrongKey",
    "DeadlineExceeded",
    "Cancelled",
    "LimitReached",
    "Unsupported",
    "AuditFailed",
    "Internal",
    "TransactionExpired",
    "Forked",
    "NullPointer",
    "InvalidUtf8",
    "InvalidHandle",
    "Reentered",
    "Panic",
    "Pending",
    "InvalidTicket",
    "UnknownOperation",
    "Closed",
]
