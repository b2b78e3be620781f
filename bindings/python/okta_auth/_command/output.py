"""What commands print: for people, or as JSON."""

import json
import sys
from typing import Any, Dict, List, Union

from .._answer import Answer
from .._errors import Error


class Output:
    """Standard output; what is not the answer goes to standard error."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        """Whether a program reads it."""

    def answer(self, answer: Answer, *shown: str) -> None:
        """The answer of an operation; for people only the named members of its data, or all of them."""
        if self.as_json:
            print(json.dumps(answer.body or {"status": answer.status}))
        else:
            self.table({name: answer.data[name] for name in shown or answer.data})
        self.warn(answer.warnings)

    def table(self, rows: Dict[str, Any]) -> None:
        """Names and values, for people."""
        width = max((len(name) for name in rows), default=0)
        for name, value in rows.items():
            print(f"{name:{width}}  {readable(value)}")

    def lines(self, answer: Answer) -> None:
        """The names that a list found, one in a line."""
        if self.as_json:
            print(json.dumps(answer.body))
        else:
            print(*answer.keys, sep="\n")

    def warn(self, warnings: List[str]) -> None:
        """Warnings, for people; JSON has them inside."""
        if not self.as_json:
            for line in warnings:
                print(f"warning: {line}", file=sys.stderr)

    def failed(self, problem: Union[Error, Exception]) -> None:
        """Why it did not work."""
        if self.as_json:
            body = problem.body if isinstance(problem, Error) else {"errors": [str(problem)], "code": "command_failed"}
            print(json.dumps(body))
            return
        print(f"error: {problem}", file=sys.stderr)
        if isinstance(problem, Error) and problem.retry_after is not None:
            print(f"try again in {problem.retry_after} s", file=sys.stderr)


def readable(value: object) -> str:
    """A value as people write it."""
    if value in (None, "", [], {}):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(readable, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}={readable(part)}" for name, part in value.items())
    return str(value)
