/* SPDX-License-Identifier: Apache-2.0 */
/* A failed assertion ends the guest as abort() does. */
#ifndef OVM_ASSERT_H
#define OVM_ASSERT_H

_Noreturn void abort(void);

#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : abort())
#endif

#endif
