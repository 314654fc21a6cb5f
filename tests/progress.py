# SPDX-License-Identifier: Apache-2.0
"""A plugin for pytest that says how far a long run is and which part of the tests runs: `-p tests.progress`."""

import time

import pytest


class _Progress:
    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._done = 0
        self._total = 0
        self._part = ""
        self._begin = time.monotonic()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._total = self._total or len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self._total = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "teardown":
            return
        self._done += 1
        part = report.nodeid.partition("::")[0].rpartition("/")[0]
        if part != self._part or self._done == self._total:
            self._part = part
            self._tell(part)

    def _tell(self, part: str) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        seconds = int(time.monotonic() - self._begin)
        if terminal is not None:
            share = 100 * self._done // max(self._total, self._done)
            terminal.write_line(f"{share:3}%  {self._done} of {self._total}  {seconds // 60}:{seconds % 60:02}  {part}")

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Print no dots: only what is not as it should be."""
        return ("passed", "", "") if report.passed and report.when == "call" else None


def pytest_configure(config: pytest.Config) -> None:
    """Only the process that prints needs it, not the workers of xdist."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Progress(config), "ovm-progress")
