"""How Python values become the JSON of a request."""

import json
from datetime import timedelta
from typing import Mapping, Optional, Sequence, Union

Duration = Union[int, str, timedelta]
"""Seconds, a text such as "90m", or a timedelta."""

Texts = Union[str, Sequence[str]]
"""A list of texts, or one text that is split at commas."""

Members = Mapping[str, Optional[object]]
"""The members of a request; one that is None is left out."""


def encode(members: Members) -> bytes:
    """The request as the library takes it. Raises TypeError for what JSON cannot say, naming the parameter."""
    request = {name: value for name, value in members.items() if value is not None}
    try:
        return _ENCODER.encode(request).encode("ascii")
    except (TypeError, ValueError) as problem:
        for name, value in request.items():
            try:
                _ENCODER.encode(value)
            except (TypeError, ValueError):
                # The value stays out of the text: it may be a password.
                raise TypeError(f"{name}: a {type(value).__name__} cannot be said in JSON") from None
        raise TypeError(str(problem)) from None


def _convert(value: object) -> object:
    if isinstance(value, timedelta):
        milliseconds = value // timedelta(milliseconds=1)
        return f"{milliseconds}ms" if milliseconds % 1000 else milliseconds // 1000
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(value)
    raise TypeError("no JSON")


# Escaping what is not ASCII lets lone surrogates reach the library, which refuses them.
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"), default=_convert)
