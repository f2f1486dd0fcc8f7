/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-builder-private.h"
#include "plant-rpc-description-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-names-private.h"

typedef gpointer (*ReadMember) (const char                *name,
                                const PlantRpcDescription *form,
                                GError                   **error);

static gboolean
read_member (PlantRpcMembers           *members,
             ReadMember                 read,
             const char                *name,
             const PlantRpcSerialView  *view,
             GError                   **error)
{
  PlantRpcDescription form;
  gpointer member;

  if (!plant_rpc_names_is_method (name))
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                 _("the name is empty or too long"));
  if (!plant_rpc_description_init (&form, view, error))
    return FALSE;
  member = read (name, &form, error);
  return member != NULL && plant_rpc_members_take (members, member, error);
}

static gboolean
read_members (PlantRpcMembers           *members,
              const PlantRpcDescription *form,
              ReadMember                 read,
              GError                   **error)
{
  PlantRpcSerialView forms, boxed;
  PlantRpcDescription all;
  PlantRpcSerialIter iter;
  const char *name;

  if (!plant_rpc_description_look (form, members->kind, &forms))
    return TRUE;
  if (!plant_rpc_description_init (&all, &forms, error))
    {
      g_prefix_error (error, _("“%s”: "), members->kind);
      return FALSE;
    }
  plant_rpc_serial_iter_init (&iter, &forms);
  while (plant_rpc_description_next (&iter, &name, &boxed))
    {
      PlantRpcSerialView member = boxed;
      PlantRpcSerialIter box;
      g_autofree char *quoted = NULL;

      plant_rpc_serial_iter_init (&box, &boxed);
      plant_rpc_serial_iter_next (&box, &member);
      if (read_member (members, read, name, &member, error))
        continue;
      quoted = plant_rpc_names_quote (name);
      g_prefix_error (error, _("“%s”, %s: "), members->kind, quoted);
      return FALSE;
    }
  return TRUE;
}

PlantRpcInterfaceInfo *
plant_rpc_interface_info_new_from_variant (GVariant  *variant,
                                           GError   **error)
{
  g_autoptr (PlantRpcInterfaceInfo) self = plant_rpc_interface_info_new ();
  PlantRpcSerialView whole = plant_rpc_serial_view_of (variant);
  PlantRpcSerialView opened = plant_rpc_serial_view_open (&whole);
  PlantRpcDescription form;

  if (plant_rpc_serial_view_is (&opened, G_VARIANT_TYPE_MAYBE))
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                      _("expected an object, got null"));
  if (!plant_rpc_description_init (&form, &opened, error) ||
      !read_members (&self->methods, &form, plant_rpc_method_info_new_from_form, error) ||
      !read_members (&self->properties, &form, plant_rpc_property_info_new_from_form, error) ||
      !read_members (&self->signals, &form, plant_rpc_signal_info_new_from_form, error))
    return NULL;

  plant_rpc_builder_pair (self);
  return g_steal_pointer (&self);
}

/**
 * plant_rpc_interface_info_new_from_json:
 * @json: an interface as JSON
 * @error: return location for an error
 *
 * Reads an interface from JSON, in the form that the description of
 * [struct@InterfaceInfo] shows.
 *
 * Fails with %PLANT_RPC_ERROR_INVALID_INTERFACE. The message names the member that cannot be
 * understood.
 *
 * Returns: (transfer full): a new interface
 *
 * Since: 1.0
 */
PlantRpcInterfaceInfo *
plant_rpc_interface_info_new_from_json (const char  *json,
                                        GError     **error)
{
  g_autoptr (GVariant) form = NULL;
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (json != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  form = plant_rpc_json_parse (json, strlen (json), &local_error);
  if (form == NULL)
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_INTERFACE, "%s",
                                      local_error->message);
  return plant_rpc_interface_info_new_from_variant (form, error);
}

/**
 * plant_rpc_interface_info_new_from_file:
 * @file: a file that holds an interface as JSON
 * @error: return location for an error
 *
 * Reads an interface from a file, as [ctor@InterfaceInfo.new_from_json] does. It blocks while
 * it reads.
 *
 * Fails with %PLANT_RPC_ERROR_INVALID_INTERFACE, or an error of [type@Gio.IOErrorEnum].
 *
 * Returns: (transfer full): a new interface
 *
 * Since: 1.0
 */
PlantRpcInterfaceInfo *
plant_rpc_interface_info_new_from_file (GFile   *file,
                                        GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *contents = NULL;
  PlantRpcInterfaceInfo *self;

  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!g_file_load_contents (file, NULL, &contents, NULL, NULL, error))
    return NULL;
  self = plant_rpc_interface_info_new_from_json (contents, error);
  name = g_file_get_parse_name (file);
  if (self == NULL)
    g_prefix_error (error, "%s: ", name);
  return self;
}
