# SPDX-License-Identifier: Apache-2.0
"""tick's scheduling decisions against a plain model of fixed priorities and counting semaphores."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from ovm.guests.tick.kernel import (
    IDLE,
    NEVER,
    SEMAPHORES,
    TASKS,
    Kernel,
    choose,
    give,
    next_wake,
    sleep,
    take,
    wake_due,
)
from ovm.metal import u32, u64
from ovm.metal.simulate import simulate


@dataclass
class Model:
    """The state that the kernel should know, in Python's own terms."""

    sleeping: dict[int, int] = field(default_factory=dict)
    blocked: dict[int, int] = field(default_factory=dict)
    units: list[int] = field(default_factory=lambda: [0] * SEMAPHORES)

    def runs(self) -> int:
        return min(set(range(TASKS)) - set(self.sleeping) - set(self.blocked), default=IDLE)

    def give(self, semaphore: int) -> None:
        waiting = sorted(task for task, wanted in self.blocked.items() if wanted == semaphore)
        if waiting:
            del self.blocked[waiting[0]]
        else:
            self.units[semaphore] += 1

    def take(self, task: int, semaphore: int) -> None:
        if self.units[semaphore]:
            self.units[semaphore] -= 1
        else:
            self.blocked[task] = semaphore


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sleep"), st.integers(0, 1 << 40)),
        st.tuples(st.just("take"), st.integers(0, SEMAPHORES - 1)),
        st.tuples(st.just("give"), st.integers(0, SEMAPHORES - 1)),
        st.tuples(st.just("time"), st.integers(0, 1 << 40)),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(STEPS)
def test_the_kernel_decides_like_the_model(steps: list[tuple[str, int]]) -> None:
    model = Model()
    with simulate():
        kernel = Kernel()
        for action, value in steps:
            running = int(choose(kernel))
            kernel.current = u32(running)
            # The last task idles: it never waits.
            if action == "sleep" and running != IDLE:
                sleep(kernel, u64(value))
                model.sleeping[running] = value
            elif action == "take" and running != IDLE:
                take(kernel, u32(value))
                model.take(running, value)
            elif action == "give":
                give(kernel, u32(value))
                model.give(value)
            elif action == "time":
                wake_due(kernel, u64(value))
                model.sleeping = {task: wake for task, wake in model.sleeping.items() if wake > value}
            assert int(choose(kernel)) == model.runs()
            assert int(next_wake(kernel)) == min(model.sleeping.values(), default=NEVER)
            assert [int(kernel.units[index]) for index in range(SEMAPHORES)] == model.units
