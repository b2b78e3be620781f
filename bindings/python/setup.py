"""Makes a wheel that holds libokta_auth.so.1 and says which systems can load it."""

import os
import re
import subprocess
from pathlib import Path
from typing import Tuple

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

LIBRARY = Path(__file__).with_name("okta_auth") / "libokta_auth.so.1"
# What every Linux with glibc has.
EVERYWHERE = re.compile(r"lib(c|m|dl|rt|pthread|util|gcc_s)\.so\.\d|ld-linux[-\w]*\.so\.\d")


def platform_tag() -> str:
    """manylinux_2_N where the library needs glibc 2.N and nothing that a system may lack, else plainly linux."""
    machine = os.uname().machine
    # In C's words, whatever language the system speaks.
    words = {**os.environ, "LC_ALL": "C"}
    command = ["readelf", "--dynamic", "--version-info", "--wide", os.fspath(LIBRARY)]
    said = subprocess.run(command, env=words, check=True, capture_output=True, text=True).stdout
    needed = re.findall(r"Shared library: \[(.+?)\]", said)
    versions = [int(minor) for minor in re.findall(r"GLIBC_2\.(\d+)", said)]
    if versions and all(EVERYWHERE.fullmatch(name) for name in needed):
        return f"manylinux_2_{max(versions)}_{machine}"
    return f"linux_{machine}"


class Wheel(bdist_wheel):
    """One wheel for all versions of Python: the library is no extension module."""

    def get_tag(self) -> Tuple[str, str, str]:
        return "py3", "none", platform_tag()


class WithLibrary(Distribution):
    """Goes where libraries go, not where pure Python goes."""

    def has_ext_modules(self) -> bool:
        return True


setup(cmdclass={"bdist_wheel": Wheel}, distclass=WithLibrary)
