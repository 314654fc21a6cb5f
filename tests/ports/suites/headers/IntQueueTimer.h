/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUITES_INT_QUEUE_TIMER_H
#define SUITES_INT_QUEUE_TIMER_H

void vInitialiseTimerForIntQueueTest(void);

#endif
