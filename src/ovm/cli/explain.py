# SPDX-License-Identifier: Apache-2.0
"""`ovm explain`: the meaning of an error code."""

import click

from ovm.cli.exits import REFUSED
from ovm.system.codes import CODES
from ovm.system.document import suggestion


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain an error CODE; without one, list them all."""
    pages = dict(CODES)
    pages.update(_rules())
    if code is None:
        for name, (title, _) in sorted(pages.items()):
            click.echo(f"{name}  {title}")
        return
    wanted = code.upper()
    if wanted not in pages:
        meant = suggestion(wanted, pages)
        click.echo(f"no error has the code '{code}'" + (f"; did you mean {meant}?" if meant else ""), err=True)
        raise SystemExit(REFUSED)
    title, text = pages[wanted]
    click.echo(f"{wanted}: {title}\n\n{text}")


def _rules() -> dict[str, tuple[str, str]]:
    """Return the compiler's own rules, and the complaints of its build tools."""
    from ovm.metal.build.errors import CODES as BUILD_CODES
    from ovm.metal.rules import RULES

    return {rule.code: (rule.title, f"Fix: {rule.fix}.") for rule in RULES.values()} | BUILD_CODES
