/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-dictionary.h"

static void
add (GVariantBuilder *entries,
     const char      *name,
     GVariant        *value)
{
  g_variant_builder_add (entries, "{sv}", name, value);
}

/* BENCH_ARGS_JSON */
GVariant *
bench_build_args (void)
{
  static const char *const tags[] = { "rgb", "scan", "top" };
  GVariantBuilder args;

  g_variant_builder_init (&args, G_VARIANT_TYPE_VARDICT);
  add (&args, "x", g_variant_new_double (BENCH_ARG_X));
  add (&args, "y", g_variant_new_double (-78.9));
  add (&args, "z", g_variant_new_double (12.25));
  add (&args, "pan", g_variant_new_double (90.5));
  add (&args, "tilt", g_variant_new_double (15.5));
  add (&args, "gain", g_variant_new_double (1.5));
  add (&args, "timeout_s", g_variant_new_double (2.5));
  add (&args, "exposure_us", g_variant_new_int32 (16667));
  add (&args, "flash", g_variant_new_boolean (TRUE));
  add (&args, "format", g_variant_new_string ("jpeg"));
  add (&args, "name", g_variant_new_string (BENCH_ARG_NAME));
  add (&args, "mode", g_variant_new_string (BENCH_VALUE));
  add (&args, "tags", g_variant_new_strv (tags, G_N_ELEMENTS (tags)));
  return g_variant_builder_end (&args);
}

void
bench_check_args (GVariant *args)
{
  const char *name = NULL;
  double x = 0;

  BENCH_CHECK (args != NULL && g_variant_lookup (args, "name", "&s", &name));
  BENCH_CHECK (g_str_equal (name, BENCH_ARG_NAME));
  BENCH_CHECK (g_variant_lookup (args, "x", "d", &x) && x == BENCH_ARG_X);
}

/* BENCH_INFO_JSON. As the buffer it is made once, since the rivals that send JSON make none. */
GVariant *
bench_get_info (void)
{
  static GVariant *made;
  GVariantDict info;

  if (made != NULL)
    return made;
  g_variant_dict_init (&info, NULL);
  g_variant_dict_insert (&info, "format", "s", "raw");
  g_variant_dict_insert (&info, "width", "i", BENCH_WIDTH);
  g_variant_dict_insert (&info, "height", "i", BENCH_HEIGHT);
  g_variant_dict_insert (&info, "rotation", "i", 0);
  made = g_variant_ref_sink (g_variant_dict_end (&info));
  return made;
}
