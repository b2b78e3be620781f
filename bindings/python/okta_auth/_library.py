"""Finds libokta_auth, and makes sure that it is the one this package was made for."""

import ctypes
from pathlib import Path
from typing import Any, Callable, Dict

from ._generated import abi

SONAME = "libokta_auth.so.1"


class Library:
    """The loaded library."""

    def __init__(self, path: str) -> None:
        self.path = path
        """Where it was loaded from; without a folder where the system's loader has found it."""
        try:
            loaded = ctypes.CDLL(path)
        except OSError as problem:
            raise ImportError(
                f"libokta_auth cannot be loaded: {problem}. A wheel of this package brings it along; otherwise install "
                f"it where the system looks for libraries."
            ) from None
        self.version: str = self._number(loaded, "okta_auth_version", ctypes.c_char_p).decode()
        """Such as "0.1.0"."""
        self.abi_version: int = self._number(loaded, "okta_auth_abi_version", ctypes.c_uint32)
        """The number of its ABI."""
        if self.abi_version < abi.OKTA_AUTH_ABI_VERSION:
            raise self._mismatch("is too old")
        checksum: int = self._number(loaded, "okta_auth_header_checksum", ctypes.c_uint64)
        # A higher number means that functions were added, and with them the checksum has changed.
        if self.abi_version == abi.OKTA_AUTH_ABI_VERSION and checksum != abi.HEADER_CHECKSUM:
            raise self._mismatch("was built from a header with other declarations")
        self.functions: Dict[str, Callable[..., Any]] = {}
        """Every function by its name without the prefix okta_auth_."""
        for name, result, parameters in abi.FUNCTIONS:
            function = self._function(loaded, name)
            function.restype, function.argtypes = result, parameters
            self.functions[name[len("okta_auth_") :]] = function

    def _number(self, loaded: ctypes.CDLL, name: str, result: Any) -> Any:
        function = self._function(loaded, name)
        function.restype, function.argtypes = result, []
        return function()

    def _function(self, loaded: ctypes.CDLL, name: str) -> Any:
        try:
            return getattr(loaded, name)
        except AttributeError:
            raise self._mismatch(f"lacks {name}") from None

    def _mismatch(self, what: str) -> ImportError:
        version = getattr(self, "version", "unknown")
        number = getattr(self, "abi_version", "unknown")
        return ImportError(
            f"{self.path} {what}: the library has version {version} and ABI {number}, this package was made from the "
            f"header of version {abi.OKTA_AUTH_VERSION} and ABI {abi.OKTA_AUTH_ABI_VERSION}"
        )


def _find() -> str:
    bundled = Path(__file__).with_name(SONAME)
    return str(bundled) if bundled.exists() else SONAME


LIBRARY = Library(_find())
