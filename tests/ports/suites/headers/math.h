/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUITES_MATH_H
#define SUITES_MATH_H

static inline double fabs(double value) {
    return value < 0.0 ? -value : value;
}

static inline float fabsf(float value) {
    return value < 0.0f ? -value : value;
}

#endif
