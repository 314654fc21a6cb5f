# SPDX-License-Identifier: Apache-2.0
"""The host's own copy of a C library: a Python package, installed into the cache and run in another process."""

import os
import subprocess
import sys
from pathlib import Path

from ovm.metal.build.cache import default_directory
from tests.tools import absent

_COMPRESS = "import sys, lz4.frame; sys.stdout.buffer.write(lz4.frame.compress(sys.stdin.buffer.read(), {level}))"


def lz4_frame(version: str, data: bytes, level: int) -> bytes:
    """Return what `lz4.frame.compress` of that version makes of `data`."""
    environment = {**os.environ, "PYTHONPATH": str(_installed("lz4", version))}
    command = [sys.executable, "-c", _COMPRESS.format(level=level)]
    return subprocess.run(command, input=data, capture_output=True, check=True, env=environment).stdout


def _installed(name: str, version: str) -> Path:
    target = default_directory() / "pypi" / f"{name}-{version}-python{sys.version_info.major}{sys.version_info.minor}"
    if not (target / name).is_dir():
        options = ["--quiet", "--no-deps", "--disable-pip-version-check", "--target", str(target)]
        command = [sys.executable, "-m", "pip", "install", *options, f"{name}=={version}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            absent(f"the reference library {name} {version} cannot be installed: {done.stderr.strip()[-200:]}")
    return target
