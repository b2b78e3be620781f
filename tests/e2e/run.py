"""Runs every scenario with every driver, compares, and prints a table; README.md describes it.

    python run.py LIBRARIES [DRIVER ...]

LIBRARIES holds libokta_auth.so.1. Each DRIVER is NAME=COMMAND and is run beside C's and Python's.
"""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, os.fspath(ROOT / "bindings/python/tests"))

from loopback import Okta  # noqa: E402

# Members whose values differ from one run to the next.
VOLATILE = {
    "accessor",
    "client_token",
    "creation_time",
    "entity_id",
    "error_id",
    "expire_time",
    "expires_at",
    "id",
    "issue_time",
    "request_id",
    "retry_after",
    "ttl",
    "uuid",
}
# What the answer to one line may take; the longest wait of a scenario is shorter.
PATIENCE = 60.0
TO_DRIVER = ("open", "call", "begin", "end", "cancel", "close")


class Failed(Exception):
    """A scenario did not go as it says."""


class Skipped(Exception):
    """The driver's language has no way for a step."""


class Driver:
    """A driver that runs."""

    def __init__(self, command: List[str], environment: Dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self._process.stdin
        assert self._process.stdout
        self._stdin, self._stdout = self._process.stdin, self._process.stdout

    def say(self, *parts: str) -> Tuple[str, str]:
        """One line there and one back: status and body."""
        # It ends the wait for a line that never comes.
        watchdog = threading.Timer(PATIENCE, self._process.kill)
        watchdog.start()
        try:
            self._stdin.write("\t".join(parts) + "\n")
            line = self._stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            watchdog.cancel()
        if not line.endswith("\n"):
            raise Failed(f"the driver ended at {parts[0]} with {self._process.wait(PATIENCE)}")
        if line == "-\n":
            raise Skipped
        status, _, body = line.rstrip("\n").partition("\t")
        return status, body

    def __enter__(self) -> "Driver":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._stdout.close()


class Run:
    """A scenario in one language."""

    def __init__(self, scenario: Dict[str, Any], driver: Driver, okta: Okta, database: str) -> None:
        self._scenario = scenario
        self._driver = driver
        self._okta = okta
        self._values = {
            "url": okta.url,
            "api_token": okta.api_token,
            "ca_file": okta.ca_file,
            "database": database,
        }
        self.said: List[str] = []

    def all_steps(self) -> None:
        self._okta.control("/reset")
        for number, step in enumerate(self._scenario["steps"], 1):
            try:
                self._step(step)
            except Failed as problem:
                raise Failed(f"step {number}: {problem}") from None

    def _step(self, step: Dict[str, Any]) -> None:
        if "okta" in step:
            self._okta.control(step["okta"], self._filled(step.get("with")))
        elif "until" in step:
            self._until(step["until"])
        else:
            self._driven(step)

    def _until(self, counts: Dict[str, int]) -> None:
        deadline = time.monotonic() + PATIENCE
        while any(self._okta.counts()[name] < least for name, least in counts.items()):
            if time.monotonic() > deadline:
                raise Failed(f"the Okta never counted {counts}")
            time.sleep(0.01)

    def _driven(self, step: Dict[str, Any]) -> None:
        what = next(word for word in TO_DRIVER if word in step)
        parts = [what]
        if what == "open":
            parts.append(json.dumps(self._filled(step["open"])))
        elif what in ("call", "begin"):
            parts += [step[what], json.dumps(self._filled(step.get("with", {})))]
        status, text = self._driver.say(*parts)
        if status != str(step.get("status", 0)):
            raise Failed(f"{what} gave {status} {text}")
        body = json.loads(text) if text else None
        difference = missing(self._filled(step.get("body")), body)
        if difference:
            raise Failed(f"{what} gave {text}: {difference}")
        self.said.append(f"{status} {json.dumps(normalised(body), sort_keys=True)}")
        for name, place in step.get("keep", {}).items():
            value: Any = body
            for part in place.split("."):
                value = value[part]
            self._values[name] = value

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._filled(part) for part in value]
        if isinstance(value, str):
            return re.sub(r"<(\w+)>", lambda match: self._value(match[1]), value)
        return value

    def _value(self, name: str) -> str:
        if name == "passcode":
            return str(self._okta.control("/passcode", {"login": "fred@acme.com", "factor": "ost1"})["passcode"])
        return self._values[name]


def missing(expected: Any, actual: Any) -> Optional[str]:
    """What is expected and is not there."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return f"{actual!r} is no object"
        for name, part in expected.items():
            difference = missing(part, actual.get(name))
            if difference:
                return f"{name}: {difference}"
        return None
    return None if expected is None or expected == actual else f"{actual!r} is not {expected!r}"


def normalised(value: Any) -> Any:
    """The same, without what differs in every run."""
    if isinstance(value, dict):
        return {
            name: f"<{name}>" if name in VOLATILE and part not in ("", None) else normalised(part)
            for name, part in value.items()
        }
    return [normalised(part) for part in value] if isinstance(value, list) else value


def compiled(libraries: str, scratch: str) -> str:
    """C's driver."""
    program = os.path.join(scratch, "driver")
    library = os.path.join(libraries, "libokta_auth.so.1")
    source = os.fspath(HERE / "driver.c")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-I", os.fspath(ROOT / "include")]
    subprocess.run(["cc", *flags, source, library, "-ldl", "-o", program], check=True)
    return program


def main() -> int:
    libraries, *more = sys.argv[1:]
    libraries = os.path.abspath(libraries)
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries, "PYTHONPATH": os.fspath(ROOT / "bindings/python")}
    python = [sys.executable, os.fspath(HERE / "driver.py")]
    scenarios = sorted((HERE / "scenarios").glob("*.json"))
    loopback = [os.fspath(ROOT / "target/debug/okta_loopback")]
    with tempfile.TemporaryDirectory() as scratch:
        drivers = {"C": [compiled(libraries, scratch)], "Python": python, "asyncio": [*python, "--asyncio"]}
        drivers.update((name, shlex.split(command)) for name, _, command in (part.partition("=") for part in more))
        with subprocess.Popen(loopback, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            table = Table(list(drivers))
            okta = Okta(program)
            for path in scenarios:
                table.row(path.stem, verdicts(path, drivers, environment, okta, scratch))
            # It ends when its standard input closes.
            program.communicate()
    return table.end()


def verdicts(
    path: Path, drivers: Dict[str, List[str]], environment: Dict[str, str], okta: Okta, scratch: str
) -> Dict[str, str]:
    """How each language did; C's answers are what the others are compared with."""
    scenario = json.loads(path.read_text(encoding="utf-8"))
    reference: List[str] = []
    results = {}
    for language, command in drivers.items():
        database = os.path.join(scratch, f"{path.stem}-{language}.db")
        with Driver(command, environment) as driver:
            run = Run(scenario, driver, okta, database)
            try:
                run.all_steps()
                reference = reference or run.said
                differing = [
                    f"{theirs} instead of {ours}" for ours, theirs in zip(reference, run.said) if ours != theirs
                ]
                results[language] = differing[0] if differing else "same"
            except Skipped:
                results[language] = "-"
            except Failed as problem:
                results[language] = str(problem)
    return results


class Table:
    """Scenario by language, each row as soon as it is known."""

    def __init__(self, languages: List[str]) -> None:
        self._languages = languages
        self._passed = self._failed = 0
        print(f"{'scenario':24}" + "".join(f"{language:>10}" for language in languages))

    def row(self, scenario: str, results: Dict[str, str]) -> None:
        marks = {language: result if result in ("same", "-") else "FAILED" for language, result in results.items()}
        print(f"{scenario:24}" + "".join(f"{marks[language]:>10}" for language in self._languages), flush=True)
        for language, mark in marks.items():
            self._passed += mark == "same"
            if mark == "FAILED":
                self._failed += 1
                print(f"    {language}: {results[language]}")

    def end(self) -> int:
        print(f"{self._passed} passed, {self._failed} failed")
        return 1 if self._failed else 0


if __name__ == "__main__":
    sys.exit(main())
