/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-test-property.h"

char *
test_property_print_shown (TestProperty *self)
{
  g_autoptr (GVariant) value = plant_rpc_property_dup_value (self->property);

  return value != NULL ? g_variant_print (value, FALSE) : g_strdup ("unset");
}

static void
on_dirty (gpointer          owner,
          PlantRpcProperty *property,
          gboolean          now)
{
  TestProperty *self = owner;

  self->n_dirty++;
  self->n_now += now;
  if (now)
    plant_rpc_property_notify (property, G_OBJECT (property), NULL);
}

static void
on_write (gpointer          owner,
          PlantRpcProperty *property,
          GVariant         *value)
{
  TestProperty *self = owner;
  g_autoptr (GError) error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT, "large");

  g_ptr_array_add (self->writes, g_variant_print (value, FALSE));
  if (self->fail)
    plant_rpc_property_settle (property, NULL, error);
}

static void
on_reread (gpointer          owner,
           PlantRpcProperty *property)
{
  ((TestProperty *) owner)->n_reads++;
}

static void
on_refused (gpointer          owner,
            PlantRpcProperty *property,
            const GError     *error)
{
  TestProperty *self = owner;
  g_autofree char *shown = test_property_print_shown (self);

  g_ptr_array_add (self->refusals, g_strdup_printf ("%s at %s", error->message, shown));
}

static const PlantRpcPropertyFuncs funcs = { on_dirty, on_write, on_reread, on_refused };

static void
count_value (GObject    *object,
             GParamSpec *pspec,
             gpointer    user_data)
{
  ((TestProperty *) user_data)->n_value++;
}

TestProperty *
test_property_new (const char *form)
{
  TestProperty *self = g_new0 (TestProperty, 1);
  g_autofree char *json = g_strdup_printf ("{\"properties\": {\"angle\": %s}}", form);
  g_autoptr (GError) error = NULL;
  PlantRpcPropertyInfo *info;

  self->info = plant_rpc_interface_info_new_from_json (json, &error);
  g_assert_no_error (error);
  info = plant_rpc_interface_info_find_property (self->info, "angle");
  self->property = plant_rpc_property_new (info, plant_rpc_runtime_type_of_property (info), &funcs,
                                           self);
  self->writes = g_ptr_array_new_with_free_func (g_free);
  self->refusals = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (self->property, "notify::value", G_CALLBACK (count_value), self);
  return self;
}

void
test_property_free (TestProperty *self)
{
  plant_rpc_property_detach (self->property);
  g_assert_finalize_object (self->property);
  g_ptr_array_unref (self->writes);
  g_ptr_array_unref (self->refusals);
  plant_rpc_interface_info_unref (self->info);
  g_free (self);
}

void
test_property_tell (TestProperty *self,
                    int           number)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (number));
  g_autoptr (GError) error = NULL;

  plant_rpc_property_told (self->property, value, &error);
  g_assert_no_error (error);
}

TestProperty *
test_property_new_live (void)
{
  TestProperty *self = test_property_new ("{\"type\": \"i\"}");

  test_property_tell (self, 10);
  plant_rpc_property_set_live (self->property, TRUE);
  plant_rpc_property_notify (self->property, G_OBJECT (self->property), NULL);
  self->n_dirty = self->n_now = self->n_value = 0;
  return self;
}

void
test_property_write_int (TestProperty *self,
                         int           number)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);
  plant_rpc_property_write (self->property, &value);
}

void
test_property_settle (TestProperty *self,
                      int           number,
                      const char   *refusal)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  if (number >= 0)
    value = g_variant_ref_sink (g_variant_new_int32 (number));
  if (refusal != NULL)
    error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE, refusal);
  plant_rpc_property_settle (self->property, value, error);
}

void
test_property_settle_read (TestProperty *self,
                           int           number)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (number));

  plant_rpc_property_settle_read (self->property, value);
}

guint
test_property_take_notified (TestProperty *self)
{
  guint n;

  plant_rpc_property_notify (self->property, G_OBJECT (self->property), NULL);
  n = self->n_value;
  self->n_value = 0;
  return n;
}
