/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a generated skeleton keeps of its properties, and what it tells of them. */

#include <math.h>

#include "probe-generated.h"

typedef struct
{
  LabProbeSkeleton *skeleton; /* (owned) */
  GString          *told;     /* (owned): the names of what was notified of */
} Fixture;

static void
on_notify (GObject    *skeleton,
           GParamSpec *pspec,
           gpointer    user_data)
{
  g_string_append_printf (user_data, "%s ", pspec->name);
}

static void
set_up (Fixture       *self,
        gconstpointer  unused)
{
  self->skeleton = lab_probe_skeleton_new ();
  self->told = g_string_new (NULL);
  g_signal_connect (self->skeleton, "notify", G_CALLBACK (on_notify), self->told);
}

static void
tear_down (Fixture       *self,
           gconstpointer  unused)
{
  g_assert_finalize_object (self->skeleton);
  g_string_free (self->told, TRUE);
}

static void
assert_told (Fixture    *self,
             const char *names)
{
  g_assert_cmpstr (self->told->str, ==, names);
  g_string_truncate (self->told, 0);
}

static void
test_defaults (Fixture       *self,
               gconstpointer  unused)
{
  g_autofree char *label = lab_probe_skeleton_dup_label (self->skeleton);
  g_auto (GStrv) tags = lab_probe_skeleton_dup_tags (self->skeleton);

  g_assert_cmpstr (label, ==, "");
  g_assert_null (tags);
  g_assert_null (lab_probe_skeleton_dup_config (self->skeleton));
  g_assert_cmpfloat (lab_probe_skeleton_get_shutter (self->skeleton), ==, 0.01);
  g_assert_cmpint (lab_probe_skeleton_get_mode (self->skeleton), ==, LAB_PROBE_MODE_NEVER);
  g_assert_cmpuint (lab_probe_skeleton_get_parts (self->skeleton), ==, 0);
  assert_told (self, "");
}

/* The same again is not told, whatever is the same of it. */
static void
test_same_again (Fixture       *self,
                 gconstpointer  unused)
{
  LabProbeSkeleton *skeleton = self->skeleton;

  for (guint i = 0; i < 2; i++)
    {
      const char *const tags[] = { "a", "b", NULL };
      g_autofree char *label = g_strdup ("plant");

      lab_probe_skeleton_set_angle (skeleton, 7);
      lab_probe_skeleton_set_flag (skeleton, TRUE);
      lab_probe_skeleton_set_huge (skeleton, G_MAXUINT64);
      lab_probe_skeleton_set_label (skeleton, label);
      lab_probe_skeleton_set_level (skeleton, NAN);
      lab_probe_skeleton_set_mode (skeleton, LAB_PROBE_MODE_PERMANENTLY);
      lab_probe_skeleton_set_parts (skeleton, LAB_PROBE_PARTS_CLOSE_TARGET);
      lab_probe_skeleton_set_tags (skeleton, tags);
      lab_probe_skeleton_set_config (skeleton, g_variant_new_string ("x"));
      assert_told (self, i == 0 ? "angle flag huge label level mode parts tags config " : "");
    }
  lab_probe_skeleton_set_level (skeleton, 0.5);
  lab_probe_skeleton_set_level (skeleton, 0.5);
  lab_probe_skeleton_set_level (skeleton, 0.25);
  assert_told (self, "level level ");
}

/* NULL is a value like others. */
static void
test_nothing (Fixture       *self,
              gconstpointer  unused)
{
  LabProbeSkeleton *skeleton = self->skeleton;
  const char *const none[] = { NULL };
  const char *const one[] = { "a", NULL };

  lab_probe_skeleton_set_tags (skeleton, NULL);
  lab_probe_skeleton_set_config (skeleton, NULL);
  assert_told (self, "");
  lab_probe_skeleton_set_label (skeleton, NULL);
  lab_probe_skeleton_set_label (skeleton, NULL);
  lab_probe_skeleton_set_tags (skeleton, none);
  lab_probe_skeleton_set_tags (skeleton, one);
  lab_probe_skeleton_set_tags (skeleton, NULL);
  lab_probe_skeleton_set_config (skeleton, g_variant_new_string ("x"));
  lab_probe_skeleton_set_config (skeleton, NULL);
  lab_probe_skeleton_set_config (skeleton, NULL);
  assert_told (self, "label tags tags tags config config ");
  g_assert_null (lab_probe_skeleton_dup_label (skeleton));
  g_assert_null (lab_probe_skeleton_dup_tags (skeleton));
  g_assert_null (lab_probe_skeleton_dup_config (skeleton));
}

/* What is handed in and out is a copy. */
static void
test_copies (Fixture       *self,
             gconstpointer  unused)
{
  LabProbeSkeleton *skeleton = self->skeleton;
  char text[] = "first";
  char *tags[] = { text, NULL };
  g_autofree char *label = NULL;
  g_auto (GStrv) kept = NULL;
  g_auto (GStrv) again = NULL;
  g_autoptr (GVariant) given = g_variant_ref_sink (g_variant_new_string ("x"));
  g_autoptr (GVariant) config = NULL;

  lab_probe_skeleton_set_label (skeleton, text);
  lab_probe_skeleton_set_tags (skeleton, (const char *const *) tags);
  text[0] = 'F';
  label = lab_probe_skeleton_dup_label (skeleton);
  kept = lab_probe_skeleton_dup_tags (skeleton);
  g_assert_cmpstr (label, ==, "first");
  g_assert_cmpstr (kept[0], ==, "first");
  kept[0][0] = '-';
  again = lab_probe_skeleton_dup_tags (skeleton);
  g_assert_cmpstr (again[0], ==, "first");
  lab_probe_skeleton_set_config (skeleton, given);
  config = lab_probe_skeleton_dup_config (skeleton);
  g_assert_true (config == given);
}

/* By way of GObject it is the same. */
static void
test_properties (Fixture       *self,
                 gconstpointer  unused)
{
  g_autofree char *label = NULL;
  g_auto (GStrv) tags = NULL;
  const char *const given[] = { "a", NULL };
  double level = 0;
  LabProbeMode mode = LAB_PROBE_MODE_NEVER;
  int progress = 0;

  g_object_set (self->skeleton, "label", "x", NULL);
  g_object_set (self->skeleton, "tags", given, NULL);
  g_object_set (self->skeleton, "level", 0.5, NULL);
  g_object_set (self->skeleton, "mode", LAB_PROBE_MODE_FOR_SESSION, NULL);
  assert_told (self, "label tags level mode ");
  lab_probe_skeleton_set_progress (self->skeleton, 9);
  assert_told (self, "progress ");
  g_object_get (self->skeleton, "label", &label, "tags", &tags, "level", &level, "mode", &mode,
                "progress", &progress, NULL);
  g_assert_cmpstr (label, ==, "x");
  g_assert_true (g_strv_equal ((const char *const *) tags, given));
  g_assert_cmpfloat (level, ==, 0.5);
  g_assert_cmpint (mode, ==, LAB_PROBE_MODE_FOR_SESSION);
  g_assert_cmpint (progress, ==, 9);
}

#define ADD(path, test) g_test_add ("/kept/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("defaults", test_defaults);
  ADD ("same-again", test_same_again);
  ADD ("nothing", test_nothing);
  ADD ("copies", test_copies);
  ADD ("properties", test_properties);
  return g_test_run ();
}
