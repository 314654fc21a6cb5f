# SPDX-License-Identifier: Apache-2.0
"""The version of OVM."""

from importlib import metadata


def version() -> str:
    """Return the installed version; a source tree that isn't installed has none."""
    try:
        return metadata.version("ovm")
    except metadata.PackageNotFoundError:
        return "not installed"
