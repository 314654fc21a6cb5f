# SPDX-License-Identifier: Apache-2.0
"""Which OVM this is."""

from importlib import metadata


def version() -> str:
    """The installed version; a source tree that isn't installed has none."""
    try:
        return metadata.version("ovm")
    except metadata.PackageNotFoundError:
        return "not installed"
