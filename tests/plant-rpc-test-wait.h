/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define TEST_WAIT_S 30

/* Until EXPRESSION holds, with no main loop running; not in time: the test program ends. */
#define test_wait_for(expression)                                                     \
  G_STMT_START                                                                        \
    {                                                                                 \
      gint64 test_end = g_get_monotonic_time () + TEST_WAIT_S * G_USEC_PER_SEC;       \
                                                                                      \
      while (!(expression))                                                           \
        {                                                                             \
          if (g_get_monotonic_time () > test_end)                                     \
            g_error ("%s:%d: not in time: %s", __FILE__, __LINE__, #expression);      \
          g_poll (NULL, 0, 1);                                                        \
        }                                                                             \
    }                                                                                 \
  G_STMT_END
