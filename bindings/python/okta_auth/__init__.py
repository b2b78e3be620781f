"""HashiCorp Vault's Okta auth method, in your own process.

    with okta_auth.Client("/var/lib/my/okta.db") as client:
        token = client.login("fred", password).auth.client_token

Client is for threads, AsyncClient for asyncio. What does not succeed is raised as an exception named after its code,
such as InvalidCredentials or RateLimited, all of them Errors.
"""

from ._answer import Answer, Auth, WrapInfo
from ._asgi import AsgiApplication
from ._async_client import AsyncClient
from ._client import Client
from ._errors import Error, LoginFailed, MfaRequired, NoAnswer, OktaDetail, Unavailable
from ._generated.errors import *  # noqa: F403
from ._generated.errors import __all__ as _codes
from ._host_functions import LogLevel
from ._library import LIBRARY as _loaded
from ._options import AuditFile
from ._transaction import Challenge, Factor, Transaction, transaction
from ._wsgi import WsgiApplication

__version__ = _loaded.version

__all__ = [
    "Answer",
    "AsgiApplication",
    "AsyncClient",
    "AuditFile",
    "Auth",
    "Challenge",
    "Client",
    "Error",
    "Factor",
    "LogLevel",
    "LoginFailed",
    "MfaRequired",
    "NoAnswer",
    "OktaDetail",
    "Transaction",
    "Unavailable",
    "WrapInfo",
    "WsgiApplication",
    "transaction",
]
__all__ += _codes
