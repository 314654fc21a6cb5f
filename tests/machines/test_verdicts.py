# SPDX-License-Identifier: Apache-2.0
"""Tests of what a run says of guests that nobody judges, and of the first thing that went wrong in one that failed."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ovm.cli.main import main
from ovm.cli.summary import show_summary
from ovm.machines import virtual
from ovm.machines.cause import first_cause
from ovm.machines.result import MET, UNJUDGED, RunResult
from ovm.system.build import build

HEAD = '#include "guest.h"\nint guest_main(struct ovm_vcpu_page *page) { (void)page;\n'
TABLE = '__asm__(".section .text\\n.balign 32\\n.global table\\ntable: .rept 8\\n b .\\n.endr\\n");\nextern char table[];\n'
SOURCES = {
    "sleeper": HEAD + "for (;;) ovm_wait(); }\n",
    "busy": HEAD + "for (;;) ; }\n",
    "vectors": TABLE + HEAD + "ovm_register_write(OVM_VIRTUAL_VBAR, (uint32_t)table);\n"
    '    __asm__ volatile("svc #0" :: "r"(0)); return 0; }\n',
    "floats": HEAD
    + '__asm__ volatile(".fpu neon\\n mcr p15, 0, %0, c1, c0, 2\\n isb\\n vmov s0, r0" :: "r"(15 << 20)); return 0; }\n',
    "denied": HEAD + '__asm__ volatile(".fpu neon\\n vmov s0, r0"); return 0; }\n',
    "calls": HEAD + '__asm__ volatile("ldr r0, =0x12345678\\n svc #5" ::: "r0"); return 0; }\n',
    "thumb": '__asm__(".syntax unified\\n.thumb\\n.section .text.start\\n.global _start\\n.thumb_func\\n_start:\\n'
    'ldr r0, =0x86000007\\n movs r1, #5\\n svc #0\\n1: b 1b\\n.ltorg\\n");\n',
    "hard": '__asm__(".section .text.start\\n.global _start\\n_start: cpsid if\\n1: wfi\\n b 1b\\n");\n',
}


def guest(name: str, level: str = "nrt", expect: str = "") -> str:
    return f'[[guest]]\nname = "{name}"\nlevel = "{level}"\nimage = "{name}"\nmemory = "1MiB"\n{expect}'


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = tmp_path_factory.mktemp("verdicts")
    for name, text in SOURCES.items():
        (folder / name).mkdir()
        (folder / name / "main.c").write_text(text)
    described = [guest(name) for name in ("sleeper", "busy", "vectors", "floats", "denied", "calls")]
    described += [guest("thumb", expect="[guest.expect]\nexit = 5\n"), guest("hard", "hrt")]
    (folder / "t.toml").write_text('[system]\nname = "t"\nseconds = 0.05\n' + "".join(described))
    return virtual.run(build(folder / "t.toml", lambda step: None), lambda event: None)


def test_thumb_code_runs_from_its_entry(result: RunResult) -> None:
    assert result.guests["thumb"].verdict == MET and result.guests["thumb"].status == 5


def test_what_each_unjudged_guest_does(result: RunResult) -> None:
    assert [name for name, each in result.guests.items() if each.verdict == UNJUDGED] == ["sleeper", "busy", "vectors", "hard"]
    said = {name: each.doing for name, each in result.guests.items()}
    assert "asleep at 0x" in said["sleeper"] and "waits for an interrupt, and has set no timer" in said["sleeper"]
    assert "still at work at 0x" in said["busy"] and "guest_main" in said["busy"]
    assert "in its vectors at 0x" in said["vectors"] and "it takes an SVC again and again" in said["vectors"]
    assert "instructions, asleep at 0x" in said["hard"]
    assert "waits for an interrupt or an event that doesn't come" in said["hard"]


def test_the_first_cause_of_a_stop(result: RunResult) -> None:
    assert result.failures == [
        f"{name}: was stopped: {first_cause(result.guests[name].stopped or {})}" for name in ("floats", "denied", "calls")
    ]
    assert "Undefined Instruction at 0x1000" in result.failures[0]
    assert "vmov s0, r0: floating point while FPEXC.EN = 0" in result.failures[0]
    assert "vmov s0, r0: floating point while CPACR denies it" in result.failures[1]
    assert "it took an SVC by its vector at 0x8: " in result.failures[2]
    assert "; the SVC is 0xef000005  svc #5 at 0x1000" in result.failures[2]
    assert result.failures[2].endswith(
        "r0 = 0x12345678 is no hypercall's number; those begin with 0x84 or 0x86, as 0x86000007 (EXIT)"
    )


def test_the_summary_names_them(result: RunResult, capsys: pytest.CaptureFixture[str]) -> None:
    show_summary(result)
    text = capsys.readouterr().out
    assert "unjudged  busy: " in text and "still at work" in text and "it printed nothing" in text
    assert text.rstrip().endswith("FAILED")
    assert result.as_json()["ok"] is False and result.as_json()["verdict"] == "failed"


@pytest.mark.parametrize(
    ("stopped", "words"),
    [
        ({"pc": 8, "address": 8, "status": 5}, "it took an SVC by its vector at 0x8: nothing is mapped there"),
        (
            {"pc": 8, "address": 8, "status": 5, "svc": 0x100, "svc_psr": 0x30, "svc_instruction": 0xDF00},
            "svc #0 at 0x100: in User mode",
        ),
        ({"pc": 0x100, "address": 0x30, "status": 0x808, "instruction": 0xE5801000}, "str r1, [r0] of 0x30: it has no memory"),
        ({"pc": 0x100, "address": 0x100, "status": 0, "instruction": 0xE7F000F1}, "udf #1: it is Undefined on purpose"),
        ({"pc": 0x100, "address": 0x100, "status": 0, "instruction": 0xE7FFDEFE}, "it is Undefined on purpose"),
        ({"pc": 0x100, "address": 0x100, "status": 0, "psr": 0x33, "instruction": 0xDEFE}, "it is Undefined on purpose"),
        ({"pc": 0x100, "address": 0x100, "status": 0, "instruction": 0}, "there is no instruction, only zeros"),
        ({"pc": 0x100, "address": 0x100, "instruction": 0xEE000A10, "fpexc": 1 << 30}, "Cortex-A9 doesn't have it"),
        ({"pc": 0x100, "address": 0x100, "instruction": 0xEE000A10, "fpexc": 0}, "floating point while FPEXC.EN = 0"),
    ],
)
def test_causes(stopped: dict[str, int | str], words: str) -> None:
    assert words in first_cause({"why": "no-vectors", "psr": 0x13, **stopped})


def test_a_run_with_nothing_judged_is_not_ok(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[2] / "systems" / "hello.toml").read_text()
    (tmp_path / "t.toml").write_text(text[: text.index("[guest.expect]")])
    ended: Result = CliRunner().invoke(main, ["run", "t.toml"])
    assert ended.exit_code == 4
    assert "unjudged  hello: exited with status 0" in ended.output
    assert ended.output.rstrip().endswith("UNJUDGED: no guest has a [guest.expect], so nothing says whether this run is right")
