# SPDX-License-Identifier: Apache-2.0
"""The kernel's decisions: the task that runs, sleeping until a time, waiting for semaphores.

Priorities are fixed and are the order of the tasks: task 0 is the most urgent. The last task must always be ready (it
idles). This module doesn't touch the machine, and everything runs with interrupts masked, so no step needs a lock.
"""

from typing import Final

from ovm.metal import Array, Enum, Struct, array, fn, static, u8, u32, u64

TASKS: Final = 6
IDLE: Final = TASKS - 1
SEMAPHORES: Final = 4
NEVER: Final = 0xFFFF_FFFF_FFFF_FFFF


class State(Enum, width=u8):
    """The state of a task."""

    READY = 0
    SLEEPING = 1
    BLOCKED = 2


class Task(Struct):
    """A task: the thing it waits for, and its registers while it isn't running."""

    registers: Array[u32] = array(u32, 13)
    sp: u32
    lr: u32
    pc: u32
    psr: u32
    state: State
    # The semaphore that a BLOCKED task waits for; when a SLEEPING task wakes.
    semaphore: u32
    wake: u64


class Kernel(Struct):
    """All state of the kernel."""

    current: u32
    switches: u32
    tasks: Array[Task] = array(Task, TASKS)
    units: Array[u32] = array(u32, SEMAPHORES)


KERNEL = static(Kernel)


@fn
def choose(kernel: Kernel) -> u32:
    """Return the most urgent task that is ready."""
    for index in u32.range(TASKS):
        if kernel.tasks[index].state == State.READY:
            return index
    return IDLE


@fn
def sleep(kernel: Kernel, until: u64) -> None:
    """Let the current task sleep until a time."""
    task = kernel.tasks[kernel.current]
    task.state = State.SLEEPING
    task.wake = until


@fn
def wake_due(kernel: Kernel, time: u64) -> None:
    """Make every task ready whose time has come."""
    for index in u32.range(TASKS):
        task = kernel.tasks[index]
        if task.state == State.SLEEPING and task.wake <= time:
            task.state = State.READY


@fn
def next_wake(kernel: Kernel) -> u64:
    """Return the time at which the next sleeper wakes, to which the timer must be set."""
    earliest = u64(NEVER)
    for index in u32.range(TASKS):
        task = kernel.tasks[index]
        if task.state == State.SLEEPING:
            earliest = min(earliest, task.wake)
    return earliest


@fn
def take(kernel: Kernel, semaphore: u32) -> None:
    """Take a unit of a semaphore for the current task, or block it until one is given."""
    if kernel.units[semaphore] != 0:
        kernel.units[semaphore] -= 1
        return
    task = kernel.tasks[kernel.current]
    task.state = State.BLOCKED
    task.semaphore = semaphore


@fn
def give(kernel: Kernel, semaphore: u32) -> None:
    """Give a unit to the most urgent task that waits for it, or keep it."""
    for index in u32.range(TASKS):
        task = kernel.tasks[index]
        if task.state == State.BLOCKED and task.semaphore == semaphore:
            task.state = State.READY
            return
    kernel.units[semaphore] += 1
