# SPDX-License-Identifier: Apache-2.0
"""Distributions as a picture, by matplotlib, which `pip install ovm[measure]` installs; numbers never depend on it."""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ovm.measure.statistics import summarise

# Okabe and Ito's palette: told apart in every kind of colour vision.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
_BINS = 60


def can_draw() -> bool:
    """Return whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def draw_distributions(panels: Mapping[str, Mapping[str, Sequence[float]]], unit: str, title: str, file: Path) -> None:
    """Draw one panel for each measurement, one histogram in it for each variant; the file's suffix decides the format."""
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("Agg")
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots(len(panels), 1, figsize=(9, 3.2 * len(panels) + 0.6), squeeze=False, layout="constrained")
    for axis, (name, variants) in zip(axes[:, 0], panels.items(), strict=True):
        _draw_panel(axis, name, variants, unit)
    figure.suptitle(title)
    figure.savefig(file, dpi=130)
    pyplot.close(figure)


def _draw_panel(axis: Any, name: str, variants: Mapping[str, Sequence[float]], unit: str) -> None:
    low = min(min(samples) for samples in variants.values())
    high = max(max(samples) for samples in variants.values())
    for colour, (variant, samples) in zip(_COLOURS, variants.items(), strict=False):
        found = summarise(samples)
        label = f"{variant}: min {found.smallest:.0f}, mean {found.mean:.0f}, p99 {found.p99:.0f}, max {found.largest:.0f}"
        axis.hist(samples, bins=_BINS, range=(low, high or 1), histtype="stepfilled", alpha=0.2, color=colour)
        axis.hist(samples, bins=_BINS, range=(low, high or 1), histtype="step", linewidth=1.5, color=colour, label=label)
        axis.axvline(found.largest, color=colour, linestyle=":", linewidth=1)
    axis.set_yscale("log")
    axis.set_ylabel("how often")
    axis.set_xlabel(unit)
    axis.set_title(name, fontsize=10)
    axis.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False)
