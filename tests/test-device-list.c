/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-device-list-private.h"

#define TEST_TYPE_OWNER (test_owner_get_type ())

G_DECLARE_FINAL_TYPE (TestOwner, test_owner, TEST, OWNER, GObject)

struct _TestOwner {
  GObject             parent;
  PlantRpcDeviceList *devices; /* (owned) */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (TestOwner, test_owner, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      plant_rpc_device_list_implement))

static void
test_owner_finalize (GObject *object)
{
  plant_rpc_device_list_free (TEST_OWNER (object)->devices);
  G_OBJECT_CLASS (test_owner_parent_class)->finalize (object);
}

static void
test_owner_class_init (TestOwnerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_owner_finalize;
  plant_rpc_device_list_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
test_owner_init (TestOwner *self)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new_for_object ();

  self->devices = plant_rpc_device_list_new (G_LIST_MODEL (self), home);
}

/* ---- the tests */

typedef struct {
  TestOwner  *owner;
  GString    *journal; /* "+name" and "-name" */
  const char *trigger; /* name of the device whose coming or going changes the list */
  const char *then;    /* the letters of the devices that the list then has */
} Fixture;

/* Each letter in NAMES is a device, whose name and uuid it is. */
static void
update (Fixture    *self,
        const char *names,
        gint64      seen)
{
  g_autoptr (GPtrArray) records =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_device_record_unref);

  for (const char *name = names; *name != '\0'; name++)
    {
      char text[] = { *name, '\0' };

      g_ptr_array_add (records, plant_rpc_device_record_new ("t", text, "tcp://h:1", text, seen));
    }
  plant_rpc_device_list_update (self->owner->devices, records);
}

static void
on_device (Fixture        *self,
           PlantRpcDevice *device,
           char            mark)
{
  const char *name = plant_rpc_device_get_name (device);

  g_string_append_printf (self->journal, "%c%s ", mark, name);
  if (g_strcmp0 (self->trigger, name) == 0)
    {
      self->trigger = NULL;
      update (self, self->then, 0);
    }
}

static void
on_added (TestOwner      *owner,
          PlantRpcDevice *device,
          Fixture        *self)
{
  on_device (self, device, '+');
}

static void
on_removed (TestOwner      *owner,
            PlantRpcDevice *device,
            Fixture        *self)
{
  on_device (self, device, '-');
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->owner = g_object_new (TEST_TYPE_OWNER, NULL);
  self->journal = g_string_new (NULL);
  g_signal_connect (self->owner, "device-added", G_CALLBACK (on_added), self);
  g_signal_connect (self->owner, "device-removed", G_CALLBACK (on_removed), self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_finalize_object (self->owner);
  g_string_free (self->journal, TRUE);
}

static void
assert_list (Fixture    *self,
             const char *names)
{
  g_autoptr (GString) got = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->owner)); i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (G_LIST_MODEL (self->owner), i);

      g_assert_true (plant_rpc_device_get_alive (device));
      g_string_append (got, plant_rpc_device_get_name (device));
    }
  g_assert_cmpstr (got->str, ==, names);
}

static void
test_update (Fixture       *self,
             gconstpointer  data)
{
  update (self, "abc", 0);
  assert_list (self, "abc");
  update (self, "cxa", 0);
  assert_list (self, "acx");
  update (self, "", 0);
  assert_list (self, "");
  g_assert_cmpstr (self->journal->str, ==, "+a +b +c -b +x -a -c -x ");
}

/* A handler may change the list. Then the later update counts, and no change is reported twice. */
static void
test_within_handler (Fixture       *self,
                     gconstpointer  data)
{
  self->trigger = "b";
  self->then = "bd";
  update (self, "abc", 0);
  assert_list (self, "bd");
  g_assert_cmpstr (self->journal->str, ==, "+a +b -a +d ");

  g_string_truncate (self->journal, 0);
  self->trigger = "b";
  self->then = "dx";
  update (self, "ef", 0);
  assert_list (self, "dx");
  g_assert_cmpstr (self->journal->str, ==, "-b +x ");
}

static void
count_notify (GObject    *object,
              GParamSpec *pspec,
              gpointer    user_data)
{
  (*(guint *) user_data)++;
}

static void
test_seen (Fixture       *self,
           gconstpointer  data)
{
  PlantRpcDevice *device;
  guint n = 0;

  update (self, "a", 100);
  device = plant_rpc_device_list_find (self->owner->devices, "a");
  g_signal_connect (device, "notify::last-seen", G_CALLBACK (count_notify), &n);
  update (self, "a", 200);
  g_assert_cmpuint (n, ==, 1);
  update (self, "a", 150);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (atomic_load (&plant_rpc_device_get_record (device)->last_seen), ==, 200);
}

/* Two records of one registration give one device. */
static void
test_twice (Fixture       *self,
            gconstpointer  data)
{
  update (self, "aba", 0);
  assert_list (self, "ab");
  update (self, "baa", 0);
  assert_list (self, "ab");
  g_assert_cmpstr (self->journal->str, ==, "+a +b ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/device-list/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("update", test_update);
  ADD ("within-handler", test_within_handler);
  ADD ("seen", test_seen);
  ADD ("twice", test_twice);
  return g_test_run ();
}
