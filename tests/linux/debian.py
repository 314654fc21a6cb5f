# SPDX-License-Identifier: Apache-2.0
"""Debian's own kernels, of the versions that its mirror has today.

A kernel that is not in the cache and can't be fetched is a skip that says so.
"""

import functools
from pathlib import Path

import pytest

from ovm.linux.apt import Apt
from ovm.linux.errors import LinuxError
from ovm.linux.image import unpack
from ovm.linux.patch import Options, Patched, patch
from ovm.linux.source import KernelSource, kernel_source

SUITES = ("bookworm", "trixie", "sid")
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@functools.cache
def kernel(suite: str) -> KernelSource:
    """Return the current kernel of a suite; a skip where it is not to be had."""
    sources = f"Types: deb\nURIs: http://deb.debian.org/debian\nSuites: {suite}\nComponents: main\nSigned-By: {KEYS}\n"
    if not KEYS.exists():
        pytest.skip(f"no keys of Debian's archive here ({KEYS})")
    try:
        return kernel_source("debian:linux-image-armmp", apt=Apt(sources=sources))
    except LinuxError as error:
        pytest.skip(f"the kernel of {suite} is not in the cache and can't be fetched: {error.problem}")


@functools.cache
def unpatched(suite: str) -> bytes:
    return unpack(kernel(suite).file)


@functools.cache
def patched(suite: str) -> Patched:
    return patch(unpatched(suite), Options(swap_thread_registers=True))
