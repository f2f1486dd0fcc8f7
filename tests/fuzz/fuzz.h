/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer and AFL call with each input; always returns 0. */
int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);

/* libFuzzer calls this once, before the first input. */
int LLVMFuzzerInitialize (int    *argc,
                          char ***argv);
