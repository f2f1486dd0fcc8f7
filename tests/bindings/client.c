/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The conversation with a probe, in C; client.py says how it is run. A step that fails aborts. */

#include "talk.h"

static void
take_steps (const TalkStep *steps,
            Talk           *talk)
{
  for (; steps->name != NULL; steps++)
    {
      steps->take (talk);
      g_print ("ok - %s\n", steps->name);
    }
}

int
main (int    argc,
      char **argv)
{
  Talk talk = { 0 };

  g_assert_cmpint (argc, ==, 3);
  talk.url = argv[1];
  talk.native = g_str_equal (argv[2], "native");
  talk.wire = talk.native                    ? PLANT_RPC_WIRE_NATIVE
              : g_str_equal (argv[2], "1") ? PLANT_RPC_WIRE_GENERATION_1
                                             : PLANT_RPC_WIRE_GENERATION_2;
  test_probe_declare_beside (TEST_TYPE_PROBE);
  take_steps (talk_values, &talk);
  take_steps (talk_calls, &talk);
  take_steps (talk_kinds, &talk);
  take_steps (talk_last, &talk);
  return 0;
}
