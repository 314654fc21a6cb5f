// SPDX-License-Identifier: Apache-2.0
// The first program of a Linux system: it times operations of the kernel, prints a line for each (name, nanoseconds each, by the
// kernel's monotonic clock), and ends the system. With uart=ADDRESS on the kernel's command line it prints by the registers of a
// Zynq's UART, for which distributions' kernels have no driver; otherwise to its console.

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 20000, PAGES = 1024, PAGE = 4096, PROCESSES = 30, EXCHANGES = 200, STEPS = 20000000 };
// UG585 appendix B.33: control, status, data; transmitter and receiver on; transmit FIFO full.
enum { CONTROL = 0, STATUS = 0x2C / 4, DATA = 0x30 / 4, ENABLED = 0x14, FULL = 0x10 };

static volatile uint32_t *uart;
static double begun;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static void say(const char *name, double value) {
    char line[100];
    int length = snprintf(line, sizeof line, "%s %.1f\n", name, value);
    if (uart == 0) {
        if (write(1, line, length) != length) _exit(1);
        return;
    }
    for (const char *at = line; *at; at++) {
        while (uart[STATUS] & FULL) { }
        uart[DATA] = (unsigned char)*at;
    }
}

static void begin(void) { begun = now(); }
static void end(const char *name, int count) { say(name, (now() - begun) / count); }

static void find_uart(void) {
    char line[4096] = "";
    mount("proc", "/proc", "proc", 0, 0);
    int file = open("/proc/cmdline", O_RDONLY);
    if (file < 0 || read(file, line, sizeof line - 1) < 0) _exit(1);
    close(file);
    const char *at = strstr(line, "uart=");
    if (at == 0) return;
    mount("devtmpfs", "/dev", "devtmpfs", 0, 0);
    file = open("/dev/mem", O_RDWR | O_SYNC);
    uart = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, strtoul(at + strlen("uart="), 0, 0));
    if (uart == MAP_FAILED) _exit(1);
    uart[CONTROL] = ENABLED;
}

static void calls(void) {
    char byte;
    begin();
    for (int i = 0; i < CALLS; i++) syscall(SYS_getppid);
    end("getppid", CALLS);
    begin();
    for (int i = 0; i < CALLS; i++) (void)!read(-1, &byte, 1);
    end("read-EBADF", CALLS);
}

static void memory(void) {
    char *area = mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) _exit(1);
    begin();
    for (int i = 0; i < PAGES; i++) area[i * PAGE] = 1;
    end("page-fault", PAGES);
    begin();
    munmap(area, PAGES * PAGE);
    end("munmap-page", PAGES);
}

static void processes(int execute) {
    begin();
    for (int i = 0; i < PROCESSES; i++) {
        pid_t child = fork();
        if (child == 0) {
            if (execute) execl("/init", "init", "exit", (char *)0);
            _exit(0);
        }
        waitpid(child, 0, 0);
    }
    end(execute ? "fork-exec" : "fork-exit", PROCESSES);
}

static void pipes(void) {
    int there[2], back[2];
    char byte = 0;
    if (pipe(there) || pipe(back)) _exit(1);
    pid_t child = fork();
    if (child == 0) {
        while (read(there[0], &byte, 1) == 1) (void)!write(back[1], &byte, 1);
        _exit(0);
    }
    begin();
    for (int i = 0; i < EXCHANGES; i++) {
        (void)!write(there[1], &byte, 1);
        (void)!read(back[0], &byte, 1);
    }
    end("ping-pong", EXCHANGES);
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
}

static void compute(void) {
    uint32_t value = 1;
    begin();
    for (int i = 0; i < STEPS; i++) value = (value * 1664525 + 1013904223) ^ value >> 3;
    end("compute-step", STEPS);
    if (value == 0) say("nothing", 0);
}

int main(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[1], "exit") == 0) return 0;
    find_uart();
    say("init-began", now());
    calls();
    memory();
    processes(0);
    processes(1);
    pipes();
    compute();
    say("done", 1);
    reboot(RB_POWER_OFF);
    for (;;) pause();
}
